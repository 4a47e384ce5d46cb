"""Proposals: made by the pipeline, decided by people. A yes is carried out here and nowhere else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from shengce.customers.models import CardField
from shengce.facts import actions as facts
from shengce.facts.models import Fact
from shengce.people.models import User, record
from shengce.people.moments import past_moment, told
from shengce.people.permissions import require
from shengce.proposals.models import Proposal
from shengce.proposals.targets import TARGETS, Target, target_of
from shengce.recordings.models import Conversation

_ACCEPTED = (Proposal.State.ACCEPTED, Proposal.State.EDITED)
_FIRST_OF_OVERLAPPING = ("appointment", "next_step", "promise")
"""Of facts on one passage, the first kind in this order becomes the appointment or the task; the others would repeat it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A change that a fact suggests now."""

    fact: Fact
    target: Target
    field: str
    old: dict[str, Any]
    new: dict[str, Any]


@transaction.atomic
def propose(conversation: Conversation) -> None:
    """Make the open proposals of a talk those that its facts suggest now; decided ones stay as they are.

    Running it again changes nothing. Call it too when facts were corrected, rejected or reopened.
    """
    stored = {
        (p.fact_id, p.target, p.field): p
        for p in Proposal.objects.select_for_update(of=("self",)).filter(conversation=conversation)
    }
    wanted = {(d.fact.pk, str(d.target.name), d.field): d for d in _drafts(conversation)}
    gone = [p.pk for key, p in stored.items() if p.state == Proposal.State.OPEN and key not in wanted]
    Proposal.objects.filter(pk__in=gone).delete()
    new: list[Proposal] = []
    for key, draft in wanted.items():
        columns = _columns(conversation, draft)
        proposal = stored.get(key)
        if proposal is None:
            new.append(
                Proposal(
                    conversation=conversation,
                    fact=draft.fact,
                    target=draft.target.name,
                    field=draft.field,
                    **columns,
                )
            )
        elif proposal.state == Proposal.State.OPEN and _differs(proposal, columns):
            Proposal.objects.filter(pk=proposal.pk).update(**columns)
    Proposal.objects.bulk_create(new)


def _columns(conversation: Conversation, draft: Draft) -> dict[str, Any]:
    return {
        "rep_id": conversation.rep_id,
        "unit_id": conversation.unit_id,
        "customer_id": conversation.customer_id,
        "old": draft.old,
        "new": draft.new,
    }


def _differs(proposal: Proposal, columns: dict[str, Any]) -> bool:
    return any(getattr(proposal, name) != value for name, value in columns.items())


def _drafts(conversation: Conversation) -> Iterator[Draft]:
    """What the standing facts of a talk suggest. Nothing without a rep: nobody could decide it."""
    if conversation.rep is None:
        return
    standing = list(conversation.facts.all().standing())
    for fact in standing:
        fact.conversation = conversation  # with rep and customer at hand: no query for each
    card = _card_values(conversation)
    for target in TARGETS:
        suggesting = [fact for fact in standing if fact.kind in target.kinds]
        if target.name == Proposal.Target.TASK:
            suggesting = _without_overlaps(suggesting, standing)
        seen: set[tuple[str, str]] = set()
        for fact in suggesting:
            new, field = target.draft(fact), target.field_of(fact)
            if new is None or (field, str(new)) in seen:
                continue
            seen.add((field, str(new)))
            if field and card.get(field) == new.get("value"):
                continue  # the card says so already
            yield Draft(fact, target, field, {"value": card[field]} if field in card else {}, new)


def _card_values(conversation: Conversation) -> dict[str, str]:
    """The values in force on the customer's card, without what this very talk put there."""
    if conversation.customer_id is None:
        return {}
    rows = CardField.objects.filter(customer=conversation.customer_id).order_by("set_at", "pk")
    return {row.field: row.value for row in rows if row.evidence.get("conversation") != conversation.pk}


def _without_overlaps(suggesting: list[Fact], standing: list[Fact]) -> list[Fact]:
    """Facts of which no fact of an earlier kind in ``_FIRST_OF_OVERLAPPING`` covers the same words."""

    def repeated(fact: Fact) -> bool:
        earlier = _FIRST_OF_OVERLAPPING[: _FIRST_OF_OVERLAPPING.index(fact.kind)]
        return any(
            other.kind in earlier
            and other.turn == fact.turn
            and other.char_start < fact.char_end
            and fact.char_start < other.char_end
            for other in standing
        )

    return [fact for fact in suggesting if not repeated(fact)]


