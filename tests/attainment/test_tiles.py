"""Tiles of the cockpit: the numbers of the comparison page, within one's scope, in a fixed number of queries."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shengce.attainment.counting import refresh
from shengce.attainment.tiles import tiles_of
from shengce.people.models import User
from tests.attainment.test_attainment_pages import signed_in
from tests.world import World

TODAY = timezone.localdate()


@pytest.mark.parametrize("who", ["executive", "manager_a", "manager_b"])
def test_the_numbers_of_the_comparison_page(
    client: Client,
    world: World,
    year: dict[str, int],
    who: str,
) -> None:
    found = {tile.metric.code: tile for tile in tiles_of(getattr(world, who), today=TODAY).tiles}
    for code in ("sales", "customers", *(["gross_profit"] if who == "executive" else [])):
        for period in ("month", "year"):
            page = signed_in(client, who).get(f"/attainment/?metric={code}&period={period}&by=rep").context
            total, end = page["found"].total, page["end"]
            if code not in found:
                assert (total.actual, total.target) == (0, 0)
                continue
            its = getattr(found[code], period)
            assert (its.progress.actual, its.progress.target) == (total.actual, total.target), (code, period)
            assert its.progress.due == pytest.approx(total.due, abs=2)
            assert its.end == pytest.approx(end)
            assert its.end_range == page["end_range"]
    if who == "manager_b":
        assert not found


def test_gross_profit_is_for_who_sees_costs(client: Client, world: World, year: dict[str, int]) -> None:
    assert "gross_profit" not in {tile.metric.code for tile in tiles_of(world.manager_a, today=TODAY).tiles}
    assert "Gross profit" not in signed_in(client, "manager_a").get("/cockpit/").content.decode()


def test_few_queries(world: World, year: dict[str, int]) -> None:
    boss = User.objects.select_related("unit").get(pk=world.manager_a.pk)
    for foresee, most in ((True, 7), (False, 6)):
        with CaptureQueriesContext(connection) as captured:
            assert tiles_of(boss, today=TODAY, foresee=foresee).tiles
        assert len(captured) <= most, [query["sql"] for query in captured]


def test_the_cockpit_leads_to_the_page_and_the_talk(
    client: Client, world: World, year: dict[str, int]
) -> None:
    page = signed_in(client, "manager_a").get("/cockpit/").content.decode()
    for period in ("month", "year"):
        address = f"?metric=sales&amp;period={period}"
        assert f'href="/attainment/{address}"' in page
        assert f'href="/attainment/talks/{address}"' in page
        for found in (f"/attainment/{address}", f"/attainment/talks/{address}"):
            assert client.get(found.replace("&amp;", "&")).status_code == 200
    assert "1,200,000" in page


def test_my_day_shows_ones_own_month(client: Client, world: World, year: dict[str, int]) -> None:
    assert "100,000" in (mine := signed_in(client, "rep_a1").get("/my-day/").content.decode())
    assert "working day" in mine
    assert 'metric=sales&amp;period=month"' in mine
    assert "metric=sales" not in signed_in(client, "rep_b1").get("/my-day/").content.decode()
    yesterday = TODAY - dt.timedelta(days=1)
    assert (
        'metric=sales&amp;period=month"'
        not in signed_in(client, "rep_a1").get(f"/my-day/?day={yesterday}").content.decode()
    )


def test_no_targets_and_nothing_reached_is_nothing_shown(client: Client, world: World) -> None:
    refresh(today=TODAY)
    assert 'id="plan"' not in signed_in(client, "executive").get("/cockpit/").content.decode()
