"""Which leaves and months a cell of the grid stands for, written so that it fits into an address: ``rep-17.m-3``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from shengce.catalogue.models import ProductLine
from shengce.customers.models import Customer
from shengce.people.asked import whole_number
from shengce.people.models import Role, Territory, Unit, User
from shengce.people.queries import visible_units, visible_users
from shengce.planning.allocation import Bools
from shengce.targets.dimensions import BY_CODE

ALL_MONTHS = tuple(range(12))
TIMES = ("year", "quarter", "month")


@dataclass(frozen=True, slots=True)
class Cell:
    """``where`` chooses leaves as in :func:`targets.dimensions.condition`; ``months`` are from 0."""

    where: Mapping[str, Any] = field(default_factory=dict)
    months: tuple[int, ...] = ALL_MONTHS

    def mask(self, count: int) -> Bools:
        """The months of ``count`` leaves."""
        marked = np.zeros((count, 12), dtype=bool)
        marked[:, list(self.months)] = True
        return marked


def read_cell(token: str, filters: Mapping[str, Any], months: tuple[int, ...] = ALL_MONTHS) -> Cell:
    """The cell of ``row.column`` on a page with ``filters`` that shows ``months``. Raises ``ValidationError``."""
    where: dict[str, Any] = dict(filters)
    for part in (token or "").split("."):
        kind, _dash, value = part.partition("-")
        if kind in TIMES:
            months = tuple(month for month in time_months(kind, value) if month in months)
        elif kind in BY_CODE:
            where[kind] = read_value(kind, value)
        elif part not in ("all", ""):
            raise _unknown()
    if not months:
        raise _unknown()
    return Cell(where, months)


def time_months(kind: str, value: str) -> tuple[int, ...]:
    """``quarter-2`` is the months 3, 4 and 5 (from 0)."""
    number = whole_number(value)
    if kind == "year":
        return ALL_MONTHS
    most = 4 if kind == "quarter" else 12
    if number is None or not 1 <= number <= most:
        raise _unknown()
    return tuple(range(number * 3 - 3, number * 3)) if kind == "quarter" else (number - 1,)


def read_value(code: str, text: str) -> Any:
    """An id, a code of a choice, or ``None`` for "none said" (``-``)."""
    dimension = BY_CODE[code]
    if text in ("", "none"):
        return None
    if dimension.model is None:
        if text not in dict(dimension.choices):
            raise _unknown()
        return text
    number = whole_number(text)
    if number is None:
        raise _unknown()
    return number


def new_leaf(cell: Cell, *, user: User) -> dict[str, Any]:
    """The dimensions of the leaf that an empty cell gets; a rep's leaf lies in the rep's unit.

    Raises ``ValidationError`` where the cell names something that is not there, or that the person does not see.
    """
    found = {code: value for code, value in cell.where.items() if value not in (None, "")}
    if "rep" in found:
        rep = visible_users(user).select_related("unit").filter(pk=found["rep"]).first()
        if rep is None:
            raise _unknown()
        _require_his_unit(rep, found.get("unit"))
        found["unit"] = rep.unit_id
    elif "unit" in found:
        if not visible_units(user).filter(pk=found["unit"]).exists():
            raise _unknown()
    elif user.role == Role.MANAGER:
        found["unit"] = user.unit_id
    else:
        root = Unit.objects.filter(parent__isnull=True).first()
        found["unit"] = root.pk if root else None
    for code, rows in (
        ("product_line", ProductLine.objects.all()),
        ("territory", Territory.objects.all()),
        ("customer", Customer.objects.visible_to(user)),
    ):
        if code in found and not rows.filter(pk=found[code]).exists():
            raise _unknown()
    return found


def _require_his_unit(rep: User, unit: Any) -> None:
    """Nothing new for a rep in a unit that he has left: it would lie outside the cell that was typed."""
    path = Unit.objects.filter(pk=unit).values_list("path", flat=True).first() if unit else None
    if path and not (rep.unit and rep.unit.path.startswith(path)):
        raise ValidationError(
            _("%(name)s is in another unit now: type it there.") % {"name": rep}, code="moved_on"
        )


def _unknown() -> ValidationError:
    return ValidationError(_("There is no such cell."), code="cell")
