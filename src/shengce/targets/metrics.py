"""What is counted: the built-in metrics, and those that a firm adds."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from shengce.people.models import User, record
from shengce.people.permissions import require
from shengce.people.typed_text import typed_text
from shengce.targets.models import Metric

BUILT_IN: tuple[tuple[str, str, str, str], ...] = (
    # code, name, kind, unit
    ("sales", "销售额", Metric.Kind.AMOUNT, "元"),
    ("collections", "回款", Metric.Kind.AMOUNT, "元"),
    ("gross_profit", "毛利", Metric.Kind.AMOUNT, "元"),
    ("customers", "新增客户", Metric.Kind.COUNT, "家"),
    ("visits", "拜访", Metric.Kind.COUNT, "次"),
)


def built_in(code: str) -> Metric:
    """A built-in metric, put there where an emptied database has lost it. Raises ``KeyError`` for another code."""
    for position, (known, name, kind, unit) in enumerate(BUILT_IN):
        if known == code:
            return Metric.objects.get_or_create(
                code=code, defaults={"name": name, "kind": kind, "unit": unit, "position": position}
            )[0]
    raise KeyError(code)


def active_metrics() -> QuerySet[Metric]:
    """All that are in use, the built-in ones first."""
    if Metric.objects.filter(code__in=[row[0] for row in BUILT_IN]).count() < len(BUILT_IN):
        for code, *_rest in BUILT_IN:
            built_in(code)
    return Metric.objects.filter(active=True)


@transaction.atomic
def save_metric(
    *,
    by: User,
    code: str,
    name: str,
    kind: str,
    unit: str = "",
    active: bool = True,
    metric: Metric | None = None,
) -> Metric:
    """Add a metric of the firm's own, or change ``metric``. Its code and kind stay: figures hang on them."""
    require(by, "targets.approve")
    if kind not in Metric.Kind.values:
        raise ValidationError({"kind": _("Choose a kind.")}, code="kind")
    row = metric or Metric(code=typed_text(code, most=40).lower(), kind=kind)
    row.name, row.unit = typed_text(name, most=60), typed_text(unit, most=10, required=False)
    row.active = active
    row.full_clean()
    row.save()
    record("targets.metric_saved", row, by=by, code=row.code, name=row.name, active=active)
    return row
