"""Levels, adjustments, people who leave, splits by history and potential: sums to the cent, reasons in words."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from shengce.catalogue.lines import save_line
from shengce.catalogue.models import Product, ProductLine
from shengce.customers.models import Customer
from shengce.people.actions import create_territory, move_user, update_territory
from shengce.people.models import Posting
from shengce.people.working_days import working_calendar
from shengce.planning.periods import working_days
from shengce.sales.models import Order, OrderLine
from shengce.targets.candidates import candidates, presence
from shengce.targets.cells import Cell
from shengce.targets.columns import Asked
from shengce.targets.editing import lock_cell, type_figure, undo_edit
from shengce.targets.grid import grid
from shengce.targets.handing_over import hand_over, moved_territories, strays
from shengce.targets.levels import lay_levels, set_ratios
from shengce.targets.metrics import built_in
from shengce.targets.models import TargetRow, TargetVersion
from shengce.targets.queries import approved_version, planned, total
from shengce.targets.splitting import split_cell
from shengce.targets.versions import (
    approve_version,
    compare,
    create_target_set,
    open_for_negotiation,
    start_adjustment,
)

pytestmark = pytest.mark.django_db
WHOLE = Cell()


@pytest.fixture
def version(world):
    return create_target_set(by=world.executive, name="2026", start_on=dt.date(2026, 1, 1))


def year_of(version, code="sales", **more):
    return sum(total(planned(version, code, by=("rep",), user=None, **more)))


def test_a_target_on_a_parent_and_sales_below(world, version):
    """A target typed on a group, and another on a group below it, are counted once each; the group shows both."""
    sales = built_in("sales")
    type_figure(version, sales, Cell({"unit": world.region.pk}), by=world.executive, total=500_00)
    type_figure(version, sales, Cell({"rep": world.rep_a1.pk}), by=world.executive, total=70_00)
    shown = {row.label: row.total for row in grid(version, Asked(sales), user=world.executive).rows}
    assert shown["华东大区"] == 570_00 and shown["苏南一组"] == 70_00
    assert year_of(version) == 570_00
    nothing = planned(version, "sales", by=("product_line",), user=None)
    assert nothing == {
        (None,): total(planned(version, "sales", by=(), user=None))
    }  # no group of products: still there


def test_splits_by_history_keep_the_sum_and_refuse_what_is_none(world, version):
    sales = built_in("sales")
    type_figure(version, sales, WHOLE, by=world.executive, total=1_000_01)
    with pytest.raises(ValidationError) as problem:
        split_cell(version, sales, WHOLE, by=world.executive, split="rep", basis="history")
    assert problem.value.code == "no_weights"
    product = Product.objects.create(name="净水机", line=ProductLine.objects.create(name="整机"))
    for rep, amount in ((world.rep_a1, 300), (world.rep_b1, 100), (world.rep_b2, -50)):
        order = Order.objects.create(
            number=str(rep.pk),
            customer=world.customer_a,
            rep=rep,
            unit=rep.unit,
            ordered_on=dt.date(2025, 5, 5),
        )
        OrderLine.objects.create(
            order=order, product=product, quantity=1, price=amount, amount=Decimal(amount)
        )
    with pytest.raises(ValidationError) as problem:
        split_cell(version, sales, WHOLE, by=world.executive, split="rep", basis="history")
    assert problem.value.code == "negative_weights"
    split_cell(version, sales, WHOLE, by=world.executive, split="rep", basis="history", negative_as_zero=True)
    rows = {key[0]: sum(m) for key, m in planned(version, "sales", by=("rep",), user=None).items()}
    assert sum(rows.values()) == 1_000_01
    assert abs(rows[world.rep_a1.pk] - 750_01) <= 12 and abs(rows[world.rep_b1.pk] - 250_00) <= 12
    split_cell(version, sales, WHOLE, by=world.executive, split="rep", basis="equal")  # anew
    rows = {key[0]: sum(m) for key, m in planned(version, "sales", by=("rep",), user=None).items()}
    assert sum(rows.values()) == 1_000_01 and max(rows.values()) - rows[world.rep_b2.pk] <= 12


def test_potential_counts_the_classes_of_customers(world, version):
    Customer.objects.filter(pk=world.customer_a.pk).update(value_class="A")
    Customer.objects.filter(pk=world.customer_b.pk).update(value_class="C")
    sales = built_in("sales")
    type_figure(version, sales, WHOLE, by=world.executive, total=1_000_00)
    split_cell(version, sales, WHOLE, by=world.executive, split="customer", basis="potential")
    rows = planned(version, "sales", by=("customer", "rep"), user=None)
    mine = sum(rows[(world.customer_a.pk, world.rep_a1.pk)])
    assert abs(mine - 900_00) <= 12 and year_of(version) == 1_000_00


def test_each_level_adds_up_exactly_and_keeps_what_was_locked(world, version):
    visits = built_in("customers")
    for rep in (world.rep_a1, world.rep_a2, world.rep_b1, world.rep_b2):
        type_figure(version, visits, Cell({"rep": rep.pk}), by=world.executive, total=13)
    set_ratios(version, by=world.executive, sprint=Decimal("1.1"), challenge=Decimal("1.25"))
    lay_levels(version, by=world.executive)
    assert year_of(version, "customers", level="sprint") == 57  # 52 × 1.1 = 57.2
    assert year_of(version, "customers", level="challenge") == 65
    by_rep = {
        k: sum(m) for k, m in planned(version, "customers", by=("rep",), user=None, level="challenge").items()
    }
    assert max(by_rep.values()) - min(by_rep.values()) <= 1  # rounding does not favour the first
    cell = Cell({"rep": world.rep_a1.pk})
    type_figure(version, visits, cell, by=world.executive, total=30, level="challenge")
    lock_cell(version, visits, cell, by=world.executive, locked=True, level="challenge")
    lay_levels(version, by=world.executive)
    by_rep = {
        k[0]: sum(m)
        for k, m in planned(version, "customers", by=("rep",), user=None, level="challenge").items()
    }
    assert by_rep[world.rep_a1.pk] == 30 and sum(by_rep.values()) == 65
    for bad in (Decimal("0.9"), Decimal("NaN"), Decimal("99")):
        with pytest.raises(ValidationError):
            set_ratios(version, by=world.executive, sprint=bad, challenge=Decimal("1.2"))


def test_an_adjustment_keeps_history_and_can_be_compared(world, version):
    sales = built_in("sales")
    type_figure(version, sales, Cell({"rep": world.rep_a1.pk}), by=world.executive, total=120_00)
    approve_version(version, by=world.executive)
    with pytest.raises(ValidationError) as problem:
        type_figure(version, sales, WHOLE, by=world.executive, total=1)
    assert problem.value.code == "closed"
    second = start_adjustment(version, by=world.executive, note="下半年加码")
    over = len(second.closed_months)
    assert over == timezone.localdate().month - 1 if timezone.localdate().year == 2026 else over in (0, 12)
    if over < 12:
        type_figure(second, sales, Cell({"rep": world.rep_a1.pk}), by=world.executive, total=150_00)
        rows = planned(second, "sales", by=("rep",), user=None)[(world.rep_a1.pk,)]
        assert rows[:over] == (10_00,) * over and sum(rows) == 150_00
        line = compare(version, second, "sales", by="rep", user=world.executive, months=tuple(range(12)))[0]
        assert (line.old, line.new, line.share) == (120_00, 150_00, 0.25)
    if over:
        with pytest.raises(ValidationError) as problem:
            type_figure(second, sales, Cell({"rep": world.rep_b1.pk}, (0,)), by=world.executive, total=5)
        assert problem.value.code == "over"
    approve_version(second, by=world.executive)
    version.refresh_from_db()
    assert version.state == TargetVersion.State.REPLACED
    assert approved_version(dt.date(2026, 12, 31)).pk == second.pk
    assert year_of(version) == 120_00


def test_who_leaves_in_mid_month_gets_his_working_days(world, version):
    Posting.objects.create(
        user=world.rep_a1,
        unit=world.team_a,
        role="rep",
        start_on=dt.date(2024, 1, 1),
        end_on=dt.date(2026, 3, 16),
    )
    year = version.target_set.year
    among = candidates("rep", {}, world.executive, year)
    there = presence(among, year)
    place = [each.value for each in among].index(world.rep_a1.pk)
    march = working_days(year.months[2], working_calendar())
    assert there.shares[place].tolist() == [1, 1, sum(d.day < 16 for d in march) / len(march), *[0] * 9]
    assert "2026-03-15" in there.notes[0]
    sales = built_in("sales")
    type_figure(version, sales, WHOLE, by=world.executive, total=1_200_00)
    done = split_cell(version, sales, WHOLE, by=world.executive, split="rep", basis="equal")
    assert done.notes == there.notes and year_of(version) == 1_200_00
    mine = planned(version, "sales", by=("rep",), user=None)[(world.rep_a1.pk,)]
    assert mine[3:] == (0,) * 9 and 0 < mine[2] < mine[1]


def test_hand_over_to_the_day_with_undo(world, version):
    sales = built_in("sales")
    type_figure(version, sales, Cell({"rep": world.rep_a1.pk}), by=world.executive, total=1_200_00)
    hand_over(version, by=world.executive, rep=world.rep_a1, to=world.rep_b1, on=dt.date(2026, 3, 16))
    rows = planned(version, "sales", by=("rep",), user=None)
    old, new = rows[(world.rep_a1.pk,)], rows[(world.rep_b1.pk,)]
    assert old[:2] == (100_00, 100_00) and old[3:] == (0,) * 9
    assert old[2] + new[2] == 100_00 and 0 < new[2] < 100_00
    assert sum(old) + sum(new) == 1_200_00
    undo_edit(version, by=world.executive)
    assert planned(version, "sales", by=("rep",), user=None) == {(world.rep_a1.pk,): (100_00,) * 12}


def test_who_moved_is_named_and_his_leaves_follow(world, version):
    sales = built_in("sales")
    type_figure(version, sales, Cell({"rep": world.rep_a1.pk}), by=world.executive, total=1_200_00)
    assert strays(version, world.executive) == []
    move_user(world.rep_a1, by=world.administrator, unit=world.team_b, role="rep")
    world.rep_a1.refresh_from_db()
    (stray,) = strays(version, world.executive)
    assert not stray.gone and stray.rep == world.rep_a1
    day = max(dt.date(2026, 1, 1), min(timezone.localdate(), dt.date(2026, 12, 1)))
    hand_over(version, by=world.executive, rep=world.rep_a1, to=world.rep_a1, on=day)
    assert year_of(version) == 1_200_00
    assert TargetRow.objects.filter(rep=world.rep_a1, unit=world.team_b).exists()


def test_a_territory_that_moves_is_named(world, version):
    east, north = (create_territory(by=world.executive, name=name) for name in ("华东", "华北"))
    suzhou = create_territory(by=world.executive, name="苏州", parent=east)
    sales = built_in("sales")
    type_figure(version, sales, Cell({"territory": suzhou.pk}), by=world.executive, total=90_00)
    assert moved_territories(version) == []
    update_territory(suzhou, by=world.executive, name="苏州", parent=north, places=[])
    assert moved_territories(version) == ["苏州"]
    shown = {
        row.label: row.total
        for row in grid(version, Asked(sales, rows="territory"), user=world.executive).rows
    }
    assert (shown["华东"], shown["华北"]) == (0, 90_00)


def test_lines_make_a_tree_that_never_bites_itself(world):
    root = save_line(by=world.marketing, name="净水")
    below = save_line(by=world.marketing, name="商用", parent=root)
    assert below.path == f"/{root.pk}/{below.pk}/"
    with pytest.raises(ValidationError):
        save_line(by=world.marketing, name="净水", parent=below, line=root)
    save_line(by=world.marketing, name="商用", parent=None, line=below)
    assert ProductLine.objects.get(pk=below.pk).path == f"/{below.pk}/"


def test_roles(world, version):
    sales = built_in("sales")
    for person in (world.rep_a1, world.marketing, world.inspector, world.administrator):
        with pytest.raises(PermissionDenied):
            type_figure(version, sales, WHOLE, by=person, total=1)
    for act in (open_for_negotiation, approve_version):
        with pytest.raises(PermissionDenied):
            act(version, by=world.manager_a)
    with pytest.raises(ValidationError) as problem:
        approve_version(version, by=world.executive)
    assert problem.value.code == "empty"


def test_no_month_is_planned_empty_because_it_has_not_come_yet(world):
    """Next year's targets, split by history while this year still runs: months ahead weigh as they did a year ago."""
    today = timezone.localdate()
    version = create_target_set(by=world.executive, name="明年", start_on=dt.date(today.year + 1, 1, 1))
    product = Product.objects.create(name="净水机", line=ProductLine.objects.create(name="整机"))
    day = today
    for number in range(12):
        day = day.replace(day=1) - dt.timedelta(days=1)
        order = Order.objects.create(
            number=str(number), customer=world.customer_a, rep=world.rep_a1, unit=world.team_a, ordered_on=day
        )
        OrderLine.objects.create(order=order, product=product, quantity=1, price=100, amount=Decimal(100))
    type_figure(version, built_in("sales"), WHOLE, by=world.executive, total=1200_00)
    split_cell(version, built_in("sales"), WHOLE, by=world.executive, split="month", basis="history")
    assert all(planned(version, "sales", by=(), user=None)[()])
