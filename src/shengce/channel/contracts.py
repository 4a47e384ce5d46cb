"""Every change of dealers' contracts and of what they report to have on stock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from shengce.catalogue.models import Product
from shengce.channel.models import DealerContract, StockReport
from shengce.channel.reach import may_count_stock, require_customer, visible_dealers
from shengce.channel.typed import past_day, typed_price, typed_quantity
from shengce.customers.models import Customer
from shengce.people.models import Territory, User, record
from shengce.people.typed_text import typed_text

ZERO = Decimal(0)


@transaction.atomic
def save_contract(
    *,
    by: User,
    dealer: Customer,
    number: str,
    territory: Territory,
    start_on: dt.date,
    end_on: dt.date,
    target: Decimal | None = None,
    deposit: Decimal | None = None,
    terms: str = "",
    contract: DealerContract | None = None,
) -> DealerContract:
    """A dealer's contract from ``start_on`` until before ``end_on``; ``target`` are the purchases agreed on, in yuan.

    Two contracts of one dealer do not hold for the same territory on one day.
    """
    require_customer(by, dealer)
    if dealer.kind != Customer.Kind.DEALER:
        raise ValidationError(
            {"dealer": _("%(name)s is not a dealer.") % {"name": dealer.name}}, code="not_a_dealer"
        )
    number = typed_text(number, most=40)
    if end_on <= start_on:
        raise ValidationError({"end_on": _("The contract ends before it begins.")}, code="order")
    taken = DealerContract.objects.filter(number=number).exclude(pk=contract.pk if contract else None)
    if taken.exists():
        raise ValidationError({"number": _("Another contract has this number.")}, code="number")
    same = DealerContract.objects.filter(
        dealer=dealer, territory=territory, start_on__lt=end_on, end_on__gt=start_on
    ).exclude(pk=contract.pk if contract else None)
    if (other := same.first()) is not None:
        words = _("Contract %(number)s holds for this territory already.") % {"number": other.number}
        raise ValidationError({"start_on": words}, code="overlap")
    row = contract or DealerContract()
    row.dealer, row.number, row.territory = dealer, number, territory
    row.start_on, row.end_on = start_on, end_on
    row.target, row.deposit = typed_price(target, field="target"), typed_price(deposit, field="deposit")
    row.terms = typed_text(terms, most=4000, required=False)
    row.full_clean()
    row.save()
    record(
        "channel.contract_saved", row, by=by, dealer=dealer.pk, number=number, territory=territory.pk,
        start_on=start_on.isoformat(), end_on=end_on.isoformat(), target=str(row.target or ""),
    )  # fmt: skip
    return row


@dataclass(frozen=True, slots=True)
class Counted:
    """What one product's line of a stock report says."""

    product: Product
    stock: Decimal
    sold: Decimal | None = None


@transaction.atomic
def report_stock(
    *, by: User, dealer: Customer, reported_on: dt.date, lines: Sequence[Counted]
) -> list[StockReport]:
    """What a dealer has on a day. A product counted again that day is corrected. All lines or none.

    Raises ``ValidationError`` with a reason for each product that cannot be taken.
    """
    if not may_count_stock(by) or not visible_dealers(by).filter(pk=dealer.pk).exists():
        raise PermissionDenied(_("This customer belongs to another team."))
    past_day(reported_on, field="reported_on")
    problems: dict[str, list[str]] = {}
    for line in lines:
        try:
            typed_quantity(line.stock, least=ZERO, field=f"stock_{line.product.pk}")
            if line.sold is not None:
                typed_quantity(line.sold, least=ZERO, field=f"sold_{line.product.pk}")
        except ValidationError as problem:
            problems |= problem.message_dict
    if problems:
        raise ValidationError(problems)
    rows = [
        StockReport.objects.update_or_create(
            dealer=dealer,
            product=line.product,
            reported_on=reported_on,
            defaults={"stock": line.stock, "sold": line.sold, "by": by},
        )[0]
        for line in lines
    ]
    if rows:
        record("channel.stock_reported", dealer, by=by, on=reported_on.isoformat(), products=len(rows))
    return rows
