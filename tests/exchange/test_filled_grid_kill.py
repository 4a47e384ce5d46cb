"""kill -9 after every statement that writes, while a filled grid is taken over: all of it or nothing, and again."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from shengce.exchange import filled_grids
from shengce.people.models import AuditEntry
from shengce.targets.cells import Cell
from shengce.targets.editing import type_figure
from shengce.targets.grid import grid
from shengce.targets.metrics import built_in
from shengce.targets.models import TargetEdit, TargetRow, TargetVersion
from shengce.targets.page_state import read_state
from shengce.targets.versions import create_target_set
from tests.world import World

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]
MOST_STATEMENTS = 40


def everything(version: TargetVersion) -> dict[str, Any]:
    """What a take-over writes."""
    return {
        "leaves": sorted(
            TargetRow.objects.filter(version=version).values_list("rep", "m01", "m02", "revision")
        ),
        "revision": TargetVersion.objects.get(pk=version.pk).revision,
        "edits": list(
            TargetEdit.objects.filter(version=version).values_list("act", "old_total", "new_total")
        ),
        "said": AuditEntry.objects.filter(action="targets.imported").count(),
    }


def dies_after(writes: int, version: TargetVersion, found: filled_grids.Carried, by: Any) -> bool:
    """Take over in a child that kills itself with SIGKILL after so many statements that write; whether it died of it."""
    connections.close_all()
    if child := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    left = writes

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal left
        answer = execute(sql, params, many, context)
        left -= sql.lstrip().upper().startswith(("INSERT", "UPDATE"))
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    try:
        with connection.execute_wrapper(count):
            filled_grids.take_over(version, found, by=by)
        os._exit(0)
    finally:
        os._exit(1)


def test_killed_after_every_write(world: World, rf: Any) -> None:
    start = timezone.localdate().replace(month=1, day=1)
    version = create_target_set(by=world.executive, name="今年目标", start_on=start)
    for rep, amount in ((world.rep_a1, 1200_00), (world.rep_b1, 2400_00)):
        type_figure(version, built_in("sales"), Cell({"rep": rep.pk}), by=world.executive, total=amount)
    version.refresh_from_db()
    state = read_state(version, rf.get("/?rows=rep").GET, world.executive)
    rows = {row.token: row.amounts[0] for row in grid(version, state.asked, user=world.executive).rows}
    assert len(rows) == 4  # two of them have no leaf yet
    changes = [(f"{token}.month-1", now, now + 7_00) for token, now in rows.items()]
    found = filled_grids.Carried(state, changes, "目标.xlsx")
    before, killed = everything(version), 0
    while dies_after(killed + 1, version, found, world.executive):
        assert everything(version) == before, f"after {killed + 1} statements"
        killed += 1
        assert killed < MOST_STATEMENTS
    assert killed >= 3
    after = everything(version)
    assert [edit[0] for edit in after["edits"]].count("imported") == 1 == after["said"]
    assert after["edits"][0][2] - after["edits"][0][1] == 4 * 7_00
    assert len(after["leaves"]) == 4
