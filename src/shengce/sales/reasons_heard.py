"""Why customers stay away, in their own words: what was said around their last order and since, with the passage.

A reason is ``{"kind", "value", "text", "fact", "conversation", "start_ms", "end_ms", "quote", "on"}``: a fact as it stood
when the standings were computed. ``text`` is in the language of the house; :func:`hearable` says it in that of the page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone, translation

from shengce.facts.models import Fact
from shengce.facts.wording import describe
from shengce.people.models import User

KINDS = (Fact.Kind.COMPLAINT, Fact.Kind.OBJECTION, Fact.Kind.COMPETITOR)
BEFORE_DAYS = 60
"""How long before his last order a reason may have been said: who leaves often says why while he still buys."""
MOST = 4
BATCH = 500


@dataclass(frozen=True, slots=True)
class Heard:
    """A reason for one reader. Without the right to hear the talk, the passage is empty."""

    kind: str
    label: str
    text: str
    on: dt.date
    about_staff: bool
    fact: int | None = None
    conversation: int | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    quote: str = ""
    also: tuple[str, ...] = ()  # what else the same passage says, in words


def reasons_of(last_on: Mapping[int, dt.date], *, until: dt.date) -> dict[int, list[dict[str, Any]]]:
    """For each customer (id → day of his last order) the newest reasons, one of each kind and content."""
    ids = list(last_on)
    zone = timezone.get_current_timezone()
    end = dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), tzinfo=zone)
    found: dict[int, list[dict[str, Any]]] = {}
    with translation.override(settings.LANGUAGE_CODE):
        for first in range(0, len(ids), BATCH):
            facts = (
                Fact.objects.standing()
                .filter(
                    kind__in=KINDS,
                    conversation__customer__in=ids[first : first + BATCH],
                    conversation__started_at__lt=end,
                )
                .select_related("conversation")
                .order_by("-conversation__started_at", "start_ms", "pk")
            )
            for fact in facts:
                _add(found, fact, last_on, zone)
    return found


def _add(
    found: dict[int, list[dict[str, Any]]], fact: Fact, last_on: Mapping[int, dt.date], zone: dt.tzinfo
) -> None:
    talk = fact.conversation
    customer = talk.customer_id
    if customer is None:
        return
    said_on = talk.started_at.astimezone(zone).date()
    reasons = found.setdefault(customer, [])
    if said_on < last_on[customer] - dt.timedelta(days=BEFORE_DAYS) or len(reasons) >= MOST:
        return
    if any(one["kind"] == fact.kind and one["value"] == fact.value for one in reasons):
        return
    reasons.append(
        {
            "kind": fact.kind, "value": fact.value, "text": describe(fact.kind, fact.value), "fact": fact.pk,
            "conversation": talk.pk, "start_ms": fact.start_ms, "end_ms": fact.end_ms, "quote": fact.quote,
            "on": said_on.isoformat(),
        }
    )  # fmt: skip


def hearable(user: User, stored: Iterable[list[dict[str, Any]]]) -> list[list[Heard]]:
    """The stored reasons of each customer as the user may have them: no fact that was rejected since, and the
    passage only of talks in his scope. One query whatever their number.
    """
    rows = list(stored)
    asked = [int(reason["fact"]) for reasons in rows for reason in reasons]
    told: dict[int, bool] = {}
    if asked:
        his = Exists(Fact.objects.visible_to(user).filter(pk=OuterRef("pk")))
        found = Fact.objects.standing().filter(pk__in=asked).order_by()
        told = dict(found.annotate(his=his).values_list("pk", "his"))
    return [
        _by_passage([_heard(reason, told[reason["fact"]]) for reason in reasons if reason["fact"] in told])
        for reasons in rows
    ]


def _by_passage(reasons: list[Heard]) -> list[Heard]:
    """One line for each passage: "we use X, it is cheaper" is a competitor and an objection."""
    joined: list[Heard] = []
    for one in reasons:
        last = joined[-1] if joined else None
        if last is None or not one.quote or (last.conversation, last.quote) != (one.conversation, one.quote):
            joined.append(one)
            continue
        words = " · ".join(filter(None, (one.label, one.text)))
        joined[-1] = replace(last, about_staff=last.about_staff or one.about_staff, also=(*last.also, words))
    return joined


def _heard(reason: dict[str, Any], may_hear: bool) -> Heard:
    kind, value = reason["kind"], reason["value"]
    passage = {part: reason[part] for part in ("fact", "conversation", "start_ms", "end_ms", "quote")}
    return Heard(
        kind=kind,
        label=str(dict(Fact.Kind.choices).get(kind, kind)),
        text=describe(kind, value),
        on=dt.date.fromisoformat(reason["on"]),
        about_staff=kind == Fact.Kind.COMPLAINT and value.get("about") == "staff",
        **(passage if may_hear else {}),
    )
