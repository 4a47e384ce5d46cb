"""Sums by day and month are the same as a full recount, whatever happened to the records in between."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from decimal import Decimal

import pytest
from django.utils import timezone

from shengce.attainment.counting import refresh
from shengce.attainment.models import CountedDay, CustomerMonthActual, DayActual, MonthActual, RepDayActual
from shengce.attainment.queries import actuals
from shengce.catalogue.models import Product, ProductCost, ProductLine
from shengce.customers.models import Customer
from shengce.people.models import Territory
from shengce.planning.periods import FiscalYear, Span
from shengce.sales.models import Order, OrderLine, Receipt
from shengce.targets.history import reached
from shengce.visits.models import Visit
from tests.world import World

TODAY = dt.date(2026, 3, 20)
YEAR = Span(dt.date(2025, 1, 1), dt.date(2027, 1, 1))


class Trade:
    """Random records of a small firm, and random changes to them."""

    def __init__(self, world: World, seed: int) -> None:
        self.chance = random.Random(seed)
        self.reps = [world.rep_a1, world.rep_a2, world.rep_b1]
        self.customers = [world.customer_a, world.customer_b]
        self.customers += [Customer.objects.create(name=f"客户{n}", owner=world.rep_a1) for n in range(3)]
        lines = [ProductLine.objects.create(name=name) for name in ("净水", "滤芯")]
        self.products = [Product.objects.create(name=f"品{n}", line=lines[n % 2]) for n in range(3)]
        self.products.append(Product.objects.create(name="无线"))
        self.places = [Territory.objects.create(name=name) for name in ("东", "西")]
        self.number = 0

    def day(self) -> dt.date:
        return TODAY - dt.timedelta(days=self.chance.randint(0, 100))

    def act(self) -> None:
        self.chance.choice(
            [
                self.order,
                self.order,
                self.receipt,
                self.visit,
                self.cancel,
                self.move_order,
                self.reverse,
                self.move_customer,
                self.merge_away,
                self.cost,
            ]
        )()

    def order(self) -> None:
        self.number += 1
        rep = self.chance.choice(self.reps)
        order = Order.objects.create(
            number=f"N{self.number}", customer=self.chance.choice(self.customers), rep=rep, unit=rep.unit,
            ordered_on=self.day(), settlement_method=self.chance.choice(["cash", "credit", "acceptance"]),
            sales_method=self.chance.choice(["direct", "dealer"]),
        )  # fmt: skip
        for _line in range(self.chance.randint(1, 3)):
            amount = Decimal(self.chance.randint(-5000, 100_000)) / 100
            OrderLine.objects.create(
                order=order,
                product=self.chance.choice(self.products),
                quantity=1,
                price=abs(amount),
                amount=amount,
            )

    def receipt(self) -> None:
        amount = Decimal(self.chance.randint(1, 100_000)) / 100
        rep = self.chance.choice(self.reps)
        Receipt.objects.create(
            customer=self.chance.choice([*self.customers, None]), rep=rep, unit=rep.unit, received_on=self.day(),
            amount=amount, open_amount=0,
        )  # fmt: skip

    def visit(self) -> None:
        rep = self.chance.choice(self.reps)
        clock = dt.time(self.chance.choice([0, 12, 23]))
        moment = dt.datetime.combine(self.day(), clock, tzinfo=timezone.get_current_timezone())
        Visit.objects.create(
            rep=rep, unit=rep.unit, customer=self.chance.choice(self.customers), came_at=moment,
            left_at=moment + dt.timedelta(minutes=20),
        )  # fmt: skip

    def _any(self, rows):
        pks = list(rows.values_list("pk", flat=True))
        return rows.model.objects.filter(pk=self.chance.choice(pks)) if pks else rows.none()

    def cancel(self) -> None:
        self._any(Order.objects.all()).update(state=self.chance.choice(["cancelled", "confirmed", "waiting"]))

    def move_order(self) -> None:
        what = self.chance.choice(["rep", "ordered_on", "settlement_method"])
        value = {
            "rep": self.chance.choice(self.reps),
            "ordered_on": self.day(),
            "settlement_method": "prepaid",
        }
        self._any(Order.objects.all()).update(**{what: value[what]})

    def reverse(self) -> None:
        self._any(Receipt.objects.all()).update(reversed_at=timezone.now())

    def move_customer(self) -> None:
        self._any(Customer.objects.all()).update(territory=self.chance.choice(self.places))

    def cost(self) -> None:
        """A cost from some day on, another amount for one, or one taken back."""
        if self.chance.random() < 0.3:
            self._any(ProductCost.objects.all()).delete()
        else:
            amount = Decimal(self.chance.randint(0, 30_000)) / 100
            ProductCost.objects.update_or_create(
                product=self.chance.choice(self.products), start_on=self.day(), defaults={"amount": amount}
            )

    def merge_away(self) -> None:
        gone, kept = self.chance.sample(self.customers, 2)
        Order.objects.filter(customer=gone).update(customer=kept)


def everything() -> list[Counter]:
    """All rows of the four tables without their ids."""
    found = []
    for table in (DayActual, RepDayActual, MonthActual, CustomerMonthActual):
        columns = [f.attname for f in table._meta.fields if f.name != "id"]
        found.append(Counter(table.objects.values_list(*columns)))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_only_changed_days_give_the_same_as_a_full_recount(world: World, seed: int) -> None:
    trade = Trade(world, seed)
    for _number in range(25):
        trade.order()
    refresh(today=TODAY)
    for _round in range(4):
        for _number in range(trade.chance.randint(1, 6)):
            trade.act()
        refresh(today=TODAY, whole=True)
        step_by_step = everything()
        CountedDay.objects.all().delete()
        for table in (DayActual, RepDayActual, MonthActual, CustomerMonthActual):
            table.objects.all().delete()
        refresh(today=TODAY, whole=True)
        assert everything() == step_by_step


def test_nothing_changed_is_nothing_counted(world: World) -> None:
    trade = Trade(world, 1)
    for _number in range(20):
        trade.order()
    assert refresh(today=TODAY) > 0
    assert refresh(today=TODAY) == 0
    Order.objects.filter(pk=Order.objects.latest("ordered_on").pk).update(sales_method="online")
    assert refresh(today=TODAY) == 1


def test_an_old_day_is_found_by_the_look_at_all_days(world: World) -> None:
    trade = Trade(world, 2)
    trade.order()
    Order.objects.update(ordered_on=TODAY - dt.timedelta(days=300))
    refresh(today=TODAY)
    Order.objects.update(rep=world.rep_b2)
    assert refresh(today=TODAY) == 0  # the same day: only the latest days are looked at
    assert refresh(today=TODAY + dt.timedelta(days=1)) > 0
    assert actuals("sales", by=("rep",), span=YEAR, user=None).keys() == {(world.rep_b2.pk,)}


@pytest.mark.parametrize("seed", range(3))
def test_the_same_total_whichever_way_it_is_summed(world: World, seed: int) -> None:
    trade = Trade(world, seed)
    for _number in range(40):
        trade.act()
    refresh(today=TODAY)
    span = Span(dt.date(2025, 12, 17), dt.date(2026, 3, 9))
    for metric in ("sales", "collections", "customers", "visits", "gross_profit", "gross_profit.unknown"):
        total = sum(actuals(metric, span=span, user=None).values())
        for code in (
            "rep",
            "unit",
            "product_line",
            "territory",
            "settlement_method",
            "sales_method",
            "customer",
        ):
            assert sum(actuals(metric, by=(code,), span=span, user=None).values()) == total, (metric, code)
    lines = OrderLine.objects.filter(
        order__state="confirmed", order__ordered_on__gte=span.start_on, order__ordered_on__lt=span.end_on
    )
    assert sum(actuals("sales", span=span, user=None).values()) == round(
        sum(line.amount for line in lines) * 100
    )


@pytest.mark.parametrize("metric", ["sales", "collections", "customers", "visits"])
@pytest.mark.parametrize("seed", range(3))
def test_the_year_before_beside_the_grid_is_what_was_reached(world: World, metric: str, seed: int) -> None:
    trade = Trade(world, seed)
    for _number in range(150):
        trade.act()
    Order.objects.filter(pk__in=Order.objects.values("pk")[:3]).update(currency="USD")
    refresh(today=TODAY)
    year = FiscalYear(dt.date(2025, 7, 1))
    for by in ("rep", "unit", "territory", "customer", *(("product_line",) if metric == "sales" else ())):
        before = reached(metric, year, by=(by,))
        assert before
        for number, month in enumerate(year.months):
            there = actuals(metric, by=(by,), span=month, user=None)
            assert {key: m[number] for key, m in before.items() if m[number]} == {
                key: amount for key, amount in there.items() if amount
            }


def test_a_customer_is_new_by_his_first_confirmed_order_in_both(world: World) -> None:
    year = FiscalYear(dt.date(2026, 1, 1))
    for number, (day, state) in enumerate(
        [("2025-03-01", "cancelled"), ("2026-02-03", "confirmed"), ("2026-04-01", "confirmed")]
    ):
        Order.objects.create(
            number=f"N{number}", customer=world.customer_a, rep=world.rep_a1, unit=world.team_a,
            ordered_on=dt.date.fromisoformat(day), state=state,
        )  # fmt: skip
    refresh(today=TODAY)
    february = (0, 1, *(0,) * 10)
    assert reached("customers", year, by=("rep",)) == {(world.rep_a1.pk,): february}
    assert reached("customers", year.previous, by=()) == {}
    assert actuals("customers", span=year.months[1], user=None) == {(): 1}
    assert sum(actuals("customers", span=year.span, user=None).values()) == 1


def test_scope(world: World) -> None:
    trade = Trade(world, 3)
    for _number in range(40):
        trade.order()
    refresh(today=TODAY)

    def reps(user):
        return {key[0] for key in actuals("sales", by=("rep",), span=YEAR, user=user)}

    assert reps(world.rep_a1) == {world.rep_a1.pk}
    assert reps(world.manager_a) == {world.rep_a1.pk, world.rep_a2.pk}
    assert reps(world.executive) == {rep.pk for rep in trade.reps}
    assert reps(world.inspector) == reps(world.customer_department) == set()
