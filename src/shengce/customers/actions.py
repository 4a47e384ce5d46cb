"""Every change of customers and their cards that others can see."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from shengce.customers.models import CardField, Contact, Customer
from shengce.people.models import Role, User, record
from shengce.people.permissions import require
from shengce.people.phone_numbers import typed_phone
from shengce.people.typed_text import refuse_unstorable


def create_customer(
    *, by: User, name: str, kind: str, city: str = "", industry: str = "", owner: User | None = None
) -> Customer:
    """Add a customer; it belongs to ``owner``, else to the one who adds it."""
    require(by, "customers.edit")
    refuse_unstorable(name, city, industry)
    holder = owner or by
    customer = Customer(
        name=name.strip(), kind=kind, city=city, industry=industry, owner=holder, unit=holder.unit
    )
    customer.full_clean()
    with transaction.atomic():
        customer.save()
        record("customer.created", customer, by=by, name=customer.name, owner=holder.pk)
    return customer


def update_customer(
    customer: Customer, *, by: User, name: str, kind: str, city: str, industry: str
) -> Customer:
    """Change what stands on the head of the card."""
    _require_visible(customer, by)
    refuse_unstorable(name, city, industry)
    customer.name, customer.kind, customer.city, customer.industry = name.strip(), kind, city, industry
    customer.full_clean()
    with transaction.atomic():
        customer.save(update_fields=["name", "kind", "city", "industry"])
        record("customer.updated", customer, by=by, name=customer.name)
    return customer


def add_contact(customer: Customer, *, by: User, name: str, position: str = "", phone: str = "") -> Contact:
    """Add a person at the customer. Calls with this number link themselves from now on."""
    _require_visible(customer, by)
    refuse_unstorable(name, position)
    contact = Contact(customer=customer, name=name.strip(), position=position, phone=typed_phone(phone))
    contact.full_clean()
    with transaction.atomic():
        contact.save()
        record("customer.contact_added", customer, by=by, contact=contact.pk, name=contact.name)
    return contact


def hand_over(customer: Customer, *, by: User, to: User) -> Customer:
    """Give a customer to another rep; the talks stay with those who held them."""
    _require_visible(customer, by)
    if not to.is_active:
        raise ValidationError(_("%(name)s may not sign in and cannot take customers.") % {"name": to})
    if to.role not in (Role.REP, Role.MANAGER):
        raise ValidationError(_("%(name)s does not sell and cannot take customers.") % {"name": to})
    with transaction.atomic():
        record("customer.handed_over", customer, by=by, old=customer.owner_id, new=to.pk)
        customer.owner, customer.unit = to, to.unit
        customer.save(update_fields=["owner", "unit"])
    return customer


def set_card_field(
    customer: Customer,
    field: str,
    value: str,
    *,
    by: User,
    source: str = CardField.Source.TYPED,
    evidence: dict[str, Any] | None = None,
) -> CardField:
    """Put a value on the card; earlier values stay as history.

    A value from a talk carries its evidence and may be set by whoever held the talk, also where a colleague owns
    the customer; a typed one only within one's scope.
    """
    if source == CardField.Source.TALK:
        require(by, "customers.edit")
    else:
        _require_visible(customer, by)
    refuse_unstorable(value)
    row = CardField(
        customer=customer,
        field=field,
        value=value.strip(),
        source=source,
        evidence=evidence or {},
        set_by=by,
    )
    row.full_clean()
    with transaction.atomic():
        row.save()
        record("customer.card_field_set", customer, by=by, field=field, value=row.value)
    return row


def withdraw_card_field(row: CardField, *, by: User) -> None:
    """Take one value back; the value before it is in force again."""
    if row.set_by_id != by.pk:
        _require_visible(row.customer, by)
    with transaction.atomic():
        record("customer.card_field_withdrawn", row.customer, by=by, field=row.field, value=row.value)
        row.delete()


def _require_visible(customer: Customer, by: User) -> None:
    require(by, "customers.edit")
    if not Customer.objects.visible_to(by).filter(pk=customer.pk).exists():
        raise PermissionDenied(_("This customer belongs to another team."))
