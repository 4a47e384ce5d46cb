"""Among whom a cell is split, by which weights, and how much of each month a rep is there for."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
import yaml
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.catalogue.models import ProductLine
from shengce.customers.models import Customer
from shengce.people.models import Posting, Role, Territory, Unit, User
from shengce.people.queries import visible_users
from shengce.people.scope import subtree_ids
from shengce.people.working_days import working_calendar
from shengce.planning.allocation import Floats
from shengce.planning.periods import FiscalYear, Span, working_days
from shengce.planning.working_time import Calendar
from shengce.sales.models import SalesMethod, SettlementMethod
from shengce.targets.dimensions import BY_CODE
from shengce.targets.history import reached_before, weighed_by
from shengce.targets.trees import rolled_up

SPLITS = (
    "month",
    "unit",
    "rep",
    "product_line",
    "territory",
    "customer",
    "settlement_method",
    "sales_method",
)
BASES = ("history", "potential", "equal", "own")
MOST = 20_000
_SELLERS = (Role.REP, Role.MANAGER)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One who gets a part: ``value`` is the id or code. ``unit`` and ``owner`` say whose cells he can take from."""

    value: Any
    label: str
    unit: int | None = None
    owner: int | None = None


def candidates(split: str, where: Mapping[str, Any], user: User, year: FiscalYear) -> list[Candidate]:
    """All among whom a cell of ``where`` can be split, in the order of their names or of the tree."""
    if split == "month":
        return [Candidate(i, month.start_on.strftime("%Y-%m")) for i, month in enumerate(year.months)]
    if split == "unit":
        node = where.get("unit") or user.unit_id
        units = Unit.objects.filter(parent=node)
        return [Candidate(unit.pk, unit.name, unit.pk) for unit in units]
    if split == "rep":
        return _reps(where, user, year)
    if split in ("product_line", "territory"):
        return _ends(ProductLine if split == "product_line" else Territory, where.get(split))
    if split == "customer":
        return _customers(where, user)
    choices = SettlementMethod.choices if split == "settlement_method" else SalesMethod.choices
    return [Candidate(value, str(label)) for value, label in choices]


def _reps(where: Mapping[str, Any], user: User, year: FiscalYear) -> list[Candidate]:
    """Sellers who stood in the cell's units at some time of the year; who has left has an end to his posting."""
    people = visible_users(user).filter(role=Role.REP).select_related("unit")
    if where.get("rep"):
        people = people.filter(pk=where["rep"])
    if where.get("unit"):
        people = people.filter(unit__in=subtree_ids(Unit.objects.filter(pk=where["unit"]).first()))
    gone = Q(is_active=False) & ~Q(postings__end_on__gt=year.start_on)
    people = people.exclude(gone).order_by("unit__path", "display_name", "pk").distinct()
    return [Candidate(person.pk, str(person), person.unit_id) for person in people[:MOST]]


def _ends(model: Any, node: Any) -> list[Candidate]:
    """The ends of a tree at or below a node; no closed lines."""
    rows = [row for row in model.objects.order_by("path") if getattr(row, "active", True)]
    path = next((row.path for row in rows if row.pk == node), "/") if node else "/"
    parents = {row.parent_id for row in rows}
    return [
        Candidate(row.pk, row.name) for row in rows if row.path.startswith(path) and row.pk not in parents
    ]


def _customers(where: Mapping[str, Any], user: User) -> list[Candidate]:
    rows = Customer.objects.visible_to(user).filter(owner__isnull=False)
    if where.get("rep"):
        rows = rows.filter(owner=where["rep"])
    if where.get("unit"):
        rows = rows.filter(unit__in=subtree_ids(Unit.objects.filter(pk=where["unit"]).first()))
    if where.get("territory"):
        path = Territory.objects.filter(pk=where["territory"]).values_list("path", flat=True).first()
        rows = rows.filter(territory__path__startswith=path or "-")
    found = rows.order_by("name", "pk").values_list("pk", "name", "unit", "owner")[:MOST]
    return [Candidate(*row) for row in found]


def weights_for(
    basis: str,
    split: str,
    among: Sequence[Candidate],
    *,
    metric_code: str,
    year: FiscalYear,
    where: Mapping[str, Any],
) -> Floats:
    """One weight a candidate. Negative history comes back as it is: the caller decides what it means."""
    if basis == "equal":
        if split == "month":
            calendar = working_calendar()
            return np.array([float(len(working_days(month, calendar))) for month in year.months])
        return np.ones(len(among))
    if basis == "potential":
        return _potential(split, among, where)
    return _history(split, among, metric_code, year, where)


