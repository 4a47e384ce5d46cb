"""A figure is agreed upon: the rep proposes, the manager answers with reasons and proofs, both sign under the same figure.

A figure is a rep's year in one metric. When both have signed, the rep's leaves follow the agreed figure in proportion.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.customers.models import Deal
from shengce.facts.models import Fact
from shengce.people.models import Role, User, record
from shengce.people.permissions import require
from shengce.people.scope import may_act_for
from shengce.people.typed_text import typed_text
from shengce.planning.allocation import MOST
from shengce.sales.models import Invoice
from shengce.targets.cells import Cell
from shengce.targets.editing import type_figure
from shengce.targets.models import (
    Metric,
    Negotiation,
    NegotiationStep,
    StepEvidence,
    TargetRow,
    TargetVersion,
)
from shengce.targets.queries import planned

State, Act, Kind = Negotiation.State, NegotiationStep.Act, StepEvidence.Kind
MOST_EVIDENCE = 20

Evidence = tuple[str, int]
"""``(kind, id)`` of a fact, a deal or an invoice."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A rep's figure of one metric, and how far the talk about it has come (``None``: nobody has said anything)."""

    rep: User
    metric: Metric
    planned: int
    negotiation: Negotiation | None


def figures(version: TargetVersion, user: User) -> list[Figure]:
    """Every rep's figures that the person may see, with their negotiations; those that wait come first."""
    rows = TargetRow.objects.filter(version=version, level="target", rep__isnull=False).visible_to(user)
    pairs = list(rows.order_by().values_list("metric", "rep").distinct())
    metrics = Metric.objects.in_bulk({metric for metric, _rep in pairs})
    people = User.objects.select_related("unit").in_bulk({rep for _metric, rep in pairs})
    talks = {
        (talk.metric_id, talk.rep_id): talk
        for talk in Negotiation.objects.filter(version=version).visible_to(user)
    }
    sums: dict[tuple[int, int], int] = {}
    for metric in metrics.values():
        for key, months in planned(version, metric.code, by=("rep",), user=user).items():
            if key[0] is not None:
                sums[metric.pk, key[0]] = sum(months)
    found = [
        Figure(people[rep], metrics[metric], sums.get((metric, rep), 0), talks.get((metric, rep)))
        for metric, rep in pairs
    ]
    order = {State.MANAGER_TO_ANSWER: 0, None: 1, State.REP_TO_ANSWER: 2, State.AGREED: 3}
    return sorted(
        found,
        key=lambda f: (
            order[State(f.negotiation.state) if f.negotiation else None],
            f.rep.display_name,
            f.metric.position,
        ),
    )


@transaction.atomic
def propose_figure(
    version: TargetVersion,
    metric: Metric,
    *,
    by: User,
    figure: int,
    reason: str,
    evidence: Sequence[Evidence] = (),
) -> Negotiation:
    """A rep says what he holds for right, in minor units, and why."""
    require(by, "targets.propose")
    version = _under_negotiation(version)
    talk = _begun(version, metric, by)
    _require_turn(talk, State.REP_TO_ANSWER)
    _say(talk, Act.PROPOSED, by, figure, reason, evidence)
    _wait_for(talk, State.MANAGER_TO_ANSWER)
    record("targets.proposed", talk, by=by, figure=figure)
    return talk


@transaction.atomic
def answer_figure(
    negotiation: Negotiation, *, by: User, figure: int, reason: str, evidence: Sequence[Evidence] = ()
) -> Negotiation:
    """The manager answers with another figure and his reason."""
    talk = _held(negotiation)
    _require_manager(talk, by)
    _require_turn(talk, State.MANAGER_TO_ANSWER)
    _say(talk, Act.COUNTERED, by, figure, reason, evidence)
    talk.manager = by
    _wait_for(talk, State.REP_TO_ANSWER)
    record("targets.countered", talk, by=by, figure=figure)
    return talk


