"""Whose records a person sees: rep own, manager own subtree, inspector and executive all, others nothing."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from shengce.people.models import Role, Unit, User

SEES_ALL = (Role.EXECUTIVE, Role.INSPECTOR)


def subtree_ids(unit: Unit | None) -> list[int]:
    """Ids of a unit and everything below it; an organisation has hundreds of units, not millions."""
    if unit is None:
        return []
    return list(Unit.objects.filter(path__startswith=unit.path).values_list("pk", flat=True))


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
