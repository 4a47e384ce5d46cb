"""Claim, beat, commit, fail, release, sweep: one holder at a time, and nothing written without the token."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from shengce.intake import lease as leases
from shengce.intake.lease import BACKOFF_S, Lease, LeaseLost
from shengce.recordings.models import Conversation, Recording

pytestmark = pytest.mark.django_db


def recording(number=0, **columns):
    defaults = {"sha256": f"{number:064d}", "name": f"{number}.mp3", "size": 1, "file": "x"}
    return Recording.objects.create(**{**defaults, **columns})


def claim():
    found = leases.claim()
    return found[0] if found else None


def test_a_claim_takes_the_row_and_raises_the_token():
    row = recording(attempt=4)
    lease = claim()
    row.refresh_from_db()
    assert lease == Lease(row.pk, 5)
    assert (row.status, row.attempt) == ("running", 5)
    assert row.lease_until > timezone.now()
    assert claim() is None


@pytest.mark.parametrize("status", ["running", "done", "refused", "failed"])
def test_only_waiting_rows_are_claimed(status):
    recording(status=status)
    assert claim() is None


def test_what_is_due_later_waits():
    recording(due_at=timezone.now() + timedelta(seconds=60))
    assert claim() is None


def test_uploaders_take_turns(world):
    """Of one's five recordings and another's one, the one is the second to be served."""
    many = [recording(n, uploaded_by=world.rep_a1) for n in range(5)]
    single = recording(9, uploaded_by=world.rep_b1)
    folder = recording(10)
    order, after = [], 0
    while found := leases.claim(after=after):
        lease, after = found
        order.append(lease.recording_id)
    assert sorted(order) == sorted(r.pk for r in [*many, single, folder])
    assert order.index(single.pk) <= 2
    assert order.index(folder.pk) <= 2
    assert [pk for pk in order if pk in {r.pk for r in many}] == [r.pk for r in many]


def commit(lease, before, stage, *, last=False, fails=False):
    def write():
        Conversation.objects.create(recording_id=lease.recording_id, end_ms=1, started_at=timezone.now())
        if fails:
            raise ValueError

    leases.commit_stage(lease, before=before, stage=stage, write=write, last=last)


def test_a_stage_is_committed_whole_or_not_at_all():
    row = recording(failures=2)
    lease = claim()
    with pytest.raises(ValueError):
        commit(lease, "", "recognised", fails=True)
    row.refresh_from_db()
    assert (row.stage, row.failures, Conversation.objects.count()) == ("", 2, 0)
    commit(lease, "", "recognised")
    row.refresh_from_db()
    assert (row.stage, row.failures, Conversation.objects.count()) == ("recognised", 0, 1)


def test_the_last_stage_ends_it():
    row = recording(stage="proposed")
    commit(claim(), "proposed", "counted", last=True)
    row.refresh_from_db()
    assert (row.status, row.progress, row.lease_until) == ("done", 100, None)
    assert row.finished_at is not None


LOSSES = {
    "swept": lambda row: leases.sweep(),
    "claimed by another": lambda row: (leases.sweep(), claim()),
    "set back by a person": lambda row: Recording.objects.update(attempt=row.attempt + 2, status="waiting"),
    "another stage": lambda row: Recording.objects.update(stage="recognised"),
    "deleted": lambda row: Recording.objects.all().delete(),
}


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
def test_without_the_token_nothing_is_written(loss):
    row = recording()
    lease = claim()
    Recording.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    loss(row)
    after = list(Recording.objects.values())
    with pytest.raises(LeaseLost):
        commit(lease, "", "recognised")
    if loss is not LOSSES["another stage"]:
        with pytest.raises(LeaseLost):
            leases.beat(lease, progress=50)
        leases.fail(lease, code="crashed", details={})
        leases.refuse(lease, code="silent", details={})
        leases.release(lease)
        leases.finish(lease)
    assert list(Recording.objects.values()) == after
    assert not Conversation.objects.exists()


def test_failures_wait_longer_and_end():
    row = recording()
    for number, seconds in enumerate(BACKOFF_S, start=1):
        started = timezone.now()
        leases.fail(claim(), code="crashed", details={"why": number})
        row.refresh_from_db()
        assert (row.status, row.failures, row.error_code) == ("waiting", number, "crashed")
        assert timedelta(0) <= row.due_at - started - timedelta(seconds=seconds) < timedelta(seconds=20)
        Recording.objects.update(due_at=timezone.now())
    leases.fail(claim(), code="crashed", details={})
    row.refresh_from_db()
    assert (row.status, row.error_code) == ("failed", "crashed")
    assert claim() is None


def test_release_is_no_failure():
    row = recording(failures=1)
    leases.release(claim())
    row.refresh_from_db()
    assert (row.status, row.failures) == ("waiting", 1)
    assert claim() is not None


def test_the_sweep_takes_only_what_is_lost():
    lost, held = recording(1), recording(2)
    claim(), claim()
    Recording.objects.filter(pk=lost.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert leases.sweep() == 1
    lost.refresh_from_db()
    held.refresh_from_db()
    assert (lost.status, held.status) == ("waiting", "running")


def test_what_kills_workers_again_and_again_ends():
    row = recording()
    for _death in range(len(BACKOFF_S) + 1):
        assert claim() is not None
        Recording.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        leases.sweep()
    row.refresh_from_db()
    assert (row.status, row.error_code) == ("failed", "worker_lost")


def test_an_idle_sweep_writes_nothing(django_assert_num_queries):
    recording(status="done")
    with django_assert_num_queries(1):
        assert leases.sweep() == 0


def test_beats_prolong_and_tell():
    row = recording()
    lease = claim()
    Recording.objects.update(lease_until=timezone.now())
    leases.beat(lease, progress=40)
    row.refresh_from_db()
    assert row.progress == 40
    assert row.lease_until > timezone.now()
