"""Corrections by people: words, roles, links, another run; in scope, kept, and followed by another analysis."""

from __future__ import annotations

import io

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from shengce.people.models import AuditEntry
from shengce.recordings.actions import (
    RECOGNISED,
    correct_segment,
    link_recording,
    receive_recording,
    retry_recording,
    set_speaker_role,
)
from shengce.recordings.editing import apply_edits
from shengce.recordings.models import Conversation, Recording, SegmentEdit, Transcript
from shengce.speech.transcript import Segment
from shengce.speech.transcript import Transcript as SpokenTranscript
from tests.recordings.making import add_conversation, wav_bytes

LINES = (("ch0", "rep", "五千六一台"), ("ch1", "customer", "五千六有点贵"), ("ch0", "rep", "霖沃更贵"))


@pytest.fixture
def talk(world) -> Conversation:
    recording = receive_recording(
        file=io.BytesIO(wav_bytes()), name="13812340001_20261102093015.wav", by=world.rep_a1
    ).recording
    recording.status, recording.stage, recording.attempt = Recording.Status.DONE, "count", 3
    recording.finished_at = timezone.now()
    recording.save()
    return add_conversation(recording, *LINES)


def spoken_of(conversation) -> SpokenTranscript:
    return Transcript.objects.get(conversation=conversation).spoken


def is_due_for_analysis(conversation) -> bool:
    recording = Recording.objects.get(pk=conversation.recording_id)
    return (recording.status, recording.stage, recording.finished_at) == ("waiting", RECOGNISED, None)


def test_the_stage_is_one_that_the_pipeline_knows():
    from shengce.intake.steps import STEPS

    assert STEPS[0][0] == RECOGNISED


def test_corrected_words_keep_the_times_of_what_stays(world, talk):
    correct_segment(talk, by=world.rep_a1, turn=1, text=" 五千八 有点贵 ")
    segment = spoken_of(talk).segments[1]
    assert segment.text == "五千八 有点贵"
    assert [w.text for w in segment.words] == list("五千有点贵")
    assert segment.span_ms(4, 7) == (1000 + 600, 1000 + 1200)
    assert spoken_of(talk).segments[0].text == "五千六一台"
    edit = SegmentEdit.objects.get()
    assert (edit.turn, edit.start_ms, edit.by) == (1, 1000, world.rep_a1)
    assert (edit.old, edit.new) == ({"text": "五千六有点贵"}, {"text": "五千八 有点贵"})
    assert Transcript.objects.get(conversation=talk).edited
    assert is_due_for_analysis(talk)
    assert AuditEntry.objects.filter(action="conversation.corrected", subject_id=talk.pk).count() == 1


def test_the_same_words_change_nothing(world, talk):
    correct_segment(talk, by=world.rep_a1, turn=1, text="五千六有点贵")
    assert not SegmentEdit.objects.exists()
    assert not is_due_for_analysis(talk)


def test_a_worker_in_the_middle_loses_its_claim(world, talk):
    Recording.objects.update(status="running", stage="analyse", attempt=7)
    correct_segment(talk, by=world.rep_a1, turn=1, text="五千八有点贵")
    assert is_due_for_analysis(talk)
    assert Recording.objects.get().attempt == 8


def test_a_recognition_under_way_goes_on(world, talk):
    Recording.objects.update(status="running", stage="", attempt=7)
    correct_segment(talk, by=world.rep_a1, turn=1, text="五千八有点贵")
    recording = Recording.objects.get()
    assert (recording.status, recording.stage, recording.attempt) == ("running", "", 7)


def test_a_role_is_set_for_the_whole_voice(world, talk):
    set_speaker_role(talk, by=world.inspector, speaker="ch0", role="colleague")
    assert [s.role for s in spoken_of(talk).segments] == ["colleague", "customer", "colleague"]
    assert is_due_for_analysis(talk)


@pytest.mark.parametrize(
    ("turn", "text", "code"),
    [(-1, "x", "turn"), (3, "x", "turn"), (0, "  \x00 ", "empty"), (0, "x" * 4001, "too_long")],
)
def test_what_cannot_be_corrected(world, talk, turn, text, code):
    with pytest.raises(ValidationError) as error:
        correct_segment(talk, by=world.rep_a1, turn=turn, text=text)
    assert error.value.code == code


@pytest.mark.parametrize(("speaker", "role", "code"), [("ch9", "rep", "speaker"), ("ch0", "boss", "role")])
def test_what_is_no_speaker_or_role(world, talk, speaker, role, code):
    with pytest.raises(ValidationError) as error:
        set_speaker_role(talk, by=world.rep_a1, speaker=speaker, role=role)
    assert error.value.code == code


