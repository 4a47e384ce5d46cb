"""Prices, lots, what was seen in the market, and the cases that came of it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from shengce.catalogue.models import PriceTier
from shengce.catalogue.price_lists import price_list
from shengce.channel import queries
from shengce.channel.models import DiversionCase, PriceCase, Sighting
from shengce.channel.trade import tallies
from shengce.people.permissions import require
from shengce.web.api.answers import Money, Named, Number, Page, Passage, page, part, with_passages
from shengce.web.api.asking import Day, Id, OneOf, Paging, Question, Words, found_id
from shengce.web.api.door import ApiRequest
from shengce.web.queries import day_bounds

router = Router(tags=["Channel"])


class PriceRow(Schema):
    """``price`` and ``floor`` are empty where none holds on that day."""

    product: Named
    code: str
    line: Named | None
    measure: str
    price: Money | None
    floor: Money | None
    start_on: dt.date | None
    end_on: dt.date | None


class PriceAnswer(Page[PriceRow]):
    on: dt.date
    tier: Named | None


class PriceCaseRow(Schema):
    """``allowed`` is the lowest price that would have been in order, ``listed`` the one that held."""

    id: int
    product: Named
    tier: Named | None
    price: Money
    allowed: Money
    listed: Money
    broken: str
    customer: Named | None
    rep: Named | None
    said_at: dt.datetime
    state: str
    comment: str
    decided_by: Named | None
    decided_at: dt.datetime | None
    passage: Passage | None


class SightingRow(Schema):
    """Goods or a price seen or heard; ``finding`` is what matching made of it, ``confidence`` from 0 to 1."""

    id: int
    source: str
    product: Named | None
    lot: str
    place: str
    territory: Named | None
    price: Money | None
    seller: str
    note: str
    rep: Named | None
    finding: str
    confidence: float
    case: str | None
    seen_at: dt.datetime
    passage: Passage | None

    @staticmethod
    def resolve_case(row: Sighting) -> str | None:
        return row.case.number if row.case is not None else None


class CaseRow(Schema):
    id: int
    number: str
    product: Named | None
    suspect: Named | None
    seen_in: Named | None
    lot: str | None
    rep: Named | None
    state: str
    verdict: str
    penalty: Money | None
    answer_by: dt.date | None
    opened_at: dt.datetime
    decided_at: dt.datetime | None
    closed_at: dt.datetime | None

    @staticmethod
    def resolve_lot(row: DiversionCase) -> str | None:
        return row.shipment.label if row.shipment is not None else None


class ShipmentRow(Schema):
    """With ``lot_to`` it is every serial number from ``lot`` to it."""

    id: int
    lot: str
    lot_to: str
    product: Named
    customer: Named
    territory: Named | None
    shipped_on: dt.date
    quantity: Number


class CaseStep(Schema):
    """One step of a case: the state it led to, in whose words."""

    state: str
    text: str
    by: Named
    at: dt.datetime


class CaseFile(CaseRow):
    """A case with its story, the other side's word, the decision, and what was seen."""

    statement: str
    decision: str
    entries: list[CaseStep]
    sightings: list[SightingRow] = Field(alias="seen")

    @staticmethod
    def resolve_entries(row: DiversionCase) -> Any:
        return list(row.entries.select_related("by"))


class TallyRow(Schema):
    """Cases of one dealer or product; ``id`` is empty where none is named. ``lots`` are different lots seen."""

    id: int | None = Field(alias="pk")
    name: str
    cases: int
    proven: int
    lots: int
    penalty: Money


class DiversionFigures(Schema):
    start: dt.date
    by_dealer: list[TallyRow]
    by_product: list[TallyRow]


class FiguresAsked(Question):
    start: Day | None = Field(None, description="Cases opened from this day on; a year ago where left out")


class PricesAsked(Paging):
    on: Day | None = Field(None, description="Today where left out")
    tier: Id | None = Field(None, description="The first tier where left out")
    q: Words = ""
    line: Words = ""


class PriceCasesAsked(Paging):
    state: Annotated[str, OneOf(PriceCase.State.values)] = ""
    broken: Annotated[str, OneOf(PriceCase.Broken.values)] = ""
    rep: Id | None = None
    customer: Id | None = None
    sort: Annotated[str, OneOf(("said", "price", "-price"))] = ""


class SightingsAsked(Paging):
    q: Words = ""
    finding: Annotated[str, OneOf(("waiting", *Sighting.Finding.values))] = ""
    source: Annotated[str, OneOf(Sighting.Source.values)] = ""
    product: Id | None = None
    sort: Annotated[str, OneOf(("seen", "-confidence"))] = ""


