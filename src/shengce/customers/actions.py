"""Every change of customers, their contacts, owners and card values that others can see.

Other changes have files of their own: :mod:`customers.cards` (templates), :mod:`customers.deals`, :mod:`customers.pool`,
:mod:`customers.merging`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.customers.cards import clean_typed, known_fields, month_of
from shengce.customers.models import CardField, Contact, Customer, Deal
from shengce.people.models import Role, Territory, User, record
from shengce.people.moments import past_moment, told
from shengce.people.permissions import require
from shengce.people.phone_numbers import typed_phone
from shengce.people.typed_text import refuse_unstorable

SELLERS: Final = (Role.REP, Role.MANAGER)
UNCHANGED: Any = object()
"""Default of what :func:`update_customer` leaves alone."""

HEAD: Final = ("name", "kind", "city", "industry", "code", "level", "tax_number", "phone", "address",
               "territory", "supplied_by", "value_class")  # fmt: skip
CLASSES: Final = ("A", "B", "C")


def create_customer(
    *,
    by: User,
    name: str,
    kind: str,
    city: str = "",
    industry: str = "",
    owner: User | None = None,
    code: str = "",
    level: str = "",
    tax_number: str = "",
    phone: str = "",
    address: str = "",
    territory: Territory | None = None,
    supplied_by: Customer | None = None,
    value_class: str = "",
    at: dt.datetime | None = None,
) -> Customer:
    """Add a customer; it belongs to ``owner``, else to the one who adds it, and to the public pool where he does not sell.

    ``at`` is since when he is a customer, where that was earlier than now. Raises ``ValidationError`` by field, in words.
    """
    require(by, "customers.edit")
    holder = owner or (by if by.role in SELLERS else None)
    customer = Customer(owner=holder, unit=holder.unit if holder else None, created_at=past_moment(at))
    if holder is None:
        customer.pooled_at = customer.created_at
    head = {
        "name": name, "kind": kind, "city": city, "industry": industry, "code": code, "level": level,
        "tax_number": tax_number, "phone": phone, "address": address, "territory": territory,
        "supplied_by": supplied_by, "value_class": value_class,
    }  # fmt: skip
    _set_head(customer, head)
    with transaction.atomic():
        _save_head(customer)
        details = {"name": customer.name, "owner": holder and holder.pk, **told(at)}
        record("customer.created", customer, by=by, **details)
    return customer


def update_customer(
    customer: Customer,
    *,
    by: User,
    name: str = UNCHANGED,
    kind: str = UNCHANGED,
    city: str = UNCHANGED,
    industry: str = UNCHANGED,
    code: str = UNCHANGED,
    level: str = UNCHANGED,
    tax_number: str = UNCHANGED,
    phone: str = UNCHANGED,
    address: str = UNCHANGED,
    territory: Territory | None = UNCHANGED,
    supplied_by: Customer | None = UNCHANGED,
    value_class: str = UNCHANGED,
    at: dt.datetime | None = None,
) -> Customer:
    """Change what stands on the head of the card; what is not given stays. ``at`` is when it was, if earlier than now."""
    require_visible(customer, by)
    past_moment(at)
    given = {
        "name": name, "kind": kind, "city": city, "industry": industry, "code": code, "level": level,
        "tax_number": tax_number, "phone": phone, "address": address, "territory": territory,
        "supplied_by": supplied_by, "value_class": value_class,
    }  # fmt: skip
    changes = {field: value for field, value in given.items() if value is not UNCHANGED}
    if kind is not UNCHANGED and kind != Customer.Kind.DEALER and level is UNCHANGED:
        changes["level"] = ""
    with transaction.atomic():
        old = {field: getattr(customer, field) for field in changes}
        _set_head(customer, changes)
        _save_head(customer, update_fields=list(changes))
        changed = sorted(field for field in changes if getattr(customer, field) != old[field])
        record("customer.updated", customer, by=by, name=customer.name, changed=changed, **told(at))
    return customer


def _set_head(customer: Customer, head: dict[str, Any]) -> None:
    refuse_unstorable(*(value for value in head.values() if isinstance(value, str)))
    for field, value in head.items():
        setattr(customer, field, value.strip() if isinstance(value, str) else value)
    if "tax_number" in head:
        customer.tax_number = re.sub(r"[\s-]", "", customer.tax_number).upper()
    if "phone" in head:
        try:
            customer.phone = typed_phone(customer.phone)
        except ValidationError as problem:
            raise ValidationError({"phone": problem}) from problem
    if customer.level and customer.kind != Customer.Kind.DEALER:
        raise ValidationError({"level": _("Only a dealer has a level.")}, code="level")
    if customer.value_class and customer.value_class not in CLASSES:
        raise ValidationError({"value_class": _("The class is A, B or C.")}, code="value_class")
    _check_supplier(customer)
    try:
        customer.full_clean()
    except ValidationError as problem:
        raise _beside_code(problem) from problem


def check_head(customer: Customer | None, head: Mapping[str, Any]) -> None:
    """What can be said of a head before it is written; ``customer`` is empty for a new one. ``ValidationError`` by field."""
    standing = {field: getattr(customer, field) if customer else "" for field in ("kind", "level")}
    said = {**standing, **{field: head[field] for field in standing if field in head}}
    if said["level"] and said["kind"] != Customer.Kind.DEALER:
        raise ValidationError({"level": _("Only a dealer has a level.")}, code="level")
    if head.get("value_class") and head["value_class"] not in CLASSES:
        raise ValidationError({"value_class": _("The class is A, B or C.")}, code="value_class")


def _check_supplier(customer: Customer) -> None:
    """Nobody is supplied by himself, whatever stands between."""
    seller = customer.supplied_by
    for _step in range(20):
        if seller is None:
            return
        if customer.pk is not None and seller.pk == customer.pk:
            break
        seller = seller.supplied_by
    raise ValidationError({"supplied_by": _("A dealer cannot be supplied by himself.")}, code="supplied_by")


def _save_head(customer: Customer, **options: Any) -> None:
    try:
        with transaction.atomic():
            customer.save(**options)
    except IntegrityError as error:  # somebody else took the number in this moment
        raise ValidationError({"code": _("Another customer has this number.")}, code="code") from error


def _beside_code(problem: ValidationError) -> ValidationError:
    """A condition of the whole table that only the number can break belongs beside the number."""
    reasons = dict(problem.error_dict)
    if general := reasons.pop(NON_FIELD_ERRORS, None):
        reasons.setdefault("code", []).extend(general)
    return ValidationError(reasons)


# --- contacts


def add_contact(
    customer: Customer,
    *,
    by: User,
    name: str,
    position: str = "",
    phone: str = "",
    email: str = "",
    at: dt.datetime | None = None,
) -> Contact:
    """Add a person at the customer. Calls with this number link themselves from now on.

    ``at`` is since when he is known, where that was earlier than now.
    """
    past_moment(at)
    require_visible(customer, by)
    contact = _contact(Contact(customer=customer), name=name, position=position, phone=phone, email=email)
    with transaction.atomic():
        contact.save()
        record("customer.contact_added", customer, by=by, contact=contact.pk, name=contact.name, **told(at))
    return contact


def update_contact(
    contact: Contact, *, by: User, name: str, position: str = "", phone: str = "", email: str = ""
) -> Contact:
    """Change a person's data."""
    require_visible(contact.customer, by)
    old = {"name": contact.name, "position": contact.position, "phone": contact.phone, "email": contact.email}
    contact = _contact(contact, name=name, position=position, phone=phone, email=email)
    with transaction.atomic():
        contact.save(update_fields=["name", "position", "phone", "email"])
        record(
            "customer.contact_updated",
            contact.customer,
            by=by,
            contact=contact.pk,
            name=contact.name,
            old=old,
        )
    return contact


