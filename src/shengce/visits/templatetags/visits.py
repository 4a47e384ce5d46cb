"""Minutes of the day, weekdays and distances in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django import template
from django.utils.translation import gettext as _

from shengce.visits.forms import WEEKDAYS

register = template.Library()


@register.filter
def minute(value: int | None) -> str:
    """A minute of the day as ``09:05``."""
    return "" if value is None else f"{value // 60 % 24:02}:{value % 60:02}"


@register.filter
def weekday(number: int) -> str:
    """0 is Monday."""
    return str(dict(WEEKDAYS).get(str(number), number))


@register.filter
def of(found: Mapping[int, object], key: int) -> object | None:
    """What belongs to a row."""
    return found.get(key)


@register.filter
def metres(value: int | None) -> str:
    """A distance as people say it."""
    if value is None:
        return ""
    return _("%(n)s km") % {"n": f"{value / 1000:.1f}"} if value >= 1000 else _("%(n)d m") % {"n": value}


@register.filter
def minutes_of(value: dt.timedelta | None) -> str:
    """A length in minutes."""
    return "" if value is None else _("%(n)d min") % {"n": round(value.total_seconds() / 60)}
