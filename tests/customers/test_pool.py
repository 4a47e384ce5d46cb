"""The public pool: rules, the sweep, taking and releasing, and what may be seen of whom."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone

from shengce.customers import actions, pool
from shengce.customers.deals import create_deal
from shengce.customers.models import Customer, Deal, PoolMove, PoolRule
from tests.world import World

TODAY = dt.date(2026, 6, 30)


def moment(day: dt.date, hour: int = 12) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), tzinfo=timezone.get_current_timezone())


def make(world: World, name: str, **values: Any) -> Customer:
    days = {
        field: moment(TODAY - dt.timedelta(days=values.pop(field)))
        for field in ("created_at", "last_talk_at", "owned_since", "last_order_at", "last_visit_at")
        if field in values
    }
    days.setdefault("created_at", moment(TODAY - dt.timedelta(days=500)))
    return Customer.objects.create(name=name, owner=world.rep_a1, unit=world.team_a, **values, **days)


@pytest.fixture
def rule(world: World) -> PoolRule:
    Customer.objects.update(created_at=moment(TODAY))
    return pool.save_pool_rule(by=world.customer_department, idle_days=30, daily_cap=2)


def in_pool() -> set[str]:
    return set(Customer.objects.filter(owner__isnull=True).values_list("name", flat=True))


def test_days_count_from_the_last_of_talk_ownership_and_creation(world: World, rule: PoolRule) -> None:
    make(world, "talk 30", last_talk_at=30)
    make(world, "talk 29", last_talk_at=29)
    make(world, "no talk, new", created_at=5)
    make(world, "no talk, old", created_at=31)
    make(world, "new owner", last_talk_at=90, owned_since=10)
    make(world, "old owner", last_talk_at=90, owned_since=40)
    assert pool.would_go(today=TODAY) == {rule.pk: 3}
    assert pool.release_idle(today=TODAY) == 3
    assert in_pool() == {"talk 30", "no talk, old", "old owner"}
    assert pool.release_idle(today=TODAY) == 0
    moves = PoolMove.objects.filter(rule=rule, person=world.rep_a1, direction="released")
    assert moves.count() == 3


@pytest.mark.parametrize(
    ("counts", "gone"),
    [
        (["talk"], {"ordered", "visited", "with a deal", "nothing", "closed deal"}),
        (["order"], {"talked", "visited", "with a deal", "nothing", "closed deal"}),
        (["visit"], {"talked", "ordered", "with a deal", "nothing", "closed deal"}),
        (["deal"], {"talked", "ordered", "visited", "nothing", "closed deal"}),
        (["talk", "order", "visit", "deal"], {"nothing", "closed deal"}),
    ],
)
def test_a_rule_counts_what_it_says(world: World, counts: list[str], gone: set[str]) -> None:
    Customer.objects.update(created_at=moment(TODAY))
    pool.save_pool_rule(by=world.customer_department, idle_days=30, counts=counts)
    make(world, "talked", last_talk_at=29)
    make(world, "ordered", last_order_at=29)
    make(world, "visited", last_visit_at=29)
    make(world, "nothing", last_talk_at=30, last_order_at=30, last_visit_at=30)
    for name in ("with a deal", "closed deal"):
        deal = create_deal(by=world.rep_a1, customer=make(world, name), name="商机")
        if name == "closed deal":
            Deal.objects.filter(pk=deal.pk).update(closed_at=moment(TODAY))
    assert pool.release_idle(today=TODAY) == len(gone)
    assert in_pool() == gone
    why = pool.owners_of([Customer.objects.get(name="nothing").pk])
    assert all(owned[0].why.startswith("30") for owned in why.values())


def test_a_rule_counts_something(world: World) -> None:
    for counts in ([], ["talk", "weather"]):
        with pytest.raises(ValidationError):
            pool.save_pool_rule(by=world.customer_department, idle_days=30, counts=counts)


def test_the_rule_that_says_most_holds(world: World, rule: PoolRule) -> None:
    by = world.customer_department
    pool.save_pool_rule(by=by, idle_days=100, value_class="A")
    pool.save_pool_rule(by=by, idle_days=10, kind="dealer")
    pool.save_pool_rule(by=by, idle_days=200, kind="dealer", value_class="A")
    pool.save_pool_rule(by=by, idle_days=1, kind="prospect", active=False)
    make(world, "A, 99", value_class="A", last_talk_at=99)
    make(world, "A, 100", value_class="A", last_talk_at=100)
    make(world, "dealer, 10", kind="dealer", last_talk_at=10)
    make(world, "dealer A, 150", kind="dealer", value_class="A", last_talk_at=150)
    make(world, "prospect, 29", kind="prospect", last_talk_at=29)
    pool.release_idle(today=TODAY)
    assert in_pool() == {"A, 100", "dealer, 10"}


def test_without_a_rule_nobody_goes(world: World) -> None:
    make(world, "forgotten", last_talk_at=499)
    assert pool.release_idle(today=TODAY) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"idle_days": 0},
        {"idle_days": 99999},
        {"daily_cap": -1},
        {"value_class": "Q"},
        {"kind": "shoe"},
        {"keep_away_days": 99999},
    ],
)
def test_rules_that_make_no_sense_are_refused(world: World, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        pool.save_pool_rule(by=world.executive, **{"idle_days": 30, **wrong})
    assert not PoolRule.objects.exists()


def test_there_is_one_rule_for_a_kind_and_class(world: World, rule: PoolRule) -> None:
    with pytest.raises(ValidationError):
        pool.save_pool_rule(by=world.executive, idle_days=7)
    pool.save_pool_rule(by=world.executive, rule=rule, idle_days=7)
    pool.remove_pool_rule(rule, by=world.executive)
    for user in (world.rep_a1, world.manager_a, world.marketing):
        with pytest.raises(PermissionDenied):
            pool.save_pool_rule(by=user, idle_days=7)
    assert not PoolRule.objects.exists()


def test_releasing_by_hand_says_why(world: World) -> None:
    with pytest.raises(ValidationError):
        pool.release_customer(world.customer_a, by=world.rep_a1, reason="  ")
    for user in (world.rep_a2, world.rep_b1, world.manager_b, world.executive):
        with pytest.raises(PermissionDenied):
            pool.release_customer(world.customer_a, by=user, reason="x")
    pool.release_customer(world.customer_a, by=world.rep_a1, reason="搬走了")
    customer = Customer.objects.get(pk=world.customer_a.pk)
    assert (customer.owner, customer.unit) == (None, None)
    assert customer.pooled_at is not None
    with pytest.raises(ValidationError):
        pool.release_customer(customer, by=world.customer_department, reason="nochmal")


def test_whoever_takes_a_customer_owns_him(world: World) -> None:
    released = pool.release_customer(world.customer_a, by=world.rep_a1, reason="搬走了")
    taken = pool.take_customer(released, by=world.rep_b1)
    assert (taken.owner, taken.unit, taken.pooled_at) == (world.rep_b1, world.team_b, None)
    assert Customer.objects.visible_to(world.rep_b1).filter(pk=taken.pk).exists()
    with pytest.raises(ValidationError) as refused:
        pool.take_customer(released, by=world.rep_a1)
    assert refused.value.code == "taken"
    for user in (world.executive, world.customer_department):
        with pytest.raises(PermissionDenied):
            pool.take_customer(released, by=user)


def pooled(world: World, number: int) -> list[Customer]:
    return [Customer.objects.create(name=f"公海{n}", pooled_at=timezone.now()) for n in range(number)]


def test_a_day_has_an_end(world: World) -> None:
    pool.save_pool_rule(by=world.executive, idle_days=30, daily_cap=2)
    first, second, third = pooled(world, 3)
    pool.take_customer(first, by=world.rep_a1)
    pool.take_customer(second, by=world.rep_a1)
    with pytest.raises(ValidationError) as refused:
        pool.take_customer(third, by=world.rep_a1)
    assert refused.value.code == "cap"
    PoolMove.objects.filter(person=world.rep_a1).update(at=timezone.now() - dt.timedelta(days=1))
    pool.take_customer(third, by=world.rep_a1)
    assert pool.taken_today(world.rep_a1) == 1


def test_who_lost_a_customer_waits(world: World) -> None:
    pool.save_pool_rule(by=world.executive, idle_days=30, keep_away_days=14)
    released = pool.release_customer(world.customer_a, by=world.rep_a1, reason="搬走了")
    with pytest.raises(ValidationError) as refused:
        pool.take_customer(released, by=world.rep_a1)
    assert refused.value.code == "keep_away"
    PoolMove.objects.update(at=timezone.now() - dt.timedelta(days=15))
    assert pool.take_customer(released, by=world.rep_a1).owner == world.rep_a1


@pytest.mark.django_db(transaction=True)
def test_two_people_take_one_customer_at_once(world: World) -> None:
    takers = (world.rep_a1, world.rep_a2, world.rep_b1, world.rep_b2)
    for customer in pooled(world, 4):
        barrier = threading.Barrier(len(takers))
        outcomes: list[Any] = []
        threads = [
            threading.Thread(target=_take, args=(customer, person, barrier, outcomes)) for person in takers
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        refused = [outcome for outcome in outcomes if isinstance(outcome, ValidationError)]
        assert [outcome.code for outcome in refused] == ["taken"] * 3
        customer.refresh_from_db()
        (winner,) = [outcome.owner for outcome in outcomes if isinstance(outcome, Customer)]
        assert customer.owner == winner
        assert customer.pool_moves.get().person == winner


@pytest.mark.django_db(transaction=True)
def test_two_windows_do_not_pass_the_cap_together(world: World) -> None:
    pool.save_pool_rule(by=world.executive, idle_days=30, daily_cap=1)
    barrier = threading.Barrier(4)
    outcomes: list[Any] = []
    threads = [
        threading.Thread(target=_take, args=(customer, world.rep_a1, barrier, outcomes))
        for customer in pooled(world, 4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(outcome, Customer) for outcome in outcomes) == 1
    assert {outcome.code for outcome in outcomes if isinstance(outcome, ValidationError)} == {"cap"}


def _take(customer: Customer, person: Any, barrier: threading.Barrier, outcomes: list[Any]) -> None:
    try:
        barrier.wait()
        outcomes.append(pool.take_customer(customer, by=person))
    except BaseException as error:
        outcomes.append(error)
    finally:
        connection.close()


def test_the_list_shows_who_had_him_and_no_number(world: World, client: Client) -> None:
    customer = world.customer_a
    actions.update_customer(customer, by=world.rep_a1, phone="051288886666", tax_number="91350100M000100Y43")
    actions.set_card_field(customer, "note", "暗号", by=world.rep_a1)
    actions.hand_over(customer, by=world.manager_a, to=world.rep_a2)
    pool.release_customer(Customer.objects.get(pk=customer.pk), by=world.rep_a2, reason="搬走了")
    client.force_login(world.rep_b1)
    page = client.get("/customers/pool/").text
    for shown in ("云海大酒店", world.rep_a1.display_name, world.rep_a2.display_name, "搬走了"):
        assert shown in page
    for hidden in ("051288886666", "91350100M000100Y43", "13812340001", "刘经理", "暗号"):
        assert hidden not in page
    assert client.get(f"/customers/{customer.pk}/").status_code == 404
    answer = client.post(f"/customers/pool/{customer.pk}/take/", follow=True)
    assert answer.redirect_chain[-1][0] == f"/customers/{customer.pk}/story/"
    assert "13812340001" in client.get(f"/customers/{customer.pk}/").text
    assert client.post(f"/customers/pool/{customer.pk}/take/").status_code == 404


def test_the_pool_page_searches_sorts_and_turns(world: World, client: Client) -> None:
    for number in range(65):
        Customer.objects.create(
            name=f"公海{number:02}", city="苏州" if number % 2 else "无锡", value_class="A" if number < 3 else "",
            pooled_at=timezone.now() - dt.timedelta(days=number),
        )  # fmt: skip
    seen, page, more = [], 1, True
    while more:
        rows, more = pool.pool_page(world.rep_a1, page=page)
        seen += [row.name for row in rows]
        page += 1
    assert seen == [f"公海{number:02}" for number in range(65)]
    assert len(pool.pool_page(world.rep_a1, value_class="A")[0]) == 3
    assert pool.pool_page(world.rep_a1, sort="longest")[0][0].name == "公海64"
    assert {row.city for row in pool.pool_page(world.rep_a1, text="苏州")[0]} == {"苏州"}
    client.force_login(world.rep_a1)
    assert client.get("/customers/pool/?page=0&sort=x&kind=%00&class=Z&q=%25").status_code == 200


def test_one_is_told_before_a_customer_goes(world: World, rule: PoolRule) -> None:
    soon = make(world, "soon", last_talk_at=25)
    late = make(world, "late", last_talk_at=45)
    make(world, "safe", last_talk_at=10)
    Customer.objects.create(
        name="other's",
        owner=world.rep_a2,
        unit=world.team_a,
        created_at=moment(TODAY - dt.timedelta(days=99)),
    )
    assert pool.going_soon(world.rep_a1, today=TODAY) == [(late, TODAY), (soon, TODAY + dt.timedelta(days=5))]


def test_moves_are_told_to_those_whom_they_concern(world: World) -> None:
    released = pool.release_customer(world.customer_a, by=world.rep_a1, reason="x")
    pool.take_customer(released, by=world.rep_b1)
    counts = {
        user.username: len(pool.moves(user)[0])
        for user in (
            world.rep_a1,
            world.rep_b1,
            world.rep_a2,
            world.manager_a,
            world.manager_b,
            world.executive,
        )
    }
    assert counts == {"rep_a1": 1, "rep_b1": 1, "rep_a2": 0, "manager_a": 1, "manager_b": 1, "executive": 2}


def test_open_deals_go_with_the_customer(world: World) -> None:
    deal = create_deal(by=world.rep_a1, customer=world.customer_a, name="三十台")
    actions.hand_over(world.customer_a, by=world.manager_a, to=world.rep_a2)
    assert Deal.objects.get(pk=deal.pk).owner == world.rep_a2


def test_the_rules_page(world: World, client: Client) -> None:
    client.force_login(world.customer_department)
    form = {
        "kind": "",
        "value_class": "A",
        "idle_days": 90,
        "daily_cap": 3,
        "keep_away_days": 0,
        "counts": ["talk", "deal"],
        "active": "on",
    }
    assert client.post("/customers/rules/new/", form).status_code == 302
    assert client.post("/customers/rules/new/", {**form, "counts": ["x"]}).status_code == 422
    assert client.post("/customers/rules/new/", {**form, "counts": []}).status_code == 422
    assert client.post("/customers/rules/new/", form).status_code == 422
    for wrong in ("", "-1", "1e9", "9" * 40, "x"):
        assert (
            client.post("/customers/rules/new/", {**form, "value_class": "B", "idle_days": wrong}).status_code
            == 422
        )
    page = client.get("/customers/rules/").text
    assert "90" in page
    assert client.post("/customers/rules/release/").status_code == 302
