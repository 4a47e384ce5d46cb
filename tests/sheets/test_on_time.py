"""Who hands his papers in on time: sums by unit, person and kind, and that every number is the length of its list."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shengce.people.models import User
from shengce.planning.periods import Span
from shengce.sheets import actions
from shengce.sheets.excuses import record_absence
from shengce.sheets.models import Paper
from shengce.sheets.on_time import RESULTS, SORTS, on_time, papers_behind
from shengce.sheets.reminders import open_papers
from tests.world import World

MONDAY = dt.date(2026, 3, 16)
SPAN = Span(dt.date(2026, 3, 1), dt.date(2026, 4, 1))
DAY = dt.timedelta(days=1)


@pytest.fixture
def week(world: World) -> World:
    """A week of daily reports: some in time, some late, one returned, one excused, the rest missing."""
    for number in range(5):
        open_papers(today=MONDAY + number * DAY)
    Paper.objects.exclude(code="daily").delete()
    record_absence(
        by=world.executive, person=world.rep_b1, start_on=MONDAY, last_on=MONDAY + DAY, kind="illness"
    )
    hand_in(world.rep_a1, 0, hours=-1)
    hand_in(world.rep_a1, 1, hours=-1)
    hand_in(world.rep_a1, 2, hours=30)
    hand_in(world.rep_a2, 0, hours=-2)
    actions.return_paper(paper(world.rep_a2, 0), by=world.manager_a, comment="补一句")
    hand_in(world.rep_b1, 3, hours=-1)
    return world


def paper(rep: User, number: int) -> Paper:
    return Paper.objects.get(owner=rep, code="daily", start_on=MONDAY + number * DAY)


def hand_in(rep: User, number: int, *, hours: int) -> None:
    row = paper(rep, number)
    actions.add_line(row, by=rep, section="results", text="手写")
    actions.submit_paper(row, by=rep, at=row.due_at + dt.timedelta(hours=hours))


def test_units_hold_what_is_below_them(week: World) -> None:
    rows = {row.name: row for row in on_time(week.executive, span=SPAN).rows}
    a, b, all_of_it = (rows[name].tally for name in ("苏南一组", "苏北二组", "华东大区"))
    assert (a.due, a.in_time, a.late, a.missing, a.returned, a.excused) == (10, 3, 1, 6, 1, 0)
    assert (b.due, b.in_time, b.late, b.missing, b.returned, b.excused) == (8, 1, 0, 7, 0, 2)
    assert all_of_it == a + b == on_time(week.executive, span=SPAN).total.tally
    assert rows["林晓"].tally.rate == 0.4
    assert [row.depth for row in on_time(week.executive, span=SPAN).rows][:3] == [0, 1, 2]


def test_a_manager_sees_his_own_and_a_rep_himself(week: World) -> None:
    assert {row.name for row in on_time(week.manager_a, span=SPAN).rows} == {
        "苏南一组",
        "林晓",
        "周舟",
    }
    assert on_time(week.manager_a, span=SPAN).total.tally.due == 10
    assert [row.name for row in on_time(week.rep_a1, span=SPAN, by="person").rows] == ["林晓"]
    assert on_time(week.marketing, span=SPAN).rows == []


@pytest.mark.parametrize("by", ["unit", "person", "kind"])
def test_every_number_is_the_length_of_its_list(week: World, client: Client, by: str) -> None:
    client.force_login(week.executive)
    page = client.get(f"/reports/on-time/?from=2026-03-01&to=2026-03-31&by={by}").content.decode()
    links = re.findall(r'<a href="(/reports/\?result=[^"]+)">(\d+)</a>', page)
    assert len(links) > 5
    for address, number in links:
        found = client.get(address.replace("&amp;", "&"))
        assert len(found.context["papers"]) == min(int(number), 30), address
        for row, may_open in found.context["papers"]:
            assert may_open or row.state == "draft"


def test_drafts_of_others_are_named_but_not_opened(week: World, client: Client) -> None:
    client.force_login(week.manager_a)
    page = client.get("/reports/?result=missing&from=2026-03-01&to=2026-03-31").content.decode()
    assert "周舟" in page and f'href="/reports/{paper(week.rep_a2, 4).pk}/"' not in page
    page = client.get("/reports/?state=late").content.decode()
    assert f'href="/reports/{paper(week.rep_a2, 4).pk}/"' not in page


@pytest.mark.parametrize("sort", [sign + name for name in SORTS for sign in ("", "-")])
def test_sorting(week: World, sort: str) -> None:
    rows = on_time(week.executive, span=SPAN, by="person", sort=sort).rows
    name = sort.removeprefix("-")
    if name in RESULTS:
        numbers = [getattr(row.tally, name) for row in rows]
        assert numbers == sorted(numbers, reverse=not sort.startswith("-"))
    assert len(rows) == 4


def test_the_file_adds_up(week: World, client: Client) -> None:
    client.force_login(week.manager_a)
    answer = client.get("/reports/on-time/table.csv?from=2026-03-01&to=2026-03-31")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [sum(int(row[n]) for row in rows[1:]) for n in range(3, 9)] == [10, 3, 1, 6, 1, 0]
    assert client.get("/reports/on-time/table.xlsx").status_code == 200
    listed = client.get("/reports/papers.csv?result=late&from=2026-03-01&to=2026-03-31")
    assert len(b"".join(listed.streaming_content).decode("utf-8-sig").splitlines()) == 2


def test_it_costs_the_same_whatever_it_shows(week: World, client: Client) -> None:
    client.force_login(week.executive)
    address = "/reports/on-time/?from=2026-03-01&to=2026-03-31"

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    before = cost()
    for number in range(25):
        User.objects.create(username=f"r{number}", display_name=f"业务{number}", role="rep", unit=week.team_b)
    open_papers(today=MONDAY + 1 * DAY)
    assert cost() == before <= 12


@pytest.mark.parametrize(
    "query",
    ["?by=x", "?sort=--due", "?from=x&to=y", "?from=2026-05-01&to=2026-03-01", "?code=%00", "?days=9999999999999999999999",
     "?unit=x", "?result=nonsense", "?result=missing&unit=999999&in_unit=0", "?owner=1&unit=-1", "?from=1999-01-01"],
)  # fmt: skip
def test_questions_that_make_no_sense(week: World, client: Client, query: str) -> None:
    client.force_login(week.executive)
    for page in ("/reports/on-time/", "/reports/", "/reports/papers.csv", "/reports/on-time/table.csv"):
        assert client.get(page + query).status_code == 200


def test_what_is_not_due_yet_is_not_counted(world: World) -> None:
    actions.begin_paper(world.rep_a1, "daily", timezone.localdate() + 30 * DAY)
    span = Span(timezone.localdate(), timezone.localdate() + 60 * DAY)
    assert on_time(world.manager_a, span=span).rows == []
    assert not papers_behind(world.manager_a, span=span, result="due").exists()
