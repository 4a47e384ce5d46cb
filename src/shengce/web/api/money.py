"""Orders, invoices, receipts, promises to pay, and what is owed."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, cast

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from shengce.customers.models import Customer
from shengce.people.permissions import require
from shengce.planning import ageing as buckets
from shengce.sales import queries
from shengce.sales.account import Receivables, account_between
from shengce.sales.calls import Call
from shengce.sales.models import Invoice, Order, PaymentPromise
from shengce.sales.receivables import GROUPS, By, Within, ageing
from shengce.sales.sums import HOME_CURRENCY
from shengce.web.api.answers import Money, Named, Number, Page, Passage, page, with_passages
from shengce.web.api.asking import MOST_ROWS, Between, Day, Id, OneOf, Paging, Question, Words, found_id
from shengce.web.api.door import ApiRequest

router = Router(tags=["Money"])


class OrderRow(Schema):
    id: int
    number: str
    customer: Named
    rep: Named | None
    ordered_on: dt.date
    state: str
    settlement_method: str
    sales_method: str
    currency: str
    total: Money
    note: str


class OrderLineRow(Schema):
    """A negative quantity is goods taken back."""

    product: Named
    quantity: Number
    price: Money
    amount: Money


class OrderWithLines(OrderRow):
    decided_by: Named | None
    decision: str
    lines: list[OrderLineRow]

    @staticmethod
    def resolve_lines(row: Order) -> Any:
        return list(row.lines.select_related("product").order_by("pk"))


class InvoiceRow(Schema):
    id: int
    number: str
    customer: Named
    rep: Named | None
    order: int | None = Field(alias="order_id", description="Id of the order")
    issued_on: dt.date
    due_on: dt.date
    currency: str
    amount: Money
    open_amount: Money
    state: str
    settled_on: dt.date | None
    dispute: str
    dunning_level: int


class ReceiptRow(Schema):
    """``open_amount`` is what is not allocated; without ``customer`` it waits to be claimed."""

    id: int
    customer: Named | None
    rep: Named | None
    received_on: dt.date
    currency: str
    amount: Money
    open_amount: Money
    settlement_method: str
    bank_reference: str
    payer: str
    note: str
    reversed_at: dt.datetime | None


class PromiseRow(Schema):
    id: int
    customer: Named | None
    rep: Named | None
    amount: Money | None
    due_on: dt.date | None
    paid_amount: Money
    paid_on: dt.date | None
    state: str
    made_at: dt.datetime
    passage: Passage | None


class AgeingLine(Schema):
    """``amounts`` in the order of ``buckets``; ``key`` 0 is nobody."""

    key: int
    label: str
    amounts: list[Money]
    total: Money
    overdue: Money
    unallocated: Money


class AgeingAnswer(Schema):
    on: dt.date
    by: str
    currency: str
    buckets: list[str] = Field(description="Days past due; 0 is not due yet")
    rows: list[AgeingLine]
    total: AgeingLine
    groups: int
    page: int
    page_size: int
    has_next: bool


class StatementLine(Schema):
    on: dt.date
    kind: str = Field(description="invoice, receipt or write_off")
    number: str
    debit: Money
    credit: Money
    balance: Money
    id: int = Field(alias="pk")


class StatementAnswer(Schema):
    """The account of a customer over ``[start, end)`` in yuan, as it stands now."""

    customer: Named
    start: dt.date
    end: dt.date
    opening: Money
    closing: Money
    lines: list[StatementLine]


class Credit(Schema):
    """Without ``limit`` no credit line was ever set. ``room`` is what may still be ordered."""

    limit: Money | None
    owed: Money
    room: Money | None


class ReceivablesAnswer(Schema):
    customer: Named
    total: Money
    overdue: Money
    buckets: list[str]
    amounts: list[Money]
    unallocated: Money
    open_invoices: int
    oldest_due_on: dt.date | None
    days_late: int
    credit: Credit


class CallRow(Schema):
    """``promised`` is what of the promised sums did not come."""

    customer: Named | None
    contact: str
    phone: str
    promised: Money
    overdue: Money
    oldest_due_on: dt.date | None
    days_late: int
    promises: list[PromiseRow]


class CallList(Schema):
    on: dt.date
    rows: list[CallRow]


class OrdersAsked(Between):
    q: Words = ""
    state: Annotated[str, OneOf(Order.State.values)] = ""
    rep: Id | None = None
    customer: Id | None = None
    sort: Annotated[str, OneOf(tuple(queries.ORDER_SORTS))] = ""


class InvoicesAsked(Between):
    q: Words = ""
    state: Annotated[str, OneOf(("overdue", *Invoice.State.values))] = ""
    rep: Id | None = None
    customer: Id | None = None
    sort: Annotated[str, OneOf(tuple(queries.INVOICE_SORTS))] = ""


class ReceiptsAsked(Between):
    q: Words = ""
    state: Annotated[str, OneOf(("unassigned", "open", "reversed"))] = ""
    customer: Id | None = None


class PromisesAsked(Between):
    state: Annotated[str, OneOf(PaymentPromise.State.values)] = ""
    rep: Id | None = None
    customer: Id | None = None
    sort: Annotated[str, OneOf(tuple(queries.PROMISE_SORTS))] = ""


class AgeingAsked(Paging):
    on: Day | None = Field(None, description="Today where left out; may lie in the past")
    by: Annotated[str, OneOf(tuple(GROUPS))] = "customer"
    customer: Id | None = None
    rep: Id | None = None
    unit: Id | None = None
    territory: Id | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = HOME_CURRENCY
    sort: Annotated[str, OneOf(("total", "overdue"))] = "total"


class StatementAsked(Question):
    customer: Id
    start: Day
    end: Day = Field(description="The first day that is not on it")


class CallsAsked(Question):
    most: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 100


@router.get("/orders", response=Page[OrderRow], summary="Orders")
def orders(request: ApiRequest, asked: Query[OrdersAsked]) -> Any:
    """Orders in one's scope, newest first; ``q`` finds numbers and customers."""
    require(request.user, "orders.see")
    return page(
        queries.order_list(
            request.user,
            text=asked.q,
            state=asked.state,
            rep=asked.rep,
            customer=asked.customer,
            start_on=asked.from_,
            end_on=asked.to,
            sort=asked.sort,
        ),
        asked,
    )


