"""Weeks, months and quarters ahead: what is expected of the period, and that it says so where it cannot know."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from shengce.attainment.counting import refresh
from shengce.attainment.forecast_trials import own_trials
from shengce.attainment.outlook import week_outlook
from shengce.catalogue.models import Product
from shengce.planning.forecast_trials import measured
from shengce.planning.periods import Span
from shengce.planning.working_time import Calendar
from shengce.sales.models import Order, OrderLine
from tests.attainment.test_attainment_pages import signed_in
from tests.world import World

TODAY = timezone.localdate()
WEEK = dt.timedelta(days=7)
MONDAY = TODAY - dt.timedelta(days=TODAY.weekday())
CALENDAR = Calendar(timezone.get_current_timezone())


def weekly(world: World, weeks: int, amount: int = 700) -> None:
    """So much on the Monday of each of the last whole weeks, by rep_a1."""
    product = Product.objects.create(name="云瀑")
    for number in range(1, weeks + 1):
        order = Order.objects.create(
            number=f"W{number}", customer=world.customer_a, rep=world.rep_a1, unit=world.team_a,
            ordered_on=MONDAY - number * WEEK,
        )  # fmt: skip
        OrderLine.objects.create(
            order=order, product=product, quantity=1, price=amount, amount=Decimal(amount)
        )
    refresh(today=TODAY)


def of_week(world: World, span: Span, **more):
    return week_outlook(
        "sales", target=500_00, span=span, user=world.executive, where=more, today=TODAY, calendar=CALENDAR
    )


def test_this_week_and_a_later_one(world: World) -> None:
    weekly(world, 20)
    for ahead in (0, 5):
        monday = MONDAY + ahead * WEEK
        found = of_week(world, Span(monday, monday + WEEK))
        assert found is not None
        assert found.expected is not None
        assert found.expected.mean == pytest.approx(700_00, rel=0.05)
        assert found.judgement is not None
        assert len(found.months) == 20


def test_what_is_not_known_is_said(world: World) -> None:
    weekly(world, 5)
    assert of_week(world, Span(MONDAY, MONDAY + WEEK)).reason.code == "short"
    far = MONDAY + 20 * WEEK
    assert of_week(world, Span(far, far + WEEK)).reason.code == "far"
    assert of_week(world, Span(MONDAY, MONDAY + WEEK), customer=world.customer_a.pk) is None
    page = signed_in(Client(), world.executive.username).get("/attainment/target/?period=week")
    assert "No forecast: 5 weeks of history, at least 10 are needed." in page.content.decode()


def test_a_week_that_is_over_is_what_it_was(world: World) -> None:
    weekly(world, 12)
    found = of_week(world, Span(MONDAY - WEEK, MONDAY))
    assert (found.expected.low, found.expected.high) == (700_00, 700_00)


@pytest.mark.parametrize("period", ["week", "month", "quarter", "year"])
def test_pages_of_every_period(client: Client, world: World, year: dict[str, int], period: str) -> None:
    for page in ("", "target/", "soundness/"):
        for who in ("executive", "rep_a1", "rep_b1"):
            answer = signed_in(client, who).get(f"/attainment/{page}?metric=sales&period={period}&by=rep")
            assert answer.status_code == 200
    on = dt.date(TODAY.year, 12, 31)  # a week that the year cuts off
    assert client.get(f"/attainment/target/?period=week&on={on}").status_code == 200


def test_outsiders_history_is_not_mine(world: World) -> None:
    weekly(world, 20)
    found = week_outlook(
        "sales", target=1, span=Span(MONDAY, MONDAY + WEEK), user=world.rep_b1, where={}, today=TODAY,
        calendar=CALENDAR,
    )  # fmt: skip
    assert found is not None
    assert (found.months, found.reason and found.reason.code) == ([], "short")


def test_trials_on_the_own_history(world: World) -> None:
    weekly(world, 40)
    trials = own_trials(TODAY)
    score = measured(trials["own sales of firm, weeks"])
    assert score.tries == 40 - 26 - 4 + 1
    assert score.covered == 1
    assert measured(trials["own collections of reps, weeks"]).tries == 0
