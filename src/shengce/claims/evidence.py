"""What was said to customers in some weeks, as the plain values that the comparison takes; read for many customers at once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from shengce.claims.typed import ONE_DAY, Typed
from shengce.facts.models import Fact
from shengce.language.claim_values import CheckIn, Said, Talk
from shengce.recordings.models import Conversation, Recording
from shengce.visits.models import Visit


@dataclass(slots=True)
class Evidence:
    """Facts, talks and check-ins by customer id; talks on site by rep id as well, to know who was elsewhere."""

    said: dict[int, list[Said]] = field(default_factory=lambda: defaultdict(list))
    talks: dict[int, list[Talk]] = field(default_factory=lambda: defaultdict(list))
    visits_of: dict[int, list[Talk]] = field(default_factory=lambda: defaultdict(list))
    check_ins: dict[int, list[CheckIn]] = field(default_factory=lambda: defaultdict(list))

    def talks_for(self, typed: Typed) -> list[Talk]:
        own = self.visits_of.get(typed.typed_by.pk, []) if typed.typed_by is not None else []
        elsewhere = [talk for talk in own if talk.customer != typed.customer.pk]
        return [*self.talks.get(typed.customer.pk, []), *elsewhere]


def evidence_for(rows: Sequence[Typed], check_ins: Iterable[CheckIn] = ()) -> Evidence:
    """Everything that may prove these rows, in three queries. ``check_ins`` are those that stand elsewhere, as plain values."""
    evidence = Evidence()
    if not rows:
        return evidence
    zone = timezone.get_current_timezone()
    start = dt.datetime.combine(min(row.first_on for row in rows) - ONE_DAY, dt.time(), tzinfo=zone)
    end = dt.datetime.combine(max(row.end_on for row in rows) + ONE_DAY, dt.time(), tzinfo=zone)
    customers = {row.customer.pk for row in rows}
    for check_in in (*check_ins, *check_ins_between(start, end, customers)):
        evidence.check_ins[check_in.customer].append(check_in)  # type: ignore[index]
    talks = Conversation.objects.filter(customer__isnull=False, started_at__gte=start, started_at__lt=end)
    for talk in talks.only("customer", "rep", "started_at", "start_ms", "end_ms", "direction"):
        assert talk.customer_id is not None
        held = Talk(
            customer=talk.customer_id,
            at=timezone.localtime(talk.started_at),
            until=timezone.localtime(talk.started_at) + dt.timedelta(milliseconds=talk.duration_ms),
            on_site=talk.direction == Recording.Direction.ONSITE,
            rep=talk.rep_id,
        )
        if talk.customer_id in customers:
            evidence.talks[talk.customer_id].append(held)
        if held.on_site and talk.rep_id is not None:
            evidence.visits_of[talk.rep_id].append(held)
    facts = Fact.objects.standing().filter(
        conversation__customer__in=customers,
        conversation__started_at__gte=start,
        conversation__started_at__lt=end,
    )
    for fact in facts.select_related("conversation").order_by("pk"):
        customer = fact.conversation.customer_id
        assert customer is not None
        evidence.said[customer].append(
            Said(
                ref=fact.pk,
                kind=fact.kind,
                value=fact.value if isinstance(fact.value, dict) else {},
                quote=fact.quote,
                customer=customer,
                at=timezone.localtime(fact.conversation.started_at),
                place=fact.start_ms,
                talk=fact.conversation_id,
            )
        )
    return evidence


def check_ins_between(start: dt.datetime, end: dt.datetime, customers: set[int]) -> Iterator[CheckIn]:
    """Visits to these customers that were registered in ``[start, end)``; ``far`` is where the device stood elsewhere."""
    visits = Visit.objects.filter(customer__in=customers, came_at__gte=start, came_at__lt=end)
    for customer, came_at, far, distance, rep in visits.values_list(
        "customer", "came_at", "far", "distance_m", "rep"
    ):
        at_place = None if distance is None else not far
        yield CheckIn(customer, timezone.localtime(came_at), at_place, rep)
