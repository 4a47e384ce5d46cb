"""Deadlines as people say them: how much working time is left, or by how much it is late."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from shengce.planning.working_time import Calendar, working_hours_between
from shengce.service.models import PENDING, Ticket

SOON = dt.timedelta(hours=2)
"""Working time before a deadline in which it is shown as near."""
_MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Clock:
    """One deadline of a ticket. ``tone`` is the colour of its badge; ``used`` the share of the time, in per cent, 0 to 100.

    ``guessed``: years in which Monday to Friday were counted, because their holidays are not known yet.
    """

    what: str
    by: dt.datetime | None
    words: str
    tone: str
    used: int = 0
    guessed: tuple[int, ...] = ()


def length_words(worked: dt.timedelta, calendar: Calendar) -> str:
    """Working time in working days, hours and minutes; days from one day on, minutes below one."""
    minutes = int(abs(worked) / _MINUTE)
    day = int(calendar.day_length / _MINUTE)
    days, rest = divmod(minutes, day)
    hours, rest_minutes = divmod(rest, 60)
    parts = []
    if days:
        parts.append(_("%(n)d working days") % {"n": days} if days > 1 else _("1 working day"))
    if hours:
        parts.append(_("%(n)d h") % {"n": hours})
    if not days and (rest_minutes or not hours):
        parts.append(_("%(n)d min") % {"n": rest_minutes})
    return " ".join(parts)


def due_clock(ticket: Ticket, *, now: dt.datetime, calendar: Calendar) -> Clock:
    """The clock that counts now: to answer, then to solve; how it ended where it is solved."""
    if ticket.answered_at is None and ticket.state in PENDING:
        return answer_clock(ticket, now=now, calendar=calendar)
    return solve_clock(ticket, now=now, calendar=calendar)


def answer_clock(ticket: Ticket, *, now: dt.datetime, calendar: Calendar) -> Clock:
    """The time to answer."""
    return _clock(_("Answer"), ticket, ticket.answer_by, ticket.answered_at, now, calendar)


def solve_clock(ticket: Ticket, *, now: dt.datetime, calendar: Calendar) -> Clock:
    """The time to solve; while the customer is waited for it stands still."""
    what = _("Solve")
    if ticket.waiting_since is not None and ticket.solve_by is not None:
        left = working_hours_between(ticket.waiting_since, ticket.solve_by, calendar)
        words = _("Stands still, %(length)s left") % {"length": length_words(left.worked, calendar)}
        if left.worked < dt.timedelta(0):
            words = _("Stands still, %(length)s late") % {"length": length_words(left.worked, calendar)}
        return Clock(
            what, None, words, "info", _used(ticket, ticket.solve_by, ticket.waiting_since, calendar)
        )
    return _clock(what, ticket, ticket.solve_by, ticket.solved_at, now, calendar)


def _clock(
    what: str,
    ticket: Ticket,
    by: dt.datetime | None,
    done_at: dt.datetime | None,
    now: dt.datetime,
    calendar: Calendar,
) -> Clock:
    if by is None:
        return Clock(what, None, "–", "")
    until = done_at or now
    left = working_hours_between(until, by, calendar)
    length = length_words(left.worked, calendar)
    used = _used(ticket, by, until, calendar)
    if done_at is not None:
        late = done_at > by
        words = _("%(length)s late") % {"length": length} if late else _("In time")
        return Clock(what, by, words, "bad" if late else "ok", used)
    if now > by:
        words = _("%(length)s late") % {"length": length} if left.worked <= -_MINUTE else _("Just past")
        return Clock(what, by, words, "bad", 100, left.guessed)
    tone = "warn" if left.worked <= SOON else ""
    return Clock(what, by, _("%(length)s left") % {"length": length}, tone, used, left.guessed)


def _used(ticket: Ticket, by: dt.datetime, until: dt.datetime, calendar: Calendar) -> int:
    whole = working_hours_between(ticket.opened_at, by, calendar).worked
    gone = working_hours_between(ticket.opened_at, until, calendar).worked
    return max(0, min(100, round(100 * (gone / whole)))) if whole > dt.timedelta(0) else 100
