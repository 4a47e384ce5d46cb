"""What a page of plan against actual asks for: metric, dimension, period, and the cell that is looked into.

Everything comes from an address and is read without trust: a wrong value is no value, and a person, customer or unit that the
reader may not see is none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.http import Http404

from shengce.attainment.models import CustomerMonthActual
from shengce.catalogue.models import ProductLine
from shengce.customers.models import Customer
from shengce.people.asked import day, whole_number
from shengce.people.models import Role, Territory, Unit, User
from shengce.people.queries import visible_units, visible_users
from shengce.people.scope import SEES_ALL
from shengce.planning.periods import FiscalYear, Span, weeks_of
from shengce.targets.dimensions import BY_CODE
from shengce.targets.models import SEES_ALL_TARGETS, TargetRow, TargetVersion

PUBLISHED = (TargetVersion.State.APPROVED, TargetVersion.State.REPLACED)
PERIODS = ("day", "week", "month", "quarter", "year")
NEXT: Mapping[str, str] = {
    "unit": "rep",
    "rep": "product_line",
    "product_line": "customer",
    "territory": "customer",
    "settlement_method": "rep",
    "sales_method": "rep",
}
"""What one looks at next inside a row; a tree is gone down first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """``where`` is dimension → id or code of the cell; ``names`` the same in words, for the crumbs.

    ``version`` is set where other targets than the approved ones are asked about: a draft, before it is approved.
    """

    metric: str
    by: str
    period: str
    on: dt.date
    where: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    version: int | None = None

    def address(self, **changes: Any) -> str:
        """The query of a page that asks for this with changes; a dimension set to ``None`` is left."""
        where = dict(self.where)
        for code in BY_CODE:
            if code in changes:
                where[code] = changes.pop(code)
        values = {
            "metric": self.metric,
            "by": self.by,
            "period": self.period,
            "on": self.on.isoformat(),
            "sort": self.sort,
            "version": self.version,
            **changes,
            **where,
        }
        return "?" + urlencode({name: value for name, value in values.items() if value not in (None, "")})

    def leaving(self, code: str) -> Asked:
        """The same without one part of the cell."""
        return replace(self, where={k: v for k, v in self.where.items() if k != code})


def read_asked(query: Mapping[str, str], *, user: User, today: dt.date, metrics: tuple[str, ...]) -> Asked:
    """The address's question. Raises ``Http404`` where it names somebody or something the reader may not see."""
    where, names = {}, {}
    for code in BY_CODE:
        if text := query.get(code):
            value, name = _chosen(code, text, user)
            where[code], names[code] = value, name
    metric = query.get("metric", "")
    by = query.get("by", "")
    period = query.get("period", "")
    return Asked(
        metric=metric if metric in metrics else metrics[0],
        by=by if by in BY_CODE else _first_dimension(user, where),
        period=period if period in PERIODS else "month",
        on=day(query.get("on")) or today,
        where=where,
        names=names,
        sort=query.get("sort", "") if query.get("sort") in SORTS else "",
    )


SORTS = ("name", "planned", "actual", "rate", "-gap", "gap")


def _first_dimension(user: User, where: Mapping[str, Any]) -> str:
    if user.role == Role.REP or "rep" in where:
        return "product_line"
    return "rep" if user.role == Role.MANAGER else "unit"


def _chosen(code: str, text: str, user: User) -> tuple[Any, str]:
    dimension = BY_CODE[code]
    if dimension.choices:
        known = {value: str(label) for value, label in dimension.choices}
        if text not in known:
            raise Http404
        return text, known[text]
    number = whole_number(text)
    found = _visible(code, user).filter(pk=number).first() if number is not None else None
    if found is None and number is not None:
        found = _of_before(code, number, user)
    if found is None:
        raise Http404
    return found.pk, str(found)


def _visible(code: str, user: User) -> Any:
    if code == "unit":
        sees_all = user.role in (*SEES_ALL, *SEES_ALL_TARGETS)
        return Unit.objects.all() if sees_all else visible_units(user)
    if code == "rep":
        if user.role in SEES_ALL_TARGETS:
            return User.objects.all()
        return visible_users(user) if user.role == Role.MANAGER else User.objects.filter(pk=user.pk)
    if code == "customer":
        return Customer.objects.visible_to(user)
    return ProductLine.objects.all() if code == "product_line" else Territory.objects.all()


def _of_before(code: str, number: int, user: User) -> Any:
    """A rep or customer who has left the reader's scope, but of whose time in it there are sums or targets: he is in the rows."""
    if code not in ("rep", "customer"):
        return None
    chosen = {code: number}
    sums = CustomerMonthActual.objects.visible_to(user).filter(**chosen)
    targets = TargetRow.objects.visible_to(user).filter(**chosen, version__state__in=PUBLISHED)
    if not sums.exists() and not targets.exists():
        return None
    model = User if code == "rep" else Customer
    return model._default_manager.filter(pk=number).first()


def span_of(period: str, on: dt.date, year: FiscalYear) -> Span:
    """The period of that kind in which ``on`` lies; weeks are cut off where the year begins and ends."""
    if period == "year" or on not in year.span:
        return year.span
    if period == "day":
        return Span(on, on + dt.timedelta(days=1))
    parts = {"month": year.months, "quarter": year.quarters}.get(period) or weeks_of(year.span)
    return next(part for part in parts if on in part)
