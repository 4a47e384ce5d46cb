"""Whose records a person sees: rep own, manager own subtree, inspector and executive all, others nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from shengce.people.models import Role, Unit, User

SEES_ALL = (Role.EXECUTIVE, Role.INSPECTOR)


_remembered: ContextVar[dict[str, list[int]] | None] = ContextVar("units of this request", default=None)


class OneLookAtTheTree:
    """Middleware: a request reads the units below a unit once, however many lists it asks for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = _remembered.set({})
        try:
            return self.get_response(request)
        finally:
            _remembered.reset(token)


def forget_tree() -> None:
    """The tree has changed: read it again."""
    if (known := _remembered.get()) is not None:
        known.clear()


def subtree_ids(unit: Unit | None) -> list[int]:
    """Ids of a unit and everything below it; an organisation has hundreds of units, not millions."""
    if unit is None:
        return []
    known = _remembered.get()
    if known is not None and unit.path in known:
        return known[unit.path]
    found = list(Unit.objects.filter(path__startswith=unit.path).values_list("pk", flat=True))
    if known is not None:
        known[unit.path] = found
    return found


def visible(user: User, *, rep: str, unit: str, see_all: tuple[str, ...] = SEES_ALL) -> Q:
    """Condition for rows that belong to a rep and to the unit where the rep stood at that time.

    ``rep`` and ``unit`` are the names of the foreign keys on the table that is asked, for example
    ``Conversation.objects.filter(visible(user, rep="rep", unit="unit"))``.
    """
    nothing = Q(pk__in=[])
    if not user.is_active:
        return nothing
    if user.role in see_all:
        return Q()
    if user.role == Role.MANAGER:
        own: dict[str, Any] = {rep: user.pk}
        return Q(**{f"{unit}__in": subtree_ids(user.unit)}) | Q(**own)
    if user.role == Role.REP:
        return Q(**{rep: user.pk})
    return nothing


def may_act_for(user: User, rep: User) -> bool:
    """Whether ``user`` may do a rep's work: the rep himself, or a manager above the rep's unit."""
    if user.pk == rep.pk:
        return True
    return user.role == Role.MANAGER and rep.unit_id in subtree_ids(user.unit)