@transaction.atomic
def sign_figure(negotiation: Negotiation, *, by: User, figure: int) -> Negotiation:
    """Sign under the figure that stands; ``figure`` is the one that the page showed, so that nobody signs another.

    With the second signature the rep's leaves take the agreed figure.
    """
    talk = _held(negotiation)
    standing = standing_figure(talk)
    if figure != standing:
        raise ValidationError(_("Another figure stands now. Look at it before you sign."), code="conflict")
    now = timezone.now()
    if by.pk == talk.rep_id and by.role == Role.REP:
        if talk.rep_signed_at:
            return talk
        talk.rep_signed_at = now
    else:
        _require_manager(talk, by)
        if talk.manager_signed_at:
            return talk
        talk.manager_signed_at, talk.manager = now, by
    NegotiationStep.objects.create(negotiation=talk, act=Act.SIGNED, figure=standing, by=by)
    if talk.rep_signed_at and talk.manager_signed_at:
        _agree(talk, standing)
    else:
        talk.state = State.MANAGER_TO_ANSWER if talk.rep_signed_at else State.REP_TO_ANSWER
    talk.save()
    record("targets.signed", talk, by=by, figure=standing, agreed=talk.agreed)
    return talk


@transaction.atomic
def begin_figure(version: TargetVersion, metric: Metric, *, by: User) -> Negotiation:
    """A rep who has nothing to say against his figure begins with it, to sign it."""
    require(by, "targets.propose")
    return _begun(_under_negotiation(version), metric, by)


def standing_figure(talk: Negotiation) -> int:
    """What was said last, or what was planned."""
    last = talk.steps.order_by("-pk").first()
    return last.figure if last else talk.planned


def _under_negotiation(version: TargetVersion) -> TargetVersion:
    held = TargetVersion.objects.select_for_update(of=("self",)).get(pk=version.pk)
    if held.state != TargetVersion.State.NEGOTIATING:
        raise ValidationError(_("This version is not under negotiation."), code="state")
    return held


def _begun(version: TargetVersion, metric: Metric, rep: User) -> Negotiation:
    talk = Negotiation.objects.filter(version=version, metric=metric, rep=rep).first()
    if talk is not None:
        return _held(talk)
    sums = planned(version, metric.code, by=(), user=None, where={"rep": rep.pk}).get((), (0,) * 12)
    if not TargetRow.objects.filter(version=version, metric=metric, rep=rep).exists():
        raise ValidationError(_("You have no figure here."), code="nothing")
    return Negotiation.objects.create(
        version=version, metric=metric, rep=rep, unit=rep.unit, planned=sum(sums)
    )


def _held(talk: Negotiation) -> Negotiation:
    held = (
        Negotiation.objects.select_for_update(of=("self",))
        .select_related("version", "metric", "rep")
        .get(pk=talk.pk)
    )
    _under_negotiation(held.version)
    if held.state == State.AGREED:
        raise ValidationError(_("Both have signed: this figure is agreed."), code="agreed")
    return held


def _require_manager(talk: Negotiation, by: User) -> None:
    require(by, "targets.edit")
    if by.role == Role.EXECUTIVE:
        return
    if by.pk == talk.rep_id or not may_act_for(by, talk.rep):
        raise PermissionDenied(_("Your role does not allow this."))


def _require_turn(talk: Negotiation, state: str) -> None:
    if talk.state != state:
        raise ValidationError(_("The other side is to answer first."), code="turn")


def _say(
    talk: Negotiation, act: str, by: User, figure: int, reason: str, evidence: Sequence[Evidence]
) -> None:
    if not 0 <= figure <= MOST:
        raise ValidationError(_("A target is 0 or more."), code="figure")
    step = NegotiationStep.objects.create(
        negotiation=talk, act=act, figure=figure, reason=typed_text(reason, most=1000), by=by
    )
    StepEvidence.objects.bulk_create(
        [StepEvidence(step=step, kind=kind, thing=thing) for kind, thing in _checked(evidence, by)]
    )


