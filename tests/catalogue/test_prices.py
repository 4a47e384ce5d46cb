"""Prices over time: one price a day, and what each role may give away."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal as D

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from shengce.catalogue.actions import save_product
from shengce.catalogue.models import DiscountAuthority, Price, PriceTier, Product
from shengce.catalogue.price_lists import history_of, price_list, price_on, tier_for
from shengce.catalogue.prices import save_authority, save_price, save_tier
from shengce.people.models import AuditEntry, Role, User
from tests.world import World

JAN, MAR, APR, JUN = (dt.date(2026, month, 1) for month in (1, 3, 4, 6))
DAY = dt.timedelta(days=1)


@pytest.fixture
def product(world: World) -> Product:
    return save_product(by=world.marketing, name="清泉500", line="商用", code="Q500", measure="台")


@pytest.fixture
def tier(world: World) -> PriceTier:
    return save_tier(by=world.marketing, name="一批价", holds_for="first")


def spans(product: Product) -> list[tuple[dt.date, dt.date | None, D]]:
    return list(
        Price.objects.filter(product=product).order_by("start_on").values_list("start_on", "end_on", "amount")
    )


def test_a_new_price_closes_the_one_before(world: World, product: Product, tier: PriceTier) -> None:
    save_price(by=world.marketing, product=product, tier=tier, amount=D(100), floor=D(90), start_on=JAN)
    save_price(by=world.marketing, product=product, tier=tier, amount=D(110), start_on=MAR)
    assert spans(product) == [(JAN, MAR, 100), (MAR, None, 110)]
    before, on = price_on(product, tier, MAR - DAY), price_on(product, tier, MAR)
    assert before and on
    assert (before.amount, before.floor, on.amount) == (100, 90, 110)
    assert price_on(product, tier, JAN - DAY) is None


def test_after_a_promotion_the_old_price_holds_again(world: World, product: Product, tier: PriceTier) -> None:
    save_price(by=world.marketing, product=product, tier=tier, amount=D(100), start_on=JAN)
    save_price(by=world.marketing, product=product, tier=tier, amount=D(80), start_on=MAR, end_on=APR)
    assert spans(product) == [(JAN, MAR, 100), (MAR, APR, 80), (APR, None, 100)]


def test_an_open_price_ends_where_a_later_one_begins(world: World, product: Product, tier: PriceTier) -> None:
    save_price(by=world.marketing, product=product, tier=tier, amount=D(110), start_on=MAR)
    save_price(by=world.marketing, product=product, tier=tier, amount=D(100), start_on=JAN)
    assert spans(product) == [(JAN, MAR, 100), (MAR, None, 110)]
    with pytest.raises(ValidationError) as refused:
        save_price(
            by=world.marketing, product=product, tier=tier, amount=D(1), start_on=JAN + DAY, end_on=APR
        )
    assert "2026-03-01" in str(refused.value)
    assert spans(product) == [(JAN, MAR, 100), (MAR, None, 110)]


def test_the_same_day_again_is_a_correction(world: World, product: Product, tier: PriceTier) -> None:
    save_price(by=world.marketing, product=product, tier=tier, amount=D(100), start_on=JAN)
    save_price(by=world.marketing, product=product, tier=tier, amount=D(105), floor=D(90), start_on=JAN)
    assert spans(product) == [(JAN, None, 105)]
    assert [e.details["old"] for e in AuditEntry.objects.filter(action="catalogue.price_saved")] == [
        None,
        "100.00",
    ]


def test_tiers_do_not_touch_each_other(world: World, product: Product, tier: PriceTier) -> None:
    other = save_tier(by=world.marketing, name="零售价", holds_for="end_customer")
    save_price(by=world.marketing, product=product, tier=tier, amount=D(100), start_on=JAN)
    save_price(by=world.marketing, product=product, tier=other, amount=D(140), start_on=MAR)
    assert spans(product) == [(JAN, None, 100), (MAR, None, 140)]
    assert tier_for("end_customer") == other
    assert (tier_for("second"), tier_for("")) == (None, None)
    assert [(h.tier, len(h.prices), h.today and h.today.amount) for h in history_of(product, JUN)] == [
        (tier, 1, 100), (other, 1, 140),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "bad",
    [
        {"amount": D(0)}, {"amount": D(-1)}, {"amount": D("NaN")}, {"amount": D("Infinity")}, {"amount": D("1e12")},
        {"floor": D(101)}, {"floor": D(-1)}, {"floor": D("NaN")}, {"end_on": JAN}, {"end_on": JAN - DAY},
    ],
)  # fmt: skip
def test_prices_that_are_none(
    world: World, product: Product, tier: PriceTier, bad: dict[str, object]
) -> None:
    values: dict[str, object] = {"amount": D(100), "start_on": JAN}
    with pytest.raises(ValidationError) as refused:
        save_price(by=world.marketing, product=product, tier=tier, **(values | bad))  # type: ignore[arg-type]
    assert set(refused.value.message_dict) == set(bad)
    assert not Price.objects.exists()


def test_who_changes_prices(world: World, product: Product, tier: PriceTier) -> None:
    for user in world.users:
        if user.role in (Role.MARKETING, Role.EXECUTIVE):
            continue
        for call in (
            lambda user=user: save_price(by=user, product=product, tier=tier, amount=D(1), start_on=JAN),
            lambda user=user: save_tier(by=user, name="x"),
            lambda user=user: save_authority(by=user, role="rep", most=D(0)),
        ):
            with pytest.raises(PermissionDenied):
                call()
    assert not Price.objects.exists()


def test_a_kind_of_customer_has_one_tier(world: World, tier: PriceTier) -> None:
    with pytest.raises(ValidationError):
        save_tier(by=world.marketing, name="另一个", holds_for="first")
    with pytest.raises(ValidationError):
        save_tier(by=world.marketing, name="怪", holds_for="planet")
    with pytest.raises(ValidationError):
        save_tier(by=world.marketing, name="a" * 41)
    assert save_tier(by=world.marketing, name="一批价", holds_for="first", position=3) == tier


def test_authority_is_one_row_a_role(world: World) -> None:
    save_authority(by=world.executive, role="rep", most=D("0.05"))
    save_authority(by=world.executive, role="rep", most=D("0.1"))
    assert DiscountAuthority.objects.get().most == D("0.1")
    for role, most in (("rep", D(1)), ("rep", D("-0.1")), ("rep", D("NaN")), ("king", D(0))):
        with pytest.raises(ValidationError):
            save_authority(by=world.executive, role=role, most=most)
    save_authority(by=world.executive, role="rep", most=None)
    assert not DiscountAuthority.objects.exists()


def test_codes_belong_to_one_product(world: World, product: Product) -> None:
    with pytest.raises(ValidationError) as refused:
        save_product(by=world.marketing, name="清泉600", code="Q500")
    assert "code" in refused.value.message_dict
    again = save_product(by=world.marketing, name="清泉500")
    assert (again.pk, again.code, again.measure) == (product.pk, "Q500", "台")


def test_a_price_list_costs_two_queries(
    world: World, product: Product, tier: PriceTier, django_assert_num_queries
) -> None:
    for number in range(5):
        made = save_product(by=world.marketing, name=f"泉{number}", line="家用")
        save_price(by=world.marketing, product=made, tier=tier, amount=D(50 + number), start_on=JAN)
    with django_assert_num_queries(2):
        rows = price_list(tier, JUN)
    assert [(r.product.name, r.price and r.price.amount) for r in rows][-1] == ("泉4", 54)
    assert next(r.product.name for r in price_list(tier, JUN, sort="-price")) == "泉4"
    assert [r.product.name for r in price_list(tier, JUN, text="Q5")] == ["清泉500"]
    assert [r.product.name for r in price_list(tier, JUN, line="商用")] == ["清泉500"]


STARTS = st.dates(JAN, JUN)


class OnePriceADay(TestCase):
    """Whatever is saved in whatever order, a day has one price at most, and the last word on a day holds."""

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.tuples(STARTS, st.none() | STARTS, st.integers(1, 999)), max_size=6))
    def test_no_overlap(self, wanted: list[tuple[dt.date, dt.date | None, int]]) -> None:
        by = User.objects.create(username="m", role=Role.MARKETING)
        product = Product.objects.create(name="泉")
        tier = PriceTier.objects.create(name="价")
        for start_on, end_on, amount in wanted:
            try:
                row = save_price(
                    by=by, product=product, tier=tier, amount=D(amount), start_on=start_on, end_on=end_on
                )
            except ValidationError:
                continue
            holds = price_on(product, tier, start_on)
            assert holds == row
            assert holds.amount == amount
        rows = spans(product)
        for (_start, end, _amount), (following, _end, _other) in itertools.pairwise(rows):
            assert end is not None
            assert end <= following
