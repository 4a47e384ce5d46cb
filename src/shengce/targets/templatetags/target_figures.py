"""Minor units in templates."""

from __future__ import annotations

from decimal import Decimal

from django import template

from shengce.targets.figures import exact, shown
from shengce.targets.models import Metric

register = template.Library()


@register.filter
def figure(minor: int, metric: Metric) -> str:
    """With every digit."""
    return exact(int(minor or 0), metric)


@register.filter
def short_figure(minor: int | None, metric: Metric) -> str:
    """Whole units, for small places."""
    return shown(int(minor or 0) // metric.minor * metric.minor, metric) or "0"


@register.filter
def grouped(value: Decimal) -> str:
    """A figure in its own unit with its thousands parted; Django's number format has none in Chinese."""
    return f"{value:,.2f}".removesuffix(".00")
