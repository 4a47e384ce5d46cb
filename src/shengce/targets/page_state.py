"""What the grid's address asks for, read without trust, and addresses made from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from shengce.people.asked import page_number, whole_number, words
from shengce.people.models import User
from shengce.targets.cells import ALL_MONTHS, read_value, time_months
from shengce.targets.columns import TIMES, Asked
from shengce.targets.dimensions import BY_CODE, DIMENSIONS
from shengce.targets.figures import WAN
from shengce.targets.metrics import active_metrics
from shengce.targets.models import Level, Metric, TargetVersion

PERIODS = ("quarter-1", "quarter-2", "quarter-3", "quarter-4", *(f"month-{n}" for n in range(1, 13)))


@dataclass(frozen=True, slots=True)
class PageState:
    """The grid as asked, the unit of figures (1 or 10,000 yuan), the chosen cell, and the address without that cell."""

    asked: Asked
    shown_in: int
    cell: str
    query: dict[str, str]

    def address(self, **changes: Any) -> str:
        """``?…`` with parts changed; ``None`` takes one out."""
        parts = {**self.query, **changes}
        return "?" + urlencode({key: value for key, value in parts.items() if value not in (None, "")})


def read_state(version: TargetVersion, given: QueryDict, user: User) -> PageState:
    """Wrong values are no values: the page shows what it shows by itself."""
    metrics = {metric.code: metric for metric in active_metrics().exclude(kind=Metric.Kind.QUALITATIVE)}
    metric = metrics.get(given.get("metric", "")) or metrics.get("sales") or next(iter(metrics.values()))
    rows = given.get("rows", "") if given.get("rows") in BY_CODE else "unit"
    columns = given.get("cols", "") if given.get("cols") in (*TIMES, *BY_CODE) else "month"
    if columns == rows:
        columns = "month"
    filters, query = _filters(given, rows, columns)
    period = given.get("period", "") if given.get("period") in PERIODS else ""
    if columns == "week" and not period:
        period = "quarter-1"
    months = time_months(*period.split("-")) if period else ALL_MONTHS
    level = given.get("level", "") if given.get("level") in Level.values else Level.TARGET
    opened = _opened(given.get("open"))
    unit = given.get("in") if given.get("in") in ("yuan", "wan") else "wan"
    query |= {
        "metric": metric.code if metric.code != "sales" else "",
        "rows": rows if rows != "unit" else "",
        "cols": columns if columns != "month" else "",
        "level": level if level != Level.TARGET else "",
        "period": period,
        "in": "yuan" if unit == "yuan" else "",
        "open": given.get("open", "") if opened is not None else "",
    }
    asked = Asked(metric, level, rows, columns, filters, months, opened, page_number(given.get("page")))
    shown_in = WAN if unit == "wan" and metric.minor == 100 else 1
    return PageState(asked, shown_in, words(given.get("cell"), most=120), query)


def _filters(given: QueryDict, rows: str, columns: str) -> tuple[dict[str, Any], dict[str, str]]:
    filters: dict[str, Any] = {}
    query: dict[str, str] = {}
    for dimension in DIMENSIONS:
        text = given.get(f"f_{dimension.code}", "")
        if not text:
            continue
        try:
            filters[dimension.code] = read_value(dimension.code, text)
        except ValidationError:
            continue
        query[f"f_{dimension.code}"] = text
    return filters, query


def _opened(text: str | None) -> frozenset[int] | None:
    """``1,5,9``; ``-`` is none; without it the page decides."""
    if not text:
        return None
    numbers = [whole_number(part) for part in text[:4000].split(",")]
    return frozenset(number for number in numbers if number is not None)


def column_choices() -> list[tuple[str, Any]]:
    """Times first, then the dimensions."""
    times = [("quarter", _("Quarters")), ("month", _("Months")), ("week", _("Weeks"))]
    return [*times, *((dimension.code, dimension.label) for dimension in DIMENSIONS)]


def period_choices(version: TargetVersion) -> list[tuple[str, str]]:
    """The year, its quarters, its months."""
    year = version.target_set.year
    quarters = [(f"quarter-{n}", f"Q{n}") for n in range(1, 5)]
    months = [(f"month-{n}", f"{span.start_on:%Y-%m}") for n, span in enumerate(year.months, start=1)]
    return [("", _("Whole year")), *quarters, *months]
