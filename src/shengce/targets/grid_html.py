"""The grid's cells as HTML. Thousands of them: written in one pass, where a template would take most of the page's time.

Everything that comes from people is escaped; numbers and tokens are made here.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from shengce.targets.figures import exact, shown
from shengce.targets.grid import HEATS, Grid, Row
from shengce.targets.models import Metric

_SPARK_WIDTH, _SPARK_HEIGHT = 72, 20
CLOSED = '<td class="closed"></td>'
"""A cell that makes no sense: see :mod:`targets.belonging`."""


def body(grid: Grid, *, shown_in: int, editable: bool, selected: str, opens: dict[int, str]) -> SafeString:
    """All rows with the total as the first. ``opens``: node → the address that opens or closes it."""
    metric = grid.asked.metric
    most = max((max(row.amounts, default=0) for row in grid.rows if row.is_end), default=0)
    writer = _Writer(grid, metric, shown_in, editable, selected, most, opens)
    return mark_safe("".join(writer.row(row) for row in (grid.total, *grid.rows)))


class _Writer:
    def __init__(
        self,
        grid: Grid,
        metric: Metric,
        shown_in: int,
        editable: bool,
        selected: str,
        most: int,
        opens: dict[int, str],
    ) -> None:
        self.columns, self.metric, self.shown_in = grid.columns, metric, shown_in
        self.editable, self.selected, self.most, self.opens = editable, selected, most, opens
        self.tokens = [column.token for column in grid.columns]
        self.words = {
            "open": _("Open"),
            "close": _("Close"),
            "locked": _("locked"),
            "last": _("Last year by month"),
        }

    def row(self, row: Row) -> str:
        kind = "total" if row.token == "all" else ("end" if row.is_end else "node")
        cells = "".join(self._cells(row))
        return (
            f'<tr class="{kind}"><th scope="row" class="d{min(row.depth, 6)}">{self._fold(row)}'
            f"<span>{escape(row.label)}</span></th>"
            f'<td class="spark">{_spark(row.last, self.words["last"])}</td>'
            f"{self._sum(row)}{self._change(row)}{cells}</tr>"
        )

    def _sum(self, row: Row) -> str:
        return CLOSED if -1 in row.closed else self._cell(row.token, row.total, 0, "", "sum")

    def _cells(self, row: Row) -> Iterable[str]:
        for place, amount in enumerate(row.amounts):
            if place in row.closed:
                yield CLOSED
                continue
            token = f"{row.token}.{self.tokens[place]}" if self.tokens[place] else ""
            heat = 0
            if row.is_end and amount > 0 and self.most:
                heat = min(HEATS, 1 + amount * HEATS // (self.most + 1))
            yield self._cell(token, amount, heat, row.locked[place] if row.locked else "")

    def _cell(self, token: str, amount: int, heat: int, lock: str, extra: str = "") -> str:
        text = shown(amount, self.metric, shown_in=self.shown_in)
        classes = " ".join(
            part for part in (f"h{heat}" if heat else "", f"lock-{lock}" if lock else "", extra) if part
        )
        head = f'<td class="{classes}"' if classes else "<td"
        if not token:
            return f"{head}><i>{text}</i></td>"
        mark = ' aria-current="true"' if token == self.selected else ""
        spoken = f' aria-label="{text or 0} {self.words["locked"]}"' if lock else ""
        return (
            f'{head}><button name="cell" value="{escape(token)}" data-v="{exact(amount, self.metric)}"{mark}{spoken}>'
            f"{text or '·'}</button></td>"
        )

    def _fold(self, row: Row) -> str:
        if row.is_open is None or row.node is None:
            return '<b class="no-fold"></b>'
        words, sign = (self.words["close"], "▾") if row.is_open else (self.words["open"], "▸")
        address = escape(self.opens.get(row.node, ""))
        return f'<a class="fold" href="{address}" aria-label="{words} {escape(row.label)}">{sign}</a>'

    def _change(self, row: Row) -> str:
        if row.change is None:
            return '<td class="change"></td>'
        share = row.change * 100
        tone = "up" if share > 0.05 else "down" if share < -0.05 else ""
        sign = "+" if share > 0 else ""
        text = f"{sign}{share:.0f}%" if abs(share) < 1000 else f"×{row.change + 1:.0f}"
        return f'<td class="change {tone}">{text}</td>'


def _spark(values: tuple[int, ...], label: str) -> str:
    """Last year's twelve months as a small line, from 0."""
    top = max(values, default=0)
    if top <= 0:
        return ""
    step = (_SPARK_WIDTH - 4) / 11
    points = " ".join(
        f"{2 + index * step:.0f},{_SPARK_HEIGHT - 2 - max(0, value) / top * (_SPARK_HEIGHT - 4):.0f}"
        for index, value in enumerate(values)
    )
    return (
        f'<svg viewBox="0 0 {_SPARK_WIDTH} {_SPARK_HEIGHT}" width="{_SPARK_WIDTH}" height="{_SPARK_HEIGHT}" role="img" '
        f'aria-label="{escape(label)}"><polyline points="{points}" fill="none" stroke="currentColor" stroke-width="1.5"/></svg>'
    )
