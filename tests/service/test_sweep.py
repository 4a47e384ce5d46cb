"""What happens by itself: the command, and the worker that calls it once an hour."""

from __future__ import annotations

import pytest

from shengce.intake import worker
from shengce.project.cli import main
from shengce.project.commands import sweep
from shengce.service.models import Ticket
from tests.service.test_ticket_actions import opened
from tests.world import World


def test_the_command(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    opened(world)
    assert main(["sweep", "--only", "escalate_overdue"]) == 0
    assert "escalate_overdue: 1 " in capsys.readouterr().out
    assert Ticket.objects.get().escalated_to == world.manager_a
    assert main(["sweep", "--only", "escalate_overdue"]) == 0
    assert "escalate_overdue: 0 " in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["sweep", "--only", "party"])


def test_one_job_that_breaks_down_does_not_stop_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(now: object) -> int:
        raise RuntimeError("broken")

    whole = next(job for job in sweep.JOBS if job.name == "escalate_overdue")
    monkeypatch.setattr(sweep, "JOBS", (sweep.Job("broken", "", broken), whole))
    opened(world)
    assert main(["sweep"]) == 1
    assert "escalate_overdue: 1 " in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_a_worker_runs_its_chores_at_the_start_and_then_once_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[int] = []
    with worker.Worker(chores=lambda: called.append(1)) as one:
        for _look in range(3):
            one.work_once()
        assert len(called) == 1
        monkeypatch.setattr(worker.time, "monotonic", lambda: 10.0**9)  # much later
        one.work_once()
        one.work_once()
    assert len(called) == 2
