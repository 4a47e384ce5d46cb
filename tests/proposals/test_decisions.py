"""What facts suggest, and what a yes, an edited yes, a no and an undo do."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone, translation

from shengce.channel.models import Sighting
from shengce.customers.models import CardField
from shengce.facts.actions import correct_fact, reject_fact, store_facts
from shengce.facts.models import Fact
from shengce.language.values import Fact as FoundFact
from shengce.language.values import Passage
from shengce.market.models import Signal
from shengce.people.models import AuditEntry
from shengce.proposals.actions import accept, propose, refuse, undo
from shengce.proposals.models import Proposal
from shengce.proposals.queries import decided_fact_ids, open_proposals
from shengce.proposals.targets import TARGETS, words_of
from shengce.recordings.models import Conversation, Recording
from shengce.sales.models import PaymentPromise
from shengce.sheets.actions import draft_daily_report, submit_paper
from shengce.sheets.models import Line
from shengce.visits.models import Appointment, Task

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
DAY = date(2026, 11, 27)


def period(start, end):
    return {"start": f"{start}+08:00", "end": f"{end}+08:00"}


def found(kind, value, quote, *, turn, role="customer", start=0):
    passage = Passage(turn, start, start + len(quote), quote, role, turn * 1_000, turn * 1_000 + 900)
    return FoundFact(kind, value, passage, 0.9, f"{kind}/1")


PAYMENT = found(
    "payment_promise",
    {"min": "200000", "max": "200000", "due": period("2026-12-04T00:00:00", "2026-12-05T00:00:00")},
    "下周五先打二十万",
    turn=1,
)
MEETING = found(
    "appointment",
    {"start": "2026-12-01T10:00:00+08:00", "end": "2026-12-01T11:00:00+08:00", "place": "工厂"},
    "周二上午十点来工厂",
    turn=2,
)
MOVED = found(
    "appointment",
    {"start": "2026-12-02T15:00:00+08:00", "end": None, "place": None},
    "改到周三下午三点",
    turn=9,
)
STEP = found(
    "next_step",
    {"text": "把合同发过去", "due": period("2026-11-28T00:00:00", "2026-11-29T00:00:00")},
    "明天把合同发过去",
    turn=3,
    role="rep",
)
SAME_AS_STEP = found(
    "promise", {"text": "把合同发过去", "due": None}, "把合同发过去", turn=3, role="rep", start=2
)
OTHER_PROMISE = found("promise", {"text": "问一下折扣", "due": None}, "我去问一下折扣", turn=4, role="rep")
CUSTOMERS_PROMISE = found("promise", {"text": "跟老板说", "due": None}, "我跟老板说", turn=5)
BUDGET = found("budget", {"min": None, "max": "150000"}, "最多十五万", turn=6)
RIVAL_PRICE = found(
    "price", {"min": "1900", "max": "1900", "product": None, "of": "competitor"}, "霖沃才一千九", turn=7
)
OWN_PRICE = found(
    "price", {"min": "2300", "max": "2300", "product": None, "of": "own"}, "我们两千三", turn=7, start=20
)
DIVERSION = found("diversion", {"product": "云瀑", "place": "河南", "price": "52"}, "河南那边过来的", turn=8)
EVERYTHING = [
    PAYMENT,
    MEETING,
    STEP,
    SAME_AS_STEP,
    OTHER_PROMISE,
    CUSTOMERS_PROMISE,
    BUDGET,
    RIVAL_PRICE,
    OWN_PRICE,
    DIVERSION,
]


@pytest.fixture
def talk(world):
    recording = Recording.objects.create(sha256="a" * 64, name="x.mp3", size=1, file="x", rep=world.rep_a1)
    return Conversation.objects.create(
        recording=recording,
        end_ms=60_000,
        started_at=AT,
        rep=world.rep_a1,
        unit=world.team_a,
        customer=world.customer_a,
    )


def suggested(talk, *facts):
    store_facts(talk, facts)
    propose(talk)
    return {(p.target, p.fact.quote): p for p in Proposal.objects.select_related("fact")}


def only(talk, target, fact):
    return suggested(talk, fact)[target, fact.passage.quote]


def test_what_facts_suggest(talk):
    expected = {
        ("report_line", PAYMENT.passage.quote),
        ("payment_promise", PAYMENT.passage.quote),
        ("report_line", MEETING.passage.quote),
        ("appointment", MEETING.passage.quote),
        ("report_line", STEP.passage.quote),
        ("task", STEP.passage.quote),  # and not again for the promise on the same words
        ("task", OTHER_PROMISE.passage.quote),  # the customer's promise is not our task
        ("customer_field", BUDGET.passage.quote),
        ("report_line", RIVAL_PRICE.passage.quote),
        ("signal", RIVAL_PRICE.passage.quote),  # our own price is no news
        ("report_line", DIVERSION.passage.quote),
        ("sighting", DIVERSION.passage.quote),
    }
    assert set(suggested(talk, *EVERYTHING)) == expected


def test_every_target_is_in_the_model():
    assert {t.name for t in TARGETS} == set(Proposal.Target.values)


def test_proposing_again_changes_nothing(talk):
    suggested(talk, *EVERYTHING)
    before = list(Proposal.objects.order_by("pk").values())
    propose(talk)
    assert list(Proposal.objects.order_by("pk").values()) == before


def test_nothing_without_a_rep(talk):
    Conversation.objects.update(rep=None)
    talk.refresh_from_db()
    assert suggested(talk, *EVERYTHING) == {}


def test_no_card_without_a_customer(talk):
    Conversation.objects.update(customer=None)
    talk.refresh_from_db()
    assert suggested(talk, BUDGET) == {}


def test_what_the_card_says_already_is_not_proposed(world, talk):
    proposal = only(talk, "customer_field", BUDGET)
    CardField.objects.create(
        customer=world.customer_a, field="budget", value=proposal.new["value"], source="typed"
    )
    propose(talk)
    assert not Proposal.objects.exists()


def test_old_value_is_shown(world, talk):
    CardField.objects.create(customer=world.customer_a, field="budget", value="十万", source="typed")
    assert only(talk, "customer_field", BUDGET).old == {"value": "十万"}


def test_words_in_both_languages(talk):
    proposal = only(talk, "report_line", PAYMENT)
    assert proposal.new == {"section": "results", "text": "客户承诺12月4日付款200,000元"}
    with translation.override("en"):
        assert words_of(proposal) == "Customer promised to pay 200,000 yuan by 12-04"
    with translation.override("zh-hans"):
        assert words_of(proposal) == "客户承诺12月4日付款200,000元"


def test_accepting_a_report_line(world, talk):
    proposal = accept(only(talk, "report_line", PAYMENT), by=world.rep_a1)
    line = Line.objects.get()
    assert (line.paper.owner, line.paper.start_on, line.source) == (world.rep_a1, DAY, "talk")
    assert (line.text, line.start_ms, line.end_ms) == ("客户承诺12月4日付款200,000元", 1_000, 1_900)
    assert (line.fact, line.conversation) == (proposal.fact, talk)
    proposal.fact.refresh_from_db()
    assert (proposal.state, proposal.fact.state, proposal.decided_by) == (
        "accepted",
        "confirmed",
        world.rep_a1,
    )


def test_accepting_a_payment_promise(world, talk):
    accept(only(talk, "payment_promise", PAYMENT), by=world.rep_a1)
    promise = PaymentPromise.objects.get()
    assert (promise.amount, promise.due_on) == (Decimal(200_000), date(2026, 12, 4))
    assert (promise.customer, promise.rep, promise.unit) == (world.customer_a, world.rep_a1, world.team_a)


def test_accepting_a_task_and_an_appointment(world, talk):
    proposals = suggested(talk, STEP, MEETING)
    accept(proposals["task", STEP.passage.quote], by=world.rep_a1)
    accept(proposals["appointment", MEETING.passage.quote], by=world.rep_a1)
    task, appointment = Task.objects.get(), Appointment.objects.get()
    assert (task.title, task.owner, task.customer) == ("把合同发过去", world.rep_a1, world.customer_a)
    assert timezone.localtime(task.due_at).isoformat() == "2026-11-29T00:00:00+08:00"
    assert timezone.localtime(appointment.start_at).isoformat() == "2026-12-01T10:00:00+08:00"
    assert (appointment.place, appointment.state) == ("工厂", "planned")


def test_accepting_card_signal_and_sighting(world, talk):
    proposals = suggested(talk, BUDGET, RIVAL_PRICE, DIVERSION)
    accept(proposals["customer_field", BUDGET.passage.quote], by=world.rep_a1)
    accept(proposals["signal", RIVAL_PRICE.passage.quote], by=world.rep_a1)
    accept(proposals["sighting", DIVERSION.passage.quote], by=world.rep_a1)
    row, signal, sighting = CardField.objects.get(), Signal.objects.get(), Sighting.objects.get()
    assert (row.field, row.source, row.set_by) == ("budget", "talk", world.rep_a1)
    assert row.evidence["quote"] == "最多十五万"
    assert row.evidence["conversation"] == talk.pk
    assert (signal.kind, signal.heard_at, signal.unit) == ("price", AT, world.team_a)
    assert (sighting.source, sighting.rep) == ("talk", world.rep_a1)
    assert sighting.note == DIVERSION.passage.quote and sighting.fact.kind == "diversion"


@pytest.mark.parametrize("order", [(MEETING, MOVED), (MOVED, MEETING)], ids=["in order", "the later first"])
def test_the_last_word_on_an_appointment_stands(world, talk, order):
    proposals = suggested(talk, MEETING, MOVED)
    for fact in order:
        accept(proposals["appointment", fact.passage.quote], by=world.rep_a1)
    assert [(a.fact.quote, a.state) for a in Appointment.objects.order_by("start_at")] == [
        (MEETING.passage.quote, "moved"),
        (MOVED.passage.quote, "planned"),
    ]
    undo(proposals["appointment", MOVED.passage.quote], by=world.rep_a1)
    assert [(a.fact.quote, a.state) for a in Appointment.objects.all()] == [
        (MEETING.passage.quote, "planned")
    ]


def test_accepting_with_changes(world, talk):
    proposal = only(talk, "payment_promise", PAYMENT)
    proposal = accept(proposal, by=world.rep_a1, changes={"amount": "150,000"})
    assert (proposal.state, PaymentPromise.objects.get().amount) == ("edited", Decimal(150_000))
    proposal.fact.refresh_from_db()
    assert proposal.fact.state == "open"  # another sum: the fact was not right


def test_other_words_still_confirm_the_fact(world, talk):
    proposal = accept(only(talk, "report_line", PAYMENT), by=world.rep_a1, changes={"text": "周五到款二十万"})
    proposal.fact.refresh_from_db()
    assert (proposal.state, proposal.fact.state) == ("edited", "confirmed")
    assert Line.objects.get().text == "周五到款二十万"


@pytest.mark.parametrize(
    ("target", "fact", "changes"),
    [
        ("payment_promise", PAYMENT, {"amount": "viel"}),
        ("payment_promise", PAYMENT, {"amount": "0", "due_on": None}),
        ("payment_promise", PAYMENT, {"due_on": "2026-13-01"}),
        ("payment_promise", PAYMENT, {"amount": None, "due_on": None}),
        ("payment_promise", PAYMENT, {"colour": "red"}),
        ("report_line", PAYMENT, {"text": "   "}),
        ("report_line", PAYMENT, {"section": "sport"}),
        ("appointment", MEETING, {"start_at": "bald"}),
        ("appointment", MEETING, {"end_at": "2026-11-01T10:00:00+08:00"}),
        ("task", STEP, {"title": ""}),
        ("customer_field", BUDGET, {"value": "x" * 2001}),
    ],
)
def test_wrong_changes_are_refused_and_nothing_happens(world, talk, target, fact, changes):
    proposal = only(talk, target, fact)
    with pytest.raises(ValidationError) as caught:
        accept(proposal, by=world.rep_a1, changes=changes)
    assert all(caught.value.messages)
    proposal.refresh_from_db()
    assert proposal.state == "open"
    for model in (PaymentPromise, Line, Appointment, Task, CardField):
        assert not model.objects.exists()


MADE = {
    "report_line": (PAYMENT, Line),
    "payment_promise": (PAYMENT, PaymentPromise),
    "appointment": (MEETING, Appointment),
    "task": (STEP, Task),
    "customer_field": (BUDGET, CardField),
    "signal": (RIVAL_PRICE, Signal),
    "sighting": (DIVERSION, Sighting),
}


@pytest.mark.parametrize("target", MADE)
def test_two_taps_make_one_and_undo_makes_none(world, talk, target):
    fact, model = MADE[target]
    proposal = only(talk, target, fact)
    drafted = dict(proposal.new)
    for _tap in range(2):
        proposal = accept(proposal, by=world.rep_a1)
    assert model.objects.count() == 1
    for _tap in range(2):
        proposal = undo(proposal, by=world.rep_a1)
    assert model.objects.count() == 0
    assert (proposal.state, proposal.new, proposal.decided_by) == ("open", drafted, None)
    proposal.fact.refresh_from_db()
    assert proposal.fact.state == "open"
    accept(proposal, by=world.rep_a1)
    assert model.objects.count() == 1
    assert AuditEntry.objects.filter(subject_type="proposals.proposal", by=world.rep_a1).count() == 3


def test_undo_keeps_a_confirmation_that_another_yes_rests_on(world, talk):
    proposals = suggested(talk, PAYMENT)
    line, promise = (proposals[t, PAYMENT.passage.quote] for t in ("report_line", "payment_promise"))
    accept(line, by=world.rep_a1)
    accept(promise, by=world.rep_a1)
    undo(line, by=world.rep_a1)
    assert Fact.objects.get().state == "confirmed"


def test_refusing_leaves_the_fact_or_rejects_it(world, talk):
    proposals = suggested(talk, PAYMENT, DIVERSION)
    refuse(proposals["report_line", PAYMENT.passage.quote], by=world.rep_a1)
    refuse(proposals["sighting", DIVERSION.passage.quote], by=world.rep_a1, reject_fact=True)
    assert {f.kind: f.state for f in Fact.objects.all()} == {
        "payment_promise": "open",
        "diversion": "rejected",
    }


def test_another_analysis_keeps_decisions(world, talk):
    proposals = suggested(talk, *EVERYTHING)
    accepted = accept(proposals["report_line", PAYMENT.passage.quote], by=world.rep_a1)
    refused = refuse(proposals["task", STEP.passage.quote], by=world.rep_a1)
    store_facts(talk, [], keep=decided_fact_ids(talk))
    propose(talk)
    assert {p.pk: p.state for p in Proposal.objects.exclude(state="open")} == {
        accepted.pk: "accepted",
        refused.pk: "refused",
    }
    assert (
        not Proposal.objects.filter(state="open")
        .exclude(fact__in=[accepted.fact_id, refused.fact_id])
        .exists()
    )


def test_corrections_reach_open_proposals(world, talk):
    proposal = only(talk, "payment_promise", PAYMENT)
    correct_fact(proposal.fact, {"min": "100000", "max": "100000", "due": None}, by=world.rep_a1)
    propose(talk)
    proposal.refresh_from_db()
    assert proposal.new == {"amount": "100000", "due_on": None}


def test_a_rejected_fact_suggests_nothing(world, talk):
    proposal = only(talk, "payment_promise", PAYMENT)
    reject_fact(proposal.fact, by=world.rep_a1)
    assert not open_proposals(world.rep_a1).exists()
    with pytest.raises(ValidationError):
        accept(proposal, by=world.rep_a1)
    propose(talk)
    assert not Proposal.objects.exists()


def test_a_submitted_report_takes_no_more_lines(world, talk):
    proposal = only(talk, "report_line", PAYMENT)
    submit_paper(draft_daily_report(world.rep_a1, DAY), by=world.rep_a1)
    with pytest.raises(ValidationError):
        accept(proposal, by=world.rep_a1)
    proposal.refresh_from_db()
    assert proposal.state == "open"


@pytest.mark.parametrize(
    "who", ["rep_a2", "rep_b1", "manager_b", "inspector", "executive", "marketing", "administrator"]
)
@pytest.mark.parametrize("answer", [accept, refuse, undo])
def test_outsiders_decide_nothing(world, talk, who, answer):
    proposal = only(talk, "task", STEP)
    with pytest.raises(PermissionDenied):
        answer(proposal, by=getattr(world, who))
    proposal.refresh_from_db()
    assert proposal.state == "open"


def test_a_manager_decides_for_his_team(world, talk):
    accept(only(talk, "task", STEP), by=world.manager_a)
    assert Task.objects.get().owner == world.rep_a1


def test_queries(world, talk, django_assert_max_num_queries):
    suggested(talk, *EVERYTHING)
    with django_assert_max_num_queries(1):
        rows = [(p.fact.quote, p.conversation.started_at, p.customer) for p in open_proposals(world.rep_a1)]
    assert len(rows) == 12
    with django_assert_max_num_queries(10):
        propose(Conversation.objects.select_related("rep__unit", "customer").get())
