"""A typed visit against talks on site and check-ins. A silent recorder is no proof of absence: silence never contradicts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from shengce.language.claim_values import CheckIn, Claim, Finding, Interval, Reason, Talk

_EXACT = timedelta(hours=2)
"""A visit typed with so short a time (上午十点) names an hour, not half a day."""


def check_visit(claim: Claim, *, talks: Sequence[Talk], check_ins: Sequence[CheckIn]) -> Finding:
    """On the days that the text names, else on those of the claim: a talk on site or a check-in agrees.

    Contradicts: a check-in for this customer elsewhere and no talk on site; at the very hour a talk on site with another
    customer; a visit that is denied and was recorded.
    """
    window = _window(claim)
    here = [t for t in talks if t.customer == claim.customer and _in(t.at, window) and _his(claim, t.rep)]
    met = [talk for talk in here if talk.on_site]
    came = [c for c in check_ins if c.customer == claim.customer and _in(c.at, window) and _his(claim, c.rep)]
    present = [check_in for check_in in came if check_in.at_place is not False]
    if claim.stated.denied:
        if met or present:
            at = met[0].at if met else present[0].at
            return Finding("contradicts", Reason("visit_recorded", {"at": at.isoformat()}))
        return Finding("not_mentioned", Reason("no_visit_recorded"))
    if met:
        return Finding("agrees", Reason("talk_on_site", {"at": met[0].at.isoformat()}))
    if present:
        return Finding("agrees", Reason("checked_in", {"at": present[0].at.isoformat()}))
    if came:
        return Finding("contradicts", Reason("checked_in_elsewhere", {"at": came[0].at.isoformat()}))
    if elsewhere := _at_another(claim, talks):
        return Finding("contradicts", Reason("with_another_then", {"at": elsewhere.at.isoformat()}))
    if here:
        return Finding("not_mentioned", Reason("only_by_phone", {"at": here[0].at.isoformat()}))
    near = [
        t
        for t in talks
        if t.customer == claim.customer and t.on_site and _his(claim, t.rep) and _near(t, claim)
    ]
    if near:
        return Finding("not_mentioned", Reason("other_day", {"at": near[-1].at.isoformat()}))
    return Finding("not_mentioned", Reason("no_talk"))


def _window(claim: Claim) -> Interval:
    """The whole days that the claim is about."""
    start, end = claim.stated.when or (None, None)
    zone = claim.at.tzinfo
    first = start.astimezone(zone).date() if start is not None else claim.start_on
    if end is not None:
        last = (end.astimezone(zone) - timedelta(microseconds=1)).date() + timedelta(days=1)
    else:
        last = claim.end_on
    return (_midnight(first, claim), _midnight(max(last, first + timedelta(days=1)), claim))


def _midnight(day: date, claim: Claim) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=claim.at.tzinfo)


def _in(moment: datetime, window: Interval) -> bool:
    start, end = window
    return start is not None and end is not None and start <= moment < end


def _his(claim: Claim, rep: object) -> bool:
    return claim.rep is None or rep is None or claim.rep == rep


def _at_another(claim: Claim, talks: Sequence[Talk]) -> Talk | None:
    """A talk on site of the same person with another customer that covers the hour that was typed."""
    start, end = claim.stated.when or (None, None)
    if claim.rep is None or start is None or end is None or end - start > _EXACT:
        return None
    for talk in talks:
        other = talk.customer is not None and talk.customer != claim.customer
        if other and talk.on_site and talk.rep == claim.rep and talk.at <= start < talk.until:
            return talk
    return None


def _near(talk: Talk, claim: Claim) -> bool:
    return claim.start_on <= talk.at.astimezone(claim.at.tzinfo).date() < claim.end_on
