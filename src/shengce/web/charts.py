"""Charts as SVG drawn on the server: each with a title, a description, tooltips and its data as a table.

Colours are classes (light and dark) over presentation attributes (print and mail). Text scales with the drawing, so
a chart is drawn in the width it is shown at: ``width`` in CSS pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

PALETTE = ("#3451d1", "#0b9385", "#d98a0b", "#c8384a", "#7c4dc9")


@dataclass(frozen=True, slots=True)
class Series:
    """One named line or group of bars; ``None`` is a gap, not a zero."""

    name: str
    values: Sequence[float | None]


NARROW = 340
"""Width of the second drawing, for phones: text that scales with a wide drawing cannot be read there."""


def nice_ticks(low: float, high: float, *, count: int = 4, whole: bool = False) -> list[float]:
    """Round numbers that cover ``[low, high]``: steps of 1, 2, 2.5 or 5 times a power of ten.

    ``whole``: what is counted has no halves, so no step is below 1.
    """
    span = high - low
    if span <= max(abs(low), abs(high), 1.0) * 1e-9:  # all the same, or finer than a chart can show
        span = abs(high) if abs(high) > 1e-6 else 1.0
    power = 10.0 ** math.floor(math.log10(span / count))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if span / (power * m) <= count * (1 + 1e-9))
    if whole:
        step = float(max(1, math.ceil(step - 1e-9)))
    first = math.floor(low / step + 1e-9)
    last = max(first + 1, math.ceil(high / step - 1e-9))
    digits = max(0, 2 - math.floor(math.log10(step)))
    return [round(number * step, digits) for number in range(first, last + 1)]


def number(value: float | None) -> str:
    """A value as a label: thousands separated, at most one decimal, a dash for none."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value - round(value)) < 1e-9 else f"{value:,.1f}"


def line_chart(
    *,
    title: str,
    categories: Sequence[str],
    series: Sequence[Series],
    width: int = 640,
    height: int = 240,
    low: float | None = None,
    band: tuple[Series, Series] | None = None,
) -> SafeString:
    """Lines over ordered categories. The first series is filled to the axis. ``band`` is a range, from below to above,
    shaded in the colour of the second series.
    """
    shown = [*series, *(band or ())]
    values = [v for s in shown for v in s.values if v is not None]
    if not values or not categories:
        return _empty(title)
    least = min(values if low is None else [low, *values])
    ticks = nice_ticks(least, max(values), whole=_whole(values))

    def draw(plot: _Plot) -> list[str]:
        lines = (plot.line(one, categories, index) for index, one in enumerate(series))
        shade = plot.band(*band) if band else []
        return [*plot.axis(categories), *shade, *chain.from_iterable(lines)]

    return _figure(title, draw, (width, height), ticks, categories, shown, legend=series)


