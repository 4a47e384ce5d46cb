"""Who is away writes no paper: what is excused, what is due later, who may say so, and that on time does not count it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from shengce.people.absences import visible_absences
from shengce.people.models import Absence
from shengce.planning.periods import Span
from shengce.planning.working_time import Calendar
from shengce.sheets import actions
from shengce.sheets.excuses import confirm_absence, record_absence, terms_of, withdraw_absence
from shengce.sheets.models import Paper
from shengce.sheets.on_time import on_time
from shengce.sheets.queries import duties_of, overdue_of
from shengce.sheets.reminders import open_papers
from tests.world import World

TODAY = timezone.localdate
DAY = dt.timedelta(days=1)


def away(first: str, last: str) -> Absence:
    return Absence(start_on=dt.date.fromisoformat(first), end_on=dt.date.fromisoformat(last) + DAY)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=timezone.get_current_timezone())


@pytest.mark.parametrize(
    ("span", "due", "days", "expected"),
    [
        # a day of the absence: excused
        (("2026-03-18", "2026-03-19"), "2026-03-19T10:00", [("2026-03-18", "2026-03-18")], "excused"),
        # the day before it, due on its first day: due on the first working day back
        (("2026-03-17", "2026-03-18"), "2026-03-18T10:00", [("2026-03-18", "2026-03-20")], "2026-03-23T10:00"),
        # a week in which he worked one day is due, later
        (("2026-03-16", "2026-03-23"), "2026-03-16T12:00", [("2026-03-16", "2026-03-19")], "2026-03-20T12:00"),
        # the whole of its working days: excused, though he is back on Saturday
        (("2026-03-16", "2026-03-23"), "2026-03-16T12:00", [("2026-03-16", "2026-03-20")], "excused"),
        # two absences that follow one another
        (("2026-02-01", "2026-03-01"), "2026-03-03T18:00", [("2026-03-02", "2026-03-03"), ("2026-03-04", "2026-03-05")],
         "2026-03-06T18:00"),
        # back before a holiday (Qingming, 4 to 6 April 2026)
        (("2026-03-01", "2026-04-01"), "2026-04-02T18:00", [("2026-04-02", "2026-04-03")], "2026-04-07T18:00"),
        # away in the period, here when it is due
        (("2026-03-01", "2026-04-01"), "2026-04-02T18:00", [("2026-03-10", "2026-03-20")], "2026-04-02T18:00"),
        (("2026-03-01", "2026-04-01"), "2026-04-02T18:00", [], "2026-04-02T18:00"),
    ],
)  # fmt: skip
def test_terms(span: Any, due: str, days: Any, expected: str) -> None:
    calendar = Calendar(timezone.get_current_timezone())
    found = terms_of(
        Span(*(dt.date.fromisoformat(day) for day in span)), at(due), [away(*each) for each in days], calendar
    )
    if expected == "excused":
        assert found.excused and found.absence is not None and found.due_at == at(due)
    else:
        assert not found.excused and found.due_at == at(expected)
        assert found.regular_due_at == (at(due) if expected != due else None)


def working_day_back(days: int) -> dt.date:
    """A Wednesday at least so many days ago."""
    day = TODAY() - days * DAY
    return day - ((day.weekday() - 2) % 7) * DAY


def daily(world: World, day: dt.date) -> Paper:
    return actions.begin_paper(world.rep_a1, "daily", day)


def ill(world: World, day: dt.date, **more: Any) -> Absence:
    given: dict[str, Any] = {
        "by": world.manager_a,
        "person": world.rep_a1,
        "start_on": day,
        "last_on": day,
        "kind": "illness",
    }
    return record_absence(**{**given, **more})


def test_a_leaders_word_excuses_papers_begun_before_and_after(world: World, client: Client) -> None:
    day = working_day_back(10)
    before = daily(world, day)
    assert before.is_late and overdue_of(world.rep_a1).count() == 1
    absence = ill(world, day, last_on=day + DAY)
    before.refresh_from_db()
    after = daily(world, day + DAY)
    assert before.excused and after.excused and before.absence == after.absence == absence
    assert not before.is_late and not overdue_of(world.rep_a1).exists()
    span = Span(day - 7 * DAY, TODAY() + DAY)
    total = on_time(world.manager_a, span=span).total.tally
    assert (total.due, total.missing, total.excused, total.rate) == (0, 0, 2, None)
    client.force_login(world.rep_a1)
    page = client.get(f"/reports/{before.pk}/").content.decode()
    assert "免交：病假" in page.replace(": ", "：") and "马经理" in page

    withdraw_absence(absence, by=world.manager_a)
    before.refresh_from_db()
    assert not before.excused and before.absence is None and before.is_late
    assert on_time(world.manager_a, span=span).total.tally.missing == 2


def test_ones_own_word_counts_when_it_is_confirmed(world: World) -> None:
    today = TODAY()
    absence = record_absence(
        by=world.rep_a1, person=world.rep_a1, start_on=today, last_on=today + 40 * DAY, kind="leave"
    )
    open_papers(today=today)
    mine = Paper.objects.filter(owner=world.rep_a1)
    assert mine.exists() and not mine.filter(excused=True).exists()
    assert any(duty.is_open for duty in duties_of(world.rep_a1, today=today))
    confirm_absence(absence, by=world.manager_a)
    confirm_absence(absence, by=world.manager_a)  # again: nothing
    assert (
        mine.filter(excused=True, code="weekly_plan").exists()
        or mine.filter(regular_due_at__isnull=False).exists()
    )
    if Calendar(timezone.get_current_timezone()).works(today):
        assert mine.get(code="daily").excused
    duties = {duty.template.code: duty for duty in duties_of(world.rep_a1, today=today)}
    assert duties["daily"].is_excused and not duties["daily"].is_open
    others = Paper.objects.exclude(owner=world.rep_a1)
    assert not others.filter(excused=True).exists()


def test_who_may_say_so(world: World) -> None:
    tomorrow = TODAY() + DAY
    for stranger in (world.rep_a2, world.manager_b, world.inspector, world.marketing):
        with pytest.raises(PermissionDenied):
            ill(world, tomorrow, by=stranger)
    with pytest.raises(PermissionDenied):
        ill(world, tomorrow, by=world.administrator, person=world.administrator)
    waiting = ill(world, tomorrow, by=world.rep_a1)
    for stranger in (world.rep_a1, world.rep_a2, world.manager_b):
        with pytest.raises(PermissionDenied):
            confirm_absence(waiting, by=stranger)
    own = ill(world, tomorrow, by=world.manager_a, person=world.manager_a)
    with pytest.raises(PermissionDenied):
        confirm_absence(own, by=world.manager_a)
    assert confirm_absence(own, by=world.executive).confirmed_by == world.executive
    with pytest.raises(PermissionDenied):
        withdraw_absence(waiting, by=world.manager_b)
    withdraw_absence(waiting, by=world.rep_a1)
    with pytest.raises(ValidationError):
        confirm_absence(waiting, by=world.manager_a)
    assert set(visible_absences(world.rep_a2)) == set() and waiting in visible_absences(world.manager_a)
    assert not visible_absences(world.manager_b).exists()


@pytest.mark.parametrize(
    ("first", "last", "kind"),
    [
        (-1, -1, "leave"),
        (2, 1, "leave"),
        (1, 1, "holiday"),
        (1, 400, "leave"),
        (800, 800, "leave"),
        (1, 1, ""),
    ],
)
def test_days_that_make_no_sense(world: World, first: int, last: int, kind: str) -> None:
    with pytest.raises(ValidationError):
        record_absence(
            by=world.rep_a1,
            person=world.rep_a1,
            start_on=TODAY() + first * DAY,
            last_on=TODAY() + last * DAY,
            kind=kind,
        )
    assert not Absence.objects.exists()


def test_days_are_recorded_once(world: World) -> None:
    tomorrow = TODAY() + DAY
    absence = ill(world, tomorrow, last_on=tomorrow + 3 * DAY)
    with pytest.raises(ValidationError):
        ill(world, tomorrow + 3 * DAY)
    ill(world, tomorrow + 4 * DAY)
    withdraw_absence(absence, by=world.manager_a)
    ill(world, tomorrow + 3 * DAY)


def test_an_absence_that_has_begun_is_the_leaders(world: World) -> None:
    absence = ill(world, TODAY(), by=world.rep_a1)
    confirm_absence(absence, by=world.manager_a)
    with pytest.raises(ValidationError):
        withdraw_absence(absence, by=world.rep_a1)
    assert withdraw_absence(absence, by=world.manager_a).state == "withdrawn"


def test_the_page(world: World, client: Client, django_assert_max_num_queries: Any) -> None:
    client.force_login(world.rep_a1)
    sent = {
        "person": world.rep_a1.pk,
        "kind": "leave",
        "start_on": TODAY() + DAY,
        "last_on": TODAY() + 2 * DAY,
        "note": "探亲",
    }
    assert client.post("/reports/absences/", sent).status_code == 302
    assert client.post("/reports/absences/", sent).status_code == 422
    assert client.post("/reports/absences/", {**sent, "person": world.rep_a2.pk}).status_code == 422
    for wrong in ({}, {**sent, "start_on": "morgen"}, {**sent, "note": "长" * 201}, {**sent, "person": "x"}):
        assert client.post("/reports/absences/", wrong).status_code == 422
    absence = Absence.objects.get()
    client.force_login(world.rep_a2)
    assert client.post(f"/reports/absences/{absence.pk}/confirm/").status_code == 404
    client.force_login(world.manager_a)
    page = client.get("/reports/absences/").content.decode()
    assert "林晓" in page and "探亲" in page and "陈果" not in page
    assert client.post(f"/reports/absences/{absence.pk}/confirm/").status_code == 302
    absence.refresh_from_db()
    assert absence.confirmed_by == world.manager_a
    for number in range(20):
        ill(world, TODAY() + (10 + number) * DAY)
    with django_assert_max_num_queries(14):
        assert client.get("/reports/absences/?which=all").status_code == 200
    for query in ("?which=nonsense", "?owner=x", "?page=99", "?which=over", "?which=waiting"):
        assert client.get(f"/reports/absences/{query}").status_code == 200
