"""Everything that others can see happen to recordings and conversations."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.customers.models import Customer
from shengce.people.models import User, record
from shengce.people.permissions import require
from shengce.people.queries import visible_users
from shengce.people.typed_text import typed_text
from shengce.recordings import files, nudge
from shengce.recordings.editing import with_text
from shengce.recordings.filenames import read_name
from shengce.recordings.hints import Hints
from shengce.recordings.linking import SELLERS, Link, find_customer, resolve, unit_at
from shengce.recordings.models import Conversation, Recording, SegmentEdit, Transcript
from shengce.recordings.refusal import Refused
from shengce.recordings.sniffing import may_be_audio
from shengce.speech.transcript import ROLES, Segment
from shengce.speech.transcript import Transcript as SpokenTranscript

RECOGNISED = "recognised"
"""The stage (of ``intake.steps``) after which the words are there; analysis begins again after it."""

LONGEST_SEGMENT = 4_000


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a file: its recording, and whether the same content was here before."""

    recording: Recording
    duplicate: bool


def receive_recording(
    *,
    file: IO[bytes],
    name: str,
    by: User | None,
    origin: str = Recording.Origin.UPLOAD,
    hints: Hints | None = None,
    rep: User | None = None,
    size: int | None = None,
) -> Received:
    """Take one audio file; when this returns, it is on the disk and in the database, and it will be processed.

    ``by`` is empty for the program itself (a watched folder). ``hints`` come from a sidecar and count more than the
    file name; ``rep`` was chosen by a person and counts more than both. ``size`` in bytes where it is known
    beforehand. Raises ``Refused`` with nothing kept: ``empty``, ``too_large``, ``not_audio``, ``disk_full``.
    """
    _require_upload(by, rep)
    with files.staged(file, size=size) as complete:
        return receive_staged(complete, name=name, by=by, origin=origin, hints=hints, rep=rep)


def receive_staged(
    complete: files.Staged,
    *,
    name: str,
    by: User | None,
    origin: str,
    hints: Hints | None = None,
    rep: User | None = None,
) -> Received:
    """:func:`receive_recording` for a file that has been staged, within its ``files.staged`` block."""
    _require_upload(by, rep)
    shown = clean_name(name)
    if not may_be_audio(shown, complete.head):
        raise Refused("not_audio")
    known = read_name(shown, zone=ZoneInfo(settings.TIME_ZONE))
    stated = hints.over(known) if hints else known
    existing = Recording.objects.filter(sha256=complete.sha256).first()
    if existing is None:
        key = files.key_of(complete.sha256, shown)
        files.store(complete, key)
        made = _insert(complete, key, shown, by=by, origin=origin, hints=stated, rep=rep)
        if made is not None:
            return Received(made, duplicate=False)
        existing = Recording.objects.get(sha256=complete.sha256)
        if existing.file != key and (stray := files.local_path(key)) is not None:
            stray.unlink(missing_ok=True)  # the same content came at the same moment under another extension
    elif not files.exists(existing.file):
        files.store(complete, existing.file)  # the bytes were lost and have come back
    return _receive_again(existing, shown, by=by, hints=stated, rep=rep)


def _require_upload(by: User | None, rep: User | None) -> None:
    if by is None:
        return
    require(by, "recordings.upload")
    if rep is not None and not visible_users(by).filter(pk=rep.pk).exists():
        raise PermissionDenied(_("This person is outside your team."))


def _insert(
    complete: files.Staged,
    key: str,
    name: str,
    *,
    by: User | None,
    origin: str,
    hints: Hints,
    rep: User | None,
) -> Recording | None:
    """The new row, or ``None`` where another request was faster with the same content."""
    link = resolve(hints, by=by, rep=rep)
    recording = Recording(
        sha256=complete.sha256, name=name, size=complete.size, file=key, origin=origin, uploaded_by=by
    )
    _apply(recording, link)
    recording.details = _details(hints, link)
    try:
        with transaction.atomic():
            recording.save(force_insert=True)
            record("recording.received", recording, by=by, name=name, size=complete.size, origin=str(origin))
            transaction.on_commit(nudge.give)
    except IntegrityError:
        return None
    return recording


def _receive_again(
    existing: Recording, name: str, *, by: User | None, hints: Hints, rep: User | None
) -> Received:
    """The same content once more: what is empty is filled in (a sidecar may come later), nothing is replaced."""
    if by is not None and not Recording.objects.visible_to(by).filter(pk=existing.pk).exists():
        return Received(existing, duplicate=True)
    with transaction.atomic():
        recording = Recording.objects.select_for_update().get(pk=existing.pk)
        link = resolve(hints, by=by, rep=rep)
        if changed := _fill_in(recording, link):
            recording.details = {**recording.details, **_details(hints, link)}
            recording.save(update_fields=[*changed, "details"])
            _move_conversations(recording)
            record("recording.completed", recording, by=by, name=name, fields=changed)
    return Received(recording, duplicate=True)


