"""Lists of this room: dealers, contracts, shipments, sightings, cases, prices. None counts its rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, DecimalField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from shengce.channel.matching import of_code
from shengce.channel.models import (
    Cooperation,
    DealerContract,
    DiversionCase,
    PriceCase,
    Shipment,
    Sighting,
    StockReport,
    Training,
)
from shengce.channel.reach import visible_dealers
from shengce.channel.trade import CONFIRMED
from shengce.customers.models import Customer
from shengce.people.models import User
from shengce.people.permissions import may
from shengce.planning.serials import lot_key
from shengce.recordings.models import Conversation
from shengce.sales.models import Order

PAGE_SIZE = 30
EXPIRING_DAYS = 60


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list, and whether there is more."""

    rows: list[Any]
    number: int
    has_next: bool


def page_of(rows: QuerySet[Any], number: int) -> Page:
    first = (max(1, number) - 1) * PAGE_SIZE
    found = list(rows[first : first + PAGE_SIZE + 1])
    return Page(found[:PAGE_SIZE], number, len(found) > PAGE_SIZE)


def dealers(
    user: User, *, text: str = "", level: str = "", territory: int | None = None, sort: str = ""
) -> QuerySet[Customer]:
    """Dealers of one's scope with ``until``, ``target`` (running contract), ``bought`` (this year, yuan), ``score`` (newest
    month) and ``open_cases``.
    """
    today = timezone.localdate()
    running = DealerContract.objects.filter(dealer=OuterRef("pk"), start_on__lte=today, end_on__gt=today)
    running = running.order_by("-end_on", "-pk")
    bought = Order.objects.filter(
        CONFIRMED, customer=OuterRef("pk"), ordered_on__gte=today.replace(month=1, day=1)
    )
    scores = Cooperation.objects.filter(dealer=OuterRef("pk")).order_by("-month")
    cases = DiversionCase.objects.visible_to(user).filter(suspect=OuterRef("pk"))
    cases = cases.exclude(state__in=(DiversionCase.State.DECIDED, DiversionCase.State.CLOSED))
    found = visible_dealers(user).select_related("territory", "owner")
    if text:
        found = found.filter(Q(name__icontains=text) | Q(code__icontains=text) | Q(city__icontains=text))
    if level in Customer.Level.values:
        found = found.filter(level=level)
    if territory is not None:
        found = found.filter(territory=territory)
    rows = found.annotate(
        until=Subquery(running.values("end_on")[:1]),
        target=Subquery(running.values("target")[:1]),
        bought=_sum_of(bought, "customer", "total"),
        score=Subquery(scores.values("score")[:1]),
        open_cases=_count_of(cases, "suspect"),
    )
    order = {
        "name": ("name",), "-name": ("-name",), "bought": ("bought",), "-bought": ("-bought",),
        "score": ("score",), "-score": ("-score",), "until": ("until",), "-until": ("-until",),
    }  # fmt: skip
    return rows.order_by(*order.get(sort, ("-bought",)), "pk")


def _sum_of(rows: QuerySet[Any], by: str, amount: str) -> Coalesce:
    sums = rows.order_by().values(by).annotate(sum=Sum(amount)).values("sum")
    zero: Any = 0
    return Coalesce(Subquery(sums), zero, output_field=DecimalField(max_digits=16, decimal_places=2))


def _count_of(rows: QuerySet[Any], by: str) -> Coalesce:
    return Coalesce(Subquery(rows.order_by().values(by).annotate(n=Count("pk")).values("n")), 0)


def contracts(user: User, *, state: str = "", text: str = "", sort: str = "") -> QuerySet[DealerContract]:
    """``state``: ``running``, ``expiring`` (within 60 days), ``ended``, ``coming``; else all, those that end first on top."""
    today = timezone.localdate()
    found = DealerContract.objects.visible_to(user).select_related("dealer", "territory")
    which = {
        "running": Q(start_on__lte=today, end_on__gt=today),
        "expiring": Q(start_on__lte=today, end_on__gt=today, end_on__lte=today + dt.timedelta(EXPIRING_DAYS)),
        "ended": Q(end_on__lte=today),
        "coming": Q(start_on__gt=today),
    }.get(state, Q())
    if text:
        which &= Q(number__icontains=text) | Q(dealer__name__icontains=text)
    order = {"number": ("number",), "-target": ("-target",), "-end": ("-end_on",)}.get(sort, ("end_on",))
    rows: QuerySet[DealerContract] = found.filter(which).order_by(*order, "pk")
    return rows


def trainings(
    user: User,
    *,
    text: str = "",
    dealer: int | None = None,
    start_on: dt.date | None = None,
    end_on: dt.date | None = None,
    sort: str = "",
) -> QuerySet[Training]:
    """Trainings, newest first; both days are included."""
    found = Training.objects.visible_to(user).select_related("dealer", "conversation")
    if text:
        words = Q(subject__icontains=text) | Q(dealer__name__icontains=text) | Q(trainer__icontains=text)
        found = found.filter(words)
    if dealer is not None:
        found = found.filter(dealer=dealer)
    if start_on is not None:
        found = found.filter(held_on__gte=start_on)
    if end_on is not None:
        found = found.filter(held_on__lte=end_on)
    order = {"held": ("held_on",), "-people": ("-people",)}.get(sort, ("-held_on",))
    rows: QuerySet[Training] = found.order_by(*order, "-pk")
    return rows


