"""Within how many working hours a ticket must be answered and solved.

Rules of the firm are rows; where it saved none, those of ``data/service.yaml`` hold. Its working days: ``people.working_days``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from shengce.people.working_days import working_calendar
from shengce.planning.working_time import add_working_hours, working_hours_between
from shengce.service.models import Kind, Priority, TicketRule

MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """Working hours until the answer and until the solution. ``saved``: by the firm, not the one that is shipped."""

    kind: str
    priority: str
    answer_hours: int
    solve_hours: int
    saved: bool = False


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Until when; ``guessed`` are years whose holidays are not known yet: there Monday to Friday were counted."""

    answer_by: dt.datetime
    solve_by: dt.datetime
    guessed: tuple[int, ...]


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Any]:
    text = files("shengce.service").joinpath("data/service.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    return data


def default_rules() -> dict[tuple[str, str], Rule]:
    """The rules that hold where a firm saved none: one for every kind and priority."""
    shipped = _shipped()["rules"]
    return {
        (kind, priority): Rule(kind, priority, *shipped[kind][priority])
        for kind in Kind.values
        for priority in Priority.values
    }


def default_causes() -> list[dict[str, str]]:
    """Causes that are offered from the start, as ``{"zh", "en"}``."""
    return list(_shipped()["causes"])


def all_rules() -> list[Rule]:
    """The rules in force, by kind and priority. One query."""
    rules = default_rules()
    for row in TicketRule.objects.all():
        rules[row.kind, row.priority] = Rule(
            row.kind, row.priority, row.answer_hours, row.solve_hours, saved=True
        )
    return list(rules.values())


def rule_for(kind: str, priority: str) -> Rule:
    """The rule in force. Raises ``KeyError`` for a kind or priority that does not exist."""
    default = default_rules()[kind, priority]
    row = TicketRule.objects.filter(kind=kind, priority=priority).first()
    return Rule(kind, priority, row.answer_hours, row.solve_hours, saved=True) if row else default


def deadlines(kind: str, priority: str, opened_at: dt.datetime) -> Deadlines:
    """Until when a ticket of this kind and priority must be answered and solved."""
    rule, calendar = rule_for(kind, priority), working_calendar()
    answer = add_working_hours(opened_at, rule.answer_hours, calendar)
    solve = add_working_hours(opened_at, rule.solve_hours, calendar)
    return Deadlines(answer.at, solve.at, solve.guessed)


def minutes_between(start: dt.datetime, end: dt.datetime) -> int:
    """Whole minutes of working time; 0 where ``end`` is not later."""
    return max(0, working_hours_between(start, end, working_calendar()).worked // MINUTE)


def put_off(moment: dt.datetime, minutes: int) -> dt.datetime:
    """A deadline that moves because its clock stood still for so many working minutes."""
    return add_working_hours(moment, minutes / 60, working_calendar()).at if minutes else moment