def _history(
    split: str, among: Sequence[Candidate], metric_code: str, year: FiscalYear, where: Mapping[str, Any]
) -> Floats:
    metric_code = weighed_by(metric_code)
    chosen = {code: value for code, value in where.items() if code != split and value not in (None, "")}
    if "rep" in chosen:
        chosen.pop("unit", None)  # he may have stood elsewhere last year
    if split == "month":
        months = list(reached_before(metric_code, year, by=(), where=chosen).values())
        return np.array(months[0] if months else [0] * 12, dtype=np.float64)
    past = reached_before(metric_code, year, by=(split,), where=chosen)
    sums = {key[0]: sum(months) for key, months in past.items()}
    dimension = BY_CODE[split]
    if dimension.tree and dimension.model is not None:
        paths = dict(dimension.model._default_manager.values_list("pk", "path"))
        sums = {key: value[0] for key, value in rolled_up({k: (v,) for k, v in sums.items()}, paths).items()}
    return np.array([float(sums.get(each.value, 0)) for each in among])


def _potential(split: str, among: Sequence[Candidate], where: Mapping[str, Any]) -> Floats:
    """Points of the classes of the customers that each candidate has; of other splits nothing is known."""
    field = {"rep": "owner", "unit": "unit", "territory": "territory", "customer": "pk"}.get(split)
    if field is None:
        return np.zeros(len(among))
    points = class_points()
    sums: dict[Any, float] = defaultdict(float)
    rows = Customer.objects.filter(merged_into__isnull=True, owner__isnull=False)
    for value, value_class, count in (
        rows.order_by().values_list(field, "value_class").annotate(n=Count("pk"))
    ):
        sums[value] += points.get(value_class, points[""]) * count
    dimension = BY_CODE[split]
    if dimension.tree and dimension.model is not None:
        paths = dict(dimension.model._default_manager.values_list("pk", "path"))
        scaled = {key: (round(value * 1000),) for key, value in sums.items()}
        sums = defaultdict(float, {key: value[0] / 1000 for key, value in rolled_up(scaled, paths).items()})
    return np.array([sums.get(each.value, 0.0) for each in among])


@lru_cache(maxsize=1)
def class_points() -> dict[str, float]:
    """Points of potential by class of customer."""
    text = files("shengce.targets").joinpath("data/potential.yaml").read_text(encoding="utf-8")
    return {str(key): float(value) for key, value in yaml.safe_load(text)["classes"].items()}


@dataclass(frozen=True, slots=True)
class Presence:
    """Shares of the months (n × 12) that each rep is there for, and in words whoever is not there for all of them."""

    shares: Floats
    notes: tuple[str, ...]


def presence(among: Sequence[Candidate], year: FiscalYear, *, calendar: Calendar | None = None) -> Presence:
    """By working days between the beginning and the end of a rep's postings. Without any posting: the whole year.

    A posting that begins on the day on which the person was entered says when the program learnt of him, not when he
    came: he counts as always there until its end.
    """
    calendar = calendar or working_calendar()
    spells: dict[int, list[tuple[dt.date, dt.date | None]]] = defaultdict(list)
    zone = timezone.get_default_timezone()
    ids = [each.value for each in among]
    rows = Posting.objects.filter(role__in=_SELLERS).values_list(
        "user", "start_on", "end_on", "user__date_joined"
    )
    wanted = set(ids)
    for user, start, end, joined in rows:
        if user in wanted:
            entered = start == joined.astimezone(zone).date()
            spells[user].append((dt.date.min if entered else start, end))
    shares, notes = np.ones((len(among), 12)), []
    days = [working_days(month, calendar) for month in year.months]
    for place, each in enumerate(among):
        spans = _merged(spells.get(each.value, []), year)
        if spans is None:
            continue
        for month, month_days in enumerate(days):
            there = sum(1 for day in month_days if any(day in span for span in spans))
            shares[place, month] = there / len(month_days) if month_days else 1.0
        if (shares[place] < 1).any():
            notes.append(_note(each.label, spans, year))
    return Presence(shares, tuple(notes))


def _merged(spells: list[tuple[dt.date, dt.date | None]], year: FiscalYear) -> list[Span] | None:
    """Spans of the year; ``None`` where nothing is known."""
    if not spells:
        return None
    spans = [Span(start, end or dt.date.max) for start, end in sorted(spells, key=lambda spell: spell[0])]
    return [span for span in spans if span.end_on > year.start_on and span.start_on < year.end_on]


def _note(name: str, spans: list[Span], year: FiscalYear) -> str:
    if not spans:
        return _("%(name)s is not there in this year and gets nothing.") % {"name": name}
    first, last = spans[0].start_on, spans[-1].end_on
    if last < year.end_on:
        until = (last - dt.timedelta(days=1)).isoformat()
        return _("%(name)s is there until %(day)s; the months count by working days.") % {
            "name": name,
            "day": until,
        }
    return _("%(name)s is there from %(day)s; the months count by working days.") % {
        "name": name,
        "day": max(first, year.start_on).isoformat(),
    }
