"""Contracts, stock and the cooperation score of dealers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from shengce.channel import actions
from shengce.channel.actions import Counted
from shengce.channel.models import Cooperation, DealerContract, StockReport
from shengce.planning.sell_out import next_month
from shengce.sales.models import Invoice, Order
from tests.channel.market import Market
from tests.talks import make_talk
from tests.world import World

DAY = dt.timedelta(days=1)


def contract(world: World, market: Market, **more: Any) -> DealerContract:
    values: dict[str, Any] = {
        "by": world.manager_a, "dealer": market.home, "number": "HT-9", "territory": market.suzhou,
        "start_on": dt.date(2019, 1, 1), "end_on": dt.date(2020, 1, 1), "target": D(100_000),
    }  # fmt: skip
    return actions.save_contract(**(values | more))


def test_a_contract_is_kept_and_changed(world: World, market: Market) -> None:
    row = contract(world, market, terms="不得跨区销售")
    changed = contract(world, market, contract=row, target=D(120_000))
    assert (changed.pk, changed.target, changed.terms) == (row.pk, 120_000, "")
    assert contract(world, market, number="HT-10", start_on=dt.date(2020, 1, 1), end_on=dt.date(2021, 1, 1))


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"number": ""}, None), ({"number": "x" * 41}, None), ({"number": "HT-1"}, "number"),
        ({"end_on": dt.date(2019, 1, 1)}, "end_on"), ({"target": D(0)}, "target"), ({"deposit": D("NaN")}, "deposit"),
        ({"start_on": dt.date(2100, 1, 1), "end_on": dt.date(2101, 1, 1), "target": D("1e20")}, "target"),
    ],
)  # fmt: skip
def test_contracts_that_are_none(
    world: World, market: Market, bad: dict[str, Any], field: str | None
) -> None:
    before = DealerContract.objects.count()
    with pytest.raises(ValidationError) as refused:
        contract(world, market, **bad)
    assert field is None or field in refused.value.message_dict
    assert DealerContract.objects.count() == before


def test_one_contract_for_a_territory_at_a_time(world: World, market: Market) -> None:
    contract(world, market)
    with pytest.raises(ValidationError) as refused:
        contract(world, market, number="HT-11", start_on=dt.date(2019, 12, 31), end_on=dt.date(2021, 1, 1))
    assert "HT-9" in str(refused.value)
    assert contract(world, market, number="HT-11", territory=market.xuzhou)


def test_only_dealers_have_contracts_and_only_ones_own(world: World, market: Market) -> None:
    with pytest.raises(ValidationError):
        contract(world, market, dealer=world.customer_a)
    for by in (world.rep_a1, world.manager_b, world.marketing, world.inspector):
        with pytest.raises(PermissionDenied):
            contract(world, market, by=by)
    assert contract(world, market, by=world.customer_department)


def test_stock_is_counted_and_corrected(world: World, market: Market) -> None:
    for stock in (12, 10):
        actions.report_stock(
            by=world.rep_a1, dealer=market.home, reported_on=market.today,
            lines=[Counted(market.product, D(stock), D("3.5"))],
        )  # fmt: skip
    row = StockReport.objects.get()
    assert (row.stock, row.sold, row.by) == (10, D("3.5"), world.rep_a1)


@pytest.mark.parametrize("bad", [D(-1), D("NaN"), D("1e12")])
def test_stock_that_is_none_leaves_everything_as_it_was(world: World, market: Market, bad: D) -> None:
    with pytest.raises(ValidationError) as refused:
        actions.report_stock(
            by=world.rep_a1, dealer=market.home, reported_on=market.today,
            lines=[Counted(market.product, D(1)), Counted(market.product, bad)],
        )  # fmt: skip
    assert set(refused.value.message_dict) == {f"stock_{market.product.pk}"}
    with pytest.raises(ValidationError):
        actions.report_stock(by=world.rep_a1, dealer=market.home, reported_on=market.today + DAY, lines=[])
    assert not StockReport.objects.exists()


def test_who_counts_stock(world: World, market: Market) -> None:
    lines = [Counted(market.product, D(1))]
    for by in (world.rep_a2, world.rep_b1, world.manager_b, world.inspector, world.administrator):
        with pytest.raises(PermissionDenied):
            actions.report_stock(by=by, dealer=market.home, reported_on=market.today, lines=lines)
    with pytest.raises(PermissionDenied):
        actions.report_stock(by=world.rep_a1, dealer=world.customer_a, reported_on=market.today, lines=lines)
    assert not StockReport.objects.exists()


@pytest.fixture
def month(market: Market) -> dt.date:
    """A month that is over."""
    return (market.today.replace(day=1) - DAY).replace(day=1)


def invoice(market: Market, number: str, due_on: dt.date, settled_on: dt.date | None) -> None:
    Invoice.objects.create(
        number=number, customer=market.home, issued_on=due_on - 30 * DAY, due_on=due_on, amount=D(1000),
        open_amount=D(0) if settled_on else D(1000), settled_on=settled_on,
        state=Invoice.State.SETTLED if settled_on else Invoice.State.OPEN,
    )  # fmt: skip


def test_a_month_with_its_grounds(world: World, market: Market, month: dt.date) -> None:
    DealerContract.objects.filter(dealer=market.home).update(start_on=month, end_on=next_month(month))
    DealerContract.objects.filter(dealer=market.away).delete()
    for number, state, total in (("1", "confirmed", 182_500), ("2", "cancelled", 999_999)):
        Order.objects.create(
            number=number, customer=market.home, ordered_on=month + 3 * DAY, state=state, total=D(total)
        )
    invoice(market, "a", month + 5 * DAY, month + 5 * DAY)
    invoice(market, "b", month + 6 * DAY, month + 9 * DAY)
    invoice(market, "c", month + 7 * DAY, None)
    invoice(market, "d", next_month(month), None)
    actions.report_stock(
        by=world.rep_a1,
        dealer=market.home,
        reported_on=month + 20 * DAY,
        lines=[Counted(market.product, D(1))],
    )
    moment = timezone.make_aware(dt.datetime.combine(month + 2 * DAY, dt.time(9)))
    make_talk(world.rep_a1, customer=market.home, at=moment)
    make_talk(world.rep_a1, customer=market.home, at=moment - 3 * DAY)
    actions.note_sighting(
        by=world.rep_a1, source="report", product=market.product, price=D(5000), seller=market.home.name,
        place="苏州", seen_at=moment,
    )  # fmt: skip
    assert actions.compute_cooperation(month=month + 10 * DAY, by=world.manager_a) == 1
    row = Cooperation.objects.get()
    assert row.month == month
    assert {g["code"]: D(g["points"]) for g in row.grounds} == {
        "purchases": D(15), "payment": D("8.33"), "stock": D(15), "diversion": D(15), "prices": D(5), "talks": D("2.5"),
    }  # fmt: skip
    assert row.score == D("60.83")


def test_a_decided_case_weighs_in_its_month(world: World, market: Market) -> None:
    actions.record_shipment(
        by=world.customer_department, lot="A1", product=market.product, customer=market.away, shipped_on=market.today,
        quantity=D(1),
    )  # fmt: skip
    seen = actions.note_sighting(by=world.rep_a1, source="scan", lot="A1", place="苏州")
    case = actions.open_case(by=world.manager_a, sighting=seen, text="窜货")

    def points() -> D:
        actions.compute_cooperation(month=market.today)
        grounds = Cooperation.objects.get(dealer=market.away).grounds
        return D(next(g["points"] for g in grounds if g["code"] == "diversion"))

    assert points() == D("11.25")
    actions.ask_statement(case, by=world.manager_a, text="?")
    actions.record_statement(case, by=world.manager_a, text="!")
    actions.decide_case(case, by=world.manager_a, verdict="proven", text=".")
    assert points() == 0


def test_computing_again_replaces_and_forgets(world: World, market: Market, month: dt.date) -> None:
    DealerContract.objects.update(start_on=month)
    for _again in range(2):
        assert actions.compute_cooperation(month=month) == 2
    assert Cooperation.objects.count() == 2
    DealerContract.objects.filter(dealer=market.away).delete()
    assert actions.compute_cooperation(month=month) == 1
    assert Cooperation.objects.get().dealer == market.home


def test_the_cost_does_not_grow_with_the_dealers(
    world: World, market: Market, month: dt.date, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(16):
        actions.compute_cooperation(month=month)


def test_months_to_come_and_people_who_may_not(world: World, market: Market) -> None:
    for bad in (market.today + 40 * DAY, dt.date(1990, 1, 1)):
        with pytest.raises(ValidationError):
            actions.compute_cooperation(month=bad)
    for by in (world.rep_a1, world.marketing, world.inspector):
        with pytest.raises(PermissionDenied):
            actions.compute_cooperation(month=market.today, by=by)
