"""A rep's figure is offered only where he stands, and where he has figures already."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from shengce.targets.cells import Cell, read_cell
from shengce.targets.editing import type_figure
from shengce.targets.metrics import built_in
from shengce.targets.models import TargetVersion
from shengce.targets.versions import create_target_set
from tests.world import World

pytestmark = pytest.mark.django_db
TOKEN = re.compile(r'<button name="cell" value="([^"]+)"')


@pytest.fixture
def version(world: World) -> TargetVersion:
    version = create_target_set(
        by=world.executive, name="今年", start_on=timezone.localdate().replace(month=1, day=1)
    )
    for rep in (world.rep_a1, world.rep_b1):
        type_figure(version, built_in("sales"), Cell({"rep": rep.pk}), by=world.executive, total=1200)
    version.refresh_from_db()
    return version


@pytest.fixture
def offered(world: World, version: TargetVersion, client: Any) -> Any:
    client.force_login(world.executive)

    def ask(query: str) -> set[str]:
        return set(
            TOKEN.findall(client.get(reverse("targets:grid", args=[version.pk]) + query).content.decode())
        )

    return ask


def test_units_by_reps(world: World, offered: Any) -> None:
    tokens = offered("?rows=unit&cols=rep")
    a, b, rep = world.team_a.pk, world.team_b.pk, world.rep_a1.pk
    assert {f"unit-{a}.rep-{rep}", f"unit-{a}.rep-{rep}.rep-{rep}"} <= tokens
    assert f"unit-{world.rep_a1.unit.parent_id}.rep-{rep}" in tokens
    assert f"unit-{b}.rep-{rep}" not in tokens
    assert f"unit-{a}.rep-{world.rep_a2.pk}.rep-{rep}" not in tokens


def test_reps_by_units_and_with_a_filter(world: World, offered: Any) -> None:
    a, b, rep = world.team_a.pk, world.team_b.pk, world.rep_a1.pk
    tokens = offered(f"?rows=rep&cols=unit&f_unit={world.region.pk}")
    assert f"rep-{rep}.unit-{a}" in tokens and f"rep-{rep}.unit-{b}" not in tokens
    assert f"rep-{rep}.unit-none" not in tokens
    tokens = offered(f"?rows=unit&cols=month&f_rep={rep}")
    assert {f"unit-{a}", f"unit-{a}.month-1"} <= tokens
    assert not {f"unit-{b}", f"unit-{b}.month-1"} & tokens


def test_who_moved_keeps_both(world: World, version: TargetVersion, offered: Any) -> None:
    rep, a, b = world.rep_a1, world.team_a.pk, world.team_b.pk
    rep.unit = world.team_b
    rep.save(update_fields=["unit"])
    tokens = offered("?rows=unit&cols=rep")
    assert {
        f"unit-{a}.rep-{rep.pk}",
        f"unit-{b}.rep-{rep.pk}",
        f"unit-{a}.rep-{rep.pk}.rep-{rep.pk}",
    } <= tokens


@pytest.mark.parametrize(
    "query", ["?rows=unit&cols=rep", "?rows=rep&cols=unit&f_unit={region}", "?rows=unit&f_rep={rep}"]
)
def test_what_is_offered_can_be_typed(world: World, version: TargetVersion, offered: Any, query: str) -> None:
    query = query.format(rep=world.rep_b1.pk, region=world.region.pk)
    filters = {"rep": world.rep_b1.pk} if "f_rep" in query else {}
    for number, token in enumerate(sorted(offered(query))):
        cell = read_cell(token, filters)
        edit = type_figure(version, built_in("sales"), cell, by=world.executive, total=50_000 + number)
        assert edit is not None
    with pytest.raises(ValidationError, match=str(world.rep_b1)):
        cell = Cell({"rep": world.rep_b1.pk, "unit": world.team_a.pk})
        type_figure(version, built_in("sales"), cell, by=world.executive, total=1)
