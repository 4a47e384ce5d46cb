"""What the program writes into a paper by itself. One explicit table: the name that a template says, the function that drafts.

A drafter gets the paper and the desk of its batch (:class:`sheets.drafted.Desk`), and yields lines, or rows of the section's table; each names the records that it stands for by its
``key``, so that drafting again finds it. It reads, it never writes: :mod:`sheets.actions` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from shengce.sheets import (
    drafts_of_talks,
    drafts_of_targets,
    drafts_of_tasks,
    drafts_of_trade,
    drafts_of_work,
)
from shengce.sheets.drafted import Desk, Drafted
from shengce.sheets.forms_of_papers import Section, sections_for
from shengce.sheets.models import Paper

Drafter = Callable[[Paper, Desk], Iterator[Drafted]]

DRAFTERS: dict[str, Drafter] = {
    "talks": drafts_of_talks.talks,
    "talks_on_site": drafts_of_talks.talks_on_site,
    "objections": drafts_of_talks.objections,
    "complaints": drafts_of_talks.complaints,
    "competitors": drafts_of_talks.competitors,
    "prices_heard": drafts_of_talks.prices_heard,
    "diversion_heard": drafts_of_talks.diversion_heard,
    "market_heard": drafts_of_talks.market_heard,
    "visits": drafts_of_tasks.visits,
    "visits_unheard": drafts_of_tasks.visits_unheard,
    "visits_against_line": drafts_of_work.visits_against_line,
    "line_planned": drafts_of_work.line_planned,
    "line_next": drafts_of_work.line_next,
    "work_done": drafts_of_work.work_done,
    "quotas": drafts_of_work.quotas,
    "sightings": drafts_of_work.sightings,
    "tickets_open": drafts_of_work.tickets_open,
    "appointments": drafts_of_tasks.appointments,
    "appointments_next": drafts_of_tasks.appointments_next,
    "tasks_due": drafts_of_tasks.tasks_due,
    "tasks_due_next": drafts_of_tasks.tasks_due_next,
    "tasks_overdue": drafts_of_tasks.tasks_overdue,
    "next_points": drafts_of_tasks.next_points,
    "orders": drafts_of_trade.orders,
    "receipts": drafts_of_trade.receipts,
    "promises_due": drafts_of_trade.promises_due,
    "promises_broken": drafts_of_trade.promises_broken,
    "overdue": drafts_of_trade.overdue,
    "deals": drafts_of_trade.deals,
    "deals_to_close": drafts_of_trade.deals_to_close,
    "deals_next": drafts_of_trade.deals_next,
    "deals_closed": drafts_of_trade.deals_closed,
    "figures": drafts_of_trade.figures,
    "targets": drafts_of_targets.targets,
    "targets_reached": drafts_of_targets.targets_reached,
    "targets_by_line": drafts_of_targets.targets_by_line,
    "targets_by_person": drafts_of_targets.targets_by_person,
    "month_so_far": drafts_of_targets.month_so_far,
    "forecast": drafts_of_targets.forecast,
    "forecast_before": drafts_of_targets.forecast_before,
}
"""All that can draft. A template that names another one is refused."""

MOST_DRAFTED = 200
"""Lines of one section; whoever has more reads them in the lists themselves."""


def drafted(paper: Paper, desk: Desk) -> Iterator[tuple[Section, int, Drafted]]:
    """Everything that the program would write into the paper now: section, place in it, line.

    What one passage says stands in a section once, whoever else drafts it: a complaint, and the ticket opened from it.
    """
    for section in sections_for(paper.template, paper.owner.role):
        place, told = 0, set[int]()
        for name in section.drafters:
            for line in DRAFTERS[name](paper, desk):
                if place >= MOST_DRAFTED:
                    break
                if line.fact is not None:
                    if line.fact.pk in told:
                        continue
                    told.add(line.fact.pk)
                yield section, place, line
                place += 1