def stock_reports(
    user: User,
    *,
    dealer: int | None = None,
    product: int | None = None,
    start_on: dt.date | None = None,
    end_on: dt.date | None = None,
) -> QuerySet[StockReport]:
    """What dealers counted, newest first; both days are included."""
    found = StockReport.objects.visible_to(user).select_related("dealer", "product", "by")
    if dealer is not None:
        found = found.filter(dealer=dealer)
    if product is not None:
        found = found.filter(product=product)
    if start_on is not None:
        found = found.filter(reported_on__gte=start_on)
    if end_on is not None:
        found = found.filter(reported_on__lte=end_on)
    rows: QuerySet[StockReport] = found.order_by("-reported_on", "-pk")
    return rows


def shipments(
    user: User, *, text: str = "", product: int | None = None, territory: int | None = None, sort: str = ""
) -> QuerySet[Shipment]:
    """Lots that left, newest first; text finds lots (also misread ones) and customers."""
    found = Shipment.objects.visible_to(user).select_related("product", "customer", "territory")
    if text:
        of_lot = found.filter(of_code(text))  # a whole lot is found by its index, among millions
        of_text = Q(lot__icontains=text) | Q(lot_to__icontains=text) | Q(customer__name__icontains=text)
        found = of_lot if of_lot.exists() else found.filter(of_text)
    if product is not None:
        found = found.filter(product=product)
    if territory is not None:
        found = found.filter(territory=territory)
    order = {"lot": ("lot",), "-lot": ("-lot",), "shipped": ("shipped_on",)}.get(sort, ("-shipped_on",))
    rows: QuerySet[Shipment] = found.order_by(*order, "-pk")
    return rows


def sightings(
    user: User,
    *,
    text: str = "",
    finding: str = "",
    source: str = "",
    product: int | None = None,
    sort: str = "",
) -> QuerySet[Sighting]:
    """What was seen, newest first. ``finding`` may be ``waiting``: strayed or unclear and in no case yet."""
    related = ("product", "territory", "rep", "case", "shipment__customer", "shipment__territory")
    found = Sighting.objects.visible_to(user).select_related(*related)
    if text:
        lot = Q(lot__icontains=text) | Q(lot_key=lot_key(text) or "-")
        found = found.filter(lot | Q(place__icontains=text) | Q(seller__icontains=text))
    if finding == "waiting":
        found = found.filter(
            finding__in=(Sighting.Finding.STRAYED, Sighting.Finding.UNCLEAR), case__isnull=True
        )
    elif finding in Sighting.Finding.values:
        found = found.filter(finding=finding)
    if source in Sighting.Source.values:
        found = found.filter(source=source)
    if product is not None:
        found = found.filter(product=product)
    order = {"seen": ("seen_at",), "-confidence": ("-confidence", "-seen_at")}.get(sort, ("-seen_at",))
    rows: QuerySet[Sighting] = found.order_by(*order, "-pk")
    return rows


def cases(
    user: User,
    *,
    text: str = "",
    state: str = "",
    verdict: str = "",
    product: int | None = None,
    suspect: int | None = None,
    sort: str = "",
) -> QuerySet[DiversionCase]:
    """Cases of one's scope, newest first. ``state`` may be ``running``: not decided yet."""
    related = ("product", "suspect", "seen_in", "shipment__territory", "rep")
    found = DiversionCase.objects.visible_to(user).select_related(*related)
    if text:
        found = found.filter(Q(number__icontains=text) | Q(suspect__name__icontains=text))
    if state == "running":
        found = found.exclude(state__in=(DiversionCase.State.DECIDED, DiversionCase.State.CLOSED))
    elif state in DiversionCase.State.values:
        found = found.filter(state=state)
    if verdict in DiversionCase.Verdict.values:
        found = found.filter(verdict=verdict)
    if product is not None:
        found = found.filter(product=product)
    if suspect is not None:
        found = found.filter(suspect=suspect)
    order = {"opened": ("opened_at",), "-penalty": ("-penalty",), "number": ("number",)}
    rows: QuerySet[DiversionCase] = found.order_by(*order.get(sort, ("-opened_at",)), "-pk")
    return rows


def price_cases(
    user: User,
    *,
    state: str = "",
    broken: str = "",
    rep: int | None = None,
    customer: int | None = None,
    sort: str = "",
) -> QuerySet[PriceCase]:
    """Prices that are not in order, newest first."""
    related = ("product", "customer", "rep", "tier", "decided_by", "sighting")
    found = PriceCase.objects.visible_to(user).select_related(*related)
    if state in PriceCase.State.values:
        found = found.filter(state=state)
    if broken in PriceCase.Broken.values:
        found = found.filter(broken=broken)
    if rep is not None:
        found = found.filter(rep=rep)
    if customer is not None:
        found = found.filter(customer=customer)
    order = {"said": ("said_at",), "price": ("price",), "-price": ("-price",)}.get(sort, ("-said_at",))
    rows: QuerySet[PriceCase] = found.order_by(*order, "-pk")
    return rows


def audible(user: User, evidences: Iterable[dict[str, Any]]) -> set[int]:
    """Ids of the talks behind some evidences that the person may hear. At most one query."""
    wanted = {proof["conversation"] for proof in evidences if proof.get("conversation")}
    if not wanted or not may(user, "conversations.see"):
        return set()
    return set(Conversation.objects.visible_to(user).filter(pk__in=wanted).values_list("pk", flat=True))
