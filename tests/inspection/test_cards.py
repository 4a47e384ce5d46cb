"""Drafts and versions of score cards: who may change what, and what never changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from shengce.inspection import cards
from shengce.inspection.cards import EditConflict, fingerprint_of
from shengce.inspection.models import ScoreCard, ScoreCardVersion
from shengce.language.criteria import CardError
from shengce.language.inspection import Label, card_from_data
from shengce.people.models import AuditEntry
from tests.inspection.card_world import card_data, published


@pytest.fixture
def draft(world):
    return cards.open_draft(published(world.inspector).card, by=world.inspector)


def content(version):
    return card_from_data(ScoreCardVersion.objects.get(pk=version.pk).data)


def criterion(version, identifier):
    return next(c for c in content(version).criteria if c.id == identifier)


def renamed(version, identifier, zh):
    return replace(criterion(version, identifier), name=Label(zh, zh))


def test_a_draft_is_a_copy_and_there_is_never_a_second(world):
    in_force = published(world.inspector)
    first = cards.open_draft(in_force.card, by=world.inspector)
    second = cards.open_draft(in_force.card, by=world.executive)
    assert first.pk == second.pk
    assert (first.number, first.published_at) == (2, None)
    assert first.data == {**in_force.data, "version": 2}


def test_publishing_raises_the_number_and_leaves_the_old_version(world, draft):
    old = draft.card.versions.get(number=1)
    cards.change_criterion(
        draft,
        renamed(draft, "greeting", "新"),
        by=world.inspector,
        fingerprint=fingerprint_of(criterion(draft, "greeting")),
    )
    cards.publish_draft(draft, by=world.executive, fingerprint=fingerprint_of(content(draft)))
    new = draft.card.versions.get(number=2)
    assert new.published_at is not None
    assert new.data["version"] == 2
    assert draft.card.versions.get(number=1).data == old.data
    entry = AuditEntry.objects.get(action="score_card.published", details__version=2)
    assert entry.by == world.executive


def test_an_unchanged_draft_is_not_published(world, draft):
    with pytest.raises(ValidationError):
        cards.publish_draft(draft, by=world.inspector, fingerprint=fingerprint_of(content(draft)))
    assert draft.card.versions.filter(published_at__isnull=False).count() == 1


def test_one_publishes_what_one_has_seen(world, draft):
    seen = fingerprint_of(content(draft))
    cards.add_section(draft, by=world.executive, zh="新", en="")
    with pytest.raises(EditConflict):
        cards.publish_draft(draft, by=world.inspector, fingerprint=seen)


def test_the_second_of_two_editors_is_told(world, draft):
    seen = fingerprint_of(criterion(draft, "greeting"))
    cards.change_criterion(draft, renamed(draft, "greeting", "甲"), by=world.inspector, fingerprint=seen)
    with pytest.raises(EditConflict) as told:
        cards.change_criterion(draft, renamed(draft, "greeting", "乙"), by=world.executive, fingerprint=seen)
    assert told.value.current.name.zh == "甲"
    assert criterion(draft, "greeting").name.zh == "甲"


def test_editors_of_different_criteria_do_not_disturb_each_other(world, draft):
    seen = {i: fingerprint_of(criterion(draft, i)) for i in ("greeting", "end")}
    for identifier, fingerprint in seen.items():
        changed = renamed(draft, identifier, f"新{identifier}")
        cards.change_criterion(draft, changed, by=world.inspector, fingerprint=fingerprint)
    assert [c.name.zh for c in content(draft).criteria] == ["新greeting", "新end", "辱骂"]


def test_a_copy_stands_behind_its_original_with_an_id_of_its_own(world, draft):
    original = criterion(draft, "greeting")
    for _ in range(2):
        cards.add_criterion(draft, original, by=world.inspector, after="greeting")
    assert [c.id for c in content(draft).criteria] == ["greeting", "greeting-3", "greeting-2", "end", "abuse"]


def test_a_long_id_still_gets_a_free_one(world, draft):
    long = replace(criterion(draft, "greeting"), id="x" * 60)
    for _ in range(3):
        cards.add_criterion(draft, long, by=world.inspector)
    ids = [c.id for c in content(draft).criteria]
    assert len(set(ids)) == 6 and max(map(len, ids)) == 60


def test_removing(world, draft):
    for identifier in ("greeting", "end"):
        seen = fingerprint_of(criterion(draft, identifier))
        cards.remove_criterion(draft, identifier, by=world.inspector, fingerprint=seen)
    cards.remove_section(draft, "opening", by=world.inspector)
    assert [s.id for s in content(draft).sections] == ["rules"]
    with pytest.raises(ValidationError):
        cards.remove_criterion(
            draft, "abuse", by=world.inspector, fingerprint=fingerprint_of(criterion(draft, "abuse"))
        )
    with pytest.raises(ValidationError):
        cards.remove_section(draft, "rules", by=world.inspector)


def test_discarding_leaves_the_version_in_force_and_frees_the_number(world, draft):
    cards.discard_draft(draft, by=world.inspector)
    assert [v.number for v in draft.card.versions.all()] == [1]
    assert cards.open_draft(draft.card, by=world.inspector).number == 2
    assert AuditEntry.objects.get(action="score_card.draft_discarded").details["data"]["id"] == "talk"


def test_a_card_that_was_never_published_goes_with_its_draft(world):
    draft = cards.start_card(by=world.inspector, name="试")
    cards.discard_draft(draft, by=world.inspector)
    assert not ScoreCard.objects.exists()


@pytest.mark.parametrize("name", ["change", "add", "remove", "section", "replace", "publish", "discard"])
def test_a_published_version_never_changes(world, name):
    version = published(world.inspector)
    card = content(version)
    item = card.criteria[0]
    writes = {
        "change": lambda: cards.change_criterion(
            version, item, by=world.inspector, fingerprint=fingerprint_of(item)
        ),
        "add": lambda: cards.add_criterion(version, item, by=world.inspector),
        "remove": lambda: cards.remove_criterion(
            version, item.id, by=world.inspector, fingerprint=fingerprint_of(item)
        ),
        "section": lambda: cards.add_section(version, by=world.inspector, zh="新", en="new"),
        "replace": lambda: cards.replace_draft(
            version, card, by=world.inspector, fingerprint=fingerprint_of(card)
        ),
        "publish": lambda: cards.publish_draft(version, by=world.inspector, fingerprint=fingerprint_of(card)),
        "discard": lambda: cards.discard_draft(version, by=world.inspector),
    }
    before = ScoreCardVersion.objects.values().get(pk=version.pk)
    with pytest.raises(ValidationError):
        writes[name]()
    assert ScoreCardVersion.objects.values().get(pk=version.pk) == before


@pytest.mark.parametrize("name", ["manager_a", "rep_a1", "administrator", "marketing"])
def test_only_inspectors_and_executives_edit(world, draft, name):
    by = getattr(world, name)
    before = content(draft)
    item = before.criteria[0]
    for write in (
        lambda: cards.open_draft(draft.card, by=by),
        lambda: cards.change_criterion(draft, item, by=by, fingerprint=fingerprint_of(item)),
        lambda: cards.add_criterion(draft, item, by=by),
        lambda: cards.remove_criterion(draft, item.id, by=by, fingerprint=fingerprint_of(item)),
        lambda: cards.add_section(draft, by=by, zh="新", en="new"),
        lambda: cards.remove_section(draft, "rules", by=by),
        lambda: cards.replace_draft(draft, before, by=by, fingerprint=fingerprint_of(before)),
        lambda: cards.publish_draft(draft, by=by, fingerprint=fingerprint_of(before)),
        lambda: cards.discard_draft(draft, by=by),
        lambda: cards.start_card(by=by, name="新"),
    ):
        with pytest.raises(PermissionDenied):
            write()
    assert content(draft) == before


def test_the_whole_card_is_checked_at_every_write(world, draft):
    too_many = [card_data()["criteria"][0] | {"id": f"c{i}"} for i in range(1000)]
    full = card_from_data(card_data(criteria=too_many))
    cards.replace_draft(draft, full, by=world.inspector, fingerprint=fingerprint_of(content(draft)))
    assert len(content(draft).criteria) == 1000
    with pytest.raises(CardError):
        cards.add_criterion(draft, full.criteria[0], by=world.inspector)
    assert len(content(draft).criteria) == 1000


@pytest.mark.parametrize("text", ["a\x00b", "half \ud83d pair"])
def test_text_that_a_database_cannot_hold_is_refused_in_words(world, draft, text):
    with pytest.raises(CardError, match="stored"):
        cards.add_criterion(
            draft, replace(criterion(draft, "greeting"), name=Label(text, "x")), by=world.inspector
        )


def test_text_that_only_looks_like_an_escape_is_kept(world, draft):
    cards.add_section(draft, by=world.inspector, zh=r"C:\u0000", en=r"\ud83d")
    assert content(draft).sections[-1].name == Label(r"C:\u0000", r"\ud83d")