class CasesAsked(Paging):
    q: Words = ""
    state: Annotated[str, OneOf(("running", *DiversionCase.State.values))] = ""
    verdict: Annotated[str, OneOf(DiversionCase.Verdict.values)] = ""
    product: Id | None = None
    suspect: Id | None = None
    sort: Annotated[str, OneOf(("opened", "-penalty", "number"))] = ""


class ShipmentsAsked(Paging):
    lot: Words = Field("", description="Finds misread lots too, and customers")
    product: Id | None = None
    territory: Id | None = None
    sort: Annotated[str, OneOf(("lot", "-lot", "shipped"))] = ""


@router.get("/prices", response=PriceAnswer, summary="Price list")
def prices(request: ApiRequest, asked: Query[PricesAsked]) -> Any:
    """Every active product with its price in a tier on a day."""
    require(request.user, "catalogue.see")
    on = asked.on or timezone.localdate()
    tiers = PriceTier.objects.all()
    tier = tiers.first() if asked.tier is None else tiers.filter(pk=asked.tier).first()
    if tier is None and asked.tier is not None:
        raise Http404
    lines = price_list(tier, on, text=asked.q, line=asked.line) if tier else []
    rows = [
        {
            "product": line.product,
            "code": line.product.code,
            "line": line.product.line,
            "measure": line.product.measure,
            "price": line.price and line.price.amount,
            "floor": line.price and line.price.floor,
            "start_on": line.price and line.price.start_on,
            "end_on": line.price and line.price.end_on,
        }
        for line in lines
    ]
    return {"on": on, "tier": tier, **part(rows, asked)}


@router.get("/price-cases", response=Page[PriceCaseRow], summary="Prices that are not in order")
def price_cases(request: ApiRequest, asked: Query[PriceCasesAsked]) -> Any:
    """Prices spoken or seen below what is allowed, newest first."""
    require(request.user, "channel.see")
    found = queries.price_cases(
        request.user,
        state=asked.state,
        broken=asked.broken,
        rep=asked.rep,
        customer=asked.customer,
        sort=asked.sort,
    )
    answer = page(found, asked)
    with_passages(request.user, answer["rows"])
    return answer


@router.get("/sightings", response=Page[SightingRow], summary="What was seen in the market")
def sightings(request: ApiRequest, asked: Query[SightingsAsked]) -> Any:
    """Goods and prices that were seen or heard, newest first. ``waiting``: strayed or unclear, in no case yet."""
    require(request.user, "channel.see")
    found = queries.sightings(
        request.user,
        text=asked.q,
        finding=asked.finding,
        source=asked.source,
        product=asked.product,
        sort=asked.sort,
    )
    answer = page(found, asked)
    with_passages(request.user, answer["rows"])
    return answer


@router.get("/diversion-cases", response=Page[CaseRow], summary="Cases of diversion")
def diversion_cases(request: ApiRequest, asked: Query[CasesAsked]) -> Any:
    """Goods sold outside the territory that they were shipped to, newest case first."""
    require(request.user, "channel.see")
    return page(
        queries.cases(
            request.user,
            text=asked.q,
            state=asked.state,
            verdict=asked.verdict,
            product=asked.product,
            suspect=asked.suspect,
            sort=asked.sort,
        ),
        asked,
    )


@router.get("/diversion-cases/{pk}", response=CaseFile, summary="One case of diversion")
def diversion_case(request: ApiRequest, pk: int) -> Any:
    """A case with its steps and what was seen."""
    require(request.user, "channel.see")
    found: Any = get_object_or_404(queries.cases(request.user), pk=found_id(pk))
    seen = list(found.sightings.select_related("product", "territory", "rep").order_by("seen_at", "pk"))
    with_passages(request.user, seen)
    for row in seen:
        row.case = found
    found.seen = seen
    return found


@router.get("/diversion-statistics", response=DiversionFigures, summary="Diversion in figures")
def diversion_figures(request: ApiRequest, asked: Query[FiguresAsked]) -> Any:
    """Cases counted by dealer and by product, most proven first."""
    require(request.user, "channel.see")
    start = asked.start or timezone.localdate() - dt.timedelta(days=365)
    rows = queries.cases(request.user).filter(opened_at__gte=day_bounds(start)[0])
    by_dealer, by_product = tallies(rows)
    return {"start": start, "by_dealer": by_dealer, "by_product": by_product}


@router.get("/shipments", response=Page[ShipmentRow], summary="Which lot went to whom")
def shipments(request: ApiRequest, asked: Query[ShipmentsAsked]) -> Any:
    """Lots that were shipped to customers in one's scope, newest first."""
    require(request.user, "channel.see")
    return page(
        queries.shipments(
            request.user, text=asked.lot, product=asked.product, territory=asked.territory, sort=asked.sort
        ),
        asked,
    )