def remove_contact(contact: Contact, *, by: User) -> None:
    """Take a person away who has left; talks with him stay, and the number links no more calls."""
    customer = contact.customer
    require_visible(customer, by)
    with transaction.atomic():
        record(
            "customer.contact_removed",
            customer,
            by=by,
            contact=contact.pk,
            name=contact.name,
            position=contact.position,
            phone=contact.phone,
        )
        contact.delete()


def _contact(contact: Contact, *, name: str, position: str, phone: str, email: str) -> Contact:
    refuse_unstorable(name, position, email)
    contact.name, contact.position, contact.phone = name.strip(), position.strip(), typed_phone(phone)
    contact.email = email.strip()
    contact.full_clean()
    return contact


# --- owners


def hand_over(
    customer: Customer, *, by: User, to: User, reason: str = "", at: dt.datetime | None = None
) -> Customer:
    """Give a customer to another rep with the open deals of his owner; the talks stay with those who held them."""
    moment = past_moment(at)
    require_visible(customer, by)
    check_seller(to)
    refuse_unstorable(reason)
    with transaction.atomic():
        standing = Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
        details = {"reason": reason.strip()[:200]} if reason.strip() else {}
        details |= told(at)
        record("customer.handed_over", customer, by=by, old=standing.owner_id, new=to.pk, **details)
        give_to(customer, to, old=standing.owner_id, at=moment)
    return customer


