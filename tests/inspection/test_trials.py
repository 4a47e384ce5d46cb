"""A draft on past talks: counts beside the version in force, changed talks, passages; bounded and within scope."""

from __future__ import annotations

import pytest

from shengce.inspection import card_queries, trials
from shengce.inspection.models import Score
from shengce.language.inspection import card_from_data
from shengce.recordings.models import Transcript
from tests.inspection.card_world import POLITE, RUDE, card_data, published, score, talk_of


def draft_with(**changes):
    data = card_data()
    data["criteria"][0]["when"] = {"said": {"phrases": ["喂"], "by": "rep"}}
    return card_from_data(data | changes)


@pytest.fixture
def talks(world):
    return [talk_of(world.rep_a1, turns) for turns in (POLITE, POLITE, POLITE, RUDE)]


def test_counts_beside_the_version_in_force(world, talks):
    trial = trials.try_draft(world.manager_a, draft_with(), against=published(world.inspector))
    greeting, end, abuse = trial.criteria
    assert trial.tried == 4
    assert (greeting.after.met, greeting.before.met, greeting.before.judged) == (1, 3, 4)
    assert greeting.changed == 4
    assert (end.after.share, end.changed, end.changes) == (0.75, 0, [])
    assert (abuse.after.met, abuse.before.met) == (3, 3)
    assert {(c.before, c.after) for c in greeting.changes} == {("met", "not_met"), ("not_met", "met")}
    # in force: 100, 100, 100 and a fatal 0; the draft takes the greeting's ten points from the polite ones
    assert trial.before.mean == 75
    assert trial.after.mean == pytest.approx(100 * 5 / 15 * 3 / 4, abs=0.05)
    assert (trial.before.fatal, trial.after.fatal) == (1, 1)


def test_samples_are_what_proves_the_state(world, talks):
    trial = trials.try_draft(world.manager_a, draft_with(), against=None)
    abuse = trial.criteria[2]
    assert [(s.state, s.passage.quote, s.conversation) for s in abuse.samples] == [
        ("not_met", "爱买不买", talks[3])
    ]
    end = trial.criteria[1]
    assert len(end.samples) == 3
    assert len({s.conversation.pk for s in end.samples}) == 3
    assert trial.before is None and end.before is None


def test_new_and_removed_criteria(world, talks):
    data = card_data()
    data["criteria"][1]["id"] = "other"
    trial = trials.try_draft(world.manager_a, card_from_data(data), against=published(world.inspector))
    assert [row.before is None for row in trial.criteria] == [False, True, False]
    assert [name.zh for name in trial.removed] == ["收尾"]


def test_one_criterion_alone(world, talks):
    criterion = draft_with().criteria[0]
    trial = trials.try_criterion(world.manager_a, criterion, against=published(world.inspector))
    [row] = trial.criteria
    assert (row.after.met, row.before.met, row.changed) == (1, 3, 4)


@pytest.mark.parametrize(
    ("who", "tried"),
    [("rep_a1", 4), ("rep_a2", 0), ("manager_a", 4), ("manager_b", 0), ("inspector", 4), ("marketing", 0)],
)
def test_only_talks_of_the_own_scope(world, talks, who, tried):
    assert trials.try_draft(getattr(world, who), draft_with(), against=None).tried == tried


def test_the_newest_and_no_more_than_asked_for(world):
    old = talk_of(world.rep_a1, RUDE, days_ago=9)
    new = talk_of(world.rep_a1, POLITE, days_ago=2)
    trial = trials.try_draft(world.manager_a, card_from_data(card_data()), against=None, talks=1)
    assert trial.tried == 1
    assert trial.criteria[0].samples[0].conversation == new != old


def test_time_that_is_over_stops_it_after_the_first_talk(world, talks):
    trial = trials.try_draft(world.manager_a, draft_with(), against=None, seconds=-1)
    assert (trial.tried, trial.out_of_time) == (1, True)


def test_a_transcript_that_cannot_be_read_is_counted_and_passed_over(world, talks):
    Transcript.objects.filter(conversation=talks[0]).update(data={"v": 99})
    trial = trials.try_draft(world.manager_a, draft_with(), against=None)
    assert (trial.tried, trial.unreadable) == (3, 1)


def test_nothing_is_written(world, talks):
    trials.try_draft(world.manager_a, draft_with(), against=published(world.inspector))
    assert not Score.objects.exists()


def test_use_of_a_card_counts_the_viewers_talks_of_thirty_days(world, talks):
    version = published(world.inspector)
    for talk in (*talks, talk_of(world.rep_a1, RUDE, days_ago=31), talk_of(world.rep_b1, RUDE)):
        score(talk, version)
    [line] = card_queries.card_list(world.manager_a, with_drafts=False)
    assert (line.use.talks, line.use.mean, line.use.fatal_share) == (4, 75.0, 0.25)
    assert (line.criteria, line.points) == (3, 15)
    sections = card_queries.sections_of(card_from_data(version.data))
    use = card_queries.add_use(world.inspector, version, sections)
    greeting = sections[0].lines[0]
    assert (use.talks, use.fatal) == (5, 2)
    assert (greeting.tally.met, greeting.tally.judged) == (3, 5)
    assert {s.hit["quote"] for s in greeting.samples} == {"您好"}


def test_outcomes_of_an_earlier_version_count_where_the_rule_was_the_same(world, talks):
    from shengce.inspection import cards

    old = published(world.inspector)
    for talk in talks:
        score(talk, old)
    draft = cards.open_draft(old.card, by=world.inspector)
    current = card_from_data(draft.data)
    changed = draft_with().criteria[0]
    cards.change_criterion(
        draft, changed, by=world.inspector, fingerprint=cards.fingerprint_of(current.criteria[0])
    )
    seen = cards.fingerprint_of(card_from_data(cards.open_draft(old.card, by=world.inspector).data))
    version = cards.publish_draft(draft, by=world.inspector, fingerprint=seen)
    sections = card_queries.sections_of(card_from_data(version.data))
    card_queries.add_use(world.inspector, version, sections)
    greeting, end = sections[0].lines
    assert (greeting.tally.judged, end.tally.judged) == (0, 4)
