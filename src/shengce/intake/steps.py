"""THE MAIN PATH: what happens to a recording, in order.

A step does its work without writing and returns what writes it; the worker runs that in the one transaction that also
commits the stage. So every step can be repeated: it replaces what an earlier run of it wrote, and never what people
answered. To follow one recording through the house, read this file from top to bottom.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone

from shengce.catalogue.queries import current_lexicon
from shengce.channel.actions import check_prices_of_talk
from shengce.customers.models import Customer
from shengce.facts import search
from shengce.facts.actions import store_facts
from shengce.inspection.actions import raise_alerts, store_scores
from shengce.inspection.queries import compiled, versions_in_force
from shengce.language.extract import extract_facts
from shengce.language.inspection import inspect as inspect_talk
from shengce.language.measures import measure
from shengce.language.roles import with_guessed_roles
from shengce.language.summary import summarise
from shengce.proposals.actions import propose as propose_changes
from shengce.proposals.queries import decided_fact_ids
from shengce.recordings import files, linking
from shengce.recordings.editing import apply_edits
from shengce.recordings.listening import keep_listening_copy
from shengce.recordings.models import Conversation, Recording, Transcript
from shengce.results.actions import count_conversation
from shengce.speech.errors import AudioError
from shengce.speech.recognise import Recogniser, Recognition

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Work:
    """One recording in a worker's hands. ``progress`` and ``beat`` are called by steps that take long."""

    recording: Recording
    recogniser: Recogniser
    progress: Callable[[str, float], None]
    beat: Callable[[], bool]

    @property
    def conversations(self) -> list[Conversation]:
        related = Conversation.objects.select_related("transcript", "rep__unit", "unit", "customer")
        return list(related.filter(recording=self.recording).order_by("number"))


Write = Callable[[], None]
Step = Callable[[Work], Write]


def recognise(work: Work) -> Write:
    """Sound to words: decode, find speech, recognise, draw the peaks; in a child process. Raises ``AudioError``."""
    with files.on_disk(work.recording.file) as path:
        heard = work.recogniser.recognise(
            path, hot_words=current_lexicon().hot_words, progress=work.progress, beat=work.beat
        )
    _keep_playable(work, heard)
    transcript = heard.transcript
    if transcript.channels == 1:
        transcript = with_guessed_roles(transcript)

    def write() -> None:
        # Read again under the lock of this transaction: people may have linked it while it was heard.
        recording = Recording.objects.select_related("rep__unit").get(pk=work.recording.pk)
        _store_sound(recording, heard)
        conversation = _store_conversation(recording, heard)
        edits = list(conversation.edits.order_by("at", "pk"))
        Transcript.objects.update_or_create(
            conversation=conversation,
            defaults={
                "data": apply_edits(transcript, edits).to_json(),
                "engine": transcript.engine,
                "edited": bool(edits),
            },
        )

    return write


def analyse(work: Work) -> Write:
    """Words to facts, measures, a summary and a document to search."""
    found = []
    for conversation in work.conversations:
        spoken = conversation.transcript.spoken
        facts = extract_facts(
            spoken, at=timezone.localtime(conversation.started_at), lexicon=current_lexicon()
        )
        found.append((conversation, spoken, facts, measure(spoken), summarise(spoken, facts)))

    def write() -> None:
        for conversation, spoken, facts, measures, summary in found:
            store_facts(conversation, facts, keep=decided_fact_ids(conversation))
            conversation.measures = measures.to_json()
            conversation.summary = summary.to_json()
            conversation.sales_stage = summary.stage or ""
            conversation.save(update_fields=["measures", "summary", "sales_stage"])
            search.index_conversation(conversation, spoken)

    return write


def inspect(work: Work) -> Write:
    """Every talk is scored with every card in force; what cannot wait becomes an alert."""
    versions = versions_in_force()
    found = []
    for conversation in work.conversations:
        spoken = conversation.transcript.spoken
        measures = measure(spoken)
        scored = [
            (version, inspect_talk(spoken, compiled(version), measures=measures)) for version in versions
        ]
        found.append((conversation, scored))

    def write() -> None:
        for conversation, scored in found:
            store_scores(conversation, scored)
            raise_alerts(conversation, scored)

    return write


def propose(work: Work) -> Write:
    """What the facts suggest for the forms, where a person decides; and prices that break the list, for a manager."""

    def write() -> None:
        for conversation in work.conversations:
            propose_changes(conversation)
            check_prices_of_talk(conversation)

    return write


def count(work: Work) -> Write:
    """The figures that cockpits read, recomputed from the records."""

    def write() -> None:
        for conversation in work.conversations:
            count_conversation(conversation)
            if conversation.customer_id is not None:
                _note_last_talk(conversation.customer_id)

    return write


STEPS: tuple[tuple[str, Step], ...] = (
    ("recognised", recognise),
    ("analysed", analyse),
    ("inspected", inspect),
    ("proposed", propose),
    ("counted", count),
)
"""``(stage that is committed when it is done, what does it)``, in order."""


def steps_after(stage: str) -> tuple[tuple[str, Step], ...]:
    """What is left to do after a committed stage; all of it where the stage is unknown."""
    stages = [stage for stage, _step in STEPS]
    return STEPS[stages.index(stage) + 1 :] if stage in stages else STEPS


def _keep_playable(work: Work, heard: Recognition) -> None:
    """A copy for browsers where they cannot play the original; without it the words are still worth having."""
    try:
        keep_listening_copy(work.recording, codec=heard.codec, limits=work.recogniser.limits, beat=work.beat)
    except AudioError as error:
        if error.code == "cancelled":
            raise
        log.warning("recording %d: no copy for browsers: %s %s", work.recording.pk, error.code, error.detail)


def _store_sound(recording: Recording, heard: Recognition) -> None:
    files.write(files.peaks_key(recording), heard.peaks)
    recording.details = {
        **recording.details,
        "heard": {
            "warnings": list(heard.warnings),
            "timings_ms": heard.timings_ms,
            "sample_rate": heard.sample_rate,
            "container": heard.container,
        },
    }
    recording.duration_ms, recording.channels, recording.codec = (
        heard.duration_ms,
        heard.channels,
        heard.codec[:40],
    )
    recording.save(update_fields=["duration_ms", "channels", "codec", "details"])


def _store_conversation(recording: Recording, heard: Recognition) -> Conversation:
    """The one talk of the recording. Its row lives on when it is recognised again: answers hang on it."""
    started_at = recording.started_at or recording.received_at
    belongs = _belongs(recording, started_at)
    conversation, _made = Conversation.objects.update_or_create(
        recording=recording,
        number=0,
        defaults={"start_ms": 0, "end_ms": heard.duration_ms, "started_at": started_at, **belongs},
    )
    return conversation


def _belongs(recording: Recording, started_at: datetime) -> dict[str, Any]:
    unit = recording.unit
    if unit is None and recording.rep is not None:
        unit = linking.unit_at(recording.rep, started_at)
    return {
        "rep": recording.rep,
        "unit": unit,
        "customer": recording.customer,
        "contact": recording.contact,
        "direction": recording.direction,
    }


def _note_last_talk(customer_id: int) -> None:
    last = Conversation.objects.filter(customer=customer_id).aggregate(at=Max("started_at"))["at"]
    Customer.objects.filter(pk=customer_id).update(last_talk_at=last)
