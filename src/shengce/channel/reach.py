"""Whose dealers, and whose cases: the scope that every read and write of this room asks."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from shengce.channel.models import SEES_ALL
from shengce.customers.models import Customer
from shengce.people.models import User
from shengce.people.permissions import may, require
from shengce.people.scope import visible


def visible_customers(user: User) -> QuerySet[Customer]:
    """Customers whose goods, stock and prices the person may look at; marketing keeps the whole channel in view."""
    seen = visible(user, rep="owner", unit="unit", see_all=SEES_ALL)
    return Customer.objects.filter(seen, merged_into__isnull=True)


def visible_dealers(user: User) -> QuerySet[Customer]:
    """Dealers among them."""
    return visible_customers(user).filter(kind=Customer.Kind.DEALER)


def require_customer(by: User, customer: Customer, permission: str = "channel.edit") -> None:
    """Raise ``PermissionDenied`` unless ``by`` holds the permission and the customer is in his scope."""
    require(by, permission)
    if not visible_customers(by).filter(pk=customer.pk).exists():
        raise PermissionDenied(_("This customer belongs to another team."))


def may_count_stock(user: User) -> bool:
    """Reps count at their dealers, the office types what dealers send in."""
    return may(user, "channel.edit") or may(user, "channel.report")
