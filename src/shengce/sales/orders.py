"""Actions of orders and deliveries: entry, the check of credit, approval, cancelling."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from shengce.catalogue.models import Product
from shengce.customers.activity import note_order
from shengce.customers.models import Customer
from shengce.people.models import User, record
from shengce.people.permissions import may
from shengce.people.scope import may_act_for
from shengce.people.typed_text import typed_text
from shengce.sales.credit import check_credit, current_policy
from shengce.sales.models import (
    CreditPolicy,
    Delivery,
    Invoice,
    Order,
    OrderLine,
    SalesMethod,
    SettlementMethod,
)
from shengce.sales.numbering import number_for
from shengce.sales.reach import lock_customer, locked, require_customer, seller_of
from shengce.sales.sums import (
    HOME_CURRENCY,
    MOST_YUAN,
    cents,
    checked_currency,
    checked_day,
    checked_number,
    checked_sum,
    finite,
)

ON_CREDIT = (SettlementMethod.CREDIT, SettlementMethod.ACCEPTANCE)
"""Settled later than delivered: these orders are checked against the credit limit."""
MOST_LINES = 500
MOST_QUANTITY = Decimal("1e9")


@dataclass(frozen=True, slots=True)
class OrderLineDraft:
    """A line as typed: so many of a product at a price in the order's currency. A negative quantity is goods taken back."""

    product: Product
    quantity: Decimal
    price: Decimal


@transaction.atomic
def create_order(
    *,
    by: User,
    customer: Customer,
    ordered_on: dt.date,
    lines: Sequence[OrderLineDraft],
    number: str = "",
    rep: User | None = None,
    settlement_method: str = SettlementMethod.CREDIT,
    sales_method: str = SalesMethod.DIRECT,
    note: str = "",
    currency: str = HOME_CURRENCY,
) -> Order:
    """An order. Over the credit limit it waits for approval or is stopped, as the firm has chosen.

    Without ``number`` it gets the next one of the day (``SO20261126-0001``). ``ValidationError``: no lines, a sum below
    zero, goods taken back without a note, a day more than 31 days ahead, a number that is taken.
    """
    require_customer(customer, by=by, permission="orders.edit")
    _require_rep(rep, by)
    if settlement_method not in SettlementMethod.values or sales_method not in SalesMethod.values:
        raise ValidationError(_("This way of settling or selling is not known."), code="method")
    words, amounts = check_order(ordered_on=ordered_on, lines=lines, note=note, number=number)
    total = sum(amounts, Decimal(0))
    lock_customer(customer)
    holder, unit = seller_of(customer, rep)
    order = Order(
        number=number_for(Order, ordered_on, checked_number(number)),
        customer=customer,
        rep=holder,
        unit=unit,
        ordered_on=ordered_on,
        settlement_method=settlement_method,
        sales_method=sales_method,
        currency=checked_currency(currency),
        total=total,
        note=words,
        made_by=by,
    )
    order.state = _state_by_credit(order)
    order.save()
    OrderLine.objects.bulk_create(
        OrderLine(order=order, product=line.product, quantity=line.quantity, price=line.price, amount=amount)
        for line, amount in zip(lines, amounts, strict=True)
    )
    if order.state == Order.State.CONFIRMED:
        note_order(customer, order.ordered_on)
    record("order.created", order, by=by, number=order.number, total=str(total), state=str(order.state))
    return order


def check_order(
    *, ordered_on: dt.date, lines: Sequence[OrderLineDraft], note: str = "", number: str = ""
) -> tuple[str, list[Decimal]]:
    """What can be said of an order before it is written: its note and the amounts of its lines, or ``ValidationError``."""
    checked_day(ordered_on)
    checked_number(number)
    words = typed_text(note, most=300, required=False)
    return words, _amounts(lines, words)


@transaction.atomic
def approve_order(order: Order, *, by: User, comment: str = "") -> Order:
    """Let a waiting order go in spite of the limit. One that was stopped goes only when there is room again.

    Nobody approves what he entered or sells himself.
    """
    order = locked(order, by=by, permission="orders.approve")
    words = typed_text(comment, most=300, required=False)
    if order.state == Order.State.WAITING:
        if by.pk in (order.made_by_id, order.rep_id):
            raise ValidationError(_("Somebody else must approve your own order."), code="own")
    elif order.state == Order.State.STOPPED:
        lock_customer(order.customer)
        if check_credit(order.customer, order.total).over:
            raise ValidationError(
                _("There is still no room: raise the credit limit or wait for money."), code="over_limit"
            )
    else:
        raise ValidationError(_("This order does not wait for approval."), code="state")
    note_order(order.customer, order.ordered_on)
    return _decide(order, Order.State.CONFIRMED, "order.approved", by, words)


