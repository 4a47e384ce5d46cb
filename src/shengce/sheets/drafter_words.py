"""How a firm reads the names of drafters, by what they are about."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

DRAFTER_GROUPS: tuple[tuple[Any, dict[str, Any]], ...] = (
    (
        _("Talks"),
        {
            "talks": _("the talks of the period"),
            "talks_on_site": _("talks at the customer's"),
            "objections": _("why customers hesitate, by reason"),
            "complaints": _("complaints heard"),
        },
    ),
    (
        _("Visits and diary"),
        {
            "visits": _("visits with check-in"),
            "visits_unheard": _("visits of which no talk was recorded"),
            "visits_against_line": _("visits against the fixed line"),
            "line_planned": _("whom the fixed line leads to"),
            "line_next": _("whom the fixed line leads to next"),
            "appointments": _("appointments of the period"),
            "appointments_next": _("appointments of the next period"),
            "tasks_due": _("tasks due in the period"),
            "tasks_due_next": _("tasks due in the next period"),
            "tasks_overdue": _("tasks that are overdue"),
            "next_points": _("points that the last summary set"),
            "work_done": _("work done: talks, visits, appointments, tasks"),
            "quotas": _("development quotas"),
            "tickets_open": _("complaints and claims not solved yet"),
        },
    ),
    (
        _("Orders, money, deals"),
        {
            "orders": _("orders"),
            "receipts": _("money received"),
            "promises_due": _("promises to pay that fall due"),
            "promises_broken": _("promises to pay that were not kept"),
            "overdue": _("customers with overdue debts"),
            "deals": _("deals expected in the period"),
            "deals_to_close": _("deals of the coming three months"),
            "deals_next": _("deals of the next month"),
            "deals_closed": _("deals won and lost"),
            "figures": _("orders and money against the period before"),
        },
    ),
    (
        _("Targets and forecast"),
        {
            "targets": _("targets of the period"),
            "targets_reached": _("targets and what was reached"),
            "targets_by_line": _("sales by product line against plan"),
            "targets_by_person": _("sales by person against plan"),
            "month_so_far": _("sales and money of the month so far"),
            "forecast": _("sales forecast of three months"),
            "forecast_before": _("how well the last forecast met"),
        },
    ),
    (
        _("Market"),
        {
            "competitors": _("rivals named, with prices"),
            "prices_heard": _("rivals' prices heard"),
            "diversion_heard": _("hints of diversion"),
            "market_heard": _("everything heard about the market"),
            "sightings": _("prices and goods seen"),
        },
    ),
)
DRAFTER_WORDS: dict[str, Any] = {
    name: words for _title, group in DRAFTER_GROUPS for name, words in group.items()
}
