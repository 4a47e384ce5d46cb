"""What other rooms rely on: which version holds, sums along any dimensions, days that add up."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from shengce.catalogue.models import ProductLine
from shengce.planning.working_time import Calendar
from shengce.targets import queries
from shengce.targets.metrics import built_in
from shengce.targets.models import MONTHS, TargetRow, TargetSet, TargetVersion
from shengce.targets.trees import rolled_up

pytestmark = pytest.mark.django_db
YEAR = dt.date(2026, 1, 1)


def months(amount: int) -> dict[str, int]:
    return dict.fromkeys(MONTHS, amount)


@pytest.fixture
def version(world):
    targets = TargetSet.objects.create(name="2026", start_on=YEAR)
    return TargetVersion.objects.create(target_set=targets, number=1)


@pytest.fixture
def sales(db):
    return built_in("sales")


def test_only_an_approved_version_of_the_running_year_holds(version):
    assert queries.approved_version(dt.date(2026, 6, 1)) is None
    TargetVersion.objects.update(state="approved")
    assert queries.approved_version(dt.date(2026, 1, 1)) == version
    assert queries.approved_version(dt.date(2026, 12, 31)) == version
    assert queries.approved_version(dt.date(2027, 1, 1)) is None
    assert queries.approved_version(dt.date(2025, 12, 31)) is None


def test_a_fiscal_year_from_july(version):
    TargetSet.objects.update(start_on=dt.date(2026, 7, 1))
    TargetVersion.objects.update(state="approved")
    assert queries.approved_version(dt.date(2027, 6, 30)) == version
    assert queries.approved_version(dt.date(2027, 7, 1)) is None


def test_leap_day_finds_its_year(version):
    TargetSet.objects.update(start_on=dt.date(2027, 3, 1))
    TargetVersion.objects.update(state="approved")
    assert queries.approved_version(dt.date(2028, 2, 29)) == version


def test_same_total_whichever_way_and_only_ones_own(world, version, sales):
    water, filters = (ProductLine.objects.create(name=name) for name in ("整机", "滤芯"))
    for rep, line, amount in (
        (world.rep_a1, water, 100),
        (world.rep_a1, filters, 11),
        (world.rep_b1, water, 7),
        (world.rep_b1, None, 3),
    ):
        TargetRow.objects.create(
            version=version, metric=sales, rep=rep, unit=rep.unit, product_line=line, **months(amount)
        )
    by_line = queries.planned(version, "sales", by=("product_line",), user=world.executive)
    assert by_line == {(water.pk,): (107,) * 12, (filters.pk,): (11,) * 12, (None,): (3,) * 12}
    for by in ((), ("rep",), ("unit", "product_line"), ("sales_method",)):
        assert queries.total(queries.planned(version, "sales", by=by, user=world.executive)) == (121,) * 12
    assert queries.total(queries.planned(version, "sales", by=("rep",), user=world.manager_a)) == (111,) * 12
    assert queries.planned(version, "sales", by=("rep",), user=world.rep_b1) == {
        (world.rep_b1.pk,): (10,) * 12
    }
    assert queries.planned(version, "sales", by=("rep",), user=world.rep_b2) == {}
    in_region = queries.planned(
        version, "sales", by=("rep",), user=None, where={"unit": world.region.pk, "product_line": None}
    )
    assert in_region == {(world.rep_b1.pk,): (3,) * 12}


def test_a_leaf_is_there_once_even_where_dimensions_are_empty(world, version, sales):
    TargetRow.objects.create(version=version, metric=sales, rep=world.rep_a1)
    with pytest.raises(IntegrityError), transaction.atomic():
        TargetRow.objects.create(version=version, metric=sales, rep=world.rep_a1)


def test_trees_count_each_leaf_once():
    sums = {1: (5, 0), 3: (1, 1), None: (7, 0), 9: (2, 0)}
    paths = {1: "/1/", 2: "/1/2/", 3: "/1/2/3/"}
    rolled = rolled_up(sums, paths)
    assert rolled == {1: (6, 1), 2: (1, 1), 3: (1, 1), None: (9, 0)}


def test_days_of_a_month_add_up_and_follow_the_make_up_days(version):
    calendar = Calendar(dt.UTC)
    by_day = queries.planned_by_day(version, (100_00,) * 12, calendar=calendar)
    for month in range(1, 13):
        assert sum(amount for day, amount in by_day.items() if day.month == month) == 100_00
    assert dt.date(2026, 1, 4) in by_day  # a Sunday, worked for New Year
    assert dt.date(2026, 10, 1) not in by_day
