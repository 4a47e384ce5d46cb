"""Receiving a file: what it is linked to, that it is never doubled, never half there, and refused with a reason."""

from __future__ import annotations

import errno
import io
import threading
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import connection

from shengce.customers.models import Contact, Customer
from shengce.people.models import AuditEntry, Posting
from shengce.recordings import files, nudge
from shengce.recordings.actions import clean_name, receive_recording
from shengce.recordings.hints import Hints
from shengce.recordings.models import Recording
from shengce.recordings.refusal import Refused
from tests.recordings.making import wav_bytes

ZONE = ZoneInfo("Asia/Shanghai")


def receive(name="talk.wav", content=None, *, by, **options):
    return receive_recording(
        file=io.BytesIO(wav_bytes() if content is None else content), name=name, by=by, **options
    )


def leftovers() -> list[str]:
    """Files under the storage and the incoming folder that are no recording."""
    known = set(Recording.objects.values_list("file", flat=True))
    root = Path(default_storage.location)
    strays = [str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()]
    incoming = [p.name for p in Path(files._incoming()).iterdir()]
    return sorted(set(strays) - known) + incoming


def test_a_file_is_stored_with_what_its_name_says(world, django_capture_on_commit_callbacks):
    nudge.wait(0)
    with django_capture_on_commit_callbacks(execute=True):
        received = receive("通话录音@刘经理(13812340001)_20261109093015.wav", by=world.rep_a1)
    recording = received.recording
    assert not received.duplicate
    assert (recording.rep, recording.unit) == (world.rep_a1, world.team_a)
    assert (recording.customer, recording.contact) == (world.customer_a, world.contact_a)
    assert recording.started_at == datetime(2026, 11, 9, 9, 30, 15, tzinfo=ZONE)
    assert (recording.status, recording.stage, recording.phone) == ("waiting", "", "13812340001")
    with files.open_key(recording.file) as stored:
        assert stored.read() == wav_bytes()
    assert recording.file == f"recordings/{recording.sha256[:2]}/{recording.sha256}.wav"
    assert AuditEntry.objects.get(action="recording.received").by == world.rep_a1
    assert nudge.wait(0)
    assert leftovers() == []


def test_the_same_content_is_one_recording(world):
    first = receive("a.wav", by=world.rep_a1)
    again = receive("b.mp3", by=world.rep_a1)
    assert again.duplicate and again.recording.pk == first.recording.pk
    assert Recording.objects.count() == 1
    assert leftovers() == []


def test_lost_bytes_come_back_with_the_next_upload(world):
    first = receive(by=world.rep_a1)
    files.local_path(first.recording.file).unlink()
    assert receive(by=world.rep_a1).duplicate
    assert files.exists(first.recording.file)


def test_a_duplicate_fills_in_what_was_unknown_and_replaces_nothing(world):
    first = receive("voice.wav", by=world.rep_a1).recording
    assert first.customer is None
    hints = Hints(phone="13812340001", direction="out", rep="rep_a2")
    receive("voice.wav", by=world.rep_a1, hints=hints)
    first.refresh_from_db()
    assert (first.customer, first.direction, first.rep) == (world.customer_a, "out", world.rep_a1)


def test_a_duplicate_of_another_team_is_not_touched(world):
    first = receive("voice.wav", by=world.rep_a1).recording
    again = receive("voice.wav", by=world.rep_b1, hints=Hints(phone="13912340002"))
    first.refresh_from_db()
    assert again.duplicate
    assert (first.customer, first.phone, first.rep) == (None, "", world.rep_a1)


