"""Whose records an action may touch: the row comes back locked, or the person is refused."""

from __future__ import annotations

from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.translation import gettext as _

from shengce.customers.models import Customer
from shengce.people.models import Unit, User
from shengce.people.permissions import require

Row = TypeVar("Row", bound=models.Model)


def locked(row: Row, *, by: User, permission: str) -> Row:
    """The row as it stands now, locked, where ``by`` holds the permission and sees it."""
    require(by, permission)
    table: Any = type(row)._default_manager
    found: Row | None = table.visible_to(by).select_for_update(of=("self",)).filter(pk=row.pk).first()
    if found is None:
        raise PermissionDenied(_("This belongs to somebody outside your team."))
    return found


def require_customer(customer: Customer, *, by: User, permission: str) -> None:
    """``PermissionDenied`` where ``by`` may not do this, or not for this customer."""
    require(by, permission)
    if not Customer.objects.visible_to(by).filter(pk=customer.pk).exists():
        raise PermissionDenied(_("This belongs to somebody outside your team."))


def lock_customer(customer: Customer) -> None:
    """Two orders of one customer are checked against the limit one after the other."""
    Customer.objects.select_for_update(of=("self",)).filter(pk=customer.pk).first()


def seller_of(customer: Customer, rep: User | None) -> tuple[User | None, Unit | None]:
    """Who answers for a document: the rep who is named, else the owner; and the unit where he stands today."""
    holder = rep or customer.owner
    return (holder, holder.unit or customer.unit) if holder is not None else (None, customer.unit)
