"""The engine of papers: periods and when they are due, templates, rows with cells, what is required, who is on time."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from shengce.people.models import CalendarDay
from shengce.planning.periods import Span
from shengce.planning.working_time import Calendar
from shengce.sheets import actions
from shengce.sheets.forms_of_papers import (
    Column,
    DueRule,
    clean_cell,
    in_force,
    read_sections,
    sections_of,
    shipped,
)
from shengce.sheets.models import Paper, PaperTemplate, Period
from shengce.sheets.on_time import on_time
from shengce.sheets.periods import due_moment, following, period_of, previous
from shengce.sheets.queries import duties_of, overdue_of
from shengce.sheets.reminders import draft_due, open_papers
from shengce.sheets.templates_of_papers import save_paper_template
from tests.world import World

EIGHT = {"daily", "weekly_plan", "monthly_plan", "monthly_action_plan", "monthly_summary", "rolling_forecast",
         "competitor_analysis", "market_tour", "market_register"}  # fmt: skip
MARCH = dt.date(2026, 3, 18)  # a Wednesday


def code(problem: pytest.ExceptionInfo[ValidationError]) -> str:
    return problem.value.error_list[0].code or ""


@pytest.mark.parametrize(
    ("kind", "start", "end"),
    [
        ("day", dt.date(2026, 3, 18), dt.date(2026, 3, 19)),
        ("week", dt.date(2026, 3, 16), dt.date(2026, 3, 23)),
        ("month", dt.date(2026, 3, 1), dt.date(2026, 4, 1)),
        ("quarter", dt.date(2026, 1, 1), dt.date(2026, 4, 1)),
    ],
)
def test_periods(kind: str, start: dt.date, end: dt.date) -> None:
    assert period_of(kind, MARCH) == Span(start, end)


@given(st.sampled_from(Period.values), st.dates(dt.date(2001, 1, 1), dt.date(2098, 1, 1)))
def test_periods_cover_every_day_once(kind: str, day: dt.date) -> None:
    span = period_of(kind, day)
    assert day in span
    assert period_of(kind, span.start_on) == span == period_of(kind, span.end_on - dt.timedelta(days=1))
    assert previous(kind, span).end_on == span.start_on
    assert following(kind, span).start_on == span.end_on


@pytest.mark.parametrize(
    ("span", "rule", "due"),
    [
        # the day after, at ten
        (Span(MARCH, dt.date(2026, 3, 19)), DueRule("end", 1, 10), "2026-03-19 10:00"),
        # a Friday: the next working day is Monday
        (Span(dt.date(2026, 3, 20), dt.date(2026, 3, 21)), DueRule("end", 1, 10), "2026-03-23 10:00"),
        # the day before a holiday (Qingming, 4 to 6 April 2026)
        (Span(dt.date(2026, 4, 3), dt.date(2026, 4, 4)), DueRule("end", 1, 10), "2026-04-07 10:00"),
        # the first day itself; where nobody works on it, the first one that is worked on
        (Span(dt.date(2026, 3, 16), dt.date(2026, 3, 23)), DueRule("start", 0, 12), "2026-03-16 12:00"),
        (Span(dt.date(2026, 3, 1), dt.date(2026, 4, 1)), DueRule("start", 0, 12), "2026-03-02 12:00"),
        (Span(dt.date(2026, 3, 1), dt.date(2026, 4, 1)), DueRule("start", 2, 18), "2026-03-03 18:00"),
        (Span(dt.date(2026, 2, 1), dt.date(2026, 3, 1)), DueRule("end", 2, 18), "2026-03-03 18:00"),
    ],
)
def test_when_a_paper_is_due(span: Span, rule: DueRule, due: str) -> None:
    calendar = Calendar(timezone.get_current_timezone())
    assert f"{due_moment(span, rule, calendar):%Y-%m-%d %H:%M}" == due


def test_a_calendar_without_working_days_ends() -> None:
    nobody = {dt.date(2026, 1, 1) + dt.timedelta(days=n): False for n in range(1000)}
    calendar = Calendar(timezone.get_current_timezone(), days=nobody)
    assert due_moment(Span(MARCH, dt.date(2026, 3, 19)), DueRule("end", 1, 10), calendar).year == 2027


def test_the_papers_that_are_shipped_can_be_read(world: World) -> None:
    assert {entry["code"] for entry in shipped()} == EIGHT
    assert {template.code for template in in_force()} == EIGHT
    for template in in_force():
        assert sections_of(template)
        for section in sections_of(template):
            assert section.title["zh"] and section.title["en"]


@pytest.mark.parametrize(
    "sections",
    [
        [],
        None,
        ["x"],
        [{"key": "a"}],
        [{"key": "a", "title": {"zh": ""}}],
        [{"key": "A!", "title": {"zh": "甲"}}],
        [{"key": "a", "title": {"zh": "甲"}}] * 2,
        [{"key": "a", "title": {"zh": "甲"}, "kind": "cloud"}],
        [{"key": "a", "title": {"zh": "甲"}, "kind": "table"}],
        [{"key": "a", "title": {"zh": "甲"}, "columns": [{"key": "b", "title": {"zh": "乙"}}]}],
        [
            {
                "key": "a",
                "title": {"zh": "甲"},
                "kind": "table",
                "columns": [{"key": "b", "title": {"zh": "乙"}, "type": "x"}],
            }
        ],
        [{"key": "a", "title": {"zh": "甲"}, "drafters": ["everything"]}],
        [{"key": f"s{n}", "title": {"zh": "甲"}} for n in range(21)],
    ],
)
def test_sections_that_cannot_be_shown(sections: Any) -> None:
    with pytest.raises(ValidationError):
        read_sections(sections)


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("text", " 云海 ", "云海"), ("money", "¥12,300.50", "12300.5"), ("money", "", ""), ("number", "1e3", "1000"),
        ("number", "-0.0", "-0"), ("date", "2026-03-18", "2026-03-18"),
    ],
)  # fmt: skip
def test_cells(kind: str, typed: str, kept: str) -> None:
    assert clean_cell(Column("x", {"zh": "列"}, kind), typed) == kept


@pytest.mark.parametrize(
    ("kind", "typed"),
    [("money", "很多"), ("number", "NaN"), ("number", "Infinity"), ("number", "1e99"), ("date", "下周"),
     ("date", "2026-02-30"), ("text", "长" * 501)],
)  # fmt: skip
def test_cells_that_make_no_sense(kind: str, typed: str) -> None:
    with pytest.raises(ValidationError):
        clean_cell(Column("x", {"zh": "列"}, kind), typed)


# --- writing


def forecast(world: World) -> Paper:
    return actions.begin_paper(world.rep_a1, "rolling_forecast", MARCH)


def test_one_paper_a_period_and_its_days(world: World) -> None:
    paper = forecast(world)
    assert (paper.start_on, paper.end_on, paper.unit) == (
        dt.date(2026, 3, 1),
        dt.date(2026, 4, 1),
        world.team_a,
    )
    assert forecast(world) == paper
    assert actions.begin_paper(world.rep_a1, "rolling_forecast", dt.date(2026, 3, 31)) == paper
    assert actions.begin_paper(world.rep_a1, "rolling_forecast", dt.date(2026, 4, 1)) != paper


@pytest.mark.parametrize(
    ("who", "kind"), [("rep_a1", "competitor_analysis"), ("inspector", "daily"), ("rep_a1", "nothing")]
)
def test_a_paper_that_is_not_ones_own_to_write(world: World, who: str, kind: str) -> None:
    with pytest.raises(ValidationError):
        actions.begin_paper(getattr(world, who), kind, MARCH)
    assert not Paper.objects.exists()


def test_rows_have_cells_that_say_who_wrote_them(world: World) -> None:
    paper = forecast(world)
    row = actions.add_line(
        paper,
        by=world.rep_a1,
        section="deals",
        values={"customer": "云海大酒店", "amount": "12,000", "sure": "50"},
    )
    assert (row.values["amount"], row.source, row.typed) == ("12000", "typed", ["customer", "amount", "sure"])
    with pytest.raises(ValidationError) as empty:
        actions.add_line(paper, by=world.rep_a1, section="deals", values={"stranger": "x"})
    assert code(empty) == "empty"
    with pytest.raises(ValidationError):
        actions.edit_line(row, by=world.rep_a1, values={**row.values, "due": "soon"})
    changed = actions.edit_line(row, by=world.rep_a1, values={**row.values, "sure": "75"})
    assert changed.values["sure"] == "75"


def test_what_is_required_must_be_there(world: World) -> None:
    paper = forecast(world)
    actions.add_line(paper, by=world.rep_a1, section="changed", text="无")
    with pytest.raises(ValidationError) as problem:
        actions.submit_paper(paper, by=world.rep_a1)
    assert code(problem) == "required"
    actions.add_line(paper, by=world.rep_a1, section="deals", values={"customer": "云海大酒店"})
    assert actions.submit_paper(paper, by=world.rep_a1).state == "submitted"
    for write in (
        lambda: actions.add_line(paper, by=world.rep_a1, section="changed", text="迟了"),
        lambda: actions.submit_paper(paper, by=world.rep_a1),
    ):
        with pytest.raises(ValidationError):
            write()
    for stranger in (world.rep_a2, world.manager_a):
        with pytest.raises(PermissionDenied):
            actions.add_line(paper, by=stranger, section="changed", text="外人")


def test_on_time_counts_the_first_time_it_was_handed_in(world: World) -> None:
    paper = forecast(world)
    actions.add_line(paper, by=world.rep_a1, section="deals", values={"customer": "云海大酒店"})
    actions.submit_paper(paper, by=world.rep_a1, at=paper.due_at - dt.timedelta(hours=1))
    actions.return_paper(paper, by=world.manager_a, comment="再补一家")
    actions.submit_paper(paper, by=world.rep_a1)
    paper.refresh_from_db()
    assert paper.submitted_at > paper.due_at > paper.first_submitted_at
    march = Span(dt.date(2026, 3, 1), dt.date(2026, 4, 1))
    (row,) = on_time(world.manager_a, span=march, by="person").rows
    assert (row.name, row.tally.due, row.tally.in_time, row.tally.rate) == (str(world.rep_a1), 1, 1, 1.0)
    assert on_time(world.manager_b, span=march).rows == []


# --- begun by the program


def test_papers_are_begun_for_everybody_who_writes_them(world: World) -> None:
    assert open_papers(today=MARCH) > 0
    assert open_papers(today=MARCH) == 0
    daily = Paper.objects.filter(code="daily")
    assert {paper.owner for paper in daily} == {world.rep_a1, world.rep_a2, world.rep_b1, world.rep_b2}
    assert not Paper.objects.filter(code="market_tour").exists()  # written when there is cause
    late = list(overdue_of(world.rep_a1))
    assert [paper.due_at for paper in late] == sorted(paper.due_at for paper in late)
    found = on_time(world.manager_a, span=Span(dt.date(2026, 3, 1), dt.date(2026, 5, 1)))
    assert found.total.tally.in_time == 0 and found.total.tally.missing == found.total.tally.due > 0


def test_no_daily_report_of_a_day_off(world: World) -> None:
    CalendarDay.objects.create(day=MARCH, works=False)
    open_papers(today=MARCH)
    assert not Paper.objects.filter(code="daily").exists()


def test_papers_are_drafted_before_they_fall_due(world: World) -> None:
    paper = actions.begin_paper(
        world.rep_a1, "monthly_summary", MARCH
    )  # always has lines: the month's quotas
    due = paper.due_at
    assert draft_due(now=due - dt.timedelta(hours=30)) == 0
    assert draft_due(now=due - dt.timedelta(hours=3)) == 1
    assert paper.lines.exists()
    assert draft_due(now=due - dt.timedelta(hours=3)) == 0


def test_what_one_has_to_write(world: World, django_assert_max_num_queries: Any) -> None:
    today = timezone.localdate()
    old = actions.begin_paper(world.rep_a1, "daily", dt.date(2026, 3, 18))
    with django_assert_max_num_queries(7):
        duties = duties_of(world.rep_a1, today=today)
    assert duties[0].paper == old and duties[0].is_late
    assert {duty.template.code for duty in duties} == EIGHT - {"competitor_analysis"}
    assert duties_of(world.inspector, today=today) == []


# --- templates


def saved(by: Any, **more: Any) -> PaperTemplate:
    given: dict[str, Any] = {
        "code": "own_1", "title": {"zh": "样机登记"}, "period": "week", "writers": ["rep"],
        "sections": [{"key": "a", "title": {"zh": "样机"}}], "due": {"from": "end", "working_days": 1, "hour": 9},
    }  # fmt: skip
    return save_paper_template(by=by, **{**given, **more})


def test_a_firm_adds_a_paper_and_changes_it_without_touching_what_was_begun(world: World) -> None:
    first = saved(world.administrator)
    paper = actions.begin_paper(world.rep_a1, "own_1", MARCH)
    assert saved(world.administrator) == first  # nothing changed
    second = saved(world.administrator, sections=[{"key": "b", "title": {"zh": "去向"}}])
    assert (second.number, second.title) == (2, {"zh": "样机登记", "en": "样机登记"})
    assert actions.add_line(paper, by=world.rep_a1, section="a", text="三台").section == "a"
    newer = actions.begin_paper(world.rep_a1, "own_1", MARCH + dt.timedelta(days=7))
    with pytest.raises(ValidationError):
        actions.add_line(newer, by=world.rep_a1, section="a", text="三台")
    saved(world.administrator, active=False)
    with pytest.raises(ValidationError):
        actions.begin_paper(world.rep_a1, "own_1", MARCH + dt.timedelta(days=70))


@pytest.mark.parametrize(
    "more",
    [{"title": {"zh": ""}}, {"period": "century"}, {"writers": []}, {"writers": ["inspector"]}, {"due": {"hour": 99}},
     {"due": {"working_days": -1}}, {"due": {"from": "middle"}}, {"sections": []}],
)  # fmt: skip
def test_templates_that_make_no_sense(world: World, more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        saved(world.administrator, **more)


def test_the_daily_report_keeps_the_sections_that_talks_write_into(world: World) -> None:
    daily = next(entry for entry in shipped() if entry["code"] == "daily")
    given = {name: daily[name] for name in ("code", "title", "period", "due", "writers")}
    with pytest.raises(ValidationError) as problem:
        save_paper_template(by=world.executive, **given, sections=daily["sections"][1:])
    assert code(problem) == "daily"


def test_only_those_who_may_change_templates(world: World) -> None:
    for stranger in (world.rep_a1, world.manager_a, world.marketing, world.inspector):
        with pytest.raises(PermissionDenied):
            saved(stranger)
