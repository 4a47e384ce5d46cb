"""Changing score cards: one draft a card, changed criterion by criterion, published or discarded.

Every write checks the whole card again, so a draft is always a card that could score a talk. Two people may work
on one draft: whoever changes something says by a fingerprint what he saw, and is told where that is no longer so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from shengce.inspection.actions import create_score_card, publish_score_card
from shengce.inspection.models import ScoreCard as CardRow
from shengce.inspection.models import ScoreCardVersion
from shengce.language.criteria import CardError
from shengce.language.inspection import Criterion, Label, ScoreCard, Section, card_from_data
from shengce.people.models import User, record
from shengce.people.permissions import require


class EditConflict(Exception):
    """Somebody changed the same thing since it was opened; ``current`` stands there now, nothing if it is gone."""

    def __init__(self, current: Criterion | ScoreCard | None) -> None:
        self.current = current
        super().__init__("changed meanwhile")


def fingerprint_of(content: Criterion | ScoreCard) -> str:
    """A short word for the whole content, the same for equal content."""
    data = content.to_data() if isinstance(content, ScoreCard) else _criterion_data(content)
    text = json.dumps(data, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def key_of(identifier: str) -> str:
    """A criterion's id, which may hold anything, as it stands in an address."""
    return hashlib.sha256(identifier.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def start_card(*, by: User, name: str) -> ScoreCardVersion:
    """A new card with a draft that holds one section and one criterion to begin with."""
    label = {"zh": name, "en": name}
    greeting = {
        "id": "greeting",
        "name": {"zh": "问候客户", "en": "Greets the customer"},
        "section": "opening",
        "points": 5,
        "when": {"said": {"phrases": ["您好", "你好"], "by": "rep", "within_first_s": 20}},
    }
    opening = {"id": "opening", "name": {"zh": "开场", "en": "Opening"}}
    data = {"id": "card", "name": label, "sections": [opening], "criteria": [greeting]}
    return create_score_card(name=name, data=data, by=by)


@transaction.atomic
def open_draft(card: CardRow, *, by: User) -> ScoreCardVersion:
    """The card's draft; where there is none, a new one with the content in force. There is never a second."""
    require(by, "score_cards.edit")
    card = CardRow.objects.select_for_update().get(pk=card.pk)
    newest = card.versions.order_by("-number").first()
    if newest is None:
        raise ValidationError(_("This score card has no content yet."))
    if newest.published_at is None:
        return newest
    number = newest.number + 1
    draft = ScoreCardVersion.objects.create(
        card=card, number=number, data={**newest.data, "version": number}, made_by=by
    )
    record("score_card.draft_opened", card, by=by, version=number)
    return draft


@transaction.atomic
def discard_draft(draft: ScoreCardVersion, *, by: User) -> None:
    """Throw the draft away; a card that was never published goes with it."""
    require(by, "score_cards.edit")
    found, _card = _locked(draft)
    record("score_card.draft_discarded", found.card, by=by, version=found.number, data=found.data)
    if found.card.versions.exclude(pk=found.pk).exists():
        found.delete()
    else:
        found.card.delete()


@transaction.atomic
def publish_draft(draft: ScoreCardVersion, *, by: User, fingerprint: str) -> ScoreCardVersion:
    """Put the draft in force for talks processed from now on. The version before it stays as it is.

    ``fingerprint`` is of the draft that the person looked at. Raises :class:`EditConflict` where it has changed.
    """
    require(by, "score_cards.edit")
    found, card = _locked(draft)
    if fingerprint_of(card) != fingerprint:
        raise EditConflict(card)
    before = found.card.versions.filter(published_at__isnull=False).first()
    if before is not None and same_rules(card, card_from_data(before.data)):
        raise ValidationError(_("The draft says the same as the version in force."), code="unchanged")
    return publish_score_card(found, by=by)


@transaction.atomic
def replace_draft(draft: ScoreCardVersion, card: ScoreCard, *, by: User, fingerprint: str) -> None:
    """Take another whole card as the draft, as read from a file."""
    require(by, "score_cards.edit")
    found, current = _locked(draft)
    if fingerprint_of(current) != fingerprint:
        raise EditConflict(current)
    _keep(found, card, by=by, what="imported", criteria=len(card.criteria))


@transaction.atomic
def add_criterion(
    draft: ScoreCardVersion, criterion: Criterion, *, by: User, after: str | None = None
) -> Criterion:
    """Put a criterion behind the one with the id ``after``, or last; it gets an id that is free."""
    require(by, "score_cards.edit")
    found, card = _locked(draft)
    added = replace(criterion, id=_free_id(criterion.id, {c.id for c in card.criteria}))
    criteria = list(card.criteria)
    place = next((i + 1 for i, c in enumerate(criteria) if c.id == after), len(criteria))
    criteria.insert(place, added)
    _keep(found, replace(card, criteria=tuple(criteria)), by=by, what="criterion_added", criterion=added.id)
    return added


@transaction.atomic
def change_criterion(
    draft: ScoreCardVersion, criterion: Criterion, *, by: User, fingerprint: str
) -> Criterion:
    """Replace the criterion of the same id, if it is still the one that ``fingerprint`` was taken of."""
    require(by, "score_cards.edit")
    found, card = _locked(draft)
    _unchanged(card, criterion.id, fingerprint)
    criteria = tuple(criterion if c.id == criterion.id else c for c in card.criteria)
    _keep(found, replace(card, criteria=criteria), by=by, what="criterion_changed", criterion=criterion.id)
    return criterion


@transaction.atomic
def remove_criterion(draft: ScoreCardVersion, identifier: str, *, by: User, fingerprint: str) -> None:
    """Take a criterion out of the draft."""
    require(by, "score_cards.edit")
    found, card = _locked(draft)
    _unchanged(card, identifier, fingerprint)
    criteria = tuple(c for c in card.criteria if c.id != identifier)
    if not criteria:
        raise ValidationError(_("A score card needs at least one criterion."), code="last")
    _keep(found, replace(card, criteria=criteria), by=by, what="criterion_removed", criterion=identifier)


@transaction.atomic
def add_section(draft: ScoreCardVersion, *, by: User, zh: str, en: str) -> Section:
    """Add a section at the end."""
    require(by, "score_cards.edit")
    found, card = _locked(draft)
    section = Section(_free_id(_slug(en) or "section", {s.id for s in card.sections}), Label(zh, en or zh))
    _keep(found, replace(card, sections=(*card.sections, section)), by=by, what="section_added", name=zh)
    return section


@transaction.atomic
def remove_section(draft: ScoreCardVersion, identifier: str, *, by: User) -> None:
    """Take out a section that holds no criterion."""
    require(by, "score_cards.edit")
    found, card = _locked(draft)
    if any(c.section == identifier for c in card.criteria):
        raise ValidationError(_("Move or remove the criteria of this section first."), code="not_empty")
    sections = tuple(s for s in card.sections if s.id != identifier)
    if not sections:
        raise ValidationError(_("A score card needs at least one section."), code="last")
    _keep(found, replace(card, sections=sections), by=by, what="section_removed", section=identifier)


def same_rules(one: ScoreCard, other: ScoreCard) -> bool:
    """Whether two cards say the same, whatever their version numbers."""
    return replace(one, version=0) == replace(other, version=0)


def new_id(name: str) -> str:
    """An id for a criterion of this name: readable where the name is Latin."""
    return _slug(name) or "criterion"


def _slug(text: str) -> str:
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in text.lower()).split()
    return "-".join(words)[:40].strip("-")