@pytest.mark.django_db(transaction=True)
def test_two_uploads_at_the_same_moment_make_one_recording(world):
    barrier = threading.Barrier(4)
    outcomes: list[object] = []

    for round_number in range(5):
        content = wav_bytes(seed=round_number + 1)
        outcomes.clear()
        threads = [
            threading.Thread(target=_send, args=(n, content, world, barrier, outcomes))
            for n in ("a.wav", "b.wav", "c.mp3", "d.m4a")
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [o for o in outcomes if isinstance(o, BaseException)] == []
        assert sorted(o.duplicate for o in outcomes) == [False, True, True, True]
        assert len({o.recording.pk for o in outcomes}) == 1
    assert Recording.objects.count() == 5
    assert leftovers() == []


def _send(name, content, world, barrier, outcomes):
    try:
        barrier.wait()
        outcomes.append(receive(name, content, by=world.rep_a1))
    except BaseException as error:
        outcomes.append(error)
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.wav", b"", "empty"),
        ("notes.txt", b"hello", "not_audio"),
        ("photo.jpg", b"\xff\xd8\xff\xe0 JFIF", "not_audio"),
        ("big.wav", b"x" * 2000, "too_large"),
    ],
)
def test_what_is_refused_at_the_door_leaves_nothing(world, settings, name, content, code):
    settings.SHENGCE_MAX_FILE_BYTES = 1000
    with pytest.raises(Refused) as refused:
        receive(name, content, by=world.rep_a1)
    assert refused.value.code == code
    assert not Recording.objects.exists()
    assert leftovers() == []


def test_a_sound_file_without_its_extension_is_known_by_its_content(world):
    assert receive("call", by=world.rep_a1).recording.file.endswith(".bin")


def test_a_full_disk_is_told_before_anything_is_written(world, settings):
    settings.SHENGCE_MIN_FREE_BYTES = 10**18
    with pytest.raises(Refused) as refused:
        receive(by=world.rep_a1)
    assert refused.value.code == "disk_full"
    assert leftovers() == []


def test_free_space_counts_the_file_itself(settings, tmp_path):
    settings.SHENGCE_MIN_FREE_BYTES = 1000
    files.require_space(500, free=lambda _path: 1500)
    with pytest.raises(Refused):
        files.require_space(501, free=lambda _path: 1500)


class FillsTheDisk(io.BytesIO):
    """A source during whose reading the disk runs full, as seen by whoever writes next."""

    def read(self, size=-1):
        piece = super().read(min(size, 4))
        if not piece:
            raise OSError(errno.ENOSPC, "No space left on device")
        return piece


def test_a_disk_that_runs_full_in_mid_write_leaves_nothing_half(world):
    with pytest.raises(Refused) as refused:
        receive_recording(file=FillsTheDisk(wav_bytes()), name="a.wav", by=world.rep_a1)
    assert refused.value.code == "disk_full"
    assert not Recording.objects.exists()
    assert leftovers() == []


def test_a_disk_that_runs_full_when_the_file_is_put_in_place(world, tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "recordings").write_text("a file where the folder should be")
    with pytest.raises(Refused) as refused:
        receive(by=world.rep_a1)
    assert refused.value.code == "storage_failed"
    assert not Recording.objects.exists()
    assert list(Path(files._incoming()).iterdir()) == []


def test_rep_and_customer_are_found_by_the_numbers_of_an_exchange(world):
    taken = receive(
        "out-13812340001-8001-20261103-141502-1.1.wav", by=None, hints=Hints(own_number="13900000011")
    )
    assert taken.recording.rep == world.rep_a1
    both = receive("20261103-141502-13900000021-13912340002-1.2.wav", wav_bytes(2), by=None).recording
    assert (both.rep, both.customer, both.direction) == (world.rep_b1, world.customer_b, "out")
    back = receive("20261103-141502-13912340002-13900000021-1.3.wav", wav_bytes(3), by=None).recording
    assert (back.rep, back.customer, back.direction) == (world.rep_b1, world.customer_b, "in")


def test_the_file_name_tells_which_of_a_list_s_numbers_is_the_customer_s(world):
    hints = Hints(caller="13900000021", callee="13912340002")
    recording = receive("13912340002_20261102093015.mp3", by=None, hints=hints).recording
    assert (recording.rep, recording.customer, recording.direction) == (world.rep_b1, world.customer_b, "out")
    strangers = Hints(caller="8001", callee="8002")
    other = receive("13912340002_20261102093015.mp3", wav_bytes(2), by=None, hints=strangers).recording
    assert (other.phone, other.customer, other.details["warnings"]) == ("", None, ["sides_unknown"])


