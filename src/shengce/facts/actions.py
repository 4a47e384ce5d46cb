"""Everything that others can see happen to facts: the pipeline finds them, people answer to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from shengce.facts.models import Fact, FactReview
from shengce.facts.values import clean_value
from shengce.language.values import Fact as FoundFact
from shengce.people.models import User, record
from shengce.people.permissions import require
from shengce.recordings.models import Conversation

OLD_PLACE = 1_000_000
"""Added to the turn of facts on the move, so that two that change places do not meet."""


@transaction.atomic
def store_facts(
    conversation: Conversation, found: Sequence[FoundFact], *, keep: Collection[int] = ()
) -> None:
    """Make the stored facts those that were found; running it again changes nothing.

    What people answered is never lost: an answered fact stays, with its answer, and moves to the passage of the same
    kind that sounds at the same time where the words changed. ``keep`` are the ids of facts that other records rest
    on (decided proposals). Everything else that is no longer found goes.
    """
    stored = list(Fact.objects.select_for_update(of=("self",)).filter(conversation=conversation))
    reviewed = set(FactReview.objects.filter(fact__in=stored).values_list("fact_id", flat=True))
    firm = {f.pk for f in stored if f.state != Fact.State.OPEN or f.pk in reviewed} | set(keep)
    at_place = {_place(fact): fact for fact in stored}
    new: list[FoundFact] = []
    seen: set[tuple[Any, ...]] = set()
    matched: set[int] = set()
    for fact in found:
        place = _found_place(fact)
        if place in seen:
            continue
        seen.add(place)
        same = at_place.get(place)
        if same is None:
            new.append(fact)
        else:
            matched.add(same.pk)
            _refresh(same, fact)
    gone = [f for f in stored if f.pk not in matched]
    Fact.objects.filter(pk__in=[f.pk for f in gone if f.pk not in firm]).delete()
    new = _move([f for f in gone if f.pk in firm], new)
    Fact.objects.bulk_create([Fact(conversation=conversation, **_columns(fact)) for fact in new])


def _name(extractor: str) -> str:
    """``name`` of ``name/version``: another version of the same extractor finds the same fact."""
    return extractor.partition("/")[0]


def _place(fact: Fact) -> tuple[Any, ...]:
    return (fact.kind, _name(fact.extractor), fact.turn, fact.char_start, fact.char_end, fact.quote)


def _found_place(fact: FoundFact) -> tuple[Any, ...]:
    passage = fact.passage
    return (fact.kind, _name(fact.extractor), passage.turn, passage.start, passage.end, passage.quote)


def _columns(fact: FoundFact) -> dict[str, Any]:
    return {
        "kind": fact.kind,
        "value": fact.value,
        "confidence": fact.confidence,
        "extractor": fact.extractor,
        **_passage_columns(fact),
    }


def _passage_columns(fact: FoundFact) -> dict[str, Any]:
    passage = fact.passage
    return {
        "quote": passage.quote,
        "role": passage.role,
        "turn": passage.turn,
        "char_start": passage.start,
        "char_end": passage.end,
        "start_ms": passage.start_ms,
        "end_ms": passage.end_ms,
    }


def _refresh(stored: Fact, found: FoundFact) -> None:
    """Bring an unanswered fact up to date; an answered one only gets its times and speaker."""
    columns = _columns(found) if stored.state == Fact.State.OPEN else _passage_columns(found)
    changed = {name: value for name, value in columns.items() if getattr(stored, name) != value}
    if changed:
        Fact.objects.filter(pk=stored.pk).update(**changed)


def _move(kept: list[Fact], new: list[FoundFact]) -> list[FoundFact]:
    """Give kept facts whose words changed the new passage that sounds at the same time; return what is left."""
    left = list(new)
    moves: list[tuple[Fact, FoundFact]] = []
    for fact in kept:
        overlaps = [(_overlap_ms(fact, other), other) for other in left if other.kind == fact.kind]
        best = max(overlaps, key=lambda item: item[0], default=(0, None))
        if best[0] > 0 and best[1] is not None:
            left.remove(best[1])
            moves.append((fact, best[1]))
    Fact.objects.filter(pk__in=[fact.pk for fact, _other in moves]).update(turn=F("turn") + OLD_PLACE)
    for fact, other in moves:
        Fact.objects.filter(pk=fact.pk).update(**_passage_columns(other))
    return left


def _overlap_ms(fact: Fact, other: FoundFact) -> int:
    return min(fact.end_ms, other.passage.end_ms) - max(fact.start_ms, other.passage.start_ms)


def confirm_fact(fact: Fact, *, by: User) -> Fact:
    """Yes, that was said and the value is right."""
    return _answer(fact, FactReview.Answer.CONFIRM, Fact.State.CONFIRMED, by=by)


def correct_fact(fact: Fact, value: dict[str, Any], *, by: User) -> Fact:
    """That was said, but the value is another. Raises ``ValidationError`` for a value that its kind cannot have."""
    cleaned = clean_value(fact.kind, value)
    return _answer(fact, FactReview.Answer.CORRECT, Fact.State.CORRECTED, by=by, value=cleaned)


def reject_fact(fact: Fact, *, by: User) -> Fact:
    """No, that was not said or not meant."""
    return _answer(fact, FactReview.Answer.REJECT, Fact.State.REJECTED, by=by)


def reopen_fact(fact: Fact, *, by: User) -> Fact:
    """Take the answer back; a corrected value becomes again what the extractor found."""
    return _answer(fact, FactReview.Answer.REOPEN, Fact.State.OPEN, by=by)


@transaction.atomic
def _answer(fact: Fact, answer: str, state: str, *, by: User, value: dict[str, Any] | None = None) -> Fact:
    """Write the answer, its history and the audit row. The same answer twice is one answer."""
    require(by, "facts.decide")
    row = Fact.objects.visible_to(by).filter(pk=fact.pk).select_for_update(of=("self",)).first()
    if row is None:
        raise PermissionDenied(_("This talk belongs to somebody outside your team."))
    if row.state == state and (value is None or value == row.value):
        return row
    old_value = row.value
    if answer == FactReview.Answer.REOPEN:
        row.value = _value_found(row)
    elif value is not None:
        row.value = value
    row.state = state
    row.save(update_fields=["state", "value"])
    FactReview.objects.create(
        fact=row, extractor=row.extractor, answer=answer, old_value=old_value, new_value=value, by=by
    )
    record(f"fact.{answer}", row, by=by, kind=row.kind)
    return row


def _value_found(fact: Fact) -> dict[str, Any]:
    """What the extractor had found: the value before the first correction since the fact was last open."""
    value = fact.value
    for review in fact.reviews.order_by("-at", "-pk"):
        if review.answer == FactReview.Answer.REOPEN:
            break
        value = review.old_value
    return dict(value)
