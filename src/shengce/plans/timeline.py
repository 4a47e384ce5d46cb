"""The year of measures as a picture: a bar a measure over the months, drawn on the server, readable in print."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from shengce.planning.periods import FiscalYear
from shengce.plans.models import Measure

WIDTH, LEFT, ROW, TOP = 960, 210, 26, 26
MOST_ROWS = 40
_TITLE_CHARACTERS = 15
_PRINTED = {  # where the style sheet is not there, as in print
    Measure.State.PLANNED: "#94a3b8",
    Measure.State.RUNNING: "#3355cc",
    Measure.State.DONE: "#15803d",
    Measure.State.DROPPED: "#b45309",
}


def timeline(rows: Sequence[Measure], year: FiscalYear, *, today: dt.date, label: str) -> SafeString:
    """At most :data:`MOST_ROWS` bars; the table beside it holds them all."""
    shown = rows[:MOST_ROWS]
    height = TOP + ROW * len(shown) + 8
    parts = [*_months(year, height)]
    for number, row in enumerate(shown):
        parts += _bar(row, year, TOP + ROW * number)
    if year.start_on <= today < year.end_on:
        x = _x(today, year)
        parts.append(
            f'<line x1="{x:.1f}" y1="{TOP - 4}" x2="{x:.1f}" y2="{height}" stroke="#c0362c" stroke-dasharray="3 3" class="now"/>'
        )
    return mark_safe(
        f'<svg viewBox="0 0 {WIDTH} {height}" class="chart timeline" role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


def _months(year: FiscalYear, height: int) -> list[str]:
    parts = []
    for month in year.months:
        x = _x(month.start_on, year)
        parts.append(
            f'<line x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{height}" stroke="#e1e6ed" class="grid"/>'
            f'<text x="{x + 4:.1f}" y="14" font-size="11" fill="#5b6675" class="tick">{month.start_on:%m}</text>'
        )
    return parts


def _bar(row: Measure, year: FiscalYear, y: int) -> list[str]:
    start, end = max(row.start_on, year.start_on), min(row.end_on, year.end_on)
    x, width = _x(start, year), max(4.0, _x(end, year) - _x(start, year))
    title = row.title if len(row.title) <= _TITLE_CHARACTERS else row.title[:_TITLE_CHARACTERS] + "…"
    tip = (
        f"{row.title} · {row.owner} · {row.start_on:%m-%d} – {row.last_on:%m-%d} · {row.get_state_display()}"
    )
    indent = 12 if row.within_id else 0
    return [
        f'<a href="{reverse("plans:measure", args=[row.pk])}"><text x="{indent}" y="{y + 16}" font-size="12" fill="#1f2937" class="name">{escape(title)}</text>'
        f'<rect x="{x:.1f}" y="{y + 4}" width="{width:.1f}" height="{ROW - 10}" rx="4" fill="{_PRINTED[Measure.State(row.state)]}" class="{row.state}">'
        f"<title>{escape(tip)}</title></rect></a>"
    ]


def _x(day: dt.date, year: FiscalYear) -> float:
    share = (day - year.start_on).days / (year.end_on - year.start_on).days
    return LEFT + (WIDTH - LEFT - 8) * share