def bar_chart(
    *, title: str, categories: Sequence[str], series: Sequence[Series], width: int = 640, height: int = 240
) -> SafeString:
    """Groups of bars over categories, from zero."""
    values = [v for s in series for v in s.values if v is not None]
    if not values or not categories:
        return _empty(title)
    ticks = nice_ticks(min(0, *values), max(0, *values), whole=_whole(values))

    def draw(plot: _Plot) -> list[str]:
        bars = (plot.bars(one, categories, index, len(series)) for index, one in enumerate(series))
        return [*plot.axis(categories), *chain.from_iterable(bars)]

    return _figure(title, draw, (width, height), ticks, categories, series)


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of segment of a stacked bar: its name, its colour class, and the colour where no style sheet is (print)."""

    name: str
    css: str
    colour: str


def stacked_bars(
    *, title: str, rows: Sequence[tuple[str, Sequence[float]]], parts: Sequence[Part], width: int = 720
) -> SafeString:
    """A bar that lies down for each row, cut into parts that add up to its length; the sum stands at its end."""
    longest = max((sum(values) for _label, values in rows), default=0)
    if longest <= 0:
        return _empty(title)
    described = "; ".join(f"{label}: {number(sum(values))}" for label, values in rows)
    drawings = [
        _stack(rows, parts, size, css, longest, f"{title}. {described}")
        for size, css in ((width, "wide"), (NARROW, "narrow"))
    ]
    columns = [
        Series(part.name, [values[place] for _label, values in rows]) for place, part in enumerate(parts)
    ]
    return format_html(
        '<figure class="chart"><figcaption>{}</figcaption>{}{}{}</figure>',
        title,
        *drawings,
        _table([label for label, _values in rows], columns),
    )


def _stack(
    rows: Sequence[tuple[str, Sequence[float]]],
    parts: Sequence[Part],
    width: int,
    css: str,
    longest: float,
    words: str,
) -> SafeString:
    """Label, bar and sum of each row, under a legend that breaks where the width ends."""
    label_width, sum_width = (130, 84) if width > NARROW else (84, 70)
    legend, top = _broken_legend(parts, width)
    scale = (width - label_width - sum_width) / longest
    drawn = [*legend]
    for line, (label, values) in enumerate(rows):
        y, x = top + line * 28, float(label_width)
        drawn.append(_text(label_width - 8, y + 14, _shortened(label, label_width - 8), "end"))
        for part, value in zip(parts, values, strict=True):
            if value > 0:
                tip = escape(f"{label} · {part.name}: {number(value)}")
                drawn.append(
                    f'<rect x="{x:.1f}" y="{y}" width="{max(0.5, value * scale - 0.6):.1f}" height="19" '
                    f'fill="{part.colour}" class="{part.css}"><title>{tip}</title></rect>'
                )
                x += value * scale
        drawn.append(_text(x + 6, y + 14, number(sum(values)), "start"))
    return format_html(
        '<svg class="{}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        css,
        width,
        top + len(rows) * 28,
        words,
        mark_safe("".join(drawn)),
    )


def _broken_legend(parts: Sequence[Part], width: int) -> tuple[list[str], int]:
    """The legend in lines, and where the drawing below it begins."""
    drawn, x, y = [], 0.0, 0
    for part in parts:
        needed = 30 + _text_width(part.name)
        if x and x + needed > width:
            x, y = 0.0, y + 20
        drawn.append(
            f'<rect x="{x:.0f}" y="{y + 3}" width="10" height="10" rx="3" fill="{part.colour}" class="{part.css}"/>'
        )
        drawn.append(_text(x + 15, y + 12, part.name, "start"))
        x += needed
    return drawn, y + 28


def _text_width(text: str) -> float:
    return sum(12 if ord(c) > 0x2E80 else 6.5 for c in text)


def _shortened(text: str, width: float) -> str:
    """As much of a label as fits, with an ellipsis."""
    if _text_width(text) <= width:
        return text
    while text and _text_width(text) + 12 > width:
        text = text[:-1]
    return text + "…"


def _whole(values: Sequence[float]) -> bool:
    return all(float(v).is_integer() for v in values)


def sparkline(values: Sequence[float | None], *, label: str) -> SafeString:
    """A small line without axes for a table cell; ``label`` says in words what it shows."""
    known = [v for v in values if v is not None]
    if len(known) < 2:
        return mark_safe("")
    low, high = min(known), max(known)
    span = (high - low) or 1
    step = 92 / max(1, len(values) - 1)
    points = [(2 + i * step, 23 - (v - low) / span * 19) for i, v in enumerate(values) if v is not None]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    return mark_safe(
        f'<svg class="spark" viewBox="0 0 96 26" role="img" aria-label="{escape(label)}">'
        f'<polyline points="{path}" fill="none" stroke="{PALETTE[0]}" class="s0" stroke-width="1.8" '
        f'stroke-linejoin="round" stroke-linecap="round"/><circle cx="{x:.1f}" cy="{y:.1f}" r="2.4" '
        f'fill="{PALETTE[0]}" class="f0"/></svg>'
    )


class _Plot:
    """The inner rectangle of a chart and the way from values to pixels."""

    LEFT, RIGHT, TOP, BOTTOM = 46, 12, 30, 26

    def __init__(self, width: int, height: int, ticks: Sequence[float], count: int) -> None:
        self.width, self.height, self.ticks, self.count = width, height, ticks, count
        self.right, self.bottom = width - self.RIGHT, height - self.BOTTOM

    def y(self, value: float) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        return self.bottom - (value - low) / (high - low) * (self.bottom - self.TOP)

    def slot(self) -> float:
        return (self.right - self.LEFT) / max(1, self.count)

    def x(self, index: int) -> float:
        return self.LEFT + self.slot() * (index + 0.5)

    def axis(self, categories: Sequence[str]) -> list[str]:
        parts = []
        for tick in self.ticks:
            y = self.y(tick)
            parts.append(
                f'<line x1="{self.LEFT}" y1="{y:.1f}" x2="{self.right}" y2="{y:.1f}" stroke="#e1e6ed" class="grid"/>'
            )
            parts.append(_text(self.LEFT - 8, y + 4, number(tick), "end"))
        every = max(1, math.ceil(len(categories) / max(1, int((self.right - self.LEFT) / 56))))
        for index, name in enumerate(categories):
            if index % every == 0:
                parts.append(_text(self.x(index), self.bottom + 18, name, "middle"))
        return parts

    def line(self, series: Series, categories: Sequence[str], index: int) -> list[str]:
        colour = PALETTE[index % len(PALETTE)]
        parts = []
        for points in self._runs(series.values):
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            if index == 0:
                area = f"{points[0][0]:.1f},{self.bottom} {path} {points[-1][0]:.1f},{self.bottom}"
                parts.append(
                    f'<polygon points="{area}" fill="{colour}" class="f{index}" fill-opacity=".09"/>'
                )
            parts.append(
                f'<polyline points="{path}" fill="none" stroke="{colour}" class="s{index}" stroke-width="2.2" '
                'stroke-linejoin="round" stroke-linecap="round"/>'
            )
        for i, value in enumerate(series.values):
            if value is not None:
                tip = f"{series.name} {categories[i]}: {number(value)}"
                parts.append(
                    f'<circle cx="{self.x(i):.1f}" cy="{self.y(value):.1f}" r="3" fill="#fff" stroke="{colour}" '
                    f'class="point s{index}" stroke-width="1.8"><title>{escape(tip)}</title></circle>'
                )
        return parts

    def _runs(self, values: Sequence[float | None]) -> list[list[tuple[float, float]]]:
        """The points between gaps; one alone has no line, only its dot."""
        runs: list[list[tuple[float, float]]] = [[]]
        for i, value in enumerate(values):
            if value is None:
                runs.append([])
            else:
                runs[-1].append((self.x(i), self.y(value)))
        return [run for run in runs if len(run) > 1]

    def band(self, low: Series, high: Series) -> list[str]:
        """The area between two lines, where both are known."""
        known = [
            (self.x(i), self.y(below), self.y(above))
            for i, (below, above) in enumerate(zip(low.values, high.values, strict=True))
            if below is not None and above is not None
        ]
        if not known:
            return []
        if len(known) == 1:
            x, below, above = known[0]
            known = [(x - 6, below, above), (x + 6, below, above)]
        edge = [f"{x:.1f},{above:.1f}" for x, _below, above in known]
        edge += [f"{x:.1f},{below:.1f}" for x, below, _above in reversed(known)]
        return [
            f'<polygon points="{" ".join(edge)}" fill="{PALETTE[1]}" class="f1" fill-opacity=".18" stroke="none"/>'
        ]

    def bars(self, series: Series, categories: Sequence[str], index: int, groups: int) -> list[str]:
        colour = PALETTE[index % len(PALETTE)]
        width = min(26.0, self.slot() * 0.68 / groups)
        parts = []
        for i, value in enumerate(series.values):
            if value is None:
                continue
            x = self.x(i) - width * groups / 2 + index * width
            top, foot = sorted((self.y(value), self.y(0)))
            tip = f"{series.name} {categories[i]}: {number(value)}"
            parts.append(
                f'<rect x="{x + 1:.1f}" y="{top:.1f}" width="{max(1.0, width - 2):.1f}" '
                f'height="{foot - top:.1f}" rx="3" fill="{colour}" class="f{index}">'
                f"<title>{escape(tip)}</title></rect>"
            )
        return parts


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="11.5" fill="#6b7688" '
        f'class="label">{escape(text)}</text>'
    )


def _legend(series: Sequence[Series], left: int) -> list[str]:
    if len(series) < 2:
        return []
    parts, x = [], float(left)
    for index, one in enumerate(series):
        colour = PALETTE[index % len(PALETTE)]
        parts.append(
            f'<rect x="{x:.0f}" y="7" width="10" height="10" rx="3" fill="{colour}" class="f{index}"/>'
        )
        parts.append(_text(x + 15, 16, one.name, "start"))
        x += 32 + sum(12 if ord(c) > 255 else 6.5 for c in one.name)
    return parts


def _figure(
    title: str,
    draw: Callable[[_Plot], list[str]],
    size: tuple[int, int],
    ticks: Sequence[float],
    categories: Sequence[str],
    series: Sequence[Series],
    *,
    legend: Sequence[Series] | None = None,
) -> SafeString:
    """``legend`` are the series that are drawn with a line or bars of their own, where not all are."""
    named = series if legend is None else legend
    described = "; ".join(f"{s.name}: {', '.join(number(v) for v in s.values)}" for s in series)
    wide = _Plot(*size, ticks, len(categories))
    narrow = _Plot(NARROW, min(size[1], 220), ticks, len(categories))
    return format_html(
        '<figure class="chart"><figcaption>{}</figcaption>{}{}{}</figure>',
        title,
        _drawing(wide, "wide", draw, named, f"{title}. {described}"),
        _drawing(narrow, "narrow", draw, named, f"{title}. {described}"),
        _table(categories, series),
    )


def _drawing(
    plot: _Plot, css: str, draw: Callable[[_Plot], list[str]], series: Sequence[Series], words: str
) -> SafeString:
    return format_html(
        '<svg class="{}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        css,
        plot.width,
        plot.height,
        words,
        mark_safe("".join([*draw(plot), *_legend(series, plot.LEFT)])),
    )


def _table(categories: Sequence[str], series: Sequence[Series]) -> SafeString:
    head = format_html_join("", '<th scope="col" class="right">{}</th>', ((s.name,) for s in series))
    rows = format_html_join(
        "",
        '<tr><th scope="row">{}</th>{}</tr>',
        (
            (
                name,
                format_html_join("", '<td class="right">{}</td>', ((number(s.values[i]),) for s in series)),
            )
            for i, name in enumerate(categories)
        ),
    )
    return format_html(
        '<details class="data"><summary>{}</summary><div class="scroll"><table class="table"><thead><tr><th></th>{}</tr>'
        "</thead><tbody>{}</tbody></table></div></details>",
        _("Show the data"),
        head,
        rows,
    )


def _empty(title: str) -> SafeString:
    return format_html(
        '<figure class="chart"><figcaption>{}</figcaption><p class="muted">{}</p></figure>',
        title,
        _("No data in this period yet."),
    )
