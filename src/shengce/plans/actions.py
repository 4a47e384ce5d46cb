"""What people do with the market development plan: plan a measure, change it, begin it, end it with its result."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.facts.models import Fact
from shengce.people.models import Role, Territory, User, record
from shengce.people.permissions import require
from shengce.people.scope import may_act_for
from shengce.people.typed_text import typed_text
from shengce.plans.models import SEES_ALL_PLANS, BudgetLine, Measure
from shengce.targets.models import Metric

State = Measure.State
MOST = Decimal(10) ** 11
"""Yuan, or pieces: more is a typing mistake."""
EARLIEST, LATEST = dt.date(2000, 1, 1), dt.date(2100, 1, 1)
LONGEST = dt.timedelta(days=366)


@transaction.atomic
def plan_measure(
    *,
    by: User,
    title: str,
    owner: User,
    start_on: dt.date,
    end_on: dt.date,
    means: str = "",
    place: str = "",
    territory: Territory | None = None,
    within: Measure | None = None,
    line: BudgetLine | None = None,
    cost: Decimal = Decimal(0),
    metric: Metric | None = None,
    expected: Decimal | None = None,
) -> Measure:
    """A new measure of ``owner``, from ``start_on`` until before ``end_on``, a year at most.

    Raises ``ValidationError`` in words, ``PermissionDenied`` where the owner is not one's own to plan for.
    """
    require(by, "plans.edit")
    _require_owner(by, owner)
    measure = Measure(owner=owner, unit=owner.unit, made_by=by)
    _fill(measure, by=by, title=title, start_on=start_on, end_on=end_on, means=means, place=place,
          territory=territory, within=within, line=line, cost=cost, metric=metric, expected=expected)  # fmt: skip
    measure.save()
    record("measure.planned", measure, by=by, title=measure.title, owner=owner.pk)
    return measure


@transaction.atomic
def change_measure(measure: Measure, *, by: User, owner: User, **fields: Any) -> Measure:
    """Plan it anew; ``fields`` are those of :func:`plan_measure`. What has ended stays as it is."""
    row = _locked(measure, by)
    require(by, "plans.edit")
    if not row.is_open:
        raise ValidationError(_("This measure has ended; it stays as it is."), code="ended")
    if owner.pk != row.owner_id:
        _require_owner(by, owner)
        row.owner, row.unit = owner, owner.unit
    _fill(row, by=by, **fields)
    row.save()
    record("measure.changed", row, by=by, title=row.title, owner=owner.pk)
    return row


@transaction.atomic
def begin_measure(measure: Measure, *, by: User) -> Measure:
    """It has begun. Twice: nothing changes."""
    row = _locked(measure, by)
    if row.state == State.RUNNING:
        return row
    if row.state != State.PLANNED:
        raise ValidationError(_("This measure has ended; it stays as it is."), code="ended")
    row.state = State.RUNNING
    row.save(update_fields=["state"])
    record("measure.begun", row, by=by)
    return row


@transaction.atomic
def end_measure(
    measure: Measure,
    *,
    by: User,
    result: str,
    done: bool = True,
    achieved: Decimal | None = None,
    fact: Fact | None = None,
) -> Measure:
    """It is done, or dropped (``done`` False): always with words, best with the number and the passage that proves it."""
    row = _locked(measure, by)
    if not row.is_open:
        raise ValidationError(_("This measure has ended; it stays as it is."), code="ended")
    row.result = typed_text(result, most=2000)
    row.achieved = _amount(achieved, least=-MOST) if achieved is not None else None
    if row.achieved is not None and row.metric_id is None:
        raise ValidationError(
            _("A number needs to say what it counts: name the target first."), code="metric"
        )
    if fact is not None and not Fact.objects.visible_to(by).filter(pk=fact.pk).exists():
        raise PermissionDenied(_("You cannot see this talk."))
    row.fact = fact
    row.state = State.DONE if done else State.DROPPED
    row.ended_at = timezone.now()
    row.save(update_fields=["result", "achieved", "fact", "state", "ended_at"])
    record("measure.ended", row, by=by, state=row.state, achieved=str(row.achieved))
    return row


@transaction.atomic
def reopen_measure(measure: Measure, *, by: User) -> Measure:
    """An ended measure goes on; its result stays to be written anew."""
    row = _locked(measure, by)
    if row.is_open:
        return row
    row.state, row.ended_at = State.RUNNING, None
    row.save(update_fields=["state", "ended_at"])
    record("measure.reopened", row, by=by)
    return row


def _fill(
    row: Measure,
    *,
    by: User,
    title: str,
    start_on: dt.date,
    end_on: dt.date,
    means: str,
    place: str,
    territory: Territory | None,
    within: Measure | None,
    line: BudgetLine | None,
    cost: Decimal,
    metric: Metric | None,
    expected: Decimal | None,
) -> None:
    row.title = typed_text(title, most=200)
    row.means = typed_text(means, most=2000, required=False)
    row.place = typed_text(place, most=100, required=False)
    row.start_on, row.end_on = _span(start_on, end_on)
    row.territory, row.metric = territory, metric
    row.within = _wider(row, within, by)
    if line is not None and not _may_spend_from(line, by, row.owner):
        raise PermissionDenied(_("This budget is not yours."))
    row.line = line
    row.cost = _amount(cost)
    if expected is not None and metric is None:
        raise ValidationError(
            _("A number needs to say what it counts: name the target first."), code="metric"
        )
    row.expected = _amount(expected) if expected is not None else None


def _wider(row: Measure, within: Measure | None, by: User) -> Measure | None:
    """The measure that it is a part of: one that one sees, and not a part of a part, so that there is no circle."""
    if within is None:
        return None
    if not Measure.objects.visible_to(by).filter(pk=within.pk).exists():
        raise PermissionDenied(_("You cannot see this measure."))
    if within.within_id is not None or within.pk == row.pk or (row.pk and row.parts.exists()):
        raise ValidationError(_("A part cannot have parts of its own."), code="within")
    if not (within.start_on <= row.start_on and row.end_on <= within.end_on):
        raise ValidationError(_("A part must lie within the days of the whole."), code="within")
    return within


def _may_spend_from(line: BudgetLine, by: User, owner: User) -> bool:
    if BudgetLine.objects.visible_to(by).filter(pk=line.pk).exists():
        return True
    above = owner.unit.path if owner.unit else ""
    return line.unit is None or above.startswith(line.unit.path)


def _span(start_on: dt.date, end_on: dt.date) -> tuple[dt.date, dt.date]:
    if not (EARLIEST <= start_on < end_on <= LATEST):
        raise ValidationError(_("The last day lies before the first."), code="days")
    if end_on - start_on > LONGEST:
        raise ValidationError(_("A measure takes a year at most; plan the next year's anew."), code="days")
    return start_on, end_on


def _amount(value: Decimal, *, least: Decimal = Decimal(0)) -> Decimal:
    if not value.is_finite() or not least <= value < MOST:
        raise ValidationError(_("This is no sensible number."), code="number")
    return value.quantize(Decimal("0.01"))


def _locked(measure: Measure, by: User) -> Measure:
    """The row for writing, where ``by`` sees it and may act on it: its owner, whoever leads him, marketing."""
    require(by, "plans.do")
    row = Measure.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=measure.pk).first()
    if row is None:
        raise PermissionDenied(_("You cannot see this measure."))
    return row


def _require_owner(by: User, owner: User) -> None:
    if not owner.is_active:
        raise ValidationError(_("This person has left."), code="owner")
    if by.role not in SEES_ALL_PLANS and not may_act_for(by, owner):
        raise PermissionDenied(_("You can plan for yourself and for your people."))
    if owner.role == Role.ADMINISTRATOR:
        raise ValidationError(_("An administrator has no part in the market plan."), code="owner")
