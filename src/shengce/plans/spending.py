"""The budget and what is spent of it. Money is yuan with cents; lines and reserve always add up to the total."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.people.models import Role, Territory, Unit, User, record
from shengce.people.permissions import require
from shengce.people.typed_text import typed_text
from shengce.planning.allocation import apportion
from shengce.plans.actions import EARLIEST, LATEST, MOST
from shengce.plans.models import Activity, Budget, BudgetLine, Expense, Measure

CENT = Decimal("0.01")


@transaction.atomic
def save_activity(*, by: User, name: str, activity: Activity | None = None, active: bool = True) -> Activity:
    """A kind of spending, new or renamed."""
    require(by, "budgets.edit")
    words = typed_text(name, most=40)
    if Activity.objects.filter(name=words).exclude(pk=activity.pk if activity else 0).exists():
        raise ValidationError(_("There is one of this name already."), code="name")
    row = activity or Activity(position=Activity.objects.count())
    row.name, row.active = words, active
    row.save()
    record("activity.saved", row, by=by, name=words, active=active)
    return row


@transaction.atomic
def create_budget(*, by: User, name: str, start_on: dt.date, total: Decimal) -> Budget:
    """The budget of the fiscal year that begins with ``start_on``, the first of a month."""
    require(by, "budgets.edit")
    words = typed_text(name, most=60)
    if Budget.objects.filter(name=words).exists():
        raise ValidationError(_("There is one of this name already."), code="name")
    if start_on.day != 1 or not EARLIEST <= start_on < LATEST:
        raise ValidationError(_("A fiscal year begins on the first of a month."), code="start_on")
    budget = Budget.objects.create(name=words, start_on=start_on, total=_yuan(total), made_by=by)
    record("budget.created", budget, by=by, name=words, total=str(budget.total))
    return budget


@transaction.atomic
def set_total(budget: Budget, *, by: User, total: Decimal) -> Budget:
    """Another total; never below what its lines have already."""
    row = _locked(budget, by)
    old, row.total = row.total, _yuan(total)
    _require_within(row)
    row.save(update_fields=["total"])
    record("budget.total_set", row, by=by, old=str(old), new=str(row.total))
    return row


@transaction.atomic
def set_line(
    budget: Budget,
    *,
    by: User,
    activity: Activity,
    amount: Decimal,
    unit: Unit | None = None,
    territory: Territory | None = None,
) -> BudgetLine | None:
    """So much for this activity of this department in this territory; nothing takes the line away where it is not used.

    Raises ``ValidationError`` where the lines would hold more than the total, or less than what was spent.
    """
    row = _locked(budget, by)
    yuan = _yuan(amount, least=Decimal(0))
    line = row.lines.filter(activity=activity, unit=unit, territory=territory).first()
    if line is not None and yuan < spent_of(line):
        raise ValidationError(
            _("%(spent)s yuan of it are spent already."), params={"spent": spent_of(line)}, code="spent"
        )
    old = line.amount if line else Decimal(0)
    if line is not None and not yuan and not line.expenses.exists() and not line.measures.exists():
        record("budget.line_removed", row, by=by, line=str(line), old=str(old))
        line.delete()
        return None
    if line is None:
        line = BudgetLine(budget=row, activity=activity, unit=unit, territory=territory)
    line.amount = yuan
    line.save()
    _require_within(row)
    record("budget.line_set", row, by=by, line=str(line), old=str(old), new=str(yuan))
    return line


@transaction.atomic
def spread_reserve(budget: Budget, *, by: User, weights: Mapping[int, Decimal] | None = None) -> Budget:
    """Give what is not distributed yet to the lines, to the cent: by ``weights`` (id of the line → weight), else in
    proportion to what they have, else evenly.
    """
    row = _locked(budget, by)
    lines = list(row.lines.order_by("pk"))
    if not lines:
        raise ValidationError(_("There is no line yet to give it to."), code="lines")
    reserve = row.total - sum((line.amount for line in lines), Decimal(0))
    chosen = [max(Decimal(0), weights.get(line.pk, Decimal(0))) if weights else line.amount for line in lines]
    if not any(chosen):
        chosen = [Decimal(1)] * len(lines)
    shares = apportion(int(reserve / CENT), [float(weight) for weight in chosen])
    for line, share in zip(lines, shares, strict=True):
        line.amount += share * CENT
    BudgetLine.objects.bulk_update(lines, ["amount"])
    record("budget.reserve_spread", row, by=by, reserve=str(reserve))
    return row


@transaction.atomic
def approve_budget(budget: Budget, *, by: User) -> Budget:
    """From now on it holds: expenses can be claimed on its lines. Twice: nothing changes."""
    row = _locked(budget, by)
    if row.state == Budget.State.APPROVED:
        return row
    if not row.lines.exists():
        raise ValidationError(_("A budget without lines distributes nothing."), code="lines")
    row.state, row.approved_by, row.approved_at = Budget.State.APPROVED, by, timezone.now()
    row.save(update_fields=["state", "approved_by", "approved_at"])
    record("budget.approved", row, by=by, total=str(row.total))
    return row


@transaction.atomic
def claim_expense(
    *,
    by: User,
    line: BudgetLine,
    amount: Decimal,
    spent_on: dt.date,
    what: str,
    measure: Measure | None = None,
) -> Expense:
    """Money that was spent. It waits for somebody above; it counts once it is approved."""
    require(by, "budgets.spend")
    row = BudgetLine.objects.select_for_update(of=("self",)).select_related("budget", "unit").get(pk=line.pk)
    if not _is_ones_own(row, by):
        raise PermissionDenied(_("This budget is not yours."))
    if row.budget.state != Budget.State.APPROVED:
        raise ValidationError(_("This budget is not approved yet."), code="draft")
    if spent_on > timezone.localdate():
        raise ValidationError(_("The day lies in the future."), code="spent_on")
    if not row.budget.start_on <= spent_on < row.budget.year.end_on:
        raise ValidationError(_("The day lies outside the year of this budget."), code="spent_on")
    if measure is not None and not Measure.objects.visible_to(by).filter(pk=measure.pk).exists():
        raise PermissionDenied(_("You cannot see this measure."))
    expense = Expense.objects.create(
        line=row,
        measure=measure,
        spent_on=spent_on,
        amount=_yuan(amount),
        what=typed_text(what, most=200),
        claimed_by=by,
    )
    record("expense.claimed", expense, by=by, amount=str(expense.amount), line=row.pk)
    return expense


@transaction.atomic
def decide_expense(expense: Expense, *, by: User, approve: bool, reason: str = "") -> Expense:
    """Yes, or no with a reason. Nobody decides on his own claim; beyond the line only an executive says yes."""
    require(by, "budgets.approve")
    row = Expense.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=expense.pk).first()
    if row is None:
        raise PermissionDenied(_("This budget is not yours."))
    if row.claimed_by_id == by.pk:
        raise PermissionDenied(_("Somebody else must decide on your own claim."))
    if row.state != Expense.State.WAITING:
        raise ValidationError(_("It has been decided already."), code="decided")
    line = BudgetLine.objects.select_for_update(of=("self",)).get(pk=row.line_id)
    left = line.amount - spent_of(line)
    if approve and row.amount > left and by.role != Role.EXECUTIVE:
        raise ValidationError(
            _("Only %(left)s yuan are left of this line: an executive must say yes."),
            params={"left": left},
            code="over",
        )
    row.reason = typed_text(reason, most=300, required=not approve)
    row.state = Expense.State.APPROVED if approve else Expense.State.REFUSED
    row.decided_by, row.decided_at = by, timezone.now()
    row.save(update_fields=["reason", "state", "decided_by", "decided_at"])
    record("expense.decided", row, by=by, state=row.state, over=bool(approve and row.amount > left))
    return row


def spent_of(line: BudgetLine) -> Decimal:
    """What was approved on a line, yuan."""
    approved = line.expenses.filter(state=Expense.State.APPROVED)
    return approved.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


def _is_ones_own(line: BudgetLine, by: User) -> bool:
    """A line that one sees, or one of the units above one's own."""
    if BudgetLine.objects.visible_to(by).filter(pk=line.pk).exists():
        return True
    above = by.unit.path if by.unit else ""
    return line.unit is None or above.startswith(line.unit.path)


def _locked(budget: Budget, by: User) -> Budget:
    require(by, "budgets.edit")
    return Budget.objects.select_for_update().get(pk=budget.pk)


def _require_within(budget: Budget) -> None:
    given = budget.lines.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    if given > budget.total:
        raise ValidationError(
            _("The lines hold %(over)s yuan more than the total."),
            params={"over": given - budget.total},
            code="over",
        )


def _yuan(value: Decimal, *, least: Decimal = CENT) -> Decimal:
    if not value.is_finite() or not least <= value < MOST:
        raise ValidationError(_("This is no sensible number."), code="number")
    return value.quantize(CENT)