def _apply(recording: Recording, link: Link) -> None:
    recording.rep, recording.unit = link.rep, link.unit
    recording.customer, recording.contact = link.customer, link.contact
    recording.phone = link.phone
    recording.direction = link.direction or Recording.Direction.UNKNOWN
    recording.started_at = link.started_at


def _fill_in(recording: Recording, link: Link) -> list[str]:
    changed = []
    if recording.rep_id is None and link.rep is not None:
        recording.rep, recording.unit = link.rep, link.unit
        changed += ["rep", "unit"]
    if recording.customer_id is None and link.customer is not None:
        recording.customer, recording.contact = link.customer, link.contact
        changed += ["customer", "contact"]
    for name in ("phone", "direction", "started_at"):
        if not getattr(recording, name) and getattr(link, name):
            setattr(recording, name, getattr(link, name))
            changed.append(name)
    return changed


def _details(hints: Hints, link: Link) -> dict[str, Any]:
    details: dict[str, Any] = {"warnings": link.warnings}
    for name in ("pattern", "contact", "raw", "own_number"):
        if value := getattr(hints, name):
            details[name] = value
    return details


def clean_name(name: str) -> str:
    """A file name that can be stored and shown: no folders, no control characters, at most 255 characters."""
    base = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    text = unicodedata.normalize("NFC", base)
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn")).strip()
    stem, dot, extension = text.rpartition(".")
    if len(text) > 255 and dot and len(extension) <= 10:
        return f"{stem[: 254 - len(extension)]}.{extension}"
    return text[:255] if text.strip(". ") else "recording"


@transaction.atomic
def retry_recording(recording: Recording, *, by: User, from_stage: str = "") -> Recording:
    """Run a recording again after a stage: from the beginning, or from :data:`RECOGNISED` for the analysis alone.

    A worker that is still busy with it loses its claim and can write no more.
    """
    require(by, "recordings.retry")
    locked = _locked(recording, by)
    if from_stage not in ("", RECOGNISED):
        raise ValidationError(_("There is no such step."), code="stage")
    if from_stage and not locked.conversations.exists():
        raise ValidationError(_("The recording has not been recognised yet."), code="stage")
    _set_due(locked, from_stage)
    record("recording.retried", locked, by=by, from_stage=from_stage)
    return locked


@transaction.atomic
def link_recording(
    recording: Recording,
    *,
    by: User,
    rep: User | None = None,
    customer: Customer | None = None,
    started_at: datetime | None = None,
    direction: str | None = None,
) -> Recording:
    """Say whose recording it is, with whom, when and how; ``None`` leaves a part as it is.

    Its conversations move along, and their analysis runs again, so that reports and proposals reach the right person.
    """
    require(by, "recordings.upload")
    locked = _locked(recording, by)
    before = _linked(locked)
    if started_at is not None:
        locked.started_at = started_at
    if direction is not None:
        if direction not in Recording.Direction.values:
            raise ValidationError(_("There is no such direction."), code="direction")
        locked.direction = direction
    if rep is not None:
        if rep.role not in SELLERS or not visible_users(by).filter(pk=rep.pk).exists():
            raise PermissionDenied(_("This person is outside your team."))
        locked.rep = rep
    if locked.rep is not None:
        locked.unit = unit_at(locked.rep, locked.started_at)
    _link_customer(locked, customer, by)
    if _linked(locked) == before:
        return locked
    locked.save()
    _move_conversations(locked)
    record("recording.linked", locked, by=by, old=before, new=_linked(locked))
    return locked


def _link_customer(recording: Recording, customer: Customer | None, by: User) -> None:
    if customer is not None:
        if not Customer.objects.visible_to(by).filter(pk=customer.pk).exists():
            raise PermissionDenied(_("This customer belongs to somebody outside your team."))
        recording.customer = customer
        recording.contact = (
            customer.contacts.filter(phone=recording.phone).first() if recording.phone else None
        )
    elif recording.customer_id is None:
        link = Link(rep=recording.rep, unit=recording.unit, phone=recording.phone)
        find_customer(link, contact_name=recording.details.get("contact", ""))
        recording.customer, recording.contact = link.customer, link.contact


def _linked(recording: Recording) -> dict[str, Any]:
    return {
        "rep": recording.rep_id,
        "unit": recording.unit_id,
        "customer": recording.customer_id,
        "contact": recording.contact_id,
        "started_at": recording.started_at.isoformat() if recording.started_at else None,
        "direction": str(recording.direction),
    }