def _checked(evidence: Sequence[Evidence], by: User) -> list[Evidence]:
    """Each once, and only what the person may look at himself."""
    wanted = list(dict.fromkeys(evidence))
    if len(wanted) > MOST_EVIDENCE:
        raise ValidationError(_("At most %(most)d proofs fit.") % {"most": MOST_EVIDENCE}, code="evidence")
    for kind, rows in _sources(by).items():
        ids = {thing for each, thing in wanted if each == kind}
        if ids and rows.filter(pk__in=ids).count() != len(ids):
            raise ValidationError(_("One of the proofs is not yours to show."), code="evidence")
    if any(kind not in Kind.values for kind, _thing in wanted):
        raise ValidationError(_("One of the proofs is not yours to show."), code="evidence")
    return wanted


def _sources(user: User) -> dict[str, Any]:
    return {
        Kind.FACT: Fact.objects.visible_to(user),
        Kind.DEAL: Deal.objects.visible_to(user),
        Kind.INVOICE: Invoice.objects.visible_to(user),
    }


def _wait_for(talk: Negotiation, state: str) -> None:
    """A new figure needs new signatures."""
    talk.state, talk.rep_signed_at, talk.manager_signed_at = state, None, None
    talk.save()


def _agree(talk: Negotiation, figure: int) -> None:
    """The rep's leaves take the figure; the manager who signed is the one who changed them."""
    assert talk.manager is not None
    talk.state, talk.agreed = State.AGREED, figure
    type_figure(talk.version, talk.metric, Cell({"rep": talk.rep_id}), by=talk.manager, total=figure)


@dataclass(frozen=True, slots=True)
class Proof:
    """One piece of evidence as a page shows it: the row itself, or ``None`` where the reader may not see it."""

    kind: str
    thing: Any


def proofs(steps: Iterable[NegotiationStep], user: User) -> dict[int, list[Proof]]:
    """Step → its evidence, each only where the reader may see it himself. Four queries."""
    rows = list(StepEvidence.objects.filter(step__in=[step.pk for step in steps]).order_by("pk"))
    things: dict[tuple[str, int], Any] = {}
    related = {
        Kind.FACT: ("conversation__customer",),
        Kind.DEAL: ("customer",),
        Kind.INVOICE: ("customer",),
    }
    for kind, source in _sources(user).items():
        ids = [row.thing for row in rows if row.kind == kind]
        for thing in source.select_related(*related[Kind(kind)]).filter(pk__in=ids) if ids else ():
            things[kind, thing.pk] = thing
    answer: dict[int, list[Proof]] = {}
    for row in rows:
        answer.setdefault(row.step_id, []).append(Proof(row.kind, things.get((row.kind, row.thing))))
    return answer


def offered_evidence(rep: User, user: User, *, most: int = 12) -> list[tuple[str, Any]]:
    """What speaks for or against a figure: the rep's open deals, what his customers said of money and need, overdue invoices."""
    deals = Deal.objects.visible_to(user).filter(owner=rep, closed_at__isnull=True).select_related("customer")
    said = (
        Fact.objects.visible_to(user)
        .standing()
        .filter(
            conversation__rep=rep, kind__in=("budget", "objection", "competitor", "payment_promise", "need")
        )
        .select_related("conversation__customer")
        .order_by("-conversation__started_at", "-pk")
    )
    owed = (
        Invoice.objects.visible_to(user)
        .filter(rep=rep, settled_on__isnull=True, due_on__lt=timezone.localdate())
        .select_related("customer")
        .order_by("due_on")
    )
    return [
        *((Kind.DEAL, deal) for deal in deals.order_by("-amount")[:most]),
        *((Kind.FACT, fact) for fact in said[:most]),
        *((Kind.INVOICE, invoice) for invoice in owed[:most]),
    ]
