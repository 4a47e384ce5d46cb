"""kill -9 at every write while papers are begun and drafted: no half paper, none twice, and the next run completes them."""

from __future__ import annotations

import datetime as dt
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

from shengce.sheets import batches
from shengce.sheets.models import Line, Paper
from shengce.sheets.reminders import draft_due, open_papers
from tests.sheets.test_batches import NOON, REPS, WEDNESDAY, fill
from tests.world import World

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]
Standing = dict[tuple[str, int, dt.date], list[tuple[Any, ...]]]
MOST_WRITES = 60


def round_of_the_clock() -> None:
    """What ``shengce sweep`` does with papers once an hour."""
    open_papers(today=WEDNESDAY)
    draft_due(now=NOON)


def standing() -> Standing:
    columns = ("key", "section", "position", "text", "values", "ties", "link", "source", "conversation")
    return {
        (paper.code, paper.owner_id, paper.start_on): list(paper.lines.order_by("key").values_list(*columns))
        for paper in Paper.objects.all()
    }


def is_killed_at(write: int) -> bool:
    """A round in a process of its own that is killed when it has written so often; false: it came to its end before."""
    connections.close_all()  # a connection belongs to one process
    child = os.fork()
    if child == 0:
        _killed(round_of_the_clock, write)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


def _killed(work: Callable[[], None], write: int) -> None:
    written = 0

    def count(execute: Any, sql: str, *more: Any) -> Any:
        nonlocal written
        answer = execute(sql, *more)
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            written += 1
            if written == write:
                os.kill(os.getpid(), signal.SIGKILL)  # written, and not committed where it is one of several
        return answer

    try:
        with connection.execute_wrapper(count):
            work()
        os._exit(0)
    except BaseException:
        os._exit(1)


def test_killed_at_every_write(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH", 2)
    for number, name in enumerate(REPS):
        fill(getattr(world, name), number)
    round_of_the_clock()
    undisturbed = standing()
    drafted = {paper for paper, lines in undisturbed.items() if lines}
    assert len(drafted) >= len(REPS)  # more than one batch
    halves = set()
    for write in range(1, MOST_WRITES):
        Line.objects.all().delete()
        Paper.objects.all().delete()
        if not is_killed_at(write):
            break
        left = standing()
        assert set(left) <= set(undisturbed)
        for paper, lines in left.items():
            assert lines in ([], undisturbed[paper]), (write, paper)
        halves.add(sum(bool(lines) for lines in left.values()))
        round_of_the_clock()
        assert standing() == undisturbed
    else:
        raise AssertionError("it never came to its end")
    assert halves >= {0, 2}  # killed before the first batch stood, and within the second
