"""People's answers to facts, and that another analysis never loses them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from shengce.facts import actions
from shengce.facts.models import Fact, FactReview
from shengce.facts.queries import extractor_quality, wilson_interval
from shengce.facts.values import clean_value
from shengce.language.values import Fact as FoundFact
from shengce.language.values import Passage
from shengce.people.models import AuditEntry
from shengce.recordings.models import Conversation, Recording

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 18, 6, 0, tzinfo=UTC)


def talk_of(rep, *, sha="a", customer=None):
    recording = Recording.objects.create(sha256=sha.ljust(64, "0"), name="x.mp3", size=1, file="x", rep=rep)
    return Conversation.objects.create(
        recording=recording, end_ms=60_000, started_at=AT, rep=rep, unit=rep.unit, customer=customer
    )


def found(
    kind="budget", quote="十来万吧", value=None, *, turn=3, start=0, ms=(5_000, 6_000), extractor="budget/1"
):
    passage = Passage(turn, start, start + len(quote), quote, "customer", *ms)
    return FoundFact(kind, value or {"min": "100000", "max": None}, passage, 0.9, extractor)


@pytest.fixture
def talk(world):
    return talk_of(world.rep_a1)


@pytest.fixture
def fact(talk):
    actions.store_facts(talk, [found()])
    return Fact.objects.get()


def test_storing_twice_changes_nothing(talk):
    facts = [found(), found("need", "要直饮", {"text": "要直饮"}, turn=1, extractor="need/1")]
    actions.store_facts(talk, facts)
    before = list(Fact.objects.order_by("pk").values())
    actions.store_facts(talk, facts)
    assert list(Fact.objects.order_by("pk").values()) == before
    assert len(before) == 2


def test_open_facts_follow_the_newest_analysis(talk, fact):
    actions.store_facts(talk, [found(value={"min": "1", "max": "2"}, extractor="budget/2")])
    again = Fact.objects.get()
    assert (again.pk, again.value, again.extractor) == (fact.pk, {"min": "1", "max": "2"}, "budget/2")
    actions.store_facts(talk, [])
    assert not Fact.objects.exists()


@pytest.mark.parametrize("answer", ["confirm", "correct", "reject"])
def test_answers_survive_every_other_analysis(world, talk, fact, answer):
    given = {"value": {"min": "120000"}} if answer == "correct" else {}
    answered = getattr(actions, f"{answer}_fact")(fact, by=world.rep_a1, **given)
    kept = (answered.state, answered.value)
    for facts in (
        [found(value={"min": "9", "max": "9"}, extractor="budget/2")],  # the same words, another value
        [found(quote="十来万", turn=4, start=2, ms=(5_200, 5_900))],  # other words at the same time
        [],  # not found any more
        [found()],
    ):
        actions.store_facts(talk, facts)
        again = Fact.objects.get(pk=fact.pk)
        assert (again.state, again.value) == kept
    assert Fact.objects.count() == 1
    assert FactReview.objects.filter(fact=fact).count() == 1


def test_an_answered_fact_moves_with_its_words(world, talk, fact):
    actions.confirm_fact(fact, by=world.rep_a1)
    actions.store_facts(talk, [found(quote="十来万", turn=7, start=2, ms=(5_200, 5_900))])
    fact.refresh_from_db()
    assert (fact.turn, fact.char_start, fact.quote, fact.start_ms) == (7, 2, "十来万", 5_200)


def test_two_kept_facts_change_places(world, talk):
    one, two = found(turn=1, ms=(1_000, 2_000)), found(turn=2, ms=(8_000, 9_000))
    actions.store_facts(talk, [one, two])
    for fact in Fact.objects.all():
        actions.reopen_fact(
            actions.confirm_fact(fact, by=world.rep_a1), by=world.rep_a1
        )  # open, but with history
    quote = "变了的话"
    actions.store_facts(
        talk, [found(quote=quote, turn=2, ms=(1_000, 2_000)), found(quote=quote, turn=1, ms=(8_000, 9_000))]
    )
    assert [(f.start_ms, f.turn) for f in Fact.objects.order_by("start_ms")] == [(1_000, 2), (8_000, 1)]


def test_facts_that_decisions_rest_on_are_kept(talk, fact):
    actions.store_facts(talk, [], keep=[fact.pk])
    assert Fact.objects.filter(pk=fact.pk).exists()


def test_history_and_reopening(world, fact):
    actions.correct_fact(fact, {"min": "50000"}, by=world.rep_a1)
    actions.correct_fact(fact, {"min": "60000"}, by=world.manager_a)
    reopened = actions.reopen_fact(fact, by=world.rep_a1)
    assert reopened.state == "open"
    assert reopened.value == {"min": "100000", "max": None}  # what the extractor had found
    assert [r.answer for r in fact.reviews.all()] == ["correct", "correct", "reopen"]
    assert AuditEntry.objects.filter(subject_id=fact.pk, action__startswith="fact.").count() == 3


def test_a_double_tap_is_one_answer(world, fact):
    for _tap in range(2):
        actions.confirm_fact(fact, by=world.rep_a1)
    assert fact.reviews.count() == 1


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        ("rep_a1", True),
        ("manager_a", True),
        ("inspector", True),
        ("rep_a2", False),
        ("rep_b1", False),
        ("manager_b", False),
        ("executive", False),
        ("administrator", False),
        ("marketing", False),
    ],
)
def test_who_may_answer(world, fact, who, allowed):
    by = getattr(world, who)
    if allowed:
        assert actions.confirm_fact(fact, by=by).state == "confirmed"
    else:
        with pytest.raises(PermissionDenied):
            actions.confirm_fact(fact, by=by)
        fact.refresh_from_db()
        assert fact.state == "open"


CLEANED = [
    ("budget", {"min": "30,000", "max": 50000}, {"min": "30000", "max": "50000"}),
    ("budget", {"max": "0.50"}, {"min": None, "max": "0.50"}),
    ("need", {"text": "  直饮水\x00 "}, {"text": "直饮水"}),
    ("promise", {"text": "回电", "due": None}, {"text": "回电", "due": None}),
    ("contact", {"kind": "phone", "value": "13812345678"}, {"kind": "phone", "value": "13812345678"}),
    ("diversion", {}, {"product": None, "place": None, "price": None}),
    (
        "appointment",
        {"start": "2026-03-18T14:00:00+08:00", "end": "", "place": ""},
        {"start": "2026-03-18T14:00:00+08:00", "end": None, "place": None},
    ),
]

REFUSED = [
    ("budget", {}),
    ("budget", {"min": "many"}),
    ("budget", {"min": "-1"}),
    ("budget", {"min": "NaN"}),
    ("budget", {"min": True}),
    ("budget", {"min": "5", "max": "4"}),
    ("budget", {"min": "1e30"}),
    ("budget", {"min": "1", "colour": "red"}),
    ("budget", "30000"),
    ("need", {"text": "  "}),
    ("need", {"text": "长" * 501}),
    ("objection", {"reason": "weather"}),
    ("contact", {"kind": "phone"}),
    ("appointment", {"start": "2026-03-18T14:00:00"}),
    ("appointment", {"start": ["2026"]}),
    (
        "promise",
        {"text": "x", "due": {"start": "2026-03-19T00:00:00+08:00", "end": "2026-03-18T00:00:00+08:00"}},
    ),
    ("promise", {"text": "x", "due": {}}),
    ("promise", {"text": "x", "due": "tomorrow"}),
]


@pytest.mark.parametrize(("kind", "value", "cleaned"), CLEANED)
def test_values_are_cleaned(kind, value, cleaned):
    assert clean_value(kind, value) == cleaned


@pytest.mark.parametrize(("kind", "value"), REFUSED)
def test_wrong_values_are_refused_in_words(world, fact, kind, value):
    with pytest.raises(ValidationError) as caught:
        clean_value(kind, value)
    assert all(message.strip() for message in caught.value.messages)


def test_naughty_strings_as_values(naughty_strings):
    for text in naughty_strings:
        for kind, part in (
            ("need", "text"),
            ("budget", "min"),
            ("appointment", "start"),
            ("competitor", "name"),
        ):
            try:
                value = clean_value(kind, {part: text})
            except ValidationError:
                continue
            assert "\x00" not in str(value)


def test_quality_counts_the_answer_that_stands(world):
    for number, answer in enumerate(["confirm", "confirm", "confirm", "correct", "reject", None]):
        talk = talk_of(world.rep_a1, sha=str(number))
        actions.store_facts(talk, [found()])
        fact = talk.facts.get()
        if answer == "correct":
            actions.correct_fact(fact, {"min": "1"}, by=world.rep_a1)
        elif answer:
            getattr(actions, f"{answer}_fact")(fact, by=world.rep_a1)
        if number == 0:  # a changed mind is one answer
            actions.reject_fact(fact, by=world.rep_a1)
            actions.confirm_fact(fact, by=world.rep_a1)
    (quality,) = extractor_quality()
    assert (quality.confirmed, quality.corrected, quality.rejected, quality.open) == (3, 1, 1, 1)
    assert quality.answers == 5
    assert quality.precision == pytest.approx(0.6)
    assert (quality.low, quality.high) == wilson_interval(3, 5)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (0, 0, 0, 1),
        (0, 10, 0, 0.2775),
        (5, 10, 0.2366, 0.7634),
        (50, 50, 0.9287, 1),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_wilson_known_answers(successes, trials, low, high):
    assert wilson_interval(successes, trials) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))
