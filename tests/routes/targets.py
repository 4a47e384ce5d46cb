"""Targets: everybody who sells sees his part, leaders edit theirs, the executive approves."""

from __future__ import annotations

import datetime as dt
from typing import Any

from shengce.targets.cells import Cell
from shengce.targets.editing import type_figure
from shengce.targets.metrics import built_in, save_metric
from shengce.targets.negotiations import begin_figure
from shengce.targets.qualitative import add_qualitative
from shengce.targets.versions import create_target_set, open_for_negotiation
from tests.routes.route import LEADERS, OWN, REPS, SELLERS, Route
from tests.world import World

SEE = SELLERS | {"executive", "marketing"}
PAGES = SEE - REPS
OF_A = OWN | {"executive"}
EXECUTIVE = {"executive"}

ROUTES: dict[str, Route] = {
    "targets:list": Route(get=SEE, post=EXECUTIVE),
    "targets:mine": Route(get=REPS),
    "targets:metrics": Route(get=EXECUTIVE, post=EXECUTIVE),
    "targets:grid": Route(
        get=SEE, args=("target_version",), query="?cell=rep-{rep}.month-1&f_customer={customer}"
    ),
    "targets:change": Route(post=LEADERS, args=("target_version", "cell_change")),
    "targets:own": Route(get=LEADERS, args=("target_version",), query="?cell=rep-{rep}&split=month"),
    "targets:csv": Route(get=SEE, args=("target_version",)),
    "targets:xlsx": Route(get=SEE, args=("target_version",)),
    "targets:version": Route(get=SEE, args=("target_version",)),
    "targets:act": Route(post=EXECUTIVE, args=("target_version", "version_act")),
    "targets:hand_over": Route(get=LEADERS, post=LEADERS, args=("target_version",)),
    "targets:words": Route(get=SEE, post=LEADERS, args=("target_version",)),
    "targets:judge": Route(post={"manager_a", "executive"}, args=("target_in_words",)),
    "targets:negotiations": Route(get=SEE, args=("target_version",)),
    "targets:propose": Route(post=REPS, args=("target_version", "metric_code")),
    "targets:negotiation": Route(get=OF_A, post=OF_A, args=("target_talk",)),
    "targets:sign": Route(post=OF_A, args=("target_talk",)),
}


def things(world: World) -> dict[str, Any]:
    """What the addresses of this table name: it belongs to rep_a1."""
    version = create_target_set(by=world.executive, name="财年", start_on=dt.date(2026, 1, 1))
    sales = built_in("sales")
    type_figure(version, sales, Cell({"rep": world.rep_a1.pk}), by=world.executive, total=120_000_00)
    metric = save_metric(by=world.executive, code="market", name="市场", kind="qualitative")
    words = add_qualitative(version, by=world.executive, metric=metric, rep=world.rep_a1, text="暗号九七")
    version = open_for_negotiation(version, by=world.executive)
    talk = begin_figure(version, sales, by=world.rep_a1)
    return {
        "target_version": version.pk,
        "cell_change": "lock",
        "version_act": "ratios",
        "target_in_words": words.pk,
        "metric_code": "sales",
        "target_talk": talk.pk,
    }
