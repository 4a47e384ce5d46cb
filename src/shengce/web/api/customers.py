"""Customers with their cards and contacts, and deals."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema

from shengce.customers import deals as deal_queries
from shengce.customers import pool
from shengce.customers.actions import CLASSES
from shengce.customers.models import CardField, Contact, Customer, Deal
from shengce.customers.queries import SORTS, card_of, found_customers
from shengce.people.permissions import require
from shengce.web.api.answers import Money, Named, Page, Passage, in_pages, page, with_passages
from shengce.web.api.asking import Id, OneOf, Paging, Words, found_id
from shengce.web.api.door import ApiRequest

router = Router(tags=["Customers"])


class CustomerRow(Schema):
    """The head of a customer's card. ``value_class`` is A, B, C or empty; without ``owner`` he is in the public pool."""

    id: int
    code: str
    name: str
    kind: str
    level: str
    value_class: str
    city: str
    industry: str
    address: str
    tax_number: str
    phone: str
    territory: Named | None
    owner: Named | None
    unit: Named | None
    created_at: dt.datetime
    last_talk_at: dt.datetime | None


class CardValue(Schema):
    """One field of the card: what is in force, since when, from whom; ``passage`` where it was heard."""

    field: str
    label: str
    value: str | None
    source: str | None
    set_at: dt.datetime | None
    set_by: Named | None
    passage: Passage | None


class CustomerCard(CustomerRow):
    supplied_by: Named | None
    card: list[CardValue]


class ContactRow(Schema):
    id: int
    name: str
    position: str
    phone: str
    email: str


class DealRow(Schema):
    id: int
    name: str
    customer: Named
    owner: Named
    stage: str
    amount: Money | None
    expected_on: dt.date | None
    next_step: str
    next_step_on: dt.date | None
    lost_reason: str
    made_at: dt.datetime
    closed_at: dt.datetime | None
    passage: Passage | None


class CustomersAsked(Paging):
    q: Words = ""
    kind: Annotated[str, OneOf(Customer.Kind.values)] = ""
    level: Annotated[str, OneOf(Customer.Level.values)] = ""
    owner: Id | None = None
    territory: Id | None = None
    value_class: Annotated[str, OneOf((*CLASSES, "-"))] = ""
    pool: bool = False
    sort: Annotated[str, OneOf(tuple(SORTS))] = ""


class DealsAsked(Paging):
    q: Words = ""
    stage: Annotated[str, OneOf(("open", *Deal.Stage.values))] = ""
    owner: Id | None = None
    customer: Id | None = None
    overdue: bool = False
    sort: Annotated[str, OneOf(tuple(deal_queries.SORTS))] = ""


@router.get("/customers", response=Page[CustomerRow], summary="Customers")
def customers(request: ApiRequest, asked: Query[CustomersAsked]) -> Any:
    """Customers in one's scope, those last talked to first. A territory finds those below it too."""
    require(request.user, "customers.see")
    found = found_customers(
        request.user,
        text=asked.q,
        kind=asked.kind,
        level=asked.level,
        owner=asked.owner,
        territory=asked.territory,
        value_class=asked.value_class,
        pool=asked.pool,
        sort=asked.sort,
    )
    return page(found.select_related("owner", "unit", "territory"), asked)


class OwnedRow(Schema):
    """One stretch of ownership, the last one first."""

    person: str
    end: dt.datetime | None
    why: str


class PoolCustomer(Schema):
    """As much of a customer in the public pool as everybody who sells may know: no contacts, no numbers, no card.

    ``may_take``: by the rules of the pool you could take him at this moment, on the page.
    """

    id: int
    name: str
    city: str
    industry: str
    value_class: str
    kind: str
    pooled_at: dt.datetime | None
    owners: list[OwnedRow]
    may_take: bool


class PoolAsked(Paging):
    q: Words = ""
    kind: Annotated[str, OneOf(Customer.Kind.values)] = ""
    value_class: Annotated[str, OneOf(CLASSES)] = ""
    sort: Annotated[str, OneOf(("name", "-name", "longest"))] = ""


@router.get("/pool", response=Page[PoolCustomer], summary="The public pool")
def public_pool(request: ApiRequest, asked: Query[PoolAsked]) -> Any:
    """Customers whom nobody owns, those who came last first."""
    rows, has_next = pool.pool_page(
        request.user,
        text=asked.q,
        kind=asked.kind,
        value_class=asked.value_class,
        sort=asked.sort,
        page=asked.page,
        size=asked.page_size,
    )
    free = pool.takeable(request.user, rows)
    names = ("name", "city", "industry", "value_class", "kind", "pooled_at")
    shown = [
        {"id": row.pk, "may_take": row.pk in free, "owners": [_owned(each) for each in row.owners]}
        | {name: getattr(row, name) for name in names}
        for row in rows
    ]
    return in_pages(shown, asked, has_next=has_next)


def _owned(owned: pool.Owned) -> dict[str, Any]:
    return {"person": owned.person, "end": owned.end, "why": owned.why}


@router.get("/customers/{pk}", response=CustomerCard, summary="One customer")
def customer(request: ApiRequest, pk: int) -> Any:
    """The head of the card, and the fields that talks fill."""
    require(request.user, "customers.see")
    found = get_object_or_404(
        _visible(request).select_related("owner", "unit", "territory", "supplied_by"), pk=found_id(pk)
    )
    rows = card_of(found)
    current = [row.current for row in rows if row.current is not None]
    with_passages(request.user, current)
    found.card = [_value(row.field, row.label, row.current) for row in rows]  # type: ignore[attr-defined]
    return found


def _value(field: str, label: str, current: CardField | None) -> dict[str, Any]:
    names = ("value", "source", "set_at", "set_by", "passage")
    return {"field": field, "label": label} | {name: getattr(current, name, None) for name in names}


def _visible(request: ApiRequest) -> QuerySet[Customer]:
    return Customer.objects.visible_to(request.user)


@router.get("/customers/{pk}/contacts", response=Page[ContactRow], summary="Contacts of a customer")
def contacts(request: ApiRequest, pk: int, asked: Query[Paging]) -> Any:
    """The people at a customer, in the order in which they were entered."""
    require(request.user, "customers.see")
    found = get_object_or_404(_visible(request), pk=found_id(pk))
    return page(Contact.objects.filter(customer=found).order_by("pk"), asked)


@router.get("/deals", response=Page[DealRow], summary="Deals")
def deals(request: ApiRequest, asked: Query[DealsAsked]) -> Any:
    """Deals in one's scope; what is to be done next comes first. ``overdue``: the next step was due before today."""
    require(request.user, "customers.see")
    found = deal_queries.deals_of(
        request.user,
        text=asked.q,
        owner=asked.owner,
        customer=asked.customer,
        overdue_on=timezone.localdate() if asked.overdue else None,
    )
    answer = page(deal_queries.deal_rows(found, stage=asked.stage, sort=asked.sort), asked)
    with_passages(request.user, answer["rows"])
    return answer
