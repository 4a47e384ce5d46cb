"""Who a recording belongs to: the rep, the rep's place at that time, the customer, found by number and name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from shengce.customers.models import Contact, Customer
from shengce.people.models import Posting, Role, Unit, User
from shengce.people.phone_numbers import normalise_phone
from shengce.people.scope import may_act_for
from shengce.recordings.hints import Hints

SELLERS = (Role.REP, Role.MANAGER)


@dataclass(slots=True)
class Link:
    """What was found; ``warnings`` are codes of ``errors.WARNINGS`` for what could not be decided."""

    rep: User | None = None
    unit: Unit | None = None
    customer: Customer | None = None
    contact: Contact | None = None
    phone: str = ""
    direction: str = ""
    started_at: datetime | None = None
    warnings: list[str] = field(default_factory=list)


def resolve(hints: Hints, *, by: User | None, rep: User | None = None) -> Link:
    """Look up what the hints say. ``rep`` was chosen by a person and counts more than any hint."""
    link = Link(phone=hints.phone, direction=hints.direction, started_at=hints.started_at)
    own_number = _tell_sides_apart(hints, link)
    link.rep = rep or _find_rep(hints, own_number, by, link)
    link.unit = unit_at(link.rep, link.started_at) if link.rep else _place_of(by)
    find_customer(link, contact_name=hints.contact, customer_name=hints.customer)
    return link


def unit_at(rep: User, moment: datetime | None) -> Unit | None:
    """Where a rep stood on the day of the talk: old talks stay with the old team."""
    day = timezone.localdate(moment or timezone.now())
    posting = (
        Posting.objects.filter(user=rep, start_on__lte=day)
        .select_related("unit")
        .order_by("-start_on")
        .first()
    )
    if posting is not None and (posting.end_on is None or posting.end_on > day):
        return posting.unit
    return rep.unit


def find_customer(link: Link, *, contact_name: str = "", customer_name: str = "") -> None:
    """Fill in customer and contact: by number, else by a written name that only one customer in reach has."""
    if link.phone:
        contacts = list(
            Contact.objects.filter(phone=link.phone).select_related("customer").order_by("pk")[:50]
        )
        _choose(link, contacts, contact_name)
    elif contact_name and link.rep is not None:
        mine = Contact.objects.filter(name=contact_name, customer__owner=link.rep)
        _choose(link, list(mine.select_related("customer")[:50]), contact_name)
    if link.customer is None and customer_name:
        named = list(Customer.objects.filter(name=customer_name)[:50])
        near = [c for c in named if _in_reach(c, link)]
        if len(near) == 1:
            link.customer = near[0]
        else:
            link.warnings.append("customer_ambiguous" if near else "customer_unknown")


def _choose(link: Link, contacts: list[Contact], contact_name: str) -> None:
    """The rep's own customer first, then one of the team or without owner; two firms that fit are left to a person."""
    near = [c for c in contacts if _in_reach(c.customer, link)]
    own = [c for c in near if link.rep is not None and c.customer.owner_id == link.rep.pk]
    chosen = own or near
    if not chosen:
        if link.phone:
            link.warnings.append("customer_elsewhere" if contacts else "number_unknown")
        return
    named = [c for c in chosen if contact_name and c.name in contact_name]
    if len({c.customer_id for c in chosen}) > 1:
        chosen = named
    if len({c.customer_id for c in chosen}) != 1:
        link.warnings.append("customer_ambiguous")
        return
    link.contact = (named or chosen)[0]
    link.customer = link.contact.customer


def _in_reach(customer: Customer, link: Link) -> bool:
    """A file name must not be a way to learn the name of another team's customer."""
    if customer.owner_id is None or (link.rep is None and link.unit is None):
        return True
    if link.rep is not None and customer.owner_id == link.rep.pk:
        return True
    return link.unit is not None and customer.unit_id == link.unit.pk


def _tell_sides_apart(hints: Hints, link: Link) -> str:
    """Of caller and callee, which is ours; returns our number."""
    if link.phone and link.phone in (hints.caller, hints.callee):
        theirs_called = link.phone == hints.caller
        link.direction = link.direction or ("in" if theirs_called else "out")
        return hints.own_number or (hints.callee if theirs_called else hints.caller)
    if link.phone or not (hints.caller or hints.callee):
        return hints.own_number
    ours_called = link.direction == "out"
    if not link.direction:
        known = set(
            User.objects.filter(phone__in=[n for n in (hints.caller, hints.callee) if n]).values_list(
                "phone", flat=True
            )
        )
        if (hints.caller in known) == (hints.callee in known):
            link.warnings.append("sides_unknown")
            return hints.own_number
        ours_called = hints.caller in known
        link.direction = "out" if ours_called else "in"
    link.phone = hints.callee if ours_called else hints.caller
    return hints.own_number or (hints.caller if ours_called else hints.callee)


def _find_rep(hints: Hints, own_number: str, by: User | None, link: Link) -> User | None:
    sellers = User.objects.filter(is_active=True).select_related("unit")
    for written in (hints.rep, own_number):
        if not written:
            continue
        number = normalise_phone(written)
        for condition in ({"username": written}, {"phone": number}, {"display_name": written}):
            if not all(condition.values()):
                continue
            found = list(sellers.filter(**condition)[:2])
            if len(found) == 1:
                return found[0] if _may_name(by, found[0], link) else _self(by)
            if found:
                link.warnings.append("rep_ambiguous")
                return _self(by)
    if hints.rep:
        link.warnings.append("rep_unknown")
    return _self(by)


def _may_name(by: User | None, rep: User, link: Link) -> bool:
    """A rep's own sidecar cannot put recordings on somebody else."""
    if by is None or by.role == Role.ADMINISTRATOR or by.pk == rep.pk:
        return True
    if may_act_for(by, rep):
        return True
    link.warnings.append("rep_elsewhere")
    return False


def _self(by: User | None) -> User | None:
    return by if by is not None and by.role == Role.REP else None


def _place_of(by: User | None) -> Unit | None:
    return by.unit if by is not None and by.role in SELLERS else None
