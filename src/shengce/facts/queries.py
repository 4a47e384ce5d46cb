"""Questions about facts that many rows answer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import sqrt

from django.db.models import Count, OuterRef, Q, Subquery

from shengce.facts.models import Fact, FactReview
from shengce.people.models import User
from shengce.recordings.models import Conversation

Z_95 = 1.959963984540054
"""Standard normal quantile of a two-sided 95 % interval."""


@dataclass(frozen=True, slots=True)
class ExtractorQuality:
    """How often people found an extractor right. A confirmed fact is right; a corrected or rejected one is not.

    ``precision`` is ``None`` without answers; ``low`` and ``high`` bound it with 95 % (Wilson's interval).
    """

    extractor: str
    kind: str
    confirmed: int
    corrected: int
    rejected: int
    open: int
    precision: float | None
    low: float
    high: float

    @property
    def answers(self) -> int:
        return self.confirmed + self.corrected + self.rejected


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """Bounds of a share with 95 % confidence; (0, 1) without trials. Source: E. B. Wilson, JASA 22 (1927)."""
    if trials == 0:
        return 0.0, 1.0
    share, square = successes / trials, Z_95 * Z_95
    middle = share + square / (2 * trials)
    spread = Z_95 * sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    scale = 1 + square / trials
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def extractor_quality() -> list[ExtractorQuality]:
    """Answers and precision per extractor version and kind, from the answer that stands for each fact. Two queries.

    An answer counts for the version whose value was judged, also after a newer one has found the fact again.
    """
    last = FactReview.objects.filter(fact=OuterRef("pk")).order_by("-at", "-pk")
    answered = (
        Fact.objects.filter(reviews__isnull=False)
        .distinct()
        .annotate(judged=Subquery(last.values("extractor")[:1]), answer=Subquery(last.values("answer")[:1]))
        .values_list("judged", "kind", "answer")
    )
    counts: dict[tuple[str, str], Counter[str]] = {}
    for extractor, kind, answer in answered:
        counts.setdefault((extractor, kind), Counter())[answer] += 1
    still_open = Fact.objects.filter(state=Fact.State.OPEN).order_by().values_list("extractor", "kind")
    for extractor, kind, number in still_open.annotate(number=Count("pk")):
        counts.setdefault((extractor, kind), Counter())["open"] = number
    return [_quality(extractor, kind, count) for (extractor, kind), count in sorted(counts.items())]


def _quality(extractor: str, kind: str, count: Counter[str]) -> ExtractorQuality:
    confirmed, corrected, rejected = (
        count[answer]
        for answer in (FactReview.Answer.CONFIRM, FactReview.Answer.CORRECT, FactReview.Answer.REJECT)
    )
    answers = confirmed + corrected + rejected
    low, high = wilson_interval(confirmed, answers)
    precision = confirmed / answers if answers else None
    return ExtractorQuality(
        extractor, kind, confirmed, corrected, rejected, count["open"], precision, low, high
    )


def facts_of(conversation: Conversation) -> list[Fact]:
    """The facts of one talk in the order they were said, with their answers at hand. Two queries."""
    return list(conversation.facts.prefetch_related("reviews__by"))


def facts_of_customer(
    user: User, customer_id: int, *, kinds: tuple[str, ...] = (), limit: int = 50
) -> list[Fact]:
    """What was said in the talks with one customer that ``user`` may see, newest talk first."""
    chosen = Q(kind__in=kinds) if kinds else Q()
    facts = Fact.objects.visible_to(user).standing().filter(chosen, conversation__customer=customer_id)
    return list(
        facts.select_related("conversation").order_by("-conversation__started_at", "start_ms")[:limit]
    )


def recent_facts(user: User, *, kinds: tuple[str, ...], limit: int = 20) -> list[Fact]:
    """The newest standing facts of some kinds in one's scope, for boards and pages."""
    facts = Fact.objects.visible_to(user).standing().filter(kind__in=kinds)
    related = ("conversation__customer", "conversation__rep")
    return list(facts.select_related(*related).order_by("-conversation__started_at", "start_ms")[:limit])
