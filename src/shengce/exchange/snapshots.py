"""What a row of any table holds, as plain JSON, and back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.models import Model

Snapshot = dict[str, Any]


FOLLOWING = frozenset({"last_talk_at", "last_order_at", "last_visit_at"})
"""Columns that follow from other rows: nobody has changed the row itself when they move."""


def snapshot(row: Model) -> Snapshot:
    """The values of all columns but the key and those that follow from other rows."""
    return {
        field.attname: _plain(getattr(row, field.attname))
        for field in row._meta.concrete_fields
        if not field.primary_key and field.attname not in FOLLOWING
    }


def restored(model: type[Model], values: Snapshot) -> dict[str, Any]:
    """Plain values as the model's own, ready for ``update``."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return {
        name: value if value is None or isinstance(value, list | dict) else fields[name].to_python(value)
        for name, value in values.items()
        if name in fields
    }


def difference(before: Snapshot, after: Snapshot) -> dict[str, list[Any]]:
    """``{column: [before, after]}`` of what is not the same."""
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat() if value.tzinfo else value.isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | float | list | dict) else str(value)
