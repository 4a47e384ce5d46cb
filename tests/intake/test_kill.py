"""kill -9 at every point of the path: each recording ends once, with the same result as if nothing had happened."""

from __future__ import annotations

import os
import signal

import pytest
from django.utils import timezone

from shengce.facts.actions import confirm_fact
from shengce.facts.models import Fact
from shengce.intake.steps import STEPS
from shengce.recordings.actions import RECOGNISED, retry_recording
from shengce.recordings.models import Conversation, Recording, Worker
from tests.intake.running import children, drain, go_on, is_gone, outcome, until, worker_stopped_at

pytestmark = [pytest.mark.kill, pytest.mark.speech, pytest.mark.django_db(transaction=True)]

TALK = "13812340001_20261117"
OTHER = "13912340078"
PLACES = (
    "listening",
    *(f"{stage}:{point}" for stage, _step in STEPS for point in ("worked", "written", "committed")),
)


def begin_again(recording):
    """The recording as it came in."""
    Conversation.objects.all().delete()
    Recording.objects.filter(pk=recording.pk).update(
        status="waiting",
        stage="",
        progress=0,
        failures=0,
        lease_until=None,
        due_at=timezone.now(),
        details={},
    )


def test_killed_at_every_point(receive):
    recording = receive(TALK)
    drain()
    undisturbed = outcome(recording)
    assert undisturbed["job"] == ("done", "counted", "", 0, None)
    assert (
        undisturbed["facts"] and undisturbed["proposals"] and undisturbed["outcomes"] and undisturbed["days"]
    )
    begin_again(recording)
    for place in PLACES:
        with worker_stopped_at(place) as worker:
            left = children(worker.pid)
            worker.kill()
            worker.wait()
            for child in left:
                until(lambda child=child: is_gone(child))
    drain()
    assert outcome(recording) == undisturbed
    assert recording.attempt == 1 + len(PLACES) + (PLACES[-1] != "counted:committed")


def run_zombie(recording, place):
    """A worker frozen at ``place`` until another one has done all its work; then it wakes up and goes on."""
    with worker_stopped_at(place) as zombie:
        os.kill(zombie.pid, signal.SIGSTOP)
        drain()  # sweeps when the zombie's lease has run out
        confirmed = confirm_fact(Fact.objects.first(), by=recording.rep)
        before, row = outcome(recording), Recording.objects.values().get(pk=recording.pk)
        os.kill(zombie.pid, signal.SIGCONT)
        go_on(zombie)
        heard = f"{zombie.pid}"
        # It has dropped its work when its own row says that it has nothing in hand.
        until(lambda: Worker.objects.filter(name__endswith=f":{heard}", recording__isnull=True).exists())
        zombie.terminate()
        assert zombie.wait(30) == 0
    assert outcome(recording) == before
    assert Recording.objects.values().get(pk=recording.pk) == row  # not even the moment of its end
    confirmed.refresh_from_db()
    assert confirmed.state == "confirmed"
    return before


@pytest.mark.parametrize("place", ["recognised:worked", "inspected:worked"])
def test_a_zombie_writes_nothing(receive, place):
    recording = receive(TALK)
    assert run_zombie(recording, place)["job"] == ("done", "counted", "", 0, None)


def test_a_child_that_dies_costs_a_child(receive):
    """What kills the native library takes the child with it; the worker says why and goes on with the next one."""
    recording, other = receive(TALK), receive(OTHER)
    Recording.objects.filter(pk=other.pk).update(due_at=timezone.now() + timezone.timedelta(hours=1))
    with worker_stopped_at("listening") as worker:
        (child,) = children(worker.pid)
        os.kill(child, signal.SIGKILL)
        Recording.objects.filter(pk=other.pk).update(due_at=timezone.now())
        go_on(worker)
        until(lambda: Recording.objects.filter(pk=other.pk, status__in=("done", "refused")).exists())
        assert worker.poll() is None
        recording.refresh_from_db()
        assert (recording.status, recording.error_code, recording.failures) == ("waiting", "crashed", 1)
        assert recording.due_at > timezone.now()
        Recording.objects.filter(pk=recording.pk).update(due_at=timezone.now())
        until(lambda: Recording.objects.filter(pk=recording.pk, status="done").exists())
    recording.refresh_from_db()
    assert (recording.error_code, recording.failures) == ("", 0)


def test_sigterm_gives_back(receive):
    recording = receive(TALK)
    with worker_stopped_at("listening") as worker:
        (child,) = children(worker.pid)
        worker.terminate()
        go_on(worker)
        assert worker.wait(30) == 0
        until(lambda: is_gone(child))
    recording.refresh_from_db()
    assert (recording.status, recording.failures, recording.lease_until) == ("waiting", 0, None)
    assert not Worker.objects.exists()


def test_set_back_by_a_person_while_it_is_worked_on(receive):
    """A correction in mid-analysis: the worker's stale work is dropped, the new run keeps every answer."""
    recording = receive(TALK)
    drain()
    done = outcome(recording)
    retry_recording(recording, by=recording.rep, from_stage=RECOGNISED)
    with worker_stopped_at("analysed:worked") as worker:
        retry_recording(recording, by=recording.rep)
        go_on(worker)
        until(lambda: Recording.objects.filter(pk=recording.pk, status="done").exists())
    assert outcome(recording) == done
