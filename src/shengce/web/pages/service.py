"""Statistics of after-sales: against the rule, by month, by kind, causes by product; every number leads to its tickets."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shengce.people.permissions import require
from shengce.people.requests import SignedInRequest
from shengce.people.table_files import table_response
from shengce.people.working_days import working_calendar
from shengce.planning.working_time import Calendar
from shengce.service import statistics
from shengce.service.queries import causes_by_product
from shengce.service.statistics import Figures, MonthRow
from shengce.service.words import length_words
from shengce.web.charts import Series, bar_chart, line_chart

PERIODS = (3, 6, 12)
"""Months that can be asked for, this one among them."""
CAUSES_SHOWN = 12


@require_GET
def service(request: SignedInRequest) -> HttpResponse:
    """How the customer service did over the last months."""
    require(request.user, "tickets.see")
    months, start_on, end_on = _asked(request)
    span = {"start_on": start_on, "end_on": end_on}
    opened = statistics.opened(request.user, **span)
    found = statistics.statistics(opened, **span)
    causes = causes_by_product(request.user, **span)
    everything = "all" in request.GET
    calendar = working_calendar()
    context = {
        "months": months,
        "periods": PERIODS,
        "start_on": start_on,
        "last_on": end_on - dt.timedelta(days=1),
        "total": _row(found.total, calendar),
        "rows": [(row, _row(row.figures, calendar)) for row in reversed(found.months)],
        "kinds": [(row, _row(row.figures, calendar)) for row in found.kinds],
        "grades": _grades(found.grades),
        "causes": causes if everything else causes[:CAUSES_SHOWN],
        "all_causes": None if everything or len(causes) <= CAUSES_SHOWN else len(causes),
        "ticket_chart": _ticket_chart(found.months),
        "time_chart": _time_chart(found.months),
        "satisfaction_chart": _satisfaction_chart(found.months),
    }
    return render(request, "web/service.html", context)


@require_GET
def causes(request: SignedInRequest, file_format: str) -> HttpResponseBase:
    """Causes by product as a table to save."""
    require(request.user, "tickets.see")
    _months, start_on, end_on = _asked(request)
    found = causes_by_product(request.user, start_on=start_on, end_on=end_on)
    columns = [_("Product"), _("Cause"), _("Tickets"), _("Cost, yuan"), _("Last on")]
    rows = ([row.product, row.cause, row.tickets, row.cost, timezone.localdate(row.last_at)] for row in found)
    return table_response(rows, columns, name=f"causes-{start_on}-{end_on}", file_format=file_format)


def _asked(request: SignedInRequest) -> tuple[int, dt.date, dt.date]:
    """So many months that end with today; the first one is whole."""
    asked = request.GET.get("months", "")
    months = int(asked) if asked in map(str, PERIODS) else 12
    today = timezone.localdate()
    first = today.year * 12 + today.month - months  # months since year 0, from 0
    return months, dt.date(first // 12, first % 12 + 1, 1), today + dt.timedelta(days=1)


def _row(figures: Figures, calendar: Calendar) -> dict[str, object]:
    """Figures with their working time in words."""
    return {
        "figures": figures,
        "answer": _length(figures.answer_minutes, calendar),
        "solve": _length(figures.solve_minutes, calendar),
    }


def _length(minutes: float | None, calendar: Calendar) -> str:
    return "–" if minutes is None else length_words(dt.timedelta(minutes=minutes), calendar)


def _grades(said: dict[int, int]) -> list[tuple[int, int, int]]:
    """Grade, how many said so, and their share in per cent."""
    whole = sum(said.values())
    return [(grade, number, round(100 * number / whole) if whole else 0) for grade, number in said.items()]


def _labels(rows: list[MonthRow]) -> list[str]:
    return [f"{row.start_on:%Y-%m}" for row in rows]


def _ticket_chart(rows: list[MonthRow]) -> str:
    opened = Series(_("Tickets"), [row.figures.tickets for row in rows])
    solved = Series(_("of these solved"), [row.figures.solved for row in rows])
    return bar_chart(
        title=_("Tickets by month"), categories=_labels(rows), series=[opened, solved], width=560
    )


def _time_chart(rows: list[MonthRow]) -> str:
    series = [
        Series(_("Answered in time, %"), [_percent(row.figures.answered_in_time) for row in rows]),
        Series(_("Solved in time, %"), [_percent(row.figures.solved_in_time) for row in rows]),
    ]
    return line_chart(title=_("Against the rule"), categories=_labels(rows), series=series, width=560, low=0)


def _satisfaction_chart(rows: list[MonthRow]) -> str:
    said = Series(_("Satisfaction"), [row.figures.satisfaction for row in rows])
    return line_chart(
        title=_("Satisfaction by month"), categories=_labels(rows), series=[said], width=560, low=1
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 1)