@router.get("/orders/{pk}", response=OrderWithLines, summary="One order")
def order(request: ApiRequest, pk: int) -> Any:
    """An order with its lines."""
    require(request.user, "orders.see")
    rows = Order.objects.visible_to(request.user).select_related("customer", "rep", "decided_by")
    return get_object_or_404(rows, pk=found_id(pk))


@router.get("/invoices", response=Page[InvoiceRow], summary="Invoices")
def invoices(request: ApiRequest, asked: Query[InvoicesAsked]) -> Any:
    """Invoices in one's scope, newest first; the days are those of issue."""
    require(request.user, "money.see")
    return page(
        queries.invoice_list(
            request.user,
            text=asked.q,
            state=asked.state,
            rep=asked.rep,
            customer=asked.customer,
            start_on=asked.from_,
            end_on=asked.to,
            sort=asked.sort,
        ),
        asked,
    )


@router.get("/receipts", response=Page[ReceiptRow], summary="Receipts")
def receipts(request: ApiRequest, asked: Query[ReceiptsAsked]) -> Any:
    """Money that came in, newest first. ``unassigned``: nobody's yet; ``open``: not all of it allocated."""
    require(request.user, "money.see")
    return page(
        queries.receipt_list(
            request.user,
            text=asked.q,
            state=asked.state,
            customer=asked.customer,
            start_on=asked.from_,
            end_on=asked.to,
        ),
        asked,
    )


