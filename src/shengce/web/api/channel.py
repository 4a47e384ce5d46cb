"""Prices, dealers, lots, what was seen in the market, and the cases that came of it."""

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
from shengce.channel.models import Cooperation, DealerContract, DiversionCase, PriceCase, Sighting
from shengce.channel.reach import visible_dealers
from shengce.channel.trade import last_months, trade_of
from shengce.customers.models import Customer
from shengce.people.permissions import require
from shengce.web.api.answers import Money, Named, Number, Page, Passage, page, part, with_passages
from shengce.web.api.asking import Day, Id, OneOf, Paging, Words, found_id
from shengce.web.api.door import ApiRequest

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
        return row.shipment.lot if row.shipment is not None else None


class ShipmentRow(Schema):
    id: int
    lot: str
    product: Named
    customer: Named
    territory: Named | None
    shipped_on: dt.date
    quantity: Number


class ContractRow(Schema):
    """``end_on`` is the first day on which it no longer holds."""

    id: int
    number: str
    dealer: Named
    territory: Named
    start_on: dt.date
    end_on: dt.date
    target: Money | None
    deposit: Money | None


class DealerRow(Schema):
    """``until`` and ``target``: of the running contract; ``bought``: this year; ``score``: cooperation, 0 to 100."""

    id: int
    code: str
    name: str
    level: str
    city: str
    territory: Named | None
    owner: Named | None
    until: dt.date | None
    target: Money | None
    bought: Money
    score: Number | None
    open_cases: int


class TradeMonth(Schema):
    """``sell_out`` is empty where the counts do not tell."""

    month: dt.date
    sell_in: Number
    sell_out: Number | None


class Trade(Schema):
    product: Named
    stock: Number | None
    counted_on: dt.date | None
    months: list[TradeMonth]


class CooperationRow(Schema):
    month: dt.date
    score: Number
    grounds: list[dict[str, Any]]


class DealerAnswer(DealerRow):
    contracts: list[ContractRow]
    trade: list[Trade]
    cooperation: list[CooperationRow]


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


class DealersAsked(Paging):
    q: Words = ""
    level: Annotated[str, OneOf(Customer.Level.values)] = ""
    territory: Id | None = None
    sort: Annotated[
        str, OneOf(("name", "-name", "bought", "-bought", "score", "-score", "until", "-until"))
    ] = ""


class ContractsAsked(Paging):
    q: Words = ""
    state: Annotated[str, OneOf(("running", "expiring", "ended", "coming"))] = ""
    sort: Annotated[str, OneOf(("number", "-target", "-end"))] = ""


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


@router.get("/contracts", response=Page[ContractRow], summary="Dealers' contracts")
def contracts(request: ApiRequest, asked: Query[ContractsAsked]) -> Any:
    """Contracts of the dealers in one's scope, those that end first on top."""
    require(request.user, "channel.see")
    return page(queries.contracts(request.user, state=asked.state, text=asked.q, sort=asked.sort), asked)


@router.get("/dealers", response=Page[DealerRow], summary="Dealers")
def dealers(request: ApiRequest, asked: Query[DealersAsked]) -> Any:
    """Dealers in one's scope, those who bought most this year first."""
    require(request.user, "channel.see")
    found = queries.dealers(
        request.user, text=asked.q, level=asked.level, territory=asked.territory, sort=asked.sort
    )
    return page(found, asked)


@router.get("/dealers/{pk}", response=DealerAnswer, summary="One dealer")
def dealer(request: ApiRequest, pk: int) -> Any:
    """A dealer with contracts, and with what he bought and sold on and how he cooperated in twelve months."""
    require(request.user, "channel.see")
    get_object_or_404(visible_dealers(request.user), pk=found_id(pk))
    found: Any = queries.dealers(request.user).get(pk=pk)
    months = last_months()
    signed = DealerContract.objects.visible_to(request.user).filter(dealer=found)
    found.contract_rows = list(signed.select_related("dealer", "territory").order_by("-end_on", "-pk"))
    names = [name for name in DealerRow.model_fields if name != "id"]
    return {
        "id": found.pk,
        **{name: getattr(found, name) for name in names},
        "contracts": found.contract_rows,
        "trade": trade_of(found, months),
        "cooperation": list(
            Cooperation.objects.filter(dealer=found, month__gte=months[0]).order_by("-month")
        ),
    }
