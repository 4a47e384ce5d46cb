"""Whole runs with the real recogniser: what comes in ends with a result or with words, and can be run again."""

from __future__ import annotations

import io

import pytest
from django.utils import timezone

from shengce.facts import search
from shengce.facts.models import Fact
from shengce.intake import steps, worker
from shengce.intake.lease import claim
from shengce.intake.steps import STEPS, steps_after
from shengce.intake.worker import UNUSABLE, Worker
from shengce.proposals.actions import accept, refuse
from shengce.proposals.models import Proposal
from shengce.recordings import files
from shengce.recordings.actions import (
    RECOGNISED,
    correct_segment,
    link_recording,
    receive_recording,
    retry_recording,
)
from shengce.recordings.errors import EXPLANATIONS, explain
from shengce.recordings.models import Conversation, Recording
from shengce.recordings.models import Worker as WorkerRow
from shengce.recordings.refusal import Refused
from shengce.results.models import RepDay
from shengce.speech.errors import MESSAGES
from tests.intake.running import PATIENCE_S, command, outcome

pytestmark = [pytest.mark.speech, pytest.mark.django_db(transaction=True)]

TALK = "13812340001_20261117"


def drain():
    """Everything that is due now; a failure that waits for its next try does not hold the test up."""
    number = 0
    with Worker() as one:
        while one.work_once():
            number += 1
    return number


def run(recording, times=1):
    """``times`` tries, without waiting for the backoff; the recogniser is a new one each time."""
    for _try in range(times):
        Recording.objects.filter(pk=recording.pk).update(due_at=timezone.now())
        with Worker() as one:
            one.run(once=True)
    recording.refresh_from_db()
    return recording


def test_the_stages_others_rely_on():
    assert STEPS[0][0] == RECOGNISED
    assert steps_after("") == steps_after("of an older version") == STEPS
    assert steps_after(RECOGNISED) == STEPS[1:]
    assert steps_after(STEPS[-1][0]) == ()


def test_every_reason_is_known():
    assert set(MESSAGES) >= UNUSABLE
    assert {"worker_lost", "internal"} <= set(EXPLANATIONS)


def test_a_talk_becomes_everything(receive, company):
    recording = receive(TALK)
    assert drain() == 1
    done = outcome(recording)
    assert done["job"] == ("done", "counted", "", 0, None)
    assert done["sound"][3]
    talk = Conversation.objects.get()
    assert (talk.rep, talk.unit, talk.customer) == (company.rep_a1, company.team_a, company.customer_a)
    spoken = talk.transcript.spoken
    for fact in Fact.objects.all():
        assert spoken.segments[fact.turn].text[fact.char_start : fact.char_end] == fact.quote
        assert 0 <= fact.start_ms < fact.end_ms <= recording.duration_ms
    company.customer_a.refresh_from_db()
    assert company.customer_a.last_talk_at == talk.started_at
    assert RepDay.objects.get().talks == 1
    assert search.search(company.rep_a1, Fact.objects.first().quote[:2]).results[0].conversation == talk
    assert not WorkerRow.objects.exists()  # it has signed off


def test_running_again_keeps_what_people_did(receive, company):
    recording = receive(TALK)
    drain()
    proposals = list(Proposal.objects.filter(target="report_line").order_by("pk"))
    accepted = accept(proposals[0], by=company.rep_a1)
    refused = refuse(Proposal.objects.exclude(pk=accepted.pk).first(), by=company.rep_a1)
    talk = Conversation.objects.get()
    turn = talk.facts.exclude(pk__in=[accepted.fact_id, refused.fact_id]).first().turn
    other = next(n for n, s in enumerate(talk.transcript.spoken.segments) if n != turn)
    correct_segment(
        talk, by=company.rep_a1, turn=other, text=talk.transcript.spoken.segments[other].text + "甲乙"
    )
    drain()
    corrected = outcome(recording)
    retry_recording(recording, by=company.rep_a1)
    drain()
    assert outcome(recording) == corrected
    assert corrected["transcripts"][0]["edited"]
    assert {p.pk: p.state for p in Proposal.objects.exclude(state="open")} == {
        accepted.pk: "accepted",
        refused.pk: "refused",
    }


