"""What customers promised to pay, with and without a talk behind it, and what came of it."""

from __future__ import annotations

from decimal import Decimal

from shengce.demo.script import Year
from shengce.demo.trade import open_of, receive
from shengce.sales import actions as sales
from shengce.sales.models import PaymentPromise


def tell_promises(year: Year) -> None:
    """Money for what was heard in the talks, then promises that reps noted themselves; all judged as of today."""
    for name, share in year.script["heard"].items():
        _pay_what_was_heard(year, name, Decimal(str(share)))
    for row in year.script["promises"]:
        customer, name = year.customers[row["customer"]], row["customer"]
        assert customer.owner is not None
        overdue = open_of(customer, due_on__lt=year.today) if row["due"] <= 0 else Decimal(0)
        owed = overdue or open_of(customer)
        amount = (owed * Decimal(str(row["share"]))).quantize(Decimal(1))
        if amount <= 0:
            continue
        sales.note_payment_promise(
            customer=customer,
            rep=customer.owner,
            by=customer.owner,
            amount=amount,
            due_on=year.day(row["due"]),
            made_at=year.moment(year.day(min(row["due"] - 7, -1)), 10, 30),
        )
        if paid := (amount * Decimal(str(row["paid"]))).quantize(Decimal(1)):
            receive(year, name, year.today, paid, note="按承诺付款")
    sales.check_promises(today=year.today)


def _pay_what_was_heard(year: Year, name: str, share: Decimal) -> None:
    heard = PaymentPromise.objects.filter(
        customer=year.customers[name], fact__isnull=False, due_on__lte=year.today, amount__isnull=False
    )
    for promise in heard:
        assert promise.amount is not None and promise.due_on is not None
        receive(year, name, promise.due_on, (promise.amount * share).quantize(Decimal(1)))
