"""What a target can be split by. One list for the grid, the sums, the export and the comparison with what was reached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shengce.catalogue.models import ProductLine
from shengce.customers.models import Customer
from shengce.people.models import Territory, Unit, User
from shengce.sales.models import SalesMethod, SettlementMethod


@dataclass(frozen=True, slots=True)
class Dimension:
    """``code`` is the column of :class:`TargetRow`; ``model`` what it points at, or ``choices`` what it can be.

    A ``tree`` has ``path`` and ``parent``: a node stands for itself and all below it.
    """

    code: str
    label: str | Promise
    model: type[models.Model] | None = None
    choices: tuple[tuple[str, Any], ...] = ()
    tree: bool = False

    @property
    def column(self) -> str:
        """The column in the table: what ``values_list`` is asked for."""
        return f"{self.code}_id" if self.model else self.code


DIMENSIONS: tuple[Dimension, ...] = (
    Dimension("unit", _("Organisation"), Unit, tree=True),
    Dimension("rep", _("Representative"), User),
    Dimension("product_line", _("Product line"), ProductLine, tree=True),
    Dimension("territory", _("Territory"), Territory, tree=True),
    Dimension("customer", _("Customer"), Customer),
    Dimension("settlement_method", _("Settlement method"), choices=tuple(SettlementMethod.choices)),
    Dimension("sales_method", _("Sales method"), choices=tuple(SalesMethod.choices)),
)

BY_CODE: Mapping[str, Dimension] = {dimension.code: dimension for dimension in DIMENSIONS}


def condition(where: Mapping[str, Any]) -> Q:
    """Which leaves are meant. A value is an id or a code; of a tree, a node with all below it; ``None`` is "none said";
    a list is any of exactly those. Raises ``KeyError`` for a dimension that does not exist.
    """
    found = Q()
    for code, value in where.items():
        found &= _one(BY_CODE[code], value)
    return found


def _one(dimension: Dimension, value: Any) -> Q:
    if value is None or value == "":
        return Q(**{f"{dimension.code}__isnull": True}) if dimension.model else Q(**{dimension.code: ""})
    if isinstance(value, str | int):
        if dimension.tree and dimension.model is not None:
            nodes = dimension.model._default_manager
            path = nodes.filter(pk=value).values_list("path", flat=True).first()
            if path is None:
                return Q(pk__in=[])
            # The ids and not a join: a tree has hundreds of nodes, the table of leaves has hundreds of thousands of rows.
            below = nodes.filter(path__startswith=path).values_list("pk", flat=True)
            return Q(**{f"{dimension.column}__in": list(below)})
        return Q(**{dimension.column: value})
    if isinstance(value, Iterable):
        return Q(**{f"{dimension.column}__in": list(value)})
    raise TypeError(f"{dimension.code} cannot be chosen by {value!r}")
