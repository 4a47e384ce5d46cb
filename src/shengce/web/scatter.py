"""A cloud of points as SVG drawn on the server; each point is a link to what it stands for.

The vertical axis is logarithmic: turnovers of customers lie powers of ten apart. Points are left out of the order of tabs,
because hundreds of stops help nobody: the table beside the chart holds the same links.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from shengce.web.charts import NARROW, PALETTE, nice_ticks, number

LEFT, RIGHT, TOP, BOTTOM = 66, 16, 30, 44


@dataclass(frozen=True, slots=True)
class Point:
    """``x`` from 0, ``y`` above 0; ``group`` is the place of its name in the legend; ``label`` is the tooltip."""

    x: float
    y: float
    group: int
    label: str
    url: str


def scatter_chart(
    *,
    title: str,
    points: Sequence[Point],
    groups: Sequence[str],
    x_label: str,
    note: str = "",
    width: int = 640,
    height: int = 320,
) -> SafeString:
    """Points by group, with a legend; ``note`` says below which points are shown."""
    shown = [point for point in points if point.y > 0]
    if not shown:
        return format_html(
            '<figure class="chart"><figcaption>{}</figcaption><p class="muted">{}</p></figure>',
            title,
            _("No data in this period yet."),
        )
    ticks = nice_ticks(0, max(point.x for point in shown), whole=True)
    low = math.floor(math.log10(min(point.y for point in shown)) + 1e-9)
    high = max(low + 1, math.ceil(math.log10(max(point.y for point in shown)) - 1e-9))
    drawings = [
        _drawing(shown, groups, x_label, ticks, (low, high), size, css, title)
        for css, size in (("wide", (width, height)), ("narrow", (NARROW, 300)))
    ]
    return format_html(
        '<figure class="chart"><figcaption>{}</figcaption>{}{}<p class="muted small">{}</p></figure>',
        title,
        *drawings,
        note,
    )


def _drawing(
    points: Sequence[Point],
    groups: Sequence[str],
    x_label: str,
    ticks: Sequence[float],
    powers: tuple[int, int],
    size: tuple[int, int],
    css: str,
    title: str,
) -> SafeString:
    width, height = size
    right, bottom = width - RIGHT, height - BOTTOM
    low, high = powers

    def x(value: float) -> float:
        return LEFT + value / ticks[-1] * (right - LEFT)

    def y(value: float) -> float:
        return bottom - (math.log10(value) - low) / (high - low) * (bottom - TOP)

    parts = []
    for power in range(low, high + 1):
        at = y(10.0**power)
        parts.append(
            f'<line x1="{LEFT}" y1="{at:.1f}" x2="{right}" y2="{at:.1f}" stroke="#e1e6ed" class="grid"/>'
            + _text(LEFT - 8, at + 4, number(10.0**power), "end")
        )
    parts += [_text(x(tick), bottom + 18, number(tick), "middle") for tick in ticks]
    parts.append(_text((LEFT + right) / 2, bottom + 37, x_label, "middle"))
    parts += [_mark(point, x(point.x), y(point.y)) for point in points]
    parts += _legend(groups)
    return format_html(
        '<svg class="{}" viewBox="0 0 {} {}" role="group" aria-label="{}">{}</svg>',
        css,
        width,
        height,
        title,
        mark_safe("".join(parts)),
    )


def _mark(point: Point, x: float, y: float) -> str:
    colour = PALETTE[point.group % len(PALETTE)]
    label = escape(point.label)
    return (
        f'<a href="{escape(point.url)}" tabindex="-1" aria-label="{label}"><circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" '
        f'fill="{colour}" class="f{point.group}" fill-opacity=".72"><title>{label}</title></circle></a>'
    )


def _legend(groups: Sequence[str]) -> list[str]:
    parts, x = [], float(LEFT)
    for place, name in enumerate(groups):
        colour = PALETTE[place % len(PALETTE)]
        parts.append(f'<circle cx="{x + 5:.0f}" cy="12" r="5" fill="{colour}" class="f{place}"/>')
        parts.append(_text(x + 15, 16, name, "start"))
        x += 30 + sum(12 if ord(character) > 255 else 6.5 for character in name)
    return parts


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="11.5" fill="#6b7688" '
        f'class="label">{escape(text)}</text>'
    )
