"""The daily report: drafted from the day's talks, refreshed without losing anything, handed in, returned, read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from shengce.facts.actions import store_facts
from shengce.language.values import Fact as FoundFact
from shengce.language.values import Passage
from shengce.recordings.models import Conversation, Recording
from shengce.sheets.actions import (
    add_line,
    add_proven_line,
    draft_daily_report,
    edit_line,
    remove_line,
    return_paper,
    review_paper,
    submit_paper,
)
from shengce.sheets.models import Line, Paper
from shengce.sheets.queries import lines_of, papers_of, papers_to_read

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 18)
AT = datetime(2026, 3, 18, 1, 30, tzinfo=UTC)  # 09:30 in Shanghai
_made = iter(range(10**9))


def talk_of(rep, *, at=AT, customer=None, minutes=4, lines=()):
    recording = Recording.objects.create(
        sha256=f"{next(_made):064d}", name="x.mp3", size=1, file="x", rep=rep
    )
    summary = {
        "lines": [{"text": t, "turn": 0, "role": "customer", "start_ms": s, "end_ms": e} for t, s, e in lines]
    }
    return Conversation.objects.create(
        recording=recording,
        end_ms=minutes * 60_000,
        started_at=at,
        rep=rep,
        unit=rep.unit,
        customer=customer,
        summary=summary,
    )


def fact_of(talk, quote="先打二十万"):
    passage = Passage(3, 0, len(quote), quote, "customer", 12_000, 14_000)
    store_facts(talk, [FoundFact("payment_promise", {"min": "200000"}, passage, 0.9, "payment_promise/1")])
    return talk.facts.get()


@pytest.fixture
def talk(world):
    return talk_of(
        world.rep_a1,
        customer=world.customer_a,
        lines=[("价格高了", 5_000, 8_000), ("下周付款", 9_000, 9_900)],
    )


@pytest.fixture
def report(world, talk):
    return draft_daily_report(world.rep_a1, DAY)


def texts(report):
    return [line.text for line in lines_of(report)]


def test_the_draft(world, talk, report):
    talk_of(world.rep_a1, at=AT + timedelta(hours=3), minutes=2)
    talk_of(world.rep_a1, at=AT + timedelta(days=1))
    talk_of(world.rep_a2)
    report = draft_daily_report(world.rep_a1, DAY)
    assert texts(report) == [
        "沟通2次，客户1家，共6分钟",
        "09:30 云海大酒店（4分钟）：价格高了；下周付款",
        "12:30 未识别客户（2分钟）",
    ]
    line = lines_of(report)[1]
    assert (line.source, line.conversation, line.start_ms, line.end_ms) == ("talk", talk, 5_000, 8_000)


def test_the_day_is_local(world):
    late = talk_of(world.rep_a1, at=datetime(2026, 3, 18, 15, 59, tzinfo=UTC))
    talk_of(world.rep_a1, at=datetime(2026, 3, 18, 16, 0, tzinfo=UTC))  # 19 March in Shanghai
    report = draft_daily_report(world.rep_a1, DAY)
    assert [line.conversation for line in lines_of(report) if line.conversation] == [late]


def test_an_empty_day_is_an_empty_draft(world):
    assert texts(draft_daily_report(world.rep_b2, DAY)) == []


def test_refreshing_changes_nothing_by_itself(world, talk, report):
    before = list(Line.objects.order_by("pk").values())
    draft_daily_report(world.rep_a1, DAY)
    assert list(Line.objects.order_by("pk").values()) == before


def test_refreshing_keeps_what_a_person_did(world, talk, report):
    add_line(report, by=world.rep_a1, section="problems", text="样机缺货")
    edit_line(report.lines.get(key=f"talk:{talk.pk}"), by=world.rep_a1, text="云海：价格再谈")
    add_proven_line(
        world.rep_a1, DAY, by=world.rep_a1, fact=fact_of(talk), section="results", text="付款二十万"
    )
    remove_line(report.lines.get(key="count:talks"), by=world.rep_a1)
    talk_of(world.rep_a1, at=AT + timedelta(hours=1))
    Conversation.objects.filter(pk=talk.pk).update(summary={"lines": []})
    report = draft_daily_report(world.rep_a1, DAY)
    assert texts(report) == ["云海：价格再谈", "10:30 未识别客户（4分钟）", "付款二十万", "样机缺货"]
    assert [line.edited for line in lines_of(report)] == [True, False, False, False]


def test_a_talk_that_moves_away_leaves_the_draft(world, talk, report):
    Conversation.objects.filter(pk=talk.pk).update(rep=world.rep_a2)
    assert texts(draft_daily_report(world.rep_a1, DAY)) == []


def test_one_line_for_one_fact(world, talk, report):
    fact = fact_of(talk)
    lines = [
        add_proven_line(world.rep_a1, DAY, by=world.rep_a1, fact=fact, section="results", text="付款")
        for _ in "ab"
    ]
    assert lines[0] == lines[1]
    remove_line(lines[0], by=world.rep_a1)
    add_proven_line(world.rep_a1, DAY, by=world.rep_a1, fact=fact, section="results", text="付款")
    assert report.lines.filter(fact=fact).count() == 1


def submitted(report, world):
    return submit_paper(report, by=world.rep_a1)


def returned(report, world):
    submitted(report, world)
    return return_paper(report, by=world.manager_a, comment="请写明原因")


def reviewed(report, world):
    submitted(report, world)
    return review_paper(report, by=world.manager_a, comment="好")


ACTIONS = {
    "draft": lambda report, world: draft_daily_report(world.rep_a1, DAY),
    "add": lambda report, world: add_line(report, by=world.rep_a1, section="market", text="x"),
    "edit": lambda report, world: edit_line(report.lines.first(), by=world.rep_a1, text="x"),
    "remove": lambda report, world: remove_line(report.lines.first(), by=world.rep_a1),
    "submit": lambda report, world: submit_paper(report, by=world.rep_a1),
    "return": lambda report, world: return_paper(report, by=world.manager_a, comment="x"),
    "review": lambda report, world: review_paper(report, by=world.manager_a),
}
ALLOWED = {
    "draft": {"draft", "add", "edit", "remove", "submit"},
    "submitted": {"draft", "return", "review"},
    "returned": {"draft", "add", "edit", "remove", "submit"},
    "reviewed": {"draft"},
}
REACH = {
    "draft": lambda report, world: report,
    "submitted": submitted,
    "returned": returned,
    "reviewed": reviewed,
}


@pytest.mark.parametrize("state", REACH)
@pytest.mark.parametrize("action", ACTIONS)
def test_states_and_actions(world, talk, report, state, action):
    REACH[state](report, world)
    report.refresh_from_db()
    assert report.state == state
    lines = list(report.lines.order_by("pk").values())
    if action in ALLOWED[state]:
        ACTIONS[action](report, world)
    else:
        with pytest.raises(ValidationError) as caught:
            ACTIONS[action](report, world)
        assert all(caught.value.messages)
    report.refresh_from_db()
    if action not in ALLOWED[state]:
        assert report.state == state
    if report.state in ("submitted", "reviewed") and action != "submit":
        talk_of(world.rep_a1, at=AT + timedelta(hours=1))
        draft_daily_report(world.rep_a1, DAY)
        assert list(report.lines.order_by("pk").values()) == lines  # what was handed in stays as it was


def test_a_returned_report_is_handed_in_again(world, talk, report):
    returned(report, world)
    report = submit_paper(report, by=world.rep_a1)
    assert (report.state, report.comment) == ("submitted", "请写明原因")


def test_returning_needs_a_reason(world, talk, report):
    submitted(report, world)
    with pytest.raises(ValidationError):
        return_paper(report, by=world.manager_a, comment="  ")


def test_an_empty_report_is_not_handed_in(world):
    with pytest.raises(ValidationError):
        submit_paper(draft_daily_report(world.rep_b2, DAY), by=world.rep_b2)


def test_submitted_lines_keep_their_proof_when_facts_go(world, talk, report):
    fact = fact_of(talk)
    add_proven_line(world.rep_a1, DAY, by=world.rep_a1, fact=fact, section="results", text="付款")
    submitted(report, world)
    fact.delete()
    line = report.lines.get(section="results")
    assert (line.conversation, line.start_ms, line.end_ms) == (talk, 12_000, 14_000)


@pytest.mark.parametrize("who", ["rep_a2", "rep_b1", "manager_a", "inspector", "executive", "administrator"])
@pytest.mark.parametrize("action", ["add", "edit", "remove", "submit"])
def test_only_the_rep_writes(world, talk, report, who, action):
    by = getattr(world, who)
    act = {
        "add": lambda: add_line(report, by=by, section="market", text="x"),
        "edit": lambda: edit_line(report.lines.first(), by=by, text="x"),
        "remove": lambda: remove_line(report.lines.first(), by=by),
        "submit": lambda: submit_paper(report, by=by),
    }[action]
    with pytest.raises(PermissionDenied):
        act()


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        ("manager_a", True),
        ("executive", True),
        ("manager_b", False),
        ("rep_a1", False),
        ("rep_a2", False),
        ("inspector", False),
    ],
)
def test_who_reviews(world, talk, report, who, allowed):
    submitted(report, world)
    if allowed:
        assert review_paper(report, by=getattr(world, who)).state == "reviewed"
    else:
        with pytest.raises(PermissionDenied):
            review_paper(report, by=getattr(world, who))


def test_lists(world, talk, report, django_assert_max_num_queries):
    assert list(papers_to_read(world.manager_a)) == []
    other = draft_daily_report(world.rep_a2, DAY)
    submitted(report, world)
    with django_assert_max_num_queries(2):
        (waiting,) = papers_to_read(world.manager_a)
    assert (waiting, waiting.line_count, waiting.proven_count, waiting.owner) == (report, 2, 1, world.rep_a1)
    assert list(papers_to_read(world.manager_b)) == []
    tomorrow = DAY + timedelta(days=1)
    assert list(papers_of(world.manager_a, start_on=DAY, end_on=tomorrow)) == [
        report
    ]  # drafts are their writer's
    assert list(papers_of(world.rep_a2, start_on=DAY, end_on=tomorrow)) == [other]
    assert list(papers_of(world.inspector, start_on=DAY, end_on=tomorrow)) == []


def test_naughty_lines(world, report, naughty_strings):
    for text in naughty_strings[:200]:
        try:
            line = add_line(report, by=world.rep_a1, section="market", text=text)
        except ValidationError:
            continue
        line.refresh_from_db()
        assert line.text
    assert Paper.objects.count() == 1
