"""Daily figures are those of the records, and the cockpit adds them up within one's scope."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db.models import F
from django.urls import reverse

from shengce.facts.actions import reject_fact, store_facts
from shengce.inspection.models import Score, ScoreCard, ScoreCardVersion
from shengce.language.values import Fact as FoundFact
from shengce.language.values import Passage
from shengce.recordings.models import Conversation, Recording
from shengce.results.actions import count_conversation, recompute_rep_day
from shengce.results.models import RepDay
from shengce.results.queries import team_cockpit

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 18)
AT = datetime(2026, 3, 18, 1, 30, tzinfo=UTC)
_made = iter(range(10**9))


@pytest.fixture
def version(db):
    card = ScoreCard.objects.create(name="card")
    return ScoreCardVersion.objects.create(card=card, number=1, data={})


def talk_of(
    rep, version=None, *, at=AT, score=None, fatal=False, minutes=3, ratio=0.6, questions=2, facts=()
):
    recording = Recording.objects.create(
        sha256=f"{next(_made):064d}", name="x.mp3", size=1, file="x", rep=rep
    )
    measures = {"talk_ratio": ratio, "questions": {"rep": [{}] * questions, "customer": [{}]}}
    talk = Conversation.objects.create(
        recording=recording, end_ms=minutes * 60_000, started_at=at, rep=rep, unit=rep.unit, measures=measures
    )
    if version is not None:
        Score.objects.create(conversation=talk, version=version, score=score, fatal=fatal)
    passages = [Passage(n, 0, 2, "引用", "customer", n * 1000, n * 1000 + 500) for n in range(len(facts))]
    store_facts(talk, [FoundFact(k, {}, p, 0.9, f"{k}/1") for k, p in zip(facts, passages, strict=True)])
    count_conversation(talk)
    return talk


def test_a_day_is_the_sum_of_its_records(world, version):
    talk = talk_of(world.rep_a1, version, score=Decimal("80"), facts=["need", "payment_promise"])
    talk_of(world.rep_a1, version, score=None, fatal=False, ratio=None, questions=0, minutes=1)
    talk_of(world.rep_a1, version, score=Decimal("0"), fatal=True, ratio=0.8)
    talk_of(world.rep_a1, at=AT + timedelta(days=1))
    Conversation.objects.filter(pk=talk.pk).update(customer=world.customer_a)
    reject_fact(talk.facts.get(kind="need"), by=world.rep_a1)
    recompute_rep_day(world.rep_a1, DAY)
    row = RepDay.objects.get(rep=world.rep_a1, day=DAY)
    assert (row.unit, row.talks, row.talk_ms, row.customers) == (world.team_a, 3, 7 * 60_000, 1)
    assert (row.rep_share_sum, row.rep_share_count) == (pytest.approx(1.4), 2)
    assert (row.questions, row.score_sum, row.score_count, row.fatal) == (4, Decimal(80), 2, 1)
    assert (row.facts, row.payment_promises) == (1, 1)


def test_counting_again_changes_nothing(world, version):
    talk = talk_of(world.rep_a1, version, score=Decimal("80"))
    before = list(RepDay.objects.values())
    count_conversation(talk)
    assert list(RepDay.objects.values()) == before


@pytest.mark.parametrize("change", ["rep", "day", "nobody", "unit"])
def test_a_talk_that_moves_is_counted_once(world, change):
    talk = talk_of(world.rep_a1)
    if change == "rep":
        talk.rep, talk.unit = world.rep_b1, world.team_b
    elif change == "day":
        talk.started_at += timedelta(days=5)
    elif change == "unit":
        talk.unit = world.region
    else:
        talk.rep = None
    talk.save()
    count_conversation(talk)
    counted = [(row.rep, row.unit, row.day) for row in RepDay.objects.all()]
    expected = [(talk.rep, talk.unit, date(2026, 3, 23) if change == "day" else DAY)] if talk.rep else []
    assert counted == expected


def test_two_units_in_one_day(world):
    talk_of(world.rep_a1)
    talk = talk_of(world.rep_a1)
    Conversation.objects.filter(pk=talk.pk).update(unit=world.team_b)
    recompute_rep_day(world.rep_a1, DAY)
    assert sorted(RepDay.objects.values_list("unit__name", "talks")) == [("苏北二组", 1), ("苏南一组", 1)]


def cockpit(user, days=7):
    return team_cockpit(user, start_on=DAY - timedelta(days=days - 1), end_on=DAY + timedelta(days=1))


def test_the_cockpit_adds_up(world, version):
    talk_of(world.rep_a1, version, score=Decimal(80), minutes=60)
    talk_of(world.rep_a1, version, score=Decimal(60), at=AT - timedelta(days=1), ratio=0.4, questions=5)
    talk_of(world.rep_a2, version, score=Decimal(0), fatal=True)
    talk_of(world.rep_a1, version, score=Decimal(50), at=AT - timedelta(days=7))
    talk_of(world.rep_b1, version, score=Decimal(10))
    seen = cockpit(world.manager_a)
    first, second = seen.reps
    assert (first.rep, first.figures.talks, first.figures.score, first.before.talks) == (
        world.rep_a1,
        2,
        70.0,
        1,
    )
    assert first.figures.rep_share == pytest.approx(0.5)
    assert first.figures.questions_per_talk == 3.5
    assert (second.rep, second.figures.fatal, second.before.score) == (world.rep_a2, 1, None)
    assert (seen.total.talks, seen.total.hours, seen.before.talks) == (3, pytest.approx(1.1), 1)
    assert [point.figures.talks for point in seen.trend] == [0, 0, 0, 0, 0, 1, 2]
    assert [point.figures.score for point in first.trend][-2:] == [60.0, 80.0]
    assert [(row.unit, row.figures.talks) for row in seen.units] == [(world.team_a, 3)]


def test_weeks(world):
    for days in (0, 1, 2, 3, 40, 62, 63):
        talk_of(world.rep_a1, at=AT - timedelta(days=days))
    seen = cockpit(world.manager_a, days=63)
    assert seen.by_week
    assert seen.trend[0].start_on == DAY - timedelta(days=62)
    assert all(point.start_on.weekday() == 0 for point in seen.trend[1:])
    assert sum(point.figures.talks for point in seen.trend) == seen.total.talks == 6
    assert seen.before.talks == 1


@pytest.mark.parametrize(
    ("who", "talks", "listed"),
    [
        ("manager_a", 2, {"rep_a1", "rep_a2"}),
        ("manager_b", 1, {"rep_b1", "rep_b2"}),
        ("executive", 3, {"rep_a1", "rep_a2", "rep_b1", "rep_b2"}),
        ("rep_a1", 1, {"rep_a1"}),
        ("administrator", 0, set()),
        ("marketing", 0, set()),
    ],
)
def test_scope(world, who, talks, listed):
    for name in ("rep_a1", "rep_a2", "rep_b1"):
        talk_of(getattr(world, name))
    seen = cockpit(getattr(world, who))
    assert seen.total.talks == talks
    assert {row.rep.username for row in seen.reps} == listed


def test_who_left_the_team_stays_in_its_old_figures(world):
    talk_of(world.rep_a1)
    world.rep_a1.unit = world.team_b
    world.rep_a1.save()
    assert cockpit(world.manager_a).total.talks == 1
    assert cockpit(world.manager_b).total.talks == 0


def test_queries_do_not_grow(world, django_assert_max_num_queries):
    talk_of(world.rep_a1)
    days = [
        RepDay(rep=rep, unit=rep.unit, day=DAY - timedelta(days=n), talks=1, score_sum=50, score_count=1)
        for rep in (world.rep_a1, world.rep_a2)
        for n in range(1, 28)
    ]
    RepDay.objects.bulk_create(days)
    with django_assert_max_num_queries(5):
        seen = cockpit(world.manager_a, days=30)
        assert seen.total.talks == 55
        assert [str(row.rep.unit) for row in seen.reps]
    RepDay.objects.update(talks=F("talks") + 1)
    with django_assert_max_num_queries(11):
        recompute_rep_day(world.rep_a1, DAY)


@pytest.mark.parametrize(("who", "most"), [("executive", 14), ("manager_a", 15)])
def test_queries_of_the_page(world, client, django_assert_max_num_queries, who, most):
    talk_of(world.rep_a1)
    client.force_login(getattr(world, who))
    with django_assert_max_num_queries(most):
        assert client.get(reverse("web:cockpit")).status_code == 200
