"""How customers buy: what is written from their orders, who sees it, what was heard, who should call."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator
from decimal import Decimal
from statistics import mean
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from shengce.customers.models import Customer
from shengce.facts.actions import reject_fact
from shengce.facts.models import Fact
from shengce.people.models import AuditEntry, User
from shengce.planning.repeat_purchase import LEAST_REPEATERS
from shengce.project.commands.sweep import run_jobs
from shengce.recordings.models import Conversation
from shengce.sales import loyalty
from shengce.sales.models import CustomerStanding, Order, StandingRun
from tests.talks import make_fact, make_talk
from tests.world import World

TODAY = dt.date(2026, 11, 26)


@pytest.fixture(autouse=True)
def _in_chinese() -> Iterator[None]:
    """The language that a page of another test left behind is not ours."""
    with translation.override("zh-hans"):
        yield


def ordered(customer: Customer, *days_ago: int, total: Any = 1000, **more: Any) -> None:
    """Confirmed orders so many days before TODAY."""
    start = Order.objects.count()
    Order.objects.bulk_create(
        Order(
            number=f"T{start + i}",
            customer=customer,
            rep=customer.owner,
            unit=customer.unit,
            ordered_on=TODAY - dt.timedelta(days=ago),
            total=Decimal(total),
            **more,
        )
        for i, ago in enumerate(days_ago)
    )


def buyers(world: World, number: int, seed: int = 1) -> list[Customer]:
    """Customers of team A who buy at their own pace for a year; about a third of them stop."""
    dice = random.Random(seed)
    made = Customer.objects.bulk_create(
        Customer(name=f"客户{seed}-{i}", owner=world.rep_a1, unit=world.team_a) for i in range(number)
    )
    for customer in made:
        pace, value = dice.choice((7, 14, 30)), dice.randrange(500, 5000)
        stop = dice.choice((0, 0, dice.randrange(60, 300)))
        ordered(customer, *range(stop + dice.randrange(pace), 350, pace), total=value)
    return made


def compute(today: dt.date = TODAY) -> StandingRun:
    return loyalty.compute_standings(today=today)


def of(customer: Customer) -> CustomerStanding:
    found = loyalty.standing_of(customer)
    assert found is not None
    return found


def heard(
    customer: Customer,
    rep: User,
    ago: int,
    kind: str = "objection",
    value: Any = None,
    quote: str = "价格太贵了",
) -> Fact:
    at = timezone.make_aware(dt.datetime.combine(TODAY - dt.timedelta(days=ago), dt.time(10)))
    talk = make_talk(rep, customer=customer, at=at)
    return make_fact(talk, kind, value or {"reason": "price"}, quote)


# ── what is computed


def test_a_standing_says_how_a_customer_buys(world: World) -> None:
    ordered(world.customer_a, 400, 100, 80, 60, total="1000.50")
    ordered(world.customer_a, 60, total="0.50")  # the same day: one purchase
    ordered(world.customer_b, 5, total=100)
    run = compute()
    assert (run.customers, run.purchases, run.computed_on) == (2, 5, TODAY)
    row = of(world.customer_a)
    assert (row.first_on, row.last_on) == (TODAY - dt.timedelta(days=400), TODAY - dt.timedelta(days=60))
    assert (row.orders, row.amount, row.interval_days) == (4, Decimal("3002.00"), 20)
    assert (row.activity, row.value_class) == ("dormant", "A")
    # three more purchases in 340 days: 0.794 in 90 days, of 1000.625 yuan each
    assert row.usual_amount == pytest.approx(Decimal("794.61"), abs=Decimal("0.02"))
    assert row.at_stake == row.usual_amount  # too few for a forecast: nothing is expected of him
    once = of(world.customer_b)
    assert (once.activity, once.value_class, once.interval_days) == ("new", "C", None)
    assert (once.alive, once.usual_amount, once.at_stake) == (None, None, None)
    for customer, name in ((world.customer_a, "A"), (world.customer_b, "C")):
        customer.refresh_from_db()
        assert customer.value_class == name
    assert AuditEntry.objects.get(action="standings.computed").details == {"customers": 2}


@pytest.mark.parametrize(
    "unlike",
    [
        {"state": Order.State.WAITING},
        {"state": Order.State.STOPPED},
        {"state": Order.State.CANCELLED},
        {"currency": "USD"},
        {"total": 0},
        {"total": -5},
    ],
)
def test_what_is_no_purchase_does_not_count(world: World, unlike: dict[str, Any]) -> None:
    ordered(world.customer_a, 3, **unlike)
    ordered(world.customer_a, -1)  # tomorrow's
    assert compute().customers == 0
    assert loyalty.standing_of(world.customer_a) is None
    assert loyalty.last_run().forecast == {"reason": "no_purchases"}  # type: ignore[union-attr]


def test_computing_again_follows_the_orders(world: World) -> None:
    ordered(world.customer_a, 3)
    ordered(world.customer_b, 2)
    compute()
    CustomerStanding.objects.filter(customer=world.customer_a).update(win_back_on=TODAY)
    kept = of(world.customer_a).pk
    Order.objects.filter(customer=world.customer_b).update(state=Order.State.CANCELLED)
    ordered(world.customer_a, 1)
    compute(TODAY + dt.timedelta(days=1))
    row = of(world.customer_a)
    assert (row.pk, row.orders, row.win_back_on) == (kept, 2, TODAY)
    assert loyalty.standing_of(world.customer_b) is None
    world.customer_b.refresh_from_db()
    assert world.customer_b.value_class == ""
    assert StandingRun.objects.count() == 2


def test_too_few_customers_get_no_forecast(world: World) -> None:
    ordered(world.customer_a, 9, 5, 1)
    told = compute().forecast
    assert told == {"reason": "too_few_repeaters", "found": 1, "least": LEAST_REPEATERS}
    row = of(world.customer_a)
    assert (row.alive, row.expected_orders, row.expected_amount) == (None, None, None)


def test_the_forecast_is_told_with_its_check(world: World) -> None:
    buyers(world, 150)
    told = compute().forecast
    assert told["purchasing"]["customers"] == 150
    assert told["spending"]["mean"] == pytest.approx(2750, rel=0.3)
    check = told["check"]
    assert check["customers"] > 100
    assert check["expected"] == pytest.approx(check["came"], rel=0.35)
    json.dumps(told, allow_nan=False)
    rows = CustomerStanding.objects.filter(orders__gt=1)
    assert all(0 <= row.alive <= 1 for row in rows)
    quiet, busy = rows.filter(activity="lost"), rows.filter(activity="active")
    assert mean(row.alive for row in quiet) < 0.2 < 0.8 < mean(row.alive for row in busy)
    for row in quiet:
        assert row.at_stake == max(Decimal(0), row.usual_amount - row.expected_amount)


def test_only_those_who_make_the_rules_compute_by_hand(world: World) -> None:
    for user in (world.executive, world.customer_department, world.administrator):
        loyalty.compute_standings(today=TODAY, by=user)
    for user in (world.rep_a1, world.manager_a, world.marketing, world.inspector):
        with pytest.raises(PermissionDenied):
            loyalty.compute_standings(today=TODAY, by=user)
    assert StandingRun.objects.count() == 3


def test_the_sweep_computes_until_today_and_once_a_day(world: World) -> None:
    ordered(world.customer_a, 9, 5)
    said: list[str] = []
    for _hour in range(2):
        assert run_jobs(only="compute_standings", say=said.append)
    assert [line.split()[1] for line in said] == ["1", "0"]
    run = StandingRun.objects.get()
    assert (run.computed_on, run.made_by) == (timezone.localdate(), None)


# ── who sees what


def test_lists_show_ones_own_customers_only(world: World) -> None:
    ordered(world.customer_a, 300, 280)
    ordered(world.customer_b, 3)
    compute()

    def seen(user: User) -> set[Customer]:
        return {row.customer for row in loyalty.standings(user)}

    assert seen(world.rep_a1) == seen(world.manager_a) == {world.customer_a}
    assert seen(world.rep_b1) == seen(world.manager_b) == {world.customer_b}
    assert seen(world.executive) == seen(world.customer_department) == {world.customer_a, world.customer_b}
    for user in (world.rep_a2, world.marketing, world.inspector, world.administrator):
        assert not seen(user)
        assert not loyalty.counts(user)
        assert not loyalty.win_back_list(user, today=TODAY)
    Customer.objects.filter(pk=world.customer_a.pk).update(merged_into=world.customer_b)
    assert seen(world.executive) == {world.customer_b}


def test_filters_and_sorts(world: World) -> None:
    other = Customer.objects.create(name="安宁医院", owner=world.rep_a2, unit=world.team_a, city="无锡")
    ordered(world.customer_a, 300, 280, total=900)
    ordered(other, 30, 20, 10, total=10)
    compute()

    def names(**asked: Any) -> list[str]:
        return [row.customer.name for row in loyalty.standings(world.manager_a, **asked)]

    assert names() == ["安宁医院", "云海大酒店"][::-1]
    assert names(text="无锡") == ["安宁医院"]
    assert names(text="13812340001") == ["云海大酒店"]
    assert names(activity="lost") == names(activity="quiet") == ["云海大酒店"]
    assert names(activity="new") == ["安宁医院"]
    assert names(value_class="A") == ["云海大酒店"]
    assert names(owner=world.rep_a2.pk) == ["安宁医院"]
    assert names(last_month=dt.date(2026, 11, 1)) == ["安宁医院"]
    assert names(first_month=dt.date(2026, 1, 1)) == ["云海大酒店"]
    assert names(sort="-orders")[0] == "安宁医院"
    assert names(sort="last_on") == ["云海大酒店", "安宁医院"]
    assert names(sort="no such") == names()
    for sort in loyalty.SORTS:
        assert len(names(sort=sort)) == 2


def test_counts_and_months_add_up(world: World) -> None:
    made = buyers(world, 40)
    ordered(world.customer_b, 3)
    compute()
    rows = loyalty.counts(world.manager_a)
    assert sum(row["customers"] for row in rows) == len(made)
    assert sum(row["turnover"] for row in rows) == sum(of(customer).amount for customer in made)
    months = loyalty.won_and_lost(world.manager_a, today=TODAY)
    assert [month for month, _won, _lost in months] == [
        dt.date(2025 + (11 + i) // 12, (11 + i) % 12 + 1, 1) for i in range(12)
    ]
    assert sum(won for _month, won, _lost in months) == len(made)
    lost = CustomerStanding.objects.visible_to(world.manager_a).filter(activity="lost")
    assert sum(number for _month, _won, number in months) == lost.count() > 0


# ── what was heard


def test_reasons_of_quiet_customers_are_what_was_said_around_their_last_order(world: World) -> None:
    ordered(world.customer_a, 300, 280, 260)
    ordered(world.customer_b, 3)
    price = heard(world.customer_a, world.rep_a1, 255)
    heard(world.customer_a, world.rep_a1, 257)  # the same, earlier: once is enough
    rival = heard(world.customer_a, world.rep_a1, 200, "competitor", {"name": "蓝泉"}, "蓝泉才四千五")
    heard(world.customer_a, world.rep_a1, 330, "complaint", {"about": "delivery"})  # long before
    heard(world.customer_a, world.rep_a1, -2, "complaint", {"about": "service"})  # after the day asked for
    heard(world.customer_a, world.rep_a1, 100, "need", {"text": "x"})  # no reason
    refused = heard(world.customer_a, world.rep_a1, 100, "complaint", {"about": "product"})
    reject_fact(refused, by=world.rep_a1)
    heard(world.customer_b, world.rep_b1, 2)  # is not away
    compute()
    reasons = of(world.customer_a).reasons
    assert [one["fact"] for one in reasons] == [rival.pk, price.pk]
    assert reasons[1] == {
        "kind": "objection", "value": {"reason": "price"}, "text": "价格", "fact": price.pk,
        "conversation": price.conversation_id, "start_ms": price.start_ms, "end_ms": price.end_ms,
        "quote": "价格太贵了", "on": (TODAY - dt.timedelta(days=255)).isoformat(),
    }  # fmt: skip
    assert of(world.customer_b).reasons == []


def test_the_win_back_list_begins_with_the_largest_loss_and_names_who_calls(world: World) -> None:
    small = Customer.objects.create(name="小客户", owner=world.rep_a2, unit=world.team_a)
    once = Customer.objects.create(name="一次", owner=world.rep_a2, unit=world.team_a)
    ordered(small, 200, 190, 180, total=10)
    ordered(once, 300, total=99_999)
    ordered(world.customer_a, 300, 280, 260, total=5000)
    heard(world.customer_a, world.rep_a1, 250)
    compute()
    listed = loyalty.win_back_list(world.manager_a, today=TODAY)
    assert [row.standing.customer for row in listed] == [world.customer_a, small, once]
    first = listed[0]
    assert (first.silent_days, first.caller, first.because, first.asked) == (
        260,
        world.rep_a1,
        "owner",
        False,
    )
    assert [(one.quote, one.about_staff) for one in first.reasons] == [("价格太贵了", False)]
    with translation.override("en"):
        reason = loyalty.win_back_list(world.rep_a1, today=TODAY)[0].reasons[0]
        assert (reason.label, reason.text) == ("Objection", "Price")
    assert (
        len(loyalty.win_back_list(world.manager_a, today=TODAY, size=2)) == 3
    )  # one more: there is a next page
    assert [
        row.standing.customer for row in loyalty.win_back_list(world.manager_a, today=TODAY, size=2, page=2)
    ] == [once]


def test_after_a_complaint_about_our_people_the_manager_calls(world: World) -> None:
    ordered(world.customer_a, 300, 280, 260)
    heard(world.customer_a, world.rep_a1, 250, "complaint", {"about": "staff"})
    compute()
    row = loyalty.win_back_list(world.executive, today=TODAY)[0]
    assert (row.caller, row.because) == (world.manager_a, "staff")
    User.objects.filter(pk=world.manager_a.pk).update(is_active=False)
    row = loyalty.win_back_list(world.executive, today=TODAY)[0]
    assert (row.caller, row.because) == (world.rep_a1, "owner")


def test_without_an_owner_the_manager_decides_who_calls(world: World) -> None:
    ordered(world.customer_a, 300, 280, 260)
    Customer.objects.filter(pk=world.customer_a.pk).update(owner=None)
    compute()
    row = loyalty.win_back_list(world.manager_a, today=TODAY)[0]
    assert (row.caller, row.because) == (world.manager_a, "no_owner")
    Customer.objects.filter(pk=world.customer_a.pk).update(unit=None)
    assert loyalty.win_back_list(world.executive, today=TODAY)[0].caller is None


def test_passages_are_for_those_who_may_hear_the_talk(world: World) -> None:
    ordered(world.customer_a, 300, 280, 260)
    fact = heard(world.customer_a, world.rep_b1, 250)  # a colleague of another team held the talk
    compute()

    def reason(user: User) -> tuple[str, int | None, str]:
        one = loyalty.win_back_list(user, today=TODAY)[0].reasons[0]
        return one.text, one.conversation, one.quote

    for user in (world.executive, world.customer_department):
        assert reason(user) == ("价格", fact.conversation_id, "价格太贵了")
    for user in (world.rep_a1, world.manager_a):
        assert reason(user) == ("价格", None, "")
    reject_fact(fact, by=world.inspector)
    assert loyalty.win_back_list(world.executive, today=TODAY)[0].reasons == []


def test_the_list_costs_the_same_whatever_it_shows(world: World) -> None:
    costs = []
    for number in (2, 12):
        for i in range(number):
            customer = Customer.objects.create(name=f"远{number}{i}", owner=world.rep_a1, unit=world.team_a)
            ordered(customer, 300, 280, 260)
            heard(customer, world.rep_a1, 250)
        compute()
        with CaptureQueriesContext(connection) as asked:
            rows = loyalty.win_back_list(world.manager_a, today=TODAY)
            assert all(str(row.caller) and str(row.standing.customer.owner) and row.reasons for row in rows)
        costs.append(len(asked))
    assert costs[0] == costs[1] <= 6


def test_what_one_passage_says_stands_in_one_line(world: World) -> None:
    ordered(world.customer_a, 300, 280, 260)
    fact = heard(world.customer_a, world.rep_a1, 250)
    make_fact(fact.conversation, "complaint", {"about": "staff"}, fact.quote, extractor="x/1")
    compute()
    row = loyalty.win_back_list(world.rep_a1, today=TODAY)[0]
    assert [(one.text, one.also) for one in row.reasons] == [("价格", ("投诉 · 人员",))]
    assert row.because == "staff"
    Conversation.objects.filter(pk=fact.conversation_id).update(rep=world.rep_b1, unit=world.team_b)
    unheard = loyalty.win_back_list(world.rep_a1, today=TODAY)[0]
    assert [one.text for one in unheard.reasons] == ["价格", "人员"]


# ── asking somebody to win a customer back


def test_a_customer_is_asked_back_once_a_month(world: World) -> None:
    ordered(world.customer_a, 300, 280, 260)
    compute()
    loyalty.ask_to_win_back(world.customer_a, by=world.rep_a1, today=TODAY)
    assert AuditEntry.objects.get(action="customer.win_back_asked").details == {"on": "2026-11-26"}
    for day in (TODAY, TODAY + dt.timedelta(days=4)):
        with pytest.raises(ValidationError) as refused:
            loyalty.ask_to_win_back(world.customer_a, by=world.manager_a, today=day)
        assert refused.value.code == "asked"
    assert loyalty.win_back_list(world.rep_a1, today=TODAY)[0].asked
    compute()
    assert of(world.customer_a).win_back_on == TODAY
    loyalty.ask_to_win_back(world.customer_a, by=world.manager_a, today=dt.date(2026, 12, 1))
    assert of(world.customer_a).win_back_on == dt.date(2026, 12, 1)


def test_only_customers_who_are_away_and_in_scope(world: World) -> None:
    ordered(world.customer_a, 3)
    ordered(world.customer_b, 300, 280)
    compute()
    with pytest.raises(ValidationError) as refused:
        loyalty.ask_to_win_back(world.customer_a, by=world.rep_a1, today=TODAY)
    assert refused.value.code == "not_away"
    for user in (world.rep_a1, world.manager_a, world.inspector):
        with pytest.raises(PermissionDenied):
            loyalty.ask_to_win_back(world.customer_b, by=user, today=TODAY)
    assert of(world.customer_b).win_back_on is None


# ── the report


def test_the_report_is_plain_and_of_ones_scope(world: World) -> None:
    made = buyers(world, 150)
    ordered(world.customer_b, 3, total=77)
    run = compute()
    found = loyalty.report(world.executive, on=TODAY)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert (found["customers"], found["model"], found["on"]) == (151, run.forecast, "2026-11-26")
    assert sum(found["activity"].values()) == sum(found["classes"].values()) == 151
    assert len(found["rows"]) == 151
    team = loyalty.report(world.manager_a, on=TODAY, limit=10, offset=145)
    assert (team["customers"], len(team["rows"])) == (150, 5)
    assert {row["customer"] for row in loyalty.report(world.manager_a, on=TODAY)["rows"]} == {
        c.pk for c in made
    }
    assert loyalty.report(world.rep_b1, on=TODAY)["turnover"] == "77.00"
    with pytest.raises(PermissionDenied):
        loyalty.report(world.marketing, on=TODAY)


def test_the_report_of_another_day_is_worked_out_and_writes_nothing(world: World) -> None:
    ordered(world.customer_a, 140, 50, 1)
    compute()
    before = list(CustomerStanding.objects.values())
    then = loyalty.report(world.rep_a1, on=TODAY - dt.timedelta(days=40))
    assert then["rows"][0]["purchases"] == 2
    assert then["rows"][0]["activity"] == "active"
    assert loyalty.report(world.rep_b1, on=TODAY - dt.timedelta(days=40))["rows"] == []
    assert loyalty.report(world.rep_a1, on=dt.date(2001, 1, 1))["customers"] == 0
    assert list(CustomerStanding.objects.values()) == before
    assert StandingRun.objects.count() == 1