def test_a_link_moves_figures_and_proposals(receive, company):
    recording = receive(TALK)
    drain()
    assert set(Proposal.objects.values_list("rep", flat=True)) == {company.rep_a1.pk}
    link_recording(recording, by=company.manager_a, rep=company.rep_a2)
    drain()
    assert set(Proposal.objects.values_list("rep", flat=True)) == {company.rep_a2.pk}
    assert [(row.rep, row.talks) for row in RepDay.objects.all()] == [(company.rep_a2, 1)]
    assert search.search(company.rep_a1, Fact.objects.first().quote[:2]).results == ()
    assert search.search(company.rep_a2, Fact.objects.first().quote[:2]).results


def test_odd_and_broken_sound(company, audio_made):
    """Everything that is accepted ends as done or refused, with a reason in words."""
    names = {}
    for path in sorted(audio_made.iterdir()):
        if path.suffix not in (".tsv", ".txt"):
            try:
                received = receive_recording(
                    file=io.BytesIO(path.read_bytes()), name=path.name, by=company.rep_a1
                )
            except Refused:
                continue
            names[received.recording.pk] = path.name
    drain()
    ends = {r.name: (r.status, r.error_code) for r in Recording.objects.all()}
    print(ends)
    assert {status for status, _code in ends.values()} == {"done", "refused"}
    for recording in Recording.objects.filter(status="refused"):
        assert recording.error_code in UNUSABLE
        assert "?" not in explain(recording.error_code, recording.error_details)
    assert ends["silence_5s.wav"] == ("refused", "silent")
    assert ends["two_voices_mono_16k.wav"][0] == "done"


def test_two_workers_share_the_work(receive):
    recordings = [
        receive(part) for part in (TALK, "13912340078", "090518", "13712340003_20261120", "15112340007")
    ]
    patient = {
        "SHENGCE_LEASE_S": "60"
    }  # on a busy machine a short lease may run out in an honest worker's hands
    with command("worker", "--drain", **patient) as one, command("worker", "--drain", **patient) as two:
        assert one.wait(PATIENCE_S) == two.wait(PATIENCE_S) == 0
    for recording in recordings:
        recording.refresh_from_db()
        assert (recording.status, recording.attempt) in (("done", 1), ("refused", 1))
    done = [r for r in recordings if r.status == "done"]
    assert Conversation.objects.count() == len({r.pk for r in done})
    assert sum(RepDay.objects.values_list("talks", flat=True)) == len({r.pk for r in done})


def test_a_step_that_breaks_down(receive, monkeypatch):
    recording = receive(TALK)

    def broken(work):
        raise RuntimeError("no such thing")

    path = tuple((stage, broken if stage == "inspected" else step) for stage, step in STEPS)
    monkeypatch.setattr(steps, "STEPS", path)
    monkeypatch.setattr(worker, "STEPS", path)
    run(recording)
    assert (recording.status, recording.stage, recording.error_code) == ("waiting", "analysed", "internal")
    run(recording, times=3)
    assert (recording.status, recording.error_details) == ("failed", {"what": "RuntimeError"})
    monkeypatch.undo()
    retry_recording(recording, by=recording.rep, from_stage=RECOGNISED)
    assert run(recording).status == "done"


def test_a_full_disk_waits(receive, settings):
    recording = receive(TALK)
    settings.SHENGCE_MIN_FREE_BYTES = 2**62
    run(recording)
    assert (recording.status, recording.stage, recording.error_code) == ("waiting", "", "disk_full")
    assert not Conversation.objects.exists()
    settings.SHENGCE_MIN_FREE_BYTES = 0
    assert run(recording).status == "done"


def test_sound_that_is_gone(receive):
    recording = receive(TALK)
    files.local_path(recording.file).unlink()
    run(recording, times=4)
    assert (recording.status, recording.error_code) == ("failed", "missing")


def test_no_model_is_loaded_before_the_first_recording(company):
    with Worker() as idle:
        idle.work_once()
        assert idle._recogniser.child_pid is None


def test_who_waits_is_seen_while_it_works(receive):
    recording = receive(TALK)
    with Worker() as one:
        lease, _after = claim()
        one._process(lease)
        row = WorkerRow.objects.get()
        assert (row.finished, row.failed, row.recording) == (1, 0, None)
        assert one._recogniser.child_pid is not None  # kept warm for the next one
    recording.refresh_from_db()
    assert recording.status == "done"
