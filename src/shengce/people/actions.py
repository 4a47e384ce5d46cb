"""Every change of users and organisation that others can see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.people.models import CalendarDay, Posting, Territory, Unit, User, record
from shengce.people.permissions import require
from shengce.people.phone_numbers import typed_phone
from shengce.people.scope import forget_tree
from shengce.people.tokens import revoke_all
from shengce.people.typed_text import refuse_unstorable, typed_text


def found_organisation(*, name: str) -> Unit:
    """Create the root of the tree; there is one. Used at installation, before anybody can sign in."""
    with transaction.atomic():
        if Unit.objects.filter(parent__isnull=True).exists():
            raise ValidationError(_("The organisation already exists."))
        return _insert_unit(name=name, kind=Unit.Kind.COMPANY, parent=None)


def create_unit(*, by: User, name: str, kind: str, parent: Unit) -> Unit:
    """Add a unit below ``parent``."""
    require(by, "people.edit")
    with transaction.atomic():
        unit = _insert_unit(name=name, kind=kind, parent=parent)
        record("unit.created", unit, by=by, name=name, parent=parent.pk)
    return unit


def update_unit(unit: Unit, *, by: User, name: str, kind: str) -> Unit:
    """Give a unit another name or kind; its place stays."""
    require(by, "people.edit")
    refuse_unstorable(name)
    with transaction.atomic():
        record("unit.updated", unit, by=by, old=[unit.name, unit.kind], new=[name, kind])
        unit.name, unit.kind = name, kind
        unit.full_clean(exclude=["path"])
        unit.save(update_fields=["name", "kind"])
    return unit


def _insert_unit(*, name: str, kind: str, parent: Unit | None) -> Unit:
    refuse_unstorable(name)
    unit = Unit(name=name, kind=kind, parent=parent)
    unit.full_clean(exclude=["path"])
    unit.save()
    unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
    unit.save(update_fields=["path"])
    forget_tree()
    return unit


MOST_PLACES = 500
"""Places of one territory; China has 2,800 counties."""


def create_territory(
    *, by: User, name: str, parent: Territory | None = None, places: Sequence[str] = ()
) -> Territory:
    """Add a piece of the market below ``parent``; ``places`` are what people call it and what lies in it."""
    require(by, "territories.edit")
    territory = Territory(name=typed_text(name, most=60), parent=parent, places=_places(places))
    territory.full_clean(exclude=["path"])
    with transaction.atomic():
        territory.save()
        territory.path = f"{parent.path if parent else '/'}{territory.pk}/"
        territory.save(update_fields=["path"])
        record("territory.created", territory, by=by, name=territory.name, parent=parent and parent.pk)
    return territory


def update_territory(
    territory: Territory, *, by: User, name: str, parent: Territory | None, places: Sequence[str]
) -> Territory:
    """Rename it, move it with all below it, or name other places. It never comes to lie below itself."""
    require(by, "territories.edit")
    with transaction.atomic():
        territory = Territory.objects.select_for_update(of=("self",)).get(pk=territory.pk)
        if parent is not None and parent.path.startswith(territory.path):
            raise ValidationError({"parent": _("A territory cannot lie below itself.")}, code="below_itself")
        old = {"name": territory.name, "parent": territory.parent_id, "places": territory.places}
        territory.name, territory.parent = typed_text(name, most=60), parent
        territory.places = _places(places)
        territory.full_clean(exclude=["path"])
        _move_path(territory, f"{parent.path if parent else '/'}{territory.pk}/")
        territory.save()
        record("territory.updated", territory, by=by, old=old, new=territory.name)
    return territory


def _move_path(territory: Territory, path: str) -> None:
    for below in Territory.objects.filter(path__startswith=territory.path).exclude(pk=territory.pk):
        below.path = path + below.path.removeprefix(territory.path)
        below.save(update_fields=["path"])
    territory.path = path


def _places(places: Sequence[str]) -> list[str]:
    """Each once, in the order typed."""
    cleaned = (typed_text(place, most=60, required=False) for place in places)
    kept = list(dict.fromkeys(place for place in cleaned if place))
    if len(kept) > MOST_PLACES:
        raise ValidationError({"places": _("At most %(most)d places fit.") % {"most": MOST_PLACES}})
    return kept


@transaction.atomic
def save_calendar_day(
    *, by: User, day: dt.date, works: bool, name: str = "", changes: Mapping[str, int] | None = None
) -> CalendarDay:
    """A day on which the firm works or does not, whatever the official calendar says.

    ``changes``: what of the past changes with it, as the person was told before; kept in the audit.
    """
    require(by, "calendar.edit")
    words = typed_text(name, most=60, required=False)
    row, _made = CalendarDay.objects.update_or_create(day=day, defaults={"works": works, "name": words})
    record("calendar_day.saved", row, by=by, day=day.isoformat(), works=works, name=words, **(changes or {}))
    return row


@transaction.atomic
def remove_calendar_day(row: CalendarDay, *, by: User, changes: Mapping[str, int] | None = None) -> None:
    """The official calendar holds again for this day. ``changes``: as of :func:`save_calendar_day`."""
    require(by, "calendar.edit")
    record("calendar_day.removed", row, by=by, day=row.day.isoformat(), **(changes or {}))
    row.delete()


def create_user(
    *,
    by: User | None,
    username: str,
    password: str | None,
    display_name: str,
    role: str,
    unit: Unit | None,
    phone: str = "",
    start_on: dt.date | None = None,
) -> User:
    """Add a person with a first posting. ``by`` is empty only for the first administrator of an installation.

    Without a password nobody can sign in under the name until the person has chosen one, by an invitation.
    """
    if by is not None:
        require(by, "people.edit")
    elif User.objects.exists():
        raise ValidationError(_("Only an administrator can add people."))
    refuse_unstorable(username, display_name)
    user = User(username=username, display_name=display_name, role=role, unit=unit, phone=_phone(phone))
    if password is not None:
        validate_password(password, user)
    user.set_password(password)
    with transaction.atomic():
        user.full_clean()
        user.save()
        Posting.objects.create(user=user, unit=unit, role=role, start_on=start_on or timezone.localdate())
        record("user.created", user, by=by, username=username, role=role, unit=unit and unit.pk)
    return user


def update_user(user: User, *, by: User, display_name: str, phone: str, is_active: bool) -> User:
    """Change name, phone or whether the person may sign in. Nobody locks himself out."""
    require(by, "people.edit")
    if user == by and not is_active:
        raise ValidationError(_("You cannot deactivate yourself."))
    refuse_unstorable(display_name)
    with transaction.atomic():
        user.display_name, user.phone, user.is_active = display_name, _phone(phone), is_active
        user.full_clean()
        user.save(update_fields=["display_name", "phone", "is_active"])
        record("user.updated", user, by=by, display_name=display_name, is_active=is_active)
    return user


def move_user(user: User, *, by: User, unit: Unit | None, role: str, on: dt.date | None = None) -> User:
    """Give a person another place or role from a day on. Earlier talks stay with the earlier unit."""
    require(by, "people.edit")
    day = on or timezone.localdate()
    if day > timezone.localdate():
        raise ValidationError({"on": _("A move counts at once: choose today or an earlier day.")})
    if user == by and role != by.role:
        raise ValidationError({"role": _("You cannot take your own role away.")})
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        current = user.postings.filter(end_on__isnull=True).first()
        if current is not None and current.start_on > day:
            raise ValidationError({"on": _("The person already has a later posting.")})
        if current is not None:
            current.end_on = day
            current.save(update_fields=["end_on"])
        Posting.objects.create(user=user, unit=unit, role=role, start_on=day)
        record("user.moved", user, by=by, unit=unit and unit.pk, role=role, on=day.isoformat())
        user.unit, user.role = unit, role
        user.full_clean()
        user.save(update_fields=["unit", "role"])
    return user


def set_password(user: User, *, by: User, password: str) -> None:
    """An administrator gives a person a new password: whoever had the old one is out.

    Sessions end because they are bound to the password; the keys in the person's name are revoked.
    """
    require(by, "people.edit")
    validate_password(password, user)
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        record("user.password_set", user, by=by, keys_revoked=revoke_all(user, by=by))


def choose_password(user: User, *, password: str) -> None:
    """A person's own choice, by an invitation or on his own page; what :func:`set_password` says of sessions and keys holds."""
    validate_password(password, user)
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        record("user.password_chosen", user, by=user, keys_revoked=revoke_all(user, by=user))


def _phone(text: str) -> str:
    """Beside its own field where it is no number."""
    try:
        return typed_phone(text)
    except ValidationError as problem:
        raise ValidationError({"phone": problem}) from problem
