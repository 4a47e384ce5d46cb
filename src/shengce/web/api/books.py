"""What hangs on invoices and customers: allocations, write-offs, credit lines, statements that were made, reminders."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from ninja import Query, Router, Schema
from pydantic import Field

from shengce.people.permissions import require
from shengce.sales import book_lists
from shengce.sales.models import Dunning, Statement, WriteOff
from shengce.sales.queries import statement_list
from shengce.web.api.answers import Money, Named, Page, page
from shengce.web.api.asking import Between, Id, OneOf, Paging, Words
from shengce.web.api.door import ApiRequest
from shengce.web.queries import day_bounds

router = Router(tags=["Money"])


class OfInvoice(Schema):
    """A row of one invoice; ``invoice`` has its number for a name."""

    id: int
    invoice: Named
    customer: Named

    @staticmethod
    def resolve_invoice(row: Any) -> dict[str, Any]:
        return {"id": row.invoice_id, "name": row.invoice.number}

    @staticmethod
    def resolve_customer(row: Any) -> Any:
        return row.invoice.customer


class AllocationRow(OfInvoice):
    """So much of a receipt (its id) for an invoice. One that was taken back counts no more."""

    receipt: int = Field(alias="receipt_id")
    amount: Money
    at: dt.datetime
    taken_back_at: dt.datetime | None


class WriteOffRow(OfInvoice):
    amount: Money
    reason: str
    state: str
    asked_by: Named
    asked_at: dt.datetime
    decided_by: Named | None
    decided_at: dt.datetime | None
    comment: str


class CreditRow(Schema):
    """``reasons`` are ``[{"text", "points"}]``, as they were said when the line was set."""

    id: int
    customer: Named
    grade: str
    limit: Money
    days: int
    reasons: list[dict[str, Any]]
    set_by: Named | None
    set_at: dt.datetime


class MadeStatement(Schema):
    """A statement that was made for a customer, and what he answered; ``end`` is the first day that is not on it."""

    id: int
    customer: Named
    start: dt.date = Field(alias="start_on")
    end: dt.date = Field(alias="end_on")
    opening: Money
    closing: Money
    state: str
    comment: str
    made_by: Named
    made_at: dt.datetime
    answered_at: dt.datetime | None


class ReminderRow(OfInvoice):
    """``mail`` is the state of its newest letter by e-mail: waiting, sent, failed; empty where none was sent."""

    level: int
    text: str
    by: Named
    at: dt.datetime
    mail: str

    @staticmethod
    def resolve_mail(row: Dunning) -> str:
        return next((str(mail.state) for mail in row.mails.all()), "")


class AllocationsAsked(Paging):
    invoice: Id | None = None
    receipt: Id | None = None
    customer: Id | None = None
    taken_back: bool = False


class WriteOffsAsked(Paging):
    state: Annotated[str, OneOf(WriteOff.State.values)] = ""
    customer: Id | None = None


class CreditAsked(Paging):
    grade: Words = ""
    customer: Id | None = None


class MadeAsked(Paging):
    state: Annotated[str, OneOf(Statement.State.values)] = ""
    customer: Id | None = None


class RemindersAsked(Between):
    level: Annotated[int, Field(ge=1, le=9)] | None = None
    customer: Id | None = None


@router.get("/allocations", response=Page[AllocationRow], summary="Which receipt paid which invoice")
def allocations(request: ApiRequest, asked: Query[AllocationsAsked]) -> Any:
    """Allocations in one's scope, newest first."""
    require(request.user, "money.see")
    found: Any = book_lists.allocation_list(
        request.user,
        invoice=asked.invoice,
        receipt=asked.receipt,
        customer=asked.customer,
        taken_back=asked.taken_back,
    )
    return page(found, asked)


@router.get("/write-offs", response=Page[WriteOffRow], summary="Debts given up")
def write_offs(request: ApiRequest, asked: Query[WriteOffsAsked]) -> Any:
    """Write-offs asked for and decided, newest first."""
    require(request.user, "money.see")
    return page(book_lists.write_off_list(request.user, state=asked.state, customer=asked.customer), asked)


@router.get("/credit-lines", response=Page[CreditRow], summary="Credit of customers")
def credit_lines(request: ApiRequest, asked: Query[CreditAsked]) -> Any:
    """The credit line in force of each customer, the highest first."""
    require(request.user, "money.see")
    return page(book_lists.credit_list(request.user, grade=asked.grade, customer=asked.customer), asked)


@router.get("/made-statements", response=Page[MadeStatement], summary="Statements that were made")
def made_statements(request: ApiRequest, asked: Query[MadeAsked]) -> Any:
    """Statements of account as they were kept, newest first, with what the customers answered."""
    require(request.user, "money.see")
    return page(statement_list(request.user, state=asked.state, customer=asked.customer), asked)


@router.get("/reminders", response=Page[ReminderRow], summary="Reminders of overdue invoices")
def reminders(request: ApiRequest, asked: Query[RemindersAsked]) -> Any:
    """Reminders that were noted, newest first; the days are those on which they were."""
    require(request.user, "money.see")
    found = book_lists.reminder_list(
        request.user,
        level=asked.level,
        customer=asked.customer,
        start=day_bounds(asked.from_)[0] if asked.from_ else None,
        end=day_bounds(asked.to)[1] if asked.to else None,
    )
    return page(found, asked)
