"""Reads over customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from shengce.customers.models import CardField, Contact, Customer
from shengce.people.models import AuditEntry, User

PAGE_SIZE = 30


@dataclass(frozen=True, slots=True)
class CardRow:
    """One field of the card: what is in force, and what stood there before."""

    field: str
    label: str
    current: CardField | None
    earlier: tuple[CardField, ...]


def card_of(customer: Customer) -> list[CardRow]:
    """The whole card in one query, fields in their fixed order."""
    by_field: dict[str, list[CardField]] = {}
    for row in customer.card_fields.select_related("set_by").order_by("-set_at", "-pk"):
        by_field.setdefault(row.field, []).append(row)
    rows = []
    for field, label in CardField.FIELDS:
        values = by_field.get(field, [])
        rows.append(CardRow(field, str(label), values[0] if values else None, tuple(values[1:6])))
    return rows


def customer_list(
    user: User, *, text: str = "", kind: str = "", owner: int | None = None, sort: str = "", page: int = 1
) -> tuple[list[Customer], bool]:
    """One page of visible customers, and whether there is another. Text finds names, cities, contacts, phones."""
    found = Customer.objects.visible_to(user)
    if text:
        contacts = Contact.objects.filter(Q(name__icontains=text) | Q(phone__contains=text))
        found = found.filter(
            Q(name__icontains=text) | Q(city__icontains=text) | Q(pk__in=contacts.values("customer"))
        )
    if kind in Customer.Kind.values:
        found = found.filter(kind=kind)
    if owner is not None:
        found = found.filter(owner=owner)
    order = {"name": ("name", "pk"), "-name": ("-name", "pk")}.get(sort, ("-last_talk_at", "-pk"))
    first = (max(1, page) - 1) * PAGE_SIZE
    rows = list(found.select_related("owner", "unit").order_by(*order)[first : first + PAGE_SIZE + 1])
    return rows[:PAGE_SIZE], len(rows) > PAGE_SIZE


def story_of(customer: Customer) -> Any:
    """What people did to the customer: ownership, contacts, card values; newest first."""
    return (
        AuditEntry.objects.filter(subject_type="customers.customer", subject_id=customer.pk)
        .select_related("by")
        .order_by("-at", "-pk")[:60]
    )
