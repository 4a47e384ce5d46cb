"""Dealers: contracts, trade, stock, trainings, cooperation."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from shengce.channel import queries
from shengce.channel.models import Cooperation, DealerContract
from shengce.channel.reach import visible_dealers
from shengce.channel.trade import last_months, trade_of
from shengce.customers.models import Customer
from shengce.people.permissions import require
from shengce.web.api.answers import Money, Named, Number, Page, page
from shengce.web.api.asking import Between, Id, OneOf, Paging, Words, found_id
from shengce.web.api.door import ApiRequest

router = Router(tags=["Dealers"])


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


class TrainingRow(Schema):
    """``conversation`` is the talk in which one hears it, where the person may hear it."""

    id: int
    dealer: Named
    held_on: dt.date
    subject: str
    people: int
    trainer: str
    note: str
    conversation: int | None


class StockRow(Schema):
    """``sold`` is what he sold on since the report before, where he said so."""

    id: int
    dealer: Named
    product: Named
    reported_on: dt.date
    stock: Number
    sold: Number | None
    by: Named | None


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


class TrainingsAsked(Between):
    q: Words = ""
    dealer: Id | None = None
    sort: Annotated[str, OneOf(("held", "-people"))] = ""


class StockAsked(Between):
    dealer: Id | None = None
    product: Id | None = None


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


@router.get("/trainings", response=Page[TrainingRow], summary="Trainings at dealers")
def trainings(request: ApiRequest, asked: Query[TrainingsAsked]) -> Any:
    """What the dealers in one's scope were taught, newest first."""
    require(request.user, "channel.see")
    found = queries.trainings(
        request.user,
        text=asked.q,
        dealer=asked.dealer,
        start_on=asked.from_,
        end_on=asked.to,
        sort=asked.sort,
    )
    answer = page(found, asked)
    heard = queries.audible(request.user, [{"conversation": row.conversation_id} for row in answer["rows"]])
    names = [name for name in TrainingRow.model_fields if name not in ("id", "conversation")]
    answer["rows"] = [
        {
            "id": row.pk,
            **{name: getattr(row, name) for name in names},
            "conversation": row.conversation_id if row.conversation_id in heard else None,
        }
        for row in answer["rows"]
    ]
    return answer


@router.get("/stock-reports", response=Page[StockRow], summary="What dealers have on stock")
def stock_reports(request: ApiRequest, asked: Query[StockAsked]) -> Any:
    """What the dealers in one's scope counted, newest first."""
    require(request.user, "channel.see")
    found = queries.stock_reports(
        request.user, dealer=asked.dealer, product=asked.product, start_on=asked.from_, end_on=asked.to
    )
    return page(found, asked)