def give_to(customer: Customer, to: User, *, old: int | None, at: dt.datetime | None = None) -> None:
    """Make ``to`` the owner, with the open deals of the owner before him."""
    customer.owner, customer.unit = to, to.unit
    customer.owned_since, customer.pooled_at = at or timezone.now(), None
    customer.save(update_fields=["owner", "unit", "owned_since", "pooled_at"])
    if old is not None:
        Deal.objects.filter(customer=customer, owner=old, closed_at__isnull=True).update(
            owner=to, unit=to.unit
        )


def check_seller(person: User) -> None:
    """``ValidationError`` where the person cannot own customers."""
    if not person.is_active:
        raise ValidationError(_("%(name)s may not sign in and cannot take customers.") % {"name": person})
    if person.role not in SELLERS:
        raise ValidationError(_("%(name)s does not sell and cannot take customers.") % {"name": person})


# --- values of cards


def set_card_field(
    customer: Customer,
    field: str,
    value: str,
    *,
    by: User,
    source: str = CardField.Source.TYPED,
    evidence: dict[str, Any] | None = None,
    month: dt.date | None = None,
    at: dt.datetime | None = None,
) -> CardField:
    """Put a value on a card; earlier values stay as history. ``month`` is any day of the month of a monthly card's field,
    ``at`` when it was learnt, where that was earlier than now.

    A value from a talk carries its evidence and may be set by whoever held the talk, also where a colleague owns
    the customer, in the words of the talk; a typed one only within one's scope, and in the form of its kind.
    """
    if source == CardField.Source.TALK:
        require(by, "customers.edit")
    else:
        require_visible(customer, by)
    refuse_unstorable(value)
    fields = known_fields()
    if field not in fields:
        raise ValidationError({"field": _("The cards have no such field.")}, code="field")
    card, found = fields[field]
    text = value.strip() if source == CardField.Source.TALK else clean_typed(found, value)
    row = CardField(
        customer=customer,
        field=field,
        month=month_of(card, month or timezone.localdate()),
        value=text,
        source=source,
        evidence=evidence or {},
        set_by=by,
        set_at=past_moment(at),
    )
    row.full_clean()
    with transaction.atomic():
        row.save()
        label = found.shown(row.value)
        choice = {"shown": label} if isinstance(label, dict) else {}
        record("customer.card_field_set", customer, by=by, field=field, value=row.value, **choice, **told(at))
    return row


def withdraw_card_field(row: CardField, *, by: User) -> None:
    """Take one value back; the value before it is in force again."""
    if row.set_by_id != by.pk:
        require_visible(row.customer, by)
    with transaction.atomic():
        record("customer.card_field_withdrawn", row.customer, by=by, field=row.field, value=row.value)
        row.delete()


def require_visible(customer: Customer, by: User) -> None:
    """``PermissionDenied`` where ``by`` may not edit customers, or not see this one."""
    require(by, "customers.edit")
    if not Customer.objects.visible_to(by).filter(pk=customer.pk).exists():
        raise PermissionDenied(_("This customer belongs to another team."))