@router.get("/promises", response=Page[PromiseRow], summary="Promises to pay")
def promises(request: ApiRequest, asked: Query[PromisesAsked]) -> Any:
    """The promise-to-pay ledger; the days are due dates. ``passage`` where the person may hear the talk."""
    require(request.user, "money.see")
    found = queries.promise_list(
        request.user,
        state=asked.state,
        rep=asked.rep,
        customer=asked.customer,
        start_on=asked.from_,
        end_on=asked.to,
        sort=asked.sort,
    )
    answer = page(found, asked)
    with_passages(request.user, answer["rows"])
    return answer


@router.get("/ageing", response=AgeingAnswer, summary="Ageing of receivables")
def ageing_on(request: ApiRequest, asked: Query[AgeingAsked]) -> Any:
    """How long the open invoices had been due on a day, by customer, rep, unit or territory; largest first.

    ``customer``, ``rep``, ``unit`` and ``territory`` narrow it; 0 stands for nobody.
    """
    require(request.user, "money.see")
    found = ageing(
        request.user,
        on=asked.on or timezone.localdate(),
        by=cast(By, asked.by or "customer"),
        within=Within(asked.customer, asked.rep, asked.unit, asked.territory),
        currency=asked.currency,
        page=asked.page,
        size=asked.page_size,
        sort=asked.sort,
    )
    return {
        "on": found.on,
        "by": found.by,
        "currency": asked.currency,
        "buckets": buckets.names(),
        "rows": list(found.rows),
        "total": found.total,
        "groups": found.groups,
        "page": asked.page,
        "page_size": asked.page_size,
        "has_next": found.has_next,
    }


@router.get("/statements", response=StatementAnswer, summary="Account of a customer")
def statement(request: ApiRequest, asked: Query[StatementAsked]) -> Any:
    """What was invoiced, paid and given up, with the balance after each line. Nothing is stored or sent."""
    require(request.user, "money.see")
    found = _customer(request, asked.customer)
    if not asked.start < asked.end:
        raise ValidationError(_("The end must be after the start."), code="period")
    account = account_between(found, asked.start, asked.end)
    return {
        "customer": found,
        "start": asked.start,
        "end": asked.end,
        "opening": account.opening,
        "closing": account.closing,
        "lines": account.lines,
    }


@router.get("/receivables/{customer}", response=ReceivablesAnswer, summary="What a customer owes")
def receivables(request: ApiRequest, customer: int) -> Any:
    """Today's account of one customer, with his credit."""
    require(request.user, "money.see")
    found = _customer(request, customer)
    account: Receivables = queries.receivables_of(found)
    names = ("total", "overdue", "unallocated", "open_invoices", "oldest_due_on", "days_late", "credit")
    return {
        "customer": found,
        "buckets": buckets.names(),
        "amounts": list(account.amounts),
        **{name: getattr(account, name) for name in names},
    }


def _customer(request: ApiRequest, pk: int) -> Customer:
    found: Customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=found_id(pk))
    return found


@router.get("/who-to-call", response=CallList, summary="Whom to call about money")
def calls(request: ApiRequest, asked: Query[CallsAsked]) -> Any:
    """The list of the morning: promises that fell due, by sum; then overdue invoices."""
    require(request.user, "money.see")
    today = timezone.localdate()
    rows = queries.who_to_call(request.user, today=today, most=asked.most)
    with_passages(request.user, [promise for row in rows for promise in row.promises])
    return {"on": today, "rows": [_call(row) for row in rows]}


def _call(row: Call) -> dict[str, Any]:
    return {
        "customer": row.customer,
        "contact": row.contact.name if row.contact else "",
        "phone": row.contact.phone if row.contact else "",
        "promised": row.promised,
        "overdue": row.overdue,
        "oldest_due_on": row.oldest_due_on,
        "days_late": row.days_late,
        "promises": row.promises,
    }