@transaction.atomic
def accept(
    proposal: Proposal, *, by: User, changes: dict[str, Any] | None = None, at: dt.datetime | None = None
) -> Proposal:
    """Carry the proposal out, with a person's changes where given. A second yes changes nothing.

    ``at`` is when he said yes, where that was earlier than now; values of cards and promises are as old as that.

    Saying yes also confirms the fact where it is still open, unless the changes say that its value was wrong.
    Raises ``ValidationError`` in words where the form does not take it.
    """
    row = _locked(proposal, by)
    if row.state in _ACCEPTED:
        return row
    if row.state == Proposal.State.REFUSED:
        raise ValidationError(_("This proposal was refused. Undo that first."), code="refused")
    if row.fact.state == Fact.State.REJECTED:
        raise ValidationError(_("The fact behind this proposal was rejected."), code="rejected")
    changed = {name: value for name, value in (changes or {}).items() if row.new.get(name) != value}
    if unknown := changed.keys() - row.new.keys():
        raise ValidationError(
            _("This form has no “%(field)s”."), params={"field": min(unknown)}, code="field"
        )
    target, drafted = target_of(row), row.new
    row.decided_at = past_moment(at)
    row.new = {**row.new, **changed}
    made = target.apply(row, target.clean(row.new), by)
    confirms = row.fact.state == Fact.State.OPEN and changed.keys() <= set(target.words_only)
    if confirms:
        facts.confirm_fact(row.fact, by=by)
    row.applied = {"model": made._meta.label_lower, "id": made.pk, "drafted": drafted, "confirmed": confirms}
    return _decide(row, Proposal.State.EDITED if changed else Proposal.State.ACCEPTED, by, at=at)


@transaction.atomic
def refuse(proposal: Proposal, *, by: User, reject_fact: bool = False) -> Proposal:
    """Not on this form. The fact itself stands, unless ``reject_fact`` says that it was never said."""
    row = _locked(proposal, by)
    if row.state in _ACCEPTED:
        raise ValidationError(_("This proposal was accepted. Undo that first."), code="accepted")
    if row.state != Proposal.State.REFUSED:
        row = _decide(row, Proposal.State.REFUSED, by)
    if reject_fact:
        facts.reject_fact(row.fact, by=by)
    return row


@transaction.atomic
def undo(proposal: Proposal, *, by: User) -> Proposal:
    """Take the answer back: what a yes had made goes, its confirmation of the fact too; the proposal is open again."""
    row = _locked(proposal, by)
    if row.state == Proposal.State.OPEN:
        return row
    if row.state in _ACCEPTED:
        target = target_of(row)
        made = target.made._default_manager.filter(pk=row.applied.get("id")).first()
        if made is not None:
            target.withdraw(made, by)
        row.new = row.applied.get("drafted", row.new)
        if (
            row.applied.get("confirmed")
            and row.fact.state == Fact.State.CONFIRMED
            and not _others_rest_on(row)
        ):
            facts.reopen_fact(row.fact, by=by)
    row.applied = {}
    return _decide(row, Proposal.State.OPEN, by)


def _others_rest_on(proposal: Proposal) -> bool:
    """Whether another accepted proposal still says that the fact is right."""
    others = Proposal.objects.filter(fact=proposal.fact, state__in=_ACCEPTED).exclude(pk=proposal.pk)
    return others.exists()


def _locked(proposal: Proposal, by: User) -> Proposal:
    """The row, locked against a second tap, where this person may decide it."""
    require(by, "proposals.decide")
    visible = Proposal.objects.visible_to(by).filter(pk=proposal.pk)
    row = (
        visible.select_related("fact", "conversation", "rep__unit", "customer")
        .select_for_update(of=("self",))
        .first()
    )
    if row is None:
        raise PermissionDenied(_("This talk belongs to somebody outside your team."))
    return row


def _decide(row: Proposal, state: str, by: User, *, at: dt.datetime | None = None) -> Proposal:
    row.state = state
    is_open = state == Proposal.State.OPEN
    row.decided_at, row.decided_by = (None, None) if is_open else (past_moment(at), by)
    row.save(update_fields=["state", "new", "applied", "decided_at", "decided_by"])
    details = {"target": row.target, "fact": row.fact_id, **told(at)}
    record(f"proposal.{'reopened' if is_open else state}", row, by=by, **details)
    return row