def test_naughty_words_are_kept_as_they_are(world, talk, naughty_strings):
    for text in naughty_strings[::15]:
        try:
            correct_segment(talk, by=world.rep_a1, turn=0, text=text)
        except ValidationError as error:
            assert error.code in ("empty", "too_long")


def test_edits_find_their_passage_in_another_recognition(world, talk):
    correct_segment(talk, by=world.rep_a1, turn=1, text="五千八有点贵")
    set_speaker_role(talk, by=world.rep_a1, speaker="ch1", role="other")
    again = SpokenTranscript(
        (
            Segment("ch0", "rep", 0, 600, "五千六"),
            Segment("ch0", "rep", 700, 900, "一台"),
            Segment("ch1", "customer", 1300, 2000, "五千流有点贵"),
            Segment("ch1", "customer", 60_000, 61_000, "好的"),
        ),
        61_000,
        2,
        "better",
    )
    result = apply_edits(again, SegmentEdit.objects.order_by("at", "pk"))
    assert [s.text for s in result.segments] == ["五千六", "一台", "五千八有点贵", "好的"]
    assert [s.role for s in result.segments] == ["rep", "rep", "other", "other"]


def test_an_edit_without_its_passage_changes_nothing(world, talk):
    correct_segment(talk, by=world.rep_a1, turn=1, text="五千八有点贵")
    again = SpokenTranscript((Segment("ch0", "rep", 1000, 2000, "喂您好"),), 2000, 1, "other")
    assert apply_edits(again, SegmentEdit.objects.all()) == again


def test_outsiders_correct_nothing(world, talk):
    for user in (
        world.rep_b1,
        world.manager_b,
        world.rep_a2,
        world.executive,
        world.administrator,
        world.marketing,
    ):
        with pytest.raises(PermissionDenied):
            correct_segment(talk, by=user, turn=0, text="x")
        with pytest.raises(PermissionDenied):
            set_speaker_role(talk, by=user, speaker="ch0", role="other")
    for user in (world.rep_b1, world.manager_b, world.rep_a2, world.inspector, world.executive):
        with pytest.raises(PermissionDenied):
            retry_recording(talk.recording, by=user)
        with pytest.raises(PermissionDenied):
            link_recording(talk.recording, by=user, rep=world.rep_b1)
    assert not SegmentEdit.objects.exists()
    assert not is_due_for_analysis(talk)


@pytest.mark.parametrize("status", Recording.Status.values)
def test_any_recording_can_be_run_again(world, talk, status):
    Recording.objects.update(status=status, error_code="crashed", error_details={"a": 1}, failures=4)
    retry_recording(talk.recording, by=world.manager_a)
    recording = Recording.objects.get()
    assert (recording.status, recording.stage, recording.failures, recording.attempt) == ("waiting", "", 0, 4)
    assert (recording.error_code, recording.error_details, recording.finished_at) == ("", {}, None)
    assert recording.due_at <= timezone.now()


def test_only_steps_that_exist_are_run_again(world, talk):
    retry_recording(talk.recording, by=world.rep_a1, from_stage=RECOGNISED)
    assert is_due_for_analysis(talk)
    with pytest.raises(ValidationError):
        retry_recording(talk.recording, by=world.rep_a1, from_stage="propose'; drop table")
    fresh = receive_recording(file=io.BytesIO(wav_bytes(2)), name="b.wav", by=world.rep_a1).recording
    with pytest.raises(ValidationError):
        retry_recording(fresh, by=world.rep_a1, from_stage=RECOGNISED)


def test_linking_moves_the_conversations(world, talk):
    moment = timezone.now().replace(microsecond=0)
    link_recording(talk.recording, by=world.manager_a, rep=world.rep_a2, started_at=moment, direction="in")
    talk.refresh_from_db()
    assert (talk.rep, talk.unit, talk.started_at, talk.direction) == (
        world.rep_a2,
        world.team_a,
        moment,
        "in",
    )
    assert talk.customer == world.customer_a
    assert is_due_for_analysis(talk)


def test_linking_to_what_is_there_already_does_nothing(world, talk):
    link_recording(talk.recording, by=world.rep_a1, rep=world.rep_a1, customer=world.customer_a)
    assert not is_due_for_analysis(talk)


def test_nobody_is_linked_outside_the_team(world, talk):
    for options in ({"rep": world.rep_b1}, {"customer": world.customer_b}, {"rep": world.administrator}):
        with pytest.raises(PermissionDenied):
            link_recording(talk.recording, by=world.manager_a, **options)
    with pytest.raises(PermissionDenied):
        link_recording(talk.recording, by=world.rep_a1, rep=world.rep_a2)
    with pytest.raises(ValidationError):
        link_recording(talk.recording, by=world.rep_a1, direction="sideways")
