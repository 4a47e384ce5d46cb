"""Moments that somebody tells of: when a thing happened that is written down later."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

EARLIEST: Final = 2000
_CLOCKS_DIFFER: Final = dt.timedelta(minutes=1)


def past_moment(at: dt.datetime | None) -> dt.datetime:
    """The moment that was told, now where none was. ``ValidationError``: in the future, before 2000, or without a time zone.

    Telling a moment gives nobody a right: the action asks the same permission as for today.
    """
    now = timezone.now()
    if at is None:
        return now
    if timezone.is_naive(at):
        raise ValidationError(_("The moment needs a time zone."), code="zone")
    if at > now + _CLOCKS_DIFFER:
        raise ValidationError(_("This moment lies in the future."), code="future")
    if at.year < EARLIEST:
        raise ValidationError(_("This moment is too long ago."), code="past")
    return at


def past_day(day: dt.date | None) -> dt.date:
    """The day that was told, today where none was. ``ValidationError`` as :func:`past_moment`."""
    today = timezone.localdate()
    if day is None:
        return today
    if day > today:
        raise ValidationError(_("This day lies in the future."), code="future")
    if day.year < EARLIEST:
        raise ValidationError(_("This day is too long ago."), code="past")
    return day


def moment_on(day: dt.date | None) -> dt.datetime | None:
    """Noon of a day that was told, now where it is today; nothing where none was told."""
    if day is None:
        return None
    return min(timezone.now(), timezone.make_aware(dt.datetime.combine(past_day(day), dt.time(12))))


def told(at: dt.datetime | None) -> dict[str, str]:
    """What the audit row keeps beside the moment in which it was written: ``{"told_at": ISO}``, nothing where none was told."""
    return {} if at is None else {"told_at": at.isoformat()}
