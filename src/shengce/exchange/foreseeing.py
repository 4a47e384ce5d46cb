"""What can be known of many entries before any is written: in a few queries for hundreds of them.

A small file is checked by trying. A large one would lock the database for too long, so its entries are looked up together,
held against the rules that need no writing, and against what stands there: numbers of others, documents that differ.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from shengce.customers.actions import check_head
from shengce.customers.models import Customer
from shengce.exchange.kind import Entry, Kind, refuse_difference
from shengce.exchange.lookup import COLUMNS, Lookup
from shengce.exchange.money_kinds import check_one_order
from shengce.sales.actions import OrderLineDraft
from shengce.sales.credit import current_policy, limits_of, owed_by
from shengce.sales.invoices import check_invoice
from shengce.sales.models import CreditPolicy, Invoice, Order, OrderLine, Receipt
from shengce.sales.orders import ON_CREDIT, check_order
from shengce.sales.receipts import check_receipt

AT_ONCE = 500
"""Entries that are looked up together; fewer than the parameters that SQLite takes."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What will become of an entry (``new``, ``changed``, ``same``), or why it will be refused."""

    outcome: str = "new"
    problem: ValidationError | None = None


Found = list[Foreseen]


def foresee(kind: Kind, entries: Sequence[Entry], lookup: Lookup, credit: Credit) -> Found:
    """One answer per entry, in their order."""
    if kind.key == "orders":
        credit.look_at(entries)
    return _BY_KIND.get(kind.key, _one_by_one)(kind, entries, lookup)


def _one_by_one(kind: Kind, entries: Sequence[Entry], lookup: Lookup) -> Found:
    found = []
    for entry in entries:
        try:
            found.append(Foreseen("new" if kind.find(entry, lookup) is None else "changed"))
        except ValidationError as problem:
            found.append(Foreseen(problem=problem))
    return found


def _told(check: Callable[[], str]) -> Foreseen:
    try:
        return Foreseen(check())
    except ValidationError as problem:
        return Foreseen(problem=problem)


# --- customers


def _customers(kind: Kind, entries: Sequence[Entry], lookup: Lookup) -> Found:
    """A number may belong to a customer whom the person does not see: he is told that it is taken, not by whom."""
    codes = {code for (values,) in entries if (code := values.get("code"))}
    holders = dict(Customer.objects.filter(code__in=codes).values_list("code", "pk"))
    named = lookup.directory.named
    lookup.read_ahead(
        {pk for (v,) in entries for column in COLUMNS for pk in named(column, v.get(column, ""))}
    )
    return [_told(partial(_customer, kind, entry, lookup, holders)) for entry in entries]


def _customer(kind: Kind, entry: Entry, lookup: Lookup, holders: dict[str, int]) -> str:
    (values,) = entry
    standing = kind.find(entry, lookup)
    holder = holders.get(values.get("code", ""))
    if holder is not None and (standing is None or standing.pk != holder):
        raise ValidationError({"code": ValidationError(_("Another customer has this number."), code="code")})
    check_head(standing if isinstance(standing, Customer) else None, values)
    return "new" if standing is None else "changed"


# --- documents


def _orders(kind: Kind, entries: Sequence[Entry], lookup: Lookup) -> Found:
    numbers = {entry[0]["number"] for entry in entries}
    standing = {order.number: order for order in Order.objects.filter(number__in=numbers)}
    lines: dict[int, Counter[tuple[Any, ...]]] = defaultdict(Counter)
    rows = OrderLine.objects.filter(order__in=standing.values())
    for order, *line in rows.values_list("order", "product", "quantity", "price"):
        lines[order][tuple(line)] += 1

    def one(entry: Entry) -> str:
        first = entry[0]
        check_one_order(entry)
        found = standing.get(first["number"])
        if found is None:
            drafts = [OrderLineDraft(v["product"], v["quantity"], v["price"]) for v in entry]
            check_order(
                ordered_on=first["ordered_on"], lines=drafts, note=_notes(entry), number=first["number"]
            )
            return "new"
        wanted = Counter((v["product"].pk, v["quantity"], v["price"]) for v in entry)
        same = found.customer_id == first["customer"].pk and found.ordered_on == first["ordered_on"]
        if not same or lines[found.pk] != wanted:
            raise refuse_difference(_("Order %(number)s") % {"number": found.number})
        return "same"

    return [_told(partial(one, entry)) for entry in entries]


def _notes(entry: Entry) -> str:
    return "；".join(str(values["note"]) for values in entry if "note" in values)


def _invoices(kind: Kind, entries: Sequence[Entry], lookup: Lookup) -> Found:
    numbers = {values["number"] for (values,) in entries}
    standing = {invoice.number: invoice for invoice in Invoice.objects.filter(number__in=numbers)}

    def one(entry: Entry) -> str:
        (values,) = entry
        found = standing.get(values["number"])
        if found is not None:
            kind.change(found, entry, lookup)  # compares, and writes nothing
            return "same"
        named = ("customer", "issued_on", "amount", "due_on", "order", "number")
        check_invoice(**{key: values[key] for key in named if key in values})
        return "new"

    return [_told(partial(one, entry)) for entry in entries]


def _receipts(kind: Kind, entries: Sequence[Entry], lookup: Lookup) -> Found:
    references = {reference for (values,) in entries if (reference := values.get("bank_reference"))}
    booked = Receipt.objects.filter(bank_reference__in=references, reversed_at__isnull=True)
    standing = {receipt.bank_reference: receipt for receipt in booked}

    def one(entry: Entry) -> str:
        (values,) = entry
        reference = values.get("bank_reference")
        found = standing.get(reference) if reference else kind.find(entry, lookup)
        if found is not None:
            kind.change(found, entry, lookup)  # compares, and writes nothing
            return "same"
        check_receipt(received_on=values["received_on"], amount=values["amount"])
        return "new"

    return [_told(partial(one, entry)) for entry in entries]


_BY_KIND: dict[str, Callable[[Kind, Sequence[Entry], Lookup], Found]] = {
    "customers": _customers,
    "orders": _orders,
    "invoices": _invoices,
    "receipts": _receipts,
}


class Credit:
    """How many orders of the file will wait or be stopped, because they go over the limit of their customer."""

    def __init__(self) -> None:
        self.over = 0
        self._policy: CreditPolicy | None = None
        self._limits: dict[int, Decimal] = {}
        self._owed: dict[int, Decimal] = {}

    def look_at(self, entries: Sequence[Entry]) -> None:
        """Orders in the order of the file; where orders count, each leaves less room for the next."""
        self._policy = self._policy or current_policy()
        customers = {entry[0]["customer"].pk for entry in entries} - self._owed.keys()
        self._limits |= limits_of(customers)
        self._owed |= owed_by(customers)
        for entry in entries:
            first = entry[0]
            key, total = first["customer"].pk, sum((v["quantity"] * v["price"] for v in entry), Decimal(0))
            if first.get("settlement_method", "credit") not in ON_CREDIT or key not in self._limits:
                continue
            if total > 0 and self._owed[key] + total > self._limits[key]:
                self.over += 1
            elif self._policy.counts == CreditPolicy.Counts.ORDERS:
                self._owed[key] += total

    @property
    def words(self) -> str:
        """What the person should know before he imports; empty where there is nothing to say."""
        if not self.over or self._policy is None:
            return ""
        if self._policy.over_limit == CreditPolicy.OverLimit.STOP:
            return _("%(n)d orders go over the credit limit of their customer: they will be stopped.") % {
                "n": self.over
            }
        return _("%(n)d orders go over the credit limit of their customer: they will wait for approval.") % {
            "n": self.over
        }
