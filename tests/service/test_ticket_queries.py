"""The queue and its filters, the tickets of a customer, causes by product."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from shengce.catalogue.models import Product
from shengce.people.models import User
from shengce.service import actions
from shengce.service.models import Ticket
from shengce.service.queries import (
    PAGE_SIZE,
    Asked,
    assignable,
    causes_by_product,
    causes_written,
    counts,
    open_ticket_count,
    reps_to_filter,
    ticket_page,
    tickets,
    tickets_of,
)
from tests.service.test_ticket_actions import at, opened
from tests.world import World

START, END = dt.date(2025, 11, 1), dt.date(2025, 12, 1)


@pytest.fixture
def filter_500(db: None) -> Product:
    return Product.objects.create(name="清泉500")


@pytest.fixture
def queue(world: World, filter_500: Product) -> dict[str, Ticket]:
    clerk = world.customer_department
    made = {
        "urgent": opened(world, by=clerk, priority="urgent", owner=clerk, product=filter_500, title="停机"),
        "plain": opened(world, by=clerk),
        "theirs": opened(world, by=clerk, customer=world.customer_b, kind="claim", title="赔偿"),
        "waiting": opened(world, by=clerk, kind="return", owner=world.rep_a1),
        "solved": opened(world, by=clerk, product=filter_500),
        "closed": opened(world, by=clerk, product=filter_500, opened_at=at("2025-11-03 09:00")),
    }
    actions.add_step(made["waiting"], by=clerk, text="x", state="waiting", at=at("2025-11-27 10:10"))
    actions.solve_ticket(
        made["solved"], by=clerk, cause="密封圈", cost=Decimal(80), at=at("2025-12-20 10:00")
    )
    actions.solve_ticket(
        made["closed"], by=clerk, cause="密封圈", cost=Decimal("20.5"), at=at("2025-11-03 10:00")
    )
    actions.close_ticket(made["closed"], by=clerk, satisfaction=2, at=at("2025-11-03 11:00"))
    return made


def names(queue: dict[str, Ticket], user: User, **asked: object) -> list[str]:
    by_pk = {ticket.pk: name for name, ticket in queue.items()}
    return [by_pk[ticket.pk] for ticket in tickets(user, Asked(**asked))]  # type: ignore[arg-type]


def test_what_is_due_first_comes_first(world: World, queue: dict[str, Ticket]) -> None:
    assert names(queue, world.customer_department) == ["urgent", "plain", "theirs", "waiting"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"which": "mine"}, {"urgent"}),
        ({"which": "unassigned"}, {"plain", "theirs"}),
        ({"which": "overdue"}, {"urgent", "plain", "theirs"}),
        ({"which": "escalated"}, set()),
        ({"state": "waiting"}, {"waiting"}),
        ({"state": "all"}, {"urgent", "plain", "theirs", "waiting", "solved", "closed"}),
        ({"state": "nonsense"}, {"urgent", "plain", "theirs", "waiting", "solved", "closed"}),
        ({"kind": "claim"}, {"theirs"}),
        ({"priority": "urgent"}, {"urgent"}),
        ({"text": "赔偿"}, {"theirs"}),
        ({"text": "松岭"}, {"theirs"}),
        ({"state": "all", "cause": "密封圈"}, {"solved", "closed"}),
        ({"state": "all", "late": "solve"}, {"urgent", "plain", "theirs", "solved"}),
        ({"state": "all", "late": "answer"}, {"urgent", "plain", "theirs", "solved"}),
        ({"state": "solved", "late": "solve"}, {"solved"}),
        ({"state": "all", "satisfaction": 2}, {"closed"}),
        ({"state": "all", "end_on": dt.date(2025, 11, 27)}, {"closed"}),
        ({"state": "all", "start_on": dt.date(2025, 11, 28)}, set()),
    ],
)
def test_filters(
    world: World, queue: dict[str, Ticket], asked: dict[str, object], expected: set[str]
) -> None:
    assert set(names(queue, world.customer_department, **asked)) == expected


def test_filters_by_row(world: World, queue: dict[str, Ticket], filter_500: Product) -> None:
    clerk = world.customer_department
    assert names(queue, clerk, product=filter_500.pk) == ["urgent"]
    assert names(queue, clerk, rep=world.rep_b1.pk) == ["theirs"]
    assert names(queue, clerk, customer=world.customer_b.pk) == ["theirs"]


def test_orders(world: World, queue: dict[str, Ticket]) -> None:
    clerk = world.customer_department
    assert names(queue, clerk, sort="priority")[0] == "urgent"
    assert names(queue, clerk, sort="customer").index("theirs") in (0, 3)  # the two customers stand together
    assert names(queue, clerk, sort="-opened", state="all")[-1] == "closed"
    assert names(queue, clerk, sort="nonsense") == names(queue, clerk)


def test_counts(world: World, queue: dict[str, Ticket]) -> None:
    found = counts(world.customer_department)
    assert (found.pending, found.mine, found.unassigned, found.overdue, found.waiting) == (4, 1, 2, 3, 1)
    assert counts(world.rep_b1).pending == 1
    assert counts(world.marketing).pending == 0


def test_pages(world: World) -> None:
    for _ in range(PAGE_SIZE + 1):
        opened(world)
    first, more = ticket_page(world.rep_a1, Asked(), page=1)
    second, none = ticket_page(world.rep_a1, Asked(), page=2)
    assert (len(first), more, len(second), none) == (PAGE_SIZE, True, 1, False)
    assert not {row.pk for row in first} & {row.pk for row in second}


def test_for_other_rooms(world: World, queue: dict[str, Ticket], filter_500: Product) -> None:
    assert open_ticket_count(world.customer_a) == 3
    assert tickets_of(world.customer_a, user=world.rep_a1).count() == 5
    assert tickets_of(world.customer_a, user=world.rep_a1).last() == queue["closed"]
    assert not tickets_of(world.customer_a, user=world.rep_b1).exists()
    rows = causes_by_product(world.customer_department, start_on=START, end_on=END)
    assert [(row.product_id, row.product, row.cause, row.tickets, row.cost) for row in rows] == [
        (filter_500.pk, "清泉500", "密封圈", 2, Decimal("100.50"))
    ]
    assert causes_by_product(world.rep_b1, start_on=START, end_on=END) == []
    assert causes_by_product(world.executive, start_on=END, end_on=dt.date(2026, 1, 1)) == []


def test_causes_are_offered_again_most_frequent_first(world: World) -> None:
    for cause in ("滤芯", "密封圈", "密封圈"):
        actions.solve_ticket(opened(world, opened_at=None), by=world.rep_a1, cause=cause)
    assert causes_written() == ["密封圈", "滤芯"]


def test_who_can_be_given_a_ticket(world: World) -> None:
    def given_by(user: User) -> set[str]:
        return set(assignable(user).values_list("username", flat=True))

    assert given_by(world.rep_a1) == {"customer_department", "rep_a1"}
    assert given_by(world.manager_a) == {"customer_department", "manager_a", "rep_a1", "rep_a2"}
    assert {"rep_b2", "manager_b", "rep_a1"} < given_by(world.customer_department)
    assert "inspector" not in given_by(world.customer_department)
    User.objects.filter(pk=world.rep_a2.pk).update(is_active=False)
    assert "rep_a2" not in given_by(world.manager_a)
    assert set(reps_to_filter(world.rep_b1)) == {world.rep_b1}
    assert world.manager_b in reps_to_filter(world.customer_department)
