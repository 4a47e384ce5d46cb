"""The forms that facts may change: which facts suggest it, what they suggest, how a yes is carried out and undone.

One explicit tuple; a new form is one entry more. ``draft`` gives the fields of the form as plain JSON values, or
``None`` where the fact does not say enough; ``clean`` reads them, with a person's changes, into real values.
"""

from __future__ import annotations

from datetime import date

from shengce.facts.values import moment_of, plain_number
from shengce.proposals import drafting
from shengce.proposals.customer_forms import CARD, CARD_FIELDS, PROMISE, TICKET
from shengce.proposals.day_forms import APPOINTMENT, LINE, TASK
from shengce.proposals.market_forms import SIGHTING, SIGNAL
from shengce.proposals.models import Proposal
from shengce.proposals.target import Target

__all__ = ("CARD_FIELDS", "TARGETS", "Target", "target_of", "words_of")

TARGETS: tuple[Target, ...] = (LINE, PROMISE, APPOINTMENT, TASK, CARD, SIGNAL, TICKET, SIGHTING)
"""In the order in which a talk offers them."""


def target_of(proposal: Proposal) -> Target:
    return next(target for target in TARGETS if target.name == proposal.target)


def words_of(proposal: Proposal) -> str:
    """What an open proposal would write, in the reader's language where the words come from the fact."""
    if proposal.state == Proposal.State.OPEN:
        if proposal.target in (Proposal.Target.REPORT_LINE, Proposal.Target.SIGNAL, Proposal.Target.SIGHTING):
            return drafting.line_text(proposal.fact)
        if proposal.target == Proposal.Target.CUSTOMER_FIELD:
            return drafting.card_text(proposal.fact)
    new = proposal.new
    if proposal.target == Proposal.Target.TICKET:
        return drafting.ticket_text(new)
    parts = [str(new[part]) for part in ("text", "title", "value") if new.get(part)]
    if amount := plain_number(new.get("amount")):
        parts.append(drafting.yuan(amount))
    for name in ("start_at", "due_at"):
        if moment := moment_of(new.get(name)):
            parts.append(drafting.moment_text(moment))
    if new.get("due_on"):
        parts.append(drafting.day_text(date.fromisoformat(new["due_on"])))
    if new.get("place"):
        parts.append(str(new["place"]))
    return " · ".join(parts)
