"""Deals: made by hand or out of a talk, moved from stage to stage, won or lost with a reason."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.customers.models import Customer, Deal
from shengce.people.models import AuditEntry, User, record
from shengce.people.moments import past_moment, told
from shengce.people.permissions import require
from shengce.people.scope import may_act_for
from shengce.people.typed_text import typed_text

CLOSED: Final = (Deal.Stage.WON, Deal.Stage.LOST)
OPEN: Final = tuple(stage for stage in Deal.Stage if stage not in CLOSED)
MOST_YUAN: Final = Decimal("1e12")
PAGE_SIZE: Final = 30
ON_BOARD: Final = 40
"""Most cards of one column of the board; the list shows the rest."""


@transaction.atomic
def create_deal(
    *,
    by: User,
    customer: Customer,
    name: str,
    stage: str = Deal.Stage.LEAD,
    amount: Decimal | None = None,
    expected_on: dt.date | None = None,
    next_step: str = "",
    next_step_on: dt.date | None = None,
    evidence: dict[str, Any] | None = None,
    owner: User | None = None,
    at: dt.datetime | None = None,
) -> Deal:
    """A deal of ``owner``, else of the customer's owner where ``by`` may act for him, else of ``by``.

    ``evidence`` is the talk behind it as in ``CardField``; one who held a talk with a colleague's customer may make a deal
    out of it. ``at`` is when it began, where that was earlier than now. Raises ``ValidationError`` by field, in words.
    """
    require(by, "deals.edit")
    if not evidence and not Customer.objects.visible_to(by).filter(pk=customer.pk).exists():
        raise PermissionDenied(_("This customer belongs to another team."))
    if owner is None:
        owner = customer.owner if customer.owner is not None and may_act_for(by, customer.owner) else by
    elif not may_act_for(by, owner):
        raise PermissionDenied(_("This deal belongs to somebody outside your team."))
    if stage not in OPEN:
        raise ValidationError({"stage": _("A new deal is open.")}, code="stage")
    deal = Deal(customer=customer, owner=owner, unit=owner.unit, stage=stage, evidence=evidence or {})
    deal.made_at = past_moment(at)
    _set(deal, name, amount, expected_on, next_step, next_step_on)
    deal.save()
    record("deal.created", deal, by=by, name=deal.name, stage=stage, customer=customer.pk, **told(at))
    return deal


@transaction.atomic
def update_deal(
    deal: Deal,
    *,
    by: User,
    name: str,
    amount: Decimal | None = None,
    expected_on: dt.date | None = None,
    next_step: str = "",
    next_step_on: dt.date | None = None,
) -> Deal:
    """Change what a deal says; its stage moves by :func:`move_deal`."""
    deal = _locked(deal, by)
    old = {"amount": str(deal.amount or ""), "next_step": deal.next_step}
    _set(deal, name, amount, expected_on, next_step, next_step_on)
    deal.save()
    record("deal.updated", deal, by=by, name=deal.name, old=old)
    return deal


@transaction.atomic
def move_deal(deal: Deal, *, by: User, stage: str, at: dt.datetime | None = None) -> Deal:
    """To another stage; to won it is closed, and a closed deal that moves is open again. Lost needs :func:`lose_deal`."""
    deal = _locked(deal, by)
    if stage not in Deal.Stage.values:
        raise ValidationError({"stage": _("There is no such stage.")}, code="stage")
    if stage == Deal.Stage.LOST:
        raise ValidationError({"stage": _("Say why the deal was lost.")}, code="reason")
    if stage == deal.stage:
        return deal
    moment = _after_made(deal, at)
    record("deal.moved", deal, by=by, name=deal.name, old=deal.stage, new=stage, **told(at))
    deal.stage, deal.lost_reason = stage, ""
    deal.closed_at = moment if stage == Deal.Stage.WON else None
    deal.save(update_fields=["stage", "lost_reason", "closed_at"])
    return deal


@transaction.atomic
def lose_deal(deal: Deal, *, by: User, reason: str, at: dt.datetime | None = None) -> Deal:
    """Lost, and why."""
    deal = _locked(deal, by)
    text = typed_text(reason, most=300)
    if deal.stage == Deal.Stage.LOST:
        raise ValidationError(_("This deal is lost already."), code="lost")
    moment = _after_made(deal, at)
    record("deal.lost", deal, by=by, name=deal.name, old=deal.stage, reason=text, **told(at))
    deal.stage, deal.lost_reason, deal.closed_at = Deal.Stage.LOST, text, moment
    deal.save(update_fields=["stage", "lost_reason", "closed_at"])
    return deal


@transaction.atomic
def withdraw_deal(deal: Deal, *, by: User) -> None:
    """Remove a deal that was made by mistake and never moved."""
    deal = _locked(deal, by)
    if history_of(deal).filter(action__in=("deal.moved", "deal.lost")).exists():
        raise ValidationError(_("This deal has moved already: mark it as lost."), code="moved")
    record("deal.withdrawn", deal, by=by, name=deal.name, customer=deal.customer_id)
    deal.delete()


def _after_made(deal: Deal, at: dt.datetime | None) -> dt.datetime:
    """The moment that was told; a deal does not move before it was made."""
    moment = past_moment(at)
    if moment < deal.made_at:
        raise ValidationError(_("The deal did not exist yet at this moment."), code="before")
    return moment


def _locked(deal: Deal, by: User) -> Deal:
    require(by, "deals.edit")
    if not may_act_for(by, deal.owner):
        raise PermissionDenied(_("This deal belongs to somebody outside your team."))
    return Deal.objects.select_for_update(of=("self",)).select_related("owner", "customer").get(pk=deal.pk)


def _set(
    deal: Deal,
    name: str,
    amount: Decimal | None,
    expected_on: dt.date | None,
    next_step: str,
    next_step_on: dt.date | None,
) -> None:
    if amount is not None and not (amount.is_finite() and 0 <= amount < MOST_YUAN):
        raise ValidationError({"amount": _("The amount is no sum of money.")}, code="amount")
    deal.name = typed_text(name, most=200)
    deal.amount = None if amount is None else amount.quantize(Decimal("0.01"))
    deal.next_step = typed_text(next_step, most=300, required=False)
    deal.expected_on, deal.next_step_on = expected_on, next_step_on
    deal.full_clean(exclude=["evidence"])


# --- reads


@dataclass(frozen=True, slots=True)
class Column:
    """One stage of the board: how many deals, how much money, the first cards, and the stage that comes next."""

    stage: str
    label: str
    count: int
    amount: Decimal
    deals: list[Deal]
    next: tuple[str, str] | None


def deals_of(
    user: User,
    *,
    text: str = "",
    owner: int | None = None,
    customer: int | None = None,
    overdue_on: dt.date | None = None,
) -> QuerySet[Deal]:
    """Deals that the person may see. ``overdue_on``: only open ones whose next step was due before that day."""
    found = Deal.objects.visible_to(user)
    if text:
        found = found.filter(Q(name__icontains=text) | Q(customer__name__icontains=text))
    if owner is not None:
        found = found.filter(owner=owner)
    if customer is not None:
        found = found.filter(customer=customer)
    if overdue_on is not None:
        found = found.filter(closed_at__isnull=True, next_step_on__lt=overdue_on)
    return found


def board(found: QuerySet[Deal], *, closed_since: dt.date) -> list[Column]:
    """Deals by stage, in 1 query for the sums and 1 a stage; won and lost ones since a day only."""
    zone = timezone.get_current_timezone()
    since = dt.datetime.combine(closed_since, dt.time(), tzinfo=zone)
    found = found.filter(Q(closed_at__isnull=True) | Q(closed_at__gte=since))
    grouped = found.order_by().values("stage").annotate(count=Count("pk"), amount=Sum("amount"))
    sums: dict[str, dict[str, Any]] = {row["stage"]: dict(row) for row in grouped}
    columns = []
    after = dict(pairwise((*OPEN, Deal.Stage.WON)))
    for stage in Deal.Stage:
        row = sums.get(stage.value, {"count": 0, "amount": None})
        cards = _in_order(found.filter(stage=stage)).select_related("customer", "owner")[:ON_BOARD]
        columns.append(
            Column(
                stage.value,
                str(stage.label),
                row["count"],
                row["amount"] or Decimal(0),
                list(cards) if row["count"] and stage in OPEN else [],
                (after[stage].value, str(after[stage].label)) if stage in after else None,
            )
        )
    return columns


SORTS: Final[dict[str, tuple[Any, ...]]] = {
    "amount": (F("amount").asc(nulls_last=True), "pk"),
    "-amount": (F("amount").desc(nulls_last=True), "-pk"),
    "expected": (F("expected_on").asc(nulls_last=True), "pk"),
    "-expected": (F("expected_on").desc(nulls_last=True), "-pk"),
    "name": ("name", "pk"),
}


def deal_rows(found: QuerySet[Deal], *, stage: str = "", sort: str = "") -> QuerySet[Deal]:
    """The list: a stage (``open`` for all that are), sorted; by default what is to be done next comes first."""
    if stage == "open":
        found = found.filter(closed_at__isnull=True)
    elif stage in Deal.Stage.values:
        found = found.filter(stage=stage)
    found = found.select_related("customer", "owner", "unit")
    return found.order_by(*SORTS[sort]) if sort in SORTS else _in_order(found)


def _in_order(found: QuerySet[Deal]) -> QuerySet[Deal]:
    return found.order_by(F("next_step_on").asc(nulls_last=True), F("amount").desc(nulls_last=True), "-pk")


def history_of(deal: Deal) -> QuerySet[AuditEntry]:
    """What happened to a deal, newest first."""
    return (
        AuditEntry.objects.filter(subject_type="customers.deal", subject_id=deal.pk)
        .select_related("by")
        .order_by("-at", "-pk")
    )