def test_an_unknown_number_is_kept_and_said(world):
    recording = receive("13899999999_20261102093015.mp3", by=world.rep_a1).recording
    assert (recording.phone, recording.customer) == ("13899999999", None)
    assert recording.details["warnings"] == ["number_unknown"]


def test_the_customer_of_another_team_is_not_told(world):
    recording = receive("13912340002_20261102093015.mp3", by=world.rep_a1).recording
    assert recording.customer is None
    assert recording.details["warnings"] == ["customer_elsewhere"]


def test_of_two_firms_with_one_number_the_rep_s_own_is_meant(world):
    other = Customer.objects.create(name="润石商贸", owner=world.rep_a2, unit=world.team_a)
    Contact.objects.create(customer=other, name="郑老板", phone="13812340001")
    mine = receive("13812340001_20261102093015.mp3", by=world.rep_a1).recording
    assert mine.customer == world.customer_a
    theirs = receive("郑老板(13812340001)_20261102093015.mp3", wav_bytes(2), by=world.manager_a).recording
    assert theirs.customer == other
    unclear = receive("13812340001_20261102093016.mp3", wav_bytes(3), by=world.manager_a).recording
    assert unclear.customer is None
    assert unclear.details["warnings"] == ["customer_ambiguous"]


def test_a_rep_s_list_cannot_put_a_recording_on_somebody_else(world):
    recording = receive(by=world.rep_a1, hints=Hints(rep="rep_b1")).recording
    assert recording.rep == world.rep_a1
    assert recording.details["warnings"] == ["rep_elsewhere"]
    managed = receive("b.wav", wav_bytes(2), by=world.manager_a, hints=Hints(rep="周舟")).recording
    assert managed.rep == world.rep_a2
    chosen = receive("c.wav", wav_bytes(3), by=world.administrator, hints=Hints(rep="13900000021")).recording
    assert (chosen.rep, chosen.unit) == (world.rep_b1, world.team_b)


def test_an_old_talk_belongs_to_the_team_of_that_time(world):
    Posting.objects.create(
        user=world.rep_a1, unit=world.team_b, role="rep", start_on=date(2025, 1, 1), end_on=date(2026, 6, 1)
    )
    Posting.objects.create(user=world.rep_a1, unit=world.team_a, role="rep", start_on=date(2026, 6, 1))
    old = receive("13812340001_20260531093015.mp3", by=world.rep_a1).recording
    new = receive("13812340001_20260601093015.mp3", wav_bytes(2), by=world.rep_a1).recording
    assert (old.unit, new.unit) == (world.team_b, world.team_a)


def test_who_may_not_upload(world):
    for user in (world.inspector, world.executive, world.marketing):
        with pytest.raises(PermissionDenied):
            receive(by=user)
    with pytest.raises(PermissionDenied):
        receive(by=world.rep_a1, rep=world.rep_b1)
    assert not Recording.objects.exists()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.wav", "passwd.wav"),
        ("C:\\talks\\周一 #1 😀.mp3", "周一 #1 😀.mp3"),
        ("a\x00b\x07.wav", "ab.wav"),
        ("\ud800.wav", ".wav"),
        ("", "recording"),
        ("...", "recording"),
        ("x" * 400 + ".wav", "x" * 251 + ".wav"),
    ],
)
def test_names_are_made_fit_to_store(given, kept):
    assert clean_name(given) == kept


def test_naughty_names_are_received(world, naughty_strings):
    for number, text in enumerate(naughty_strings[::10]):
        recording = receive(f"{text}.wav", wav_bytes(number + 10, 0.01), by=world.rep_a1).recording
        recording.refresh_from_db()
        assert recording.name == clean_name(f"{text}.wav")
