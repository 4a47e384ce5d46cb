"""Reads over people and organisation."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Count, Q, QuerySet

from shengce.people.models import AuditEntry, Role, Territory, Unit, User
from shengce.people.scope import subtree_ids


def history_of_calendar(year: int) -> QuerySet[AuditEntry]:
    """Who changed which day of a year of the firm's calendar, newest first."""
    rows = AuditEntry.objects.filter(
        subject_type="people.calendarday",
        action__startswith="calendar_day.",
        details__day__startswith=f"{year}-",
    )
    return rows.select_related("by").order_by("-at", "-pk")


@dataclass(slots=True)
class Node:
    """A unit with its people and its children, for drawing the tree."""

    unit: Unit
    count: int = 0
    members: list[User] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)


def visible_units(user: User) -> QuerySet[Unit]:
    """The part of the tree that the person may look at."""
    if user.role in (Role.EXECUTIVE, Role.ADMINISTRATOR, Role.INSPECTOR):
        return Unit.objects.all()
    if user.role == Role.MANAGER:
        return Unit.objects.filter(pk__in=subtree_ids(user.unit))
    return Unit.objects.none()


SHOWN_AT_ONCE = 300
"""People of a tree that is shown whole; in a larger one each unit is opened by itself."""


def organisation(user: User, *, opened: int | None = None) -> list[Node]:
    """The visible tree, roots first, in two queries whatever its size; of a large one, the people of the unit ``opened``."""
    units = list(visible_units(user).annotate(count=Count("members")).order_by("path"))
    nodes = {unit.pk: Node(unit, unit.count) for unit in units}
    large = sum(node.count for node in nodes.values()) > SHOWN_AT_ONCE
    shown = [opened] if large and opened in nodes else [] if large else nodes
    for member in User.objects.filter(unit__in=shown).order_by("-is_active", "role", "display_name"):
        if member.unit_id is not None:
            nodes[member.unit_id].members.append(member)
    roots: list[Node] = []
    for unit in units:
        above = nodes.get(unit.parent_id) if unit.parent_id else None
        (above.children if above else roots).append(nodes[unit.pk])
    return roots


FOUND = 50


def find_people(user: User, text: str) -> list[User]:
    """Visible people whose name, user name or phone holds the text; the first :data:`FOUND`."""
    asked = Q(display_name__icontains=text) | Q(username__icontains=text) | Q(phone__contains=text)
    rows = visible_users(user).filter(asked).select_related("unit")
    return list(rows.order_by("-is_active", "display_name", "pk")[:FOUND])


def visible_users(user: User) -> QuerySet[User]:
    """People whose records the person may see: own self, subtree, or everybody."""
    if user.role in (Role.EXECUTIVE, Role.ADMINISTRATOR, Role.INSPECTOR):
        return User.objects.all()
    if user.role == Role.MANAGER:
        return User.objects.filter(Q(unit__in=subtree_ids(user.unit)) | Q(pk=user.pk))
    return User.objects.filter(pk=user.pk)


def visible_reps(user: User) -> QuerySet[User]:
    """Active sellers of one's scope, for choices in filters and forms."""
    return (
        visible_users(user).filter(role__in=(Role.REP, Role.MANAGER), is_active=True).order_by("display_name")
    )


def history_of(user: User) -> QuerySet[AuditEntry]:
    """What happened to a person's account, newest first."""
    return (
        AuditEntry.objects.filter(subject_type="people.user", subject_id=user.pk)
        .select_related("by")
        .order_by("-at")
    )


@dataclass(slots=True)
class Place:
    """A territory with those below it, for drawing the tree."""

    territory: Territory
    children: list[Place] = field(default_factory=list)


def territory_tree() -> list[Place]:
    """All territories, roots first, in one query."""
    territories = list(Territory.objects.order_by("path"))
    places = {territory.pk: Place(territory) for territory in territories}
    roots: list[Place] = []
    for territory in territories:
        above = places.get(territory.parent_id) if territory.parent_id else None
        (above.children if above else roots).append(places[territory.pk])
    return roots


def territory_of_place(text: str) -> Territory | None:
    """The territory that a text names (``昆山花桥的仓库``): the longest name or place that is in it decides.

    A territory and one above it are no contradiction: the lower one is meant. Two others that tie are ambiguous: ``None``.
    """
    best: list[Territory] = []
    longest = 0
    for territory in Territory.objects.all():
        size = max(
            (len(name) for name in (territory.name, *territory.places) if name and name in text), default=0
        )
        if size > longest:
            best, longest = [territory], size
        elif size and size == longest:
            best.append(territory)
    best.sort(key=lambda found: len(found.path), reverse=True)
    if not best or any(not best[0].path.startswith(other.path) for other in best[1:]):
        return None
    return best[0]
