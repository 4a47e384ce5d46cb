"""The daily figures of reps: recomputed from the records, whenever one of them changes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from shengce.facts.models import Fact
from shengce.inspection.models import Score
from shengce.people.models import Unit, User
from shengce.recordings.models import Conversation
from shengce.results.models import CountedTalk, RepDay


@dataclass
class Sums:
    """The figures of one unit in one day of a rep; a rep who changes teams at noon has two."""

    talks: int = 0
    talk_ms: int = 0
    customer_ids: set[int] = field(default_factory=set)
    rep_share_sum: float = 0.0
    rep_share_count: int = 0
    questions: int = 0
    score_sum: Decimal = Decimal(0)
    score_count: int = 0
    fatal: int = 0
    facts: int = 0
    payment_promises: int = 0

    def columns(self) -> dict[str, Any]:
        columns = {name: value for name, value in vars(self).items() if name != "customer_ids"}
        return columns | {"customers": len(self.customer_ids)}


@transaction.atomic
def recompute_rep_day(rep: User, day: date) -> None:
    """Make the rep's figures of one local day those of his records. May be called as often as one likes.

    The rep's row is locked first: of two workers that finish two talks of one day, the second one counts both.
    """
    User.objects.select_for_update(no_key=True).get(pk=rep.pk)
    sums = _sums(rep, day)
    units = Unit.objects.in_bulk([unit_id for unit_id in sums if unit_id is not None])
    stored = RepDay.objects.filter(rep=rep, day=day).values_list("pk", "unit_id")
    RepDay.objects.filter(pk__in=[pk for pk, unit_id in stored if unit_id not in sums]).delete()
    for unit_id, figures in sums.items():
        unit = units[unit_id] if unit_id is not None else None
        RepDay.objects.update_or_create(rep=rep, unit=unit, day=day, defaults=figures.columns())


@transaction.atomic
def count_conversation(conversation: Conversation) -> None:
    """Bring the figures up to date that a talk belongs to, and those that it belonged to before it was moved."""
    before = CountedTalk.objects.filter(conversation=conversation).select_related("rep").first()
    day = timezone.localdate(conversation.started_at)
    rep = conversation.rep
    if before is not None and (before.rep, before.day) != (rep, day):
        recompute_rep_day(before.rep, before.day)
    if rep is None:
        CountedTalk.objects.filter(conversation=conversation).delete()
        return
    recompute_rep_day(rep, day)
    CountedTalk.objects.update_or_create(conversation=conversation, defaults={"rep": rep, "day": day})


def _sums(rep: User, day: date) -> dict[int | None, Sums]:
    """Figures by unit, from three queries."""
    zone = timezone.get_current_timezone()
    start = datetime.combine(day, time.min, tzinfo=zone)
    end = datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone)
    talks = Conversation.objects.filter(rep=rep, started_at__gte=start, started_at__lt=end)
    standing = ~Q(facts__state=Fact.State.REJECTED)
    promised = standing & Q(facts__kind=Fact.Kind.PAYMENT_PROMISE)
    counted = talks.annotate(
        fact_count=Count("facts", filter=standing & Q(facts__isnull=False)),
        promise_count=Count("facts", filter=promised),
    )
    sums: dict[int | None, Sums] = defaultdict(Sums)
    units: dict[int, int | None] = {}
    for talk in counted.only("unit_id", "customer_id", "start_ms", "end_ms", "measures"):
        units[talk.pk] = talk.unit_id
        _add_talk(sums[talk.unit_id], talk)
    fatal: set[int] = set()
    scores = Score.objects.filter(conversation__in=units).values_list("conversation_id", "score", "fatal")
    for conversation_id, score, is_fatal in scores:
        figures = sums[units[conversation_id]]
        if is_fatal and conversation_id not in fatal:  # a talk counts once, however many cards it failed
            fatal.add(conversation_id)
            figures.fatal += 1
        if score is not None:
            figures.score_sum += score
            figures.score_count += 1
    return dict(sums)


def _add_talk(figures: Sums, talk: Any) -> None:
    figures.talks += 1
    figures.talk_ms += talk.duration_ms
    figures.facts += talk.fact_count
    figures.payment_promises += talk.promise_count
    if talk.customer_id is not None:
        figures.customer_ids.add(talk.customer_id)
    measures = talk.measures if isinstance(talk.measures, dict) else {}
    share = measures.get("talk_ratio")
    if share is not None:
        figures.rep_share_sum += share
        figures.rep_share_count += 1
    figures.questions += len((measures.get("questions") or {}).get("rep", ()))
