"""Questions about proposals that many rows answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from shengce.customers.models import Customer
from shengce.facts.models import Fact
from shengce.people.models import User
from shengce.proposals.models import Proposal
from shengce.recordings.models import Conversation


@dataclass(frozen=True, slots=True)
class Heard:
    """Everything that one passage suggests: a person hears it once and answers once."""

    fact: Fact
    customer: Customer | None
    proposals: tuple[Proposal, ...]

    @property
    def open(self) -> int:
        return sum(proposal.state == Proposal.State.OPEN for proposal in self.proposals)


def by_passage(proposals: Iterable[Proposal]) -> list[Heard]:
    """Proposals by the fact behind them, in the order in which the facts first appear."""
    groups: dict[int, list[Proposal]] = {}
    for proposal in proposals:
        groups.setdefault(proposal.fact_id, []).append(proposal)
    return [Heard(group[0].fact, group[0].customer, tuple(group)) for group in groups.values()]


def open_proposals(
    user: User, *, start: datetime | None = None, end: datetime | None = None
) -> QuerySet[Proposal]:
    """What waits for this person's own yes or no, newest talk first; facts that were rejected suggest nothing."""
    waiting = Proposal.objects.filter(rep=user, state=Proposal.State.OPEN).exclude(
        fact__state=Fact.State.REJECTED
    )
    if start is not None:
        waiting = waiting.filter(conversation__started_at__gte=start)
    if end is not None:
        waiting = waiting.filter(conversation__started_at__lt=end)
    related = waiting.select_related("fact", "conversation", "customer")
    return related.order_by("-conversation__started_at", "fact__start_ms", "pk")


def proposals_of(user: User, conversation: Conversation) -> list[Proposal]:
    """The proposals of one talk that this person may see."""
    visible = Proposal.objects.visible_to(user).filter(conversation=conversation)
    return list(visible.select_related("fact", "customer"))


def decided_fact_ids(conversation: Conversation) -> set[int]:
    """Facts that decided proposals rest on: they stay when a talk is analysed again."""
    decided = Proposal.objects.filter(conversation=conversation).exclude(state=Proposal.State.OPEN)
    return set(decided.values_list("fact_id", flat=True))


def answer_counts(user: User) -> dict[str, int]:
    """How many proposals in one's scope stand in each state."""
    counted = Proposal.objects.visible_to(user).order_by().values_list("state").annotate(number=Count("pk"))
    return dict(counted)
