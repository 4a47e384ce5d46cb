"""Reads of monthly cards: everybody's of a month as a list, and cards as tables for Excel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any, Final

from django.db.models import DecimalField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shengce.cards.figures import NUMBERS
from shengce.customers.cards import Field, read_card, template_of
from shengce.customers.models import CardField, CardTemplate, Customer
from shengce.people.models import User
from shengce.recordings.models import Conversation

PAGE_SIZE: Final = 30
MOST_EXPORTED: Final = 100_000
AT_ONCE: Final = 500
MONTHLY: Final = CardTemplate.Card.MONTHLY
SORTED_BY: Final = ("turnover", "receipts", "overdue", "promises_broken", "visits", "talks", "tickets")
"""Figures by which the list can be sorted, the largest first."""

InLanguage = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Shown:
    """One value of a card for one reader. ``number`` where it is one, ``before`` that of the month before."""

    entry: Field
    row: CardField
    number: Decimal | None
    before: Decimal | None

    @property
    def words(self) -> Any:
        return self.entry.shown(self.row.value)

    @property
    def change(self) -> Decimal | None:
        return None if self.number is None or self.before is None else self.number - self.before


@dataclass(frozen=True, slots=True)
class MonthlyRow:
    """A customer with the values of his card by figure; a field without a figure under its key."""

    customer: Customer
    values: dict[str, Shown]


def monthly_fields() -> list[Field]:
    """The fields of the monthly card that are shown."""
    return [entry for section in template_of(MONTHLY).sections for entry in section.shown]


def monthly_customers(
    user: User,
    month: dt.date,
    *,
    text: str = "",
    owner: int | None = None,
    risk: str = "",
    sort: str = "",
) -> QuerySet[Customer]:
    """Visible customers who have anything on the card of the month, in order; ``sort`` is one of :data:`SORTED_BY` or a name."""
    values = CardField.objects.filter(customer=OuterRef("pk"), month=month)
    found = Customer.objects.visible_to(user).filter(Exists(values))
    if text:
        found = found.filter(Q(name__icontains=text) | Q(code__iexact=text) | Q(city__icontains=text))
    if owner is not None:
        found = found.filter(owner=owner)
    fields = {entry.from_figure: entry.key for entry in monthly_fields() if entry.from_figure}
    if risk and "risk" in fields:
        newest = values.filter(field=fields["risk"]).order_by("-set_at", "-pk").values("value")[:1]
        found = found.annotate(risk=Subquery(newest)).filter(risk=risk)
    if sort in SORTED_BY and sort in fields:
        # Only computed values are sure to be numbers; a typed one is in its place all the same, as far as it was drafted.
        drafted = values.filter(field=fields[sort], source=CardField.Source.COMPUTED)
        newest = drafted.order_by("-set_at", "-pk").values("value")[:1]
        number = Cast(Subquery(newest), DecimalField(max_digits=16, decimal_places=2))
        return found.annotate(by=number).order_by(F("by").desc(nulls_last=True), "name", "pk")
    return found.order_by("name", "pk")


def monthly_page(found: QuerySet[Customer], month: dt.date, *, page: int) -> tuple[list[MonthlyRow], bool]:
    """One page of :func:`monthly_customers`, and whether there is another."""
    first = (max(1, page) - 1) * PAGE_SIZE
    rows = list(found.select_related("owner")[first : first + PAGE_SIZE + 1])
    return _rows(rows[:PAGE_SIZE], month, monthly_fields()), len(rows) > PAGE_SIZE


def _rows(customers: list[Customer], month: dt.date, fields: list[Field]) -> list[MonthlyRow]:
    """The values in force of these customers; one query."""
    by_key = {entry.key: entry for entry in fields}
    found = CardField.objects.filter(customer__in=customers, month=month, field__in=list(by_key))
    values: dict[int, dict[str, Shown]] = {customer.pk: {} for customer in customers}
    for row in found.order_by("set_at", "pk"):  # the newest comes last and stays
        entry = by_key[row.field]
        values[row.customer_id][entry.from_figure or entry.key] = shown(entry, row)
    return [MonthlyRow(customer, values[customer.pk]) for customer in customers]


def shown(entry: Field, row: CardField) -> Shown:
    """A value with its number and that of the month before, where they are numbers."""
    computed = row.source == CardField.Source.COMPUTED
    number = number_of(row.value) if entry.kind in ("number", "money") else None
    before = number_of(row.evidence.get("before")) if computed and entry.from_figure in NUMBERS else None
    return Shown(entry, row, number, before)


def number_of(text: Any) -> Decimal | None:
    """A stored number; nothing where it is none."""
    try:
        number = Decimal(text) if isinstance(text, str) and text else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def hearable(user: User, rows: Iterable[CardField]) -> set[int]:
    """Talks behind these values that the person may hear; one query, none where no voice is behind them."""
    asked = {
        passage["conversation"]
        for row in rows
        for passage in row.evidence.get("passages", ())
        if isinstance(passage.get("conversation"), int)
    }
    if not asked:
        return set()
    return set(Conversation.objects.visible_to(user).filter(pk__in=asked).values_list("pk", flat=True))


# --- tables


def card_columns() -> list[str]:
    """Headings of :func:`card_rows`."""
    return [
        pgettext("card table", "Card"), _("Month"), pgettext("card table", "Section"), pgettext("card table", "Field"), pgettext("card table", "Value"), _("Month before"), pgettext("card table", "Source"), pgettext("card table", "By"), pgettext("card table", "On"),
        _("Said in the talk"),
    ]  # fmt: skip


def card_rows(
    customer: Customer, cards: Iterable[str], *, user: User, month: dt.date, today: dt.date, said: InLanguage
) -> Iterator[list[Any]]:
    """Every field of these cards, empty ones too, as they stand. ``said`` gives a label in the language of the page."""
    names = dict(CardTemplate.Card.choices)
    for card in cards:
        sections = read_card(customer, card, today=today, month=month)
        rows = [row for section in sections for row in section.rows]
        heard = hearable(user, [row.current for row in rows if row.current is not None])
        of_month = f"{month:%Y-%m}" if card == MONTHLY else ""
        for section in sections:
            for row in section.rows:
                head = [str(names[card]), of_month, said(section.section.label), said(row.field.label)]
                if row.current is None:
                    yield [*head, None, None, "", "", None, ""]
                    continue
                value = shown(row.field, row.current)
                yield [
                    *head,
                    said(value.words) if value.number is None else value.number,
                    value.before,
                    str(row.current.get_source_display()),
                    str(row.current.set_by or ""),
                    row.current.set_at,
                    _quotes(row.current, heard),
                ]


def _quotes(row: CardField, heard: set[int]) -> str:
    if quote := row.evidence.get("quote"):
        return str(quote)
    quotes = (p["quote"] for p in row.evidence.get("passages", ()) if p.get("conversation") in heard)
    return "；".join(dict.fromkeys(filter(None, quotes)))


def monthly_columns(fields: list[Field], said: InLanguage) -> list[str]:
    """Headings of :func:`monthly_rows`."""
    return [_("Customer number"), _("Customer"), _("Owner"), _("Month"), *(said(e.label) for e in fields)]


def monthly_rows(
    found: QuerySet[Customer], month: dt.date, fields: list[Field], *, said: InLanguage
) -> Iterator[list[Any]]:
    """One row a customer with the whole card of the month, at most :data:`MOST_EXPORTED`."""
    customers = found.select_related("owner")[:MOST_EXPORTED].iterator(chunk_size=AT_ONCE)
    while batch := list(islice(customers, AT_ONCE)):
        for row in _rows(batch, month, fields):
            cells = [row.values.get(entry.from_figure or entry.key) for entry in fields]
            yield [
                row.customer.code,
                row.customer.name,
                str(row.customer.owner or ""),
                f"{month:%Y-%m}",
                *(cell and (said(cell.words) if cell.number is None else cell.number) for cell in cells),
            ]