@transaction.atomic
def refuse_order(order: Order, *, by: User, comment: str) -> Order:
    """Stop a waiting order, with words that say why."""
    order = locked(order, by=by, permission="orders.approve")
    if order.state != Order.State.WAITING:
        raise ValidationError(_("This order does not wait for approval."), code="state")
    return _decide(order, Order.State.STOPPED, "order.refused", by, typed_text(comment, most=300))


@transaction.atomic
def cancel_order(order: Order, *, by: User, reason: str = "") -> Order:
    """The order will not be carried out; refused where goods left or an invoice stands for it."""
    order = locked(order, by=by, permission="orders.edit")
    if order.state == Order.State.CANCELLED:
        raise ValidationError(_("This order is cancelled already."), code="state")
    if order.deliveries.exists() or order.invoices.exclude(state=Invoice.State.CANCELLED).exists():
        raise ValidationError(
            _("Goods left for this order, or an invoice stands for it: it cannot be cancelled."), code="used"
        )
    words = typed_text(reason, most=300, required=False)
    return _decide(order, Order.State.CANCELLED, "order.cancelled", by, words)


@transaction.atomic
def record_delivery(
    *,
    by: User,
    customer: Customer,
    delivered_on: dt.date,
    amount: Decimal,
    order: Order | None = None,
    number: str = "",
    rep: User | None = None,
) -> Delivery:
    """Goods worth ``amount`` yuan left for the customer."""
    require_customer(customer, by=by, permission="orders.edit")
    _require_rep(rep, by)
    if order is not None:
        order = locked(order, by=by, permission="orders.edit")
        if order.customer_id != customer.pk:
            raise ValidationError(_("This order is another customer's."), code="other_customer")
        if order.state != Order.State.CONFIRMED:
            raise ValidationError(_("Goods leave for confirmed orders only."), code="state")
    holder, unit = seller_of(customer, rep or (order.rep if order else None))
    delivery: Delivery = Delivery.objects.create(
        number=number_for(Delivery, checked_day(delivered_on), checked_number(number)),
        customer=customer,
        order=order,
        rep=holder,
        unit=unit,
        delivered_on=delivered_on,
        amount=checked_sum(amount),
    )
    record("delivery.recorded", delivery, by=by, number=delivery.number, amount=str(delivery.amount))
    return delivery


def _amounts(lines: Sequence[OrderLineDraft], note: str) -> list[Decimal]:
    """Quantity × price of each line in cents, checked."""
    if not lines:
        raise ValidationError(_("An order needs at least one line."), code="no_lines")
    if len(lines) > MOST_LINES:
        raise ValidationError(
            _("An order has at most %(most)d lines."), params={"most": MOST_LINES}, code="too_many_lines"
        )
    amounts = [_amount_of(line) for line in lines]
    if not note and any(line.quantity < 0 for line in lines):
        raise ValidationError(
            _("Goods are taken back (a quantity below zero): write in the note why."), code="return_note"
        )
    total = sum(amounts, Decimal(0))
    if total < 0:
        raise ValidationError(
            _("More is taken back than sold: an order cannot be worth less than zero."), code="below_zero"
        )
    if total >= MOST_YUAN:
        raise ValidationError(_("The sum is too large."), code="too_large")
    return amounts


def _amount_of(line: OrderLineDraft) -> Decimal:
    quantity, price = finite(line.quantity), finite(line.price)
    if quantity == 0:
        raise ValidationError(
            _("%(product)s: the quantity is zero."), params={"product": line.product}, code="quantity"
        )
    if abs(quantity) >= MOST_QUANTITY or quantity != quantity.quantize(Decimal("0.001")):
        raise ValidationError(
            _("%(product)s: a quantity has at most three decimals and nine digits before them."),
            params={"product": line.product},
            code="quantity",
        )
    checked_sum(price, allow_zero=True)
    amount = cents(quantity * price)
    if price >= Decimal("1e10") or abs(amount) >= MOST_YUAN:
        raise ValidationError(
            _("%(product)s: the sum is too large."), params={"product": line.product}, code="too_large"
        )
    return amount


def _state_by_credit(order: Order) -> Order.State:
    """Confirmed, or what the firm does with an order over the limit. Prepaid and cash orders take no credit."""
    if order.settlement_method not in ON_CREDIT or not check_credit(order.customer, order.total).over:
        return Order.State.CONFIRMED
    stops = current_policy().over_limit == CreditPolicy.OverLimit.STOP
    return Order.State.STOPPED if stops else Order.State.WAITING


def _decide(order: Order, state: Order.State, action: str, by: User, words: str) -> Order:
    order.state, order.decided_by, order.decision = state, by, words
    order.save(update_fields=["state", "decided_by", "decision"])
    record(action, order, by=by, number=order.number, comment=words)
    return order


def _require_rep(rep: User | None, by: User) -> None:
    """A seller writes orders for himself and those below him; the customer department for everybody."""
    if rep is None or may(by, "money.edit") or may_act_for(by, rep):
        return
    raise PermissionDenied(_("This belongs to somebody outside your team."))