def _free_id(wanted: str, taken: set[str]) -> str:
    if wanted not in taken:
        return wanted
    stem = wanted[:50]
    number = 2
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"


def _locked(draft: ScoreCardVersion) -> tuple[ScoreCardVersion, ScoreCard]:
    """The draft as it stands now, held until the transaction ends, and its content."""
    rows = ScoreCardVersion.objects.select_for_update(of=("self",)).select_related("card")
    found = rows.filter(pk=draft.pk, published_at__isnull=True).first()
    if found is None:
        raise ValidationError(_("This draft was published or discarded meanwhile."), code="gone")
    return found, card_from_data(found.data)


def _unchanged(card: ScoreCard, identifier: str, fingerprint: str) -> None:
    current = next((c for c in card.criteria if c.id == identifier), None)
    if current is None or fingerprint_of(current) != fingerprint:
        raise EditConflict(current)


def _keep(found: ScoreCardVersion, card: ScoreCard, *, by: User, what: str, **details: Any) -> None:
    """Store the content after checking all of it. Raises :class:`CardError` in the words of the card's form."""
    checked = card_from_data(replace(card, version=found.number).to_data())
    found.data = storable(checked.to_data())
    found.save(update_fields=["data"])
    record(f"score_card.{what}", found.card, by=by, version=found.number, **details)


def storable(data: Any) -> Any:
    """The data itself, if every database can hold its texts: no NUL, no half of a surrogate pair."""
    for text in _texts(data):
        if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
            raise CardError("", UNFIT)
    return data


UNFIT = "has a character that can't be stored"


def _texts(data: Any) -> Iterator[str]:
    match data:
        case str():
            yield data
        case dict():
            for key, value in data.items():
                yield str(key)
                yield from _texts(value)
        case list():
            for value in data:
                yield from _texts(value)


def _criterion_data(criterion: Criterion) -> dict[str, Any]:
    card = ScoreCard("", 0, Label("", ""), (), (criterion,))
    data: dict[str, Any] = card.to_data()["criteria"][0]
    return data
