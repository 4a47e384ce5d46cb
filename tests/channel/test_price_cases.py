"""Prices said by reps and seen in the market against list, floor and authority."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from shengce.catalogue.models import DiscountAuthority, Price, PriceTier
from shengce.channel.actions import (
    check_price,
    check_prices_of_talk,
    note_sighting,
    open_price_case,
    settle_price_case,
)
from shengce.channel.models import PriceCase
from shengce.facts.actions import correct_fact, reject_fact
from shengce.facts.models import Fact
from shengce.recordings.models import Conversation
from tests.channel.market import Market
from tests.talks import make_fact, make_talk
from tests.world import World

QUOTE = "清泉500给您四千五"


def talk_of(world: World, customer: Any, *, rep: Any = None) -> Conversation:
    return make_talk(rep or world.rep_a1, customer=customer, turns=(("rep", QUOTE), ("customer", "太贵了")))


def said(talk: Conversation, price: str = "4500", **more: Any) -> Fact:
    value = {"min": price, "max": price, "product": "清泉500", "of": "own"} | more
    return make_fact(talk, "price", value, QUOTE)


def test_a_price_below_the_floor_is_a_case_with_its_passage(world: World, market: Market) -> None:
    talk = talk_of(world, world.customer_a)
    fact = said(talk)
    case = check_prices_of_talk(talk)[0]
    assert (case.broken, case.price, case.allowed, case.listed) == ("below_floor", 4500, 4800, 5600)
    assert (case.rep, case.unit, case.customer, case.tier) == (
        world.rep_a1, world.team_a, world.customer_a, market.tier,
    )  # fmt: skip
    assert (case.fact, case.evidence["quote"], case.said_at) == (fact, QUOTE, talk.started_at)
    for _again in range(2):
        assert check_prices_of_talk(talk) == [case]
    assert PriceCase.objects.count() == 1


@pytest.mark.parametrize(
    ("price", "most", "broken", "allowed"),
    [
        ("5000", None, None, None),
        ("5000", "0.05", "over_authority", "5320"),
        ("5320", "0.05", None, None),
        ("4799", "0.2", "below_floor", "4800"),
        ("300", "0.05", None, None),
    ],
)
def test_authority_of_the_speaker(
    world: World, market: Market, price: str, most: str | None, broken: str | None, allowed: str | None
) -> None:
    if most:
        DiscountAuthority.objects.create(role="rep", most=D(most))
    DiscountAuthority.objects.create(role="manager", most=D("0.5"))
    checked = check_price(said(talk_of(world, world.customer_a), price))
    assert (checked and checked.verdict.breach) == broken
    assert (checked and checked.verdict.allowed) == (D(allowed) if allowed else None)


def test_a_discount_is_counted_from_the_list(world: World, market: Market) -> None:
    checked = check_price(said(talk_of(world, world.customer_a), "0.8", unit="discount"))
    assert checked
    assert (checked.verdict.price, checked.verdict.breach) == (4480, "below_floor")


def test_a_dealer_is_held_against_his_own_tier(world: World, market: Market) -> None:
    talk = talk_of(world, market.home)
    said(talk)
    assert check_prices_of_talk(talk) == []  # no dealer price is known: nothing is said
    first = PriceTier.objects.create(name="一批价", holds_for="first")
    Price.objects.create(
        product=market.product, tier=first, amount=D(4400), floor=D(4200), start_on="2020-01-01"
    )
    assert check_prices_of_talk(talk) == []
    Price.objects.update(amount=D(4700), floor=D(4600))
    assert check_prices_of_talk(talk)[0].tier == first


def test_without_a_price_the_products_list_price_counts(world: World, market: Market) -> None:
    Price.objects.all().delete()
    DiscountAuthority.objects.create(role="rep", most=D("0.1"))
    assert check_price(said(talk_of(world, world.customer_a), "5040")) is None
    checked = check_price(said(talk_of(world, world.customer_a), "5039"))
    assert checked
    assert (checked.verdict.breach, checked.terms.amount) == ("over_authority", 5600)


@pytest.mark.parametrize(
    "more",
    [
        {"of": "competitor"},
        {"product": None},
        {"product": "无此产品"},
        {"min": None, "max": None},
        {"min": "x", "max": "y"},
    ],
)
def test_what_is_not_our_price_is_not_checked(world: World, market: Market, more: dict[str, Any]) -> None:
    assert check_price(said(talk_of(world, world.customer_a), **more)) is None


def test_prices_of_customers_and_of_unknown_talks_are_not_checked(world: World, market: Market) -> None:
    talk = make_talk(world.rep_a1, customer=world.customer_a, turns=(("customer", QUOTE),))
    said(talk)
    assert check_prices_of_talk(talk) == []
    nobody = make_talk(world.rep_a1, turns=(("rep", QUOTE),))
    said(nobody)
    assert check_prices_of_talk(nobody) == []


def test_an_open_case_follows_what_people_say_of_the_fact(world: World, market: Market) -> None:
    talk = talk_of(world, world.customer_a)
    fact = said(talk)
    check_prices_of_talk(talk)
    correct_fact(fact, {"min": "4600", "max": "4600", "product": "清泉500", "of": "own"}, by=world.rep_a1)
    assert check_prices_of_talk(talk)[0].price == 4600
    assert PriceCase.objects.count() == 1
    fact.refresh_from_db()
    reject_fact(fact, by=world.rep_a1)
    assert check_prices_of_talk(talk) == []
    assert not PriceCase.objects.exists()


def test_a_talk_recognised_again_makes_no_second_case(world: World, market: Market) -> None:
    talk = talk_of(world, world.customer_a)
    said(talk).delete()  # what happens to an unanswered fact
    fact = said(talk)
    first = check_prices_of_talk(talk)[0]
    settle_price_case(first, by=world.manager_a, state="justified", comment="样机")
    fact.delete()
    again = said(talk)
    assert [case.pk for case in check_prices_of_talk(talk)] == [first.pk]
    first.refresh_from_db()
    assert (first.fact, first.state) == (again, "justified")
    again.delete()
    assert check_prices_of_talk(talk) == []
    assert PriceCase.objects.get().state == "justified"


def test_an_open_case_whose_words_are_gone_goes(world: World, market: Market) -> None:
    talk = talk_of(world, world.customer_a)
    fact = said(talk)
    check_prices_of_talk(talk)
    fact.delete()
    check_prices_of_talk(talk)
    assert not PriceCase.objects.exists()


def test_the_market_is_held_against_the_list(world: World, market: Market) -> None:
    sighting = note_sighting(
        by=world.rep_a1,
        source="report",
        product=market.product,
        price=D(5500),
        place="苏州",
        seller=market.home.name,
    )
    case = PriceCase.objects.get()
    assert (case.sighting, case.broken, case.allowed, case.customer) == (
        sighting, "market_below_list", 5600, market.home,
    )  # fmt: skip
    checked = check_price(sighting)
    assert checked
    assert open_price_case(checked, by=world.rep_a1) == case
    note_sighting(by=world.rep_a1, source="report", product=market.product, price=D(5600), place="苏州")
    assert PriceCase.objects.count() == 1


@pytest.fixture
def case(world: World, market: Market) -> PriceCase:
    talk = talk_of(world, world.customer_a)
    said(talk)
    return check_prices_of_talk(talk)[0]


def test_a_manager_settles_with_a_reason_once(world: World, case: PriceCase) -> None:
    for bad in ({"state": "open"}, {"state": "x"}, {"comment": " "}, {"comment": "x" * 301}):
        with pytest.raises(ValidationError):
            settle_price_case(case, by=world.manager_a, **({"state": "justified", "comment": "样机"} | bad))
    settled = settle_price_case(case, by=world.manager_a, state="confirmed", comment="未报批")
    assert (settled.state, settled.comment, settled.decided_by) == ("confirmed", "未报批", world.manager_a)
    with pytest.raises(ValidationError):
        settle_price_case(case, by=world.executive, state="justified", comment="改")


def test_who_settles(world: World, case: PriceCase) -> None:
    for name in ("rep_a1", "rep_a2", "rep_b1", "manager_b", "marketing", "customer_department", "inspector"):
        with pytest.raises(PermissionDenied):
            settle_price_case(case, by=getattr(world, name), state="justified", comment="x")
    case.refresh_from_db()
    assert case.state == "open"


def test_nobody_judges_his_own_words(world: World, market: Market) -> None:
    talk = talk_of(world, world.customer_a, rep=world.manager_a)
    said(talk)
    own = check_prices_of_talk(talk)[0]
    with pytest.raises(PermissionDenied):
        settle_price_case(own, by=world.manager_a, state="justified", comment="x")
    assert settle_price_case(own, by=world.executive, state="confirmed", comment="x").state == "confirmed"
    note_sighting(by=world.manager_a, source="report", product=market.product, price=D(5000), place="苏州")
    seen = PriceCase.objects.get(state="open")
    assert settle_price_case(seen, by=world.manager_a, state="justified", comment="促销").state == "justified"
