"""Reads over customers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from shengce.customers.actions import CLASSES, SELLERS
from shengce.customers.merging import earlier_selves
from shengce.customers.models import SEES_ALL_CUSTOMERS, CardField, Contact, Customer
from shengce.people.models import AuditEntry, Role, Territory, User
from shengce.people.queries import visible_reps

PAGE_SIZE: Final = 30
CSV_ROWS: Final = 100_000
"""Most rows of one export."""

SORTS: Final = {
    "name": ("name", "pk"),
    "-name": ("-name", "pk"),
    "city": ("city", "name", "pk"),
    "-city": ("-city", "name", "pk"),
    "class": ("value_class", "name", "pk"),
    "-created": ("-created_at", "-pk"),
    "talk": (F("last_talk_at").asc(nulls_first=True), "pk"),
}
_NEWEST_TALK: Final = (F("last_talk_at").desc(nulls_last=True), "-pk")


@dataclass(frozen=True, slots=True)
class CardRow:
    """One field of the card: what is in force, and what stood there before."""

    field: str
    label: str
    current: CardField | None
    earlier: tuple[CardField, ...]


def card_of(customer: Customer) -> list[CardRow]:
    """The fields that talks fill, in one query and their fixed order; the whole cards: :func:`customers.cards.read_card`."""
    keys = [field for field, _label in CardField.FIELDS]
    by_field: dict[str, list[CardField]] = {}
    rows_found = customer.card_fields.filter(field__in=keys).select_related("set_by")
    for row in rows_found.order_by("-set_at", "-pk"):
        by_field.setdefault(row.field, []).append(row)
    rows = []
    for field, label in CardField.FIELDS:
        values = by_field.get(field, [])
        rows.append(CardRow(field, str(label), values[0] if values else None, tuple(values[1:6])))
    return rows


def found_customers(
    user: User,
    *,
    text: str = "",
    kind: str = "",
    owner: int | None = None,
    level: str = "",
    territory: int | None = None,
    value_class: str = "",
    pool: bool = False,
    sort: str = "",
) -> QuerySet[Customer]:
    """Visible customers that fit, in order. Text finds names, numbers, cities, contacts, phones; a territory finds those
    below it; ``value_class`` ``"-"`` finds those without one.
    """
    found = Customer.objects.visible_to(user)
    if text:
        contacts = Contact.objects.filter(Q(name__icontains=text) | Q(phone__contains=text))
        found = found.filter(
            Q(name__icontains=text)
            | Q(city__icontains=text)
            | Q(code__iexact=text)
            | Q(tax_number__iexact=text)
            | Q(phone__contains=text)
            | Q(pk__in=contacts.values("customer"))
        )
    if kind in Customer.Kind.values:
        found = found.filter(kind=kind)
    if level in Customer.Level.values:
        found = found.filter(level=level)
    if value_class in CLASSES or value_class == "-":
        found = found.filter(value_class="" if value_class == "-" else value_class)
    if owner is not None:
        found = found.filter(owner=owner)
    if territory is not None:
        top = Territory.objects.filter(pk=territory).values_list("path", flat=True).first()
        found = found.filter(territory__path__startswith=top) if top else found.none()
    if pool:
        found = found.filter(owner__isnull=True)
    return found.order_by(*SORTS.get(sort, _NEWEST_TALK))


def customer_list(user: User, *, page: int = 1, **asked: Any) -> tuple[list[Customer], bool]:
    """One page of :func:`found_customers`, and whether there is another."""
    first = (max(1, page) - 1) * PAGE_SIZE
    found = found_customers(user, **asked).values_list("pk", flat=True)
    # Ids first: a database that sorts a whole scope to find a page sorts narrow rows, not joined ones.
    ids = list(found[first : first + PAGE_SIZE + 1])
    by_id = Customer.objects.select_related("owner", "unit", "territory").in_bulk(ids)
    rows = [by_id[pk] for pk in ids if pk in by_id]
    return rows[:PAGE_SIZE], len(ids) > PAGE_SIZE


def csv_columns() -> list[str]:
    """Headings of :func:`csv_rows`, in the language of the page; the import reads them back."""
    return [
        _("Customer number"), _("Name"), _("Kind"), _("Dealer level"), _("Class"), _("City"), _("Industry"),
        _("Territory"), _("Tax number"), _("Main phone"), _("Address"), _("Supplied by"), _("Owner"), _("Last talk"),
        _("Created"),
    ]  # fmt: skip


def csv_rows(found: QuerySet[Customer]) -> Iterator[list[Any]]:
    """One row a customer, streamed, at most :data:`CSV_ROWS`."""
    customers = found.select_related("owner", "territory", "supplied_by")[:CSV_ROWS]
    for customer in customers.iterator(chunk_size=2000):
        yield [
            customer.code,
            customer.name,
            str(customer.get_kind_display()),
            str(customer.get_level_display()),
            customer.value_class,
            customer.city,
            customer.industry,
            customer.territory.name if customer.territory else "",
            customer.tax_number,
            customer.phone,
            customer.address,
            customer.supplied_by.name if customer.supplied_by else "",
            str(customer.owner or ""),
            customer.last_talk_at,
            customer.created_at,
        ]


def sellers_for(user: User) -> QuerySet[User]:
    """To whom the person may give customers: all sellers for those who see all customers, else one's own scope."""
    if user.role in SEES_ALL_CUSTOMERS:
        return User.objects.filter(role__in=SELLERS, is_active=True).order_by("display_name")
    return visible_reps(user)


def named_customer(user: User, text: str, *, kind: str = "") -> Customer:
    """The visible customer whose number or whole name this is. ``ValidationError`` in words: none, or several."""
    found = Customer.objects.visible_to(user)
    if kind:
        found = found.filter(kind=kind)
    named = list(found.filter(Q(code=text) | Q(name=text))[:2]) if text else []
    if not named:
        raise ValidationError(_("No customer has this name or number."), code="unknown")
    if len(named) > 1:
        raise ValidationError(_("Several customers have this name: give the number."), code="ambiguous")
    return named[0]


def customer_names(user: User, text: str, *, kind: str = "", most: int = 10) -> list[tuple[str, str]]:
    """Names (and cities) of visible customers that begin with or hold the text, for completing what is typed."""
    found = Customer.objects.visible_to(user).filter(Q(name__icontains=text) | Q(code__istartswith=text))
    if kind:
        found = found.filter(kind=kind)
    return list(found.order_by("name").values_list("name", "city")[:most])


def story_of(customer: Customer) -> list[AuditEntry]:
    """What people did to the customer and to those merged into him: ownership, contacts, card values; newest first."""
    return sorted(_entries(customer)[:60], key=lambda entry: entry.happened_at, reverse=True)


def ownership_of(customer: Customer) -> QuerySet[AuditEntry]:
    """Who had the customer, in order: created, handed over, released, taken, merged."""
    actions = ("created", "handed_over", "released", "taken", "merged", "merge_undone")
    return _entries(customer).filter(action__in=[f"customer.{action}" for action in actions])


def _entries(customer: Customer) -> QuerySet[AuditEntry]:
    ids = [customer.pk, *earlier_selves(customer)]
    return (
        AuditEntry.objects.filter(subject_type="customers.customer", subject_id__in=ids)
        .select_related("by")
        .order_by("-at", "-pk")
    )


def sees_all_customers(user: User) -> bool:
    """Whether the person's role sees every customer."""
    return Role(user.role) in SEES_ALL_CUSTOMERS
