"""The firm's own calendar: who keeps it, what the page shows, and that its rows outlive the move between rooms."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from shengce.people.actions import save_calendar_day
from shengce.people.models import AuditEntry, CalendarDay
from shengce.people.working_days import firm_days, working_calendar, year_sheet
from tests.world import World

CALENDAR = "/people/calendar/"
SAVE = "/visits/working-days/"


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def test_days_of_ones_own(world: World, client: Client) -> None:
    client.force_login(world.customer_department)
    for wrong in (
        {"day": "2026-02-30", "works": "no"},
        {"day": "9999-99-99", "works": "maybe"},
        {"day": "9999-12-31", "works": "no"},
        {"day": "0001-01-01", "works": "no"},
        {},
    ):
        assert client.post(SAVE, wrong).status_code == 422
    answer = client.post(SAVE, {"day": "2026-11-28", "works": "yes", "name": "补班"})
    assert answer.headers["Location"] == CALENDAR + "?year=2026"
    row = CalendarDay.objects.get()
    assert (row.day, row.works) == (dt.date(2026, 11, 28), True)
    assert working_calendar().works(row.day)
    assert "补班" in page(client, CALENDAR + "?year=2026")
    assert "补班" not in page(client, CALENDAR + "?year=2025")
    client.post(SAVE, {"day": "2026-11-28", "works": "no", "name": "盘点"})  # the day is changed, not doubled
    assert CalendarDay.objects.get().works is False
    assert client.post(f"{SAVE}{row.pk}/remove/").status_code == 302
    assert client.post(f"{SAVE}{row.pk}/remove/").status_code == 404
    assert not CalendarDay.objects.exists()
    acts = AuditEntry.objects.filter(action__startswith="calendar_day.").values_list("by", flat=True)
    assert list(acts) == [world.customer_department.pk] * 3


@pytest.mark.parametrize("who", ["rep_a1", "manager_a", "inspector", "marketing"])
def test_who_reads_the_calendar_but_does_not_keep_it(world: World, client: Client, who: str) -> None:
    with pytest.raises(PermissionDenied):
        save_calendar_day(by=getattr(world, who), day=dt.date(2027, 1, 1), works=False)
    client.force_login(getattr(world, who))
    assert "<form" not in page(client, CALENDAR).split("<main")[1].split("</main>")[0]
    assert client.post(SAVE, {"day": "2026-11-28", "works": "yes"}).status_code == 403


@pytest.mark.parametrize(
    "query", ["?year=", "?year=x", "?year=0", "?year=99999", "?year=" + "9" * 40, "?year=-1"]
)
def test_years_that_make_no_sense(world: World, client: Client, query: str) -> None:
    client.force_login(world.executive)
    page(client, CALENDAR + query)


def test_a_year_without_a_notice_says_so(world: World, client: Client) -> None:
    client.force_login(world.rep_a1)
    assert "按周一至周五计算" in page(client, CALENDAR + "?year=2099")
    assert "按周一至周五计算" not in page(client, CALENDAR + "?year=2026")


@pytest.mark.django_db
def test_the_sheet_of_a_year() -> None:
    CalendarDay.objects.create(day="2026-03-02", works=False, name="盘点")
    months = year_sheet(2026, firm_days(2026))
    assert [len(months), months[2].working_days] == [12, 21]
    march = [day for week in months[2].weeks for day in week if day]
    assert [len(march), len(months[1].weeks)] == [31, 5]
    assert [day.day.day for day in march if not day.usual] == [2]
    assert march[1].own is not None and march[1].own.name == "盘点"
    october = [day for week in months[9].weeks for day in week if day]
    assert [day.day.day for day in october if day.works and not day.usual] == [
        10
    ]  # worked for the National Day


@pytest.mark.django_db(transaction=True)
def test_the_days_move_to_this_room_with_their_rows() -> None:
    before, after = (
        [("service", "0001_squashed_0002_working_hours")],
        [("people", "0004_calendar_of_the_firm")],
    )
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        executor = MigrationExecutor(connection)
        executor.migrate(before)
        old = executor.loader.project_state(before).apps.get_model("service", "CalendarDay")
        old.objects.create(day=dt.date(2026, 2, 14), works=False, name="年会")
        executor = MigrationExecutor(connection)
        executor.migrate(after)
        new = executor.loader.project_state(after).apps.get_model("people", "CalendarDay")
        assert list(new.objects.values_list("day", "works", "name")) == [
            (dt.date(2026, 2, 14), False, "年会")
        ]
        new.objects.create(day=dt.date(2026, 2, 28), works=True)  # its numbers go on
        executor = MigrationExecutor(connection)
        executor.migrate(before)
        assert old.objects.count() == 2
    finally:
        MigrationExecutor(connection).migrate(leaves)
        CalendarDay.objects.all().delete()