def _move_conversations(recording: Recording) -> None:
    """Give the conversations what is now known of their recording, and read them again."""
    moved: dict[str, Any] = {
        "rep": recording.rep,
        "unit": recording.unit,
        "customer": recording.customer,
        "contact": recording.contact,
        "direction": recording.direction,
    }
    if recording.started_at is not None:
        moved["started_at"] = recording.started_at
    if recording.conversations.update(**moved):
        _analyse_again(recording)


@transaction.atomic
def correct_segment(conversation: Conversation, *, by: User, turn: int, text: str) -> Transcript:
    """Replace the words of one segment. Times of words that stay are kept; facts are read again."""
    require(by, "conversations.correct")
    recording, transcript, spoken = _opened(conversation, by)
    if not 0 <= turn < len(spoken.segments):
        raise ValidationError(_("There is no such passage."), code="turn")
    segment = spoken.segments[turn]
    corrected = " ".join(typed_text(text, most=LONGEST_SEGMENT).split())
    if corrected == segment.text:
        return transcript
    _keep_edit(conversation, by, turn, segment, {"text": segment.text}, {"text": corrected})
    return _save_corrected(recording, transcript, with_text(spoken, turn, corrected))


@transaction.atomic
def set_speaker_role(conversation: Conversation, *, by: User, speaker: str, role: str) -> Transcript:
    """Say who a speaker is, in every segment of that voice; facts are read again."""
    require(by, "conversations.correct")
    if role not in ROLES:
        raise ValidationError(_("There is no such role."), code="role")
    recording, transcript, spoken = _opened(conversation, by)
    turn, segment = next(((i, s) for i, s in enumerate(spoken.segments) if s.speaker == speaker), (0, None))
    if segment is None:
        raise ValidationError(_("There is no such speaker."), code="speaker")
    if all(s.role == role for s in spoken.segments if s.speaker == speaker):
        return transcript
    old, new = {"speaker": speaker, "role": segment.role}, {"speaker": speaker, "role": role}
    _keep_edit(conversation, by, turn, segment, old, new)
    return _save_corrected(recording, transcript, spoken.with_role(speaker, role))


def _opened(conversation: Conversation, by: User) -> tuple[Recording, Transcript, SpokenTranscript]:
    """The recording and transcript of a conversation in scope, locked against another correction."""
    if not Conversation.objects.visible_to(by).filter(pk=conversation.pk).exists():
        raise PermissionDenied(_("This conversation is outside your team."))
    recording = Recording.objects.select_for_update().get(pk=conversation.recording_id)
    transcript = Transcript.objects.select_for_update().filter(conversation=conversation).first()
    if transcript is None:
        raise ValidationError(_("The recording has not been recognised yet."), code="transcript")
    return recording, transcript, transcript.spoken


def _keep_edit(
    conversation: Conversation,
    by: User,
    turn: int,
    segment: Segment,
    old: dict[str, Any],
    new: dict[str, Any],
) -> None:
    SegmentEdit.objects.create(
        conversation=conversation, turn=turn, start_ms=segment.start_ms, old=old, new=new, by=by
    )
    record("conversation.corrected", conversation, by=by, turn=turn, old=old, new=new)


def _save_corrected(recording: Recording, transcript: Transcript, spoken: SpokenTranscript) -> Transcript:
    transcript.data = spoken.to_json()
    transcript.edited = True
    transcript.save(update_fields=["data", "edited"])
    _analyse_again(recording)
    return transcript


def _locked(recording: Recording, by: User) -> Recording:
    """The row in scope, locked; whoever sees one of its conversations sees the recording."""
    visible = Recording.objects.visible_to(by).filter(pk=recording.pk).exists()
    if not visible and not Conversation.objects.visible_to(by).filter(recording=recording).exists():
        raise PermissionDenied(_("This recording is outside your team."))
    return Recording.objects.select_for_update().get(pk=recording.pk)


def _analyse_again(recording: Recording) -> None:
    """Set the recording back to its words, unless the words themselves are being recognised again."""
    waiting = (Recording.Status.WAITING, Recording.Status.RUNNING)
    if recording.status in waiting and recording.stage == "":
        return
    _set_due(recording, RECOGNISED)


def _set_due(recording: Recording, stage: str) -> None:
    recording.status = Recording.Status.WAITING
    recording.stage = stage
    recording.progress = 0
    recording.attempt += 1
    recording.failures = 0
    recording.lease_until = None
    recording.due_at = timezone.now()
    recording.finished_at = None
    recording.error_code = ""
    recording.error_details = {}
    recording.save(
        update_fields=[
            *("status", "stage", "progress", "attempt", "failures"),
            *("lease_until", "due_at", "finished_at", "error_code", "error_details"),
        ]
    )
    transaction.on_commit(nudge.give)
