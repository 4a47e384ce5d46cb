"""Products and rivals: who changes them, and how their names become the lexicon."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils.html import escape

from shengce.catalogue import actions
from shengce.catalogue.models import Competitor, Product
from shengce.catalogue.queries import current_lexicon
from shengce.people.models import Role
from tests.world import World

EDITORS = {Role.MARKETING, Role.EXECUTIVE, Role.ADMINISTRATOR}


def test_who_sees_and_who_changes(world: World, client: Client) -> None:
    for user in world.users:
        client.force_login(user)
        assert client.get("/catalogue/").status_code == 200
        expected = 200 if user.role in EDITORS else 403
        assert client.get("/catalogue/product/new/").status_code == expected
        if user.role not in EDITORS:
            assert client.post("/catalogue/product/new/", {"name": "x"}).status_code == 403
            with pytest.raises(PermissionDenied):
                actions.save_product(by=user, name="x")
            with pytest.raises(PermissionDenied):
                actions.save_competitor(by=user, name="x")
    assert not Product.objects.exists()


def test_saving_by_name_twice_is_one_product(world: World) -> None:
    for price in ("100", "120"):
        actions.save_product(by=world.marketing, name="清泉500", line="商用", list_price=Decimal(price))
    product = Product.objects.get()
    assert (product.list_price, product.line and product.line.name) == (Decimal(120), "商用")


def test_a_product_is_renamed_not_doubled(world: World, client: Client) -> None:
    client.force_login(world.marketing)
    form = {
        "name": "清泉500",
        "aliases": "清泉五百\n清泉五百\n\n 五百型 ",
        "active": "on",
        "list_price": "4800",
    }
    assert client.post("/catalogue/product/new/", form).status_code == 302
    product = Product.objects.get()
    assert product.aliases == ["清泉五百", "五百型"]
    assert client.post(f"/catalogue/product/{product.pk}/", {**form, "name": "清泉600"}).status_code == 302
    assert Product.objects.get().name == "清泉600"
    other = client.post("/catalogue/product/new/", form)
    assert other.status_code == 302
    taken = client.post(f"/catalogue/product/{product.pk}/", form)
    assert taken.status_code == 422
    assert 'role="alert"' in taken.text
    again = client.post("/catalogue/product/new/", {**form, "aliases": "lost?"})
    assert again.status_code == 422
    assert Product.objects.count() == 2


def test_what_is_no_longer_sold_is_no_longer_searched_for(world: World, client: Client) -> None:
    client.force_login(world.marketing)
    actions.save_competitor(by=world.marketing, name="蓝泉", aliases=["兰泉水"])
    assert [entry.name for entry in current_lexicon().competitors] == ["蓝泉"]
    competitor = Competitor.objects.get()
    client.post(f"/catalogue/competitor/{competitor.pk}/", {"name": "蓝泉", "aliases": "兰泉水"})
    assert list(current_lexicon().competitors) == []


@pytest.mark.parametrize(
    "form",
    [
        {"name": ""},
        {"name": "n" * 101},
        {"name": "a\x00b"},
        {"name": "x", "aliases": "a\x00b"},
        {"name": "x", "aliases": "\n".join(map(str, range(41)))},
        {"name": "x", "aliases": "y" * 101},
        {"name": "x", "list_price": "-1"},
        {"name": "x", "list_price": "NaN"},
        {"name": "x", "list_price": "1e30"},
        {"name": "x", "list_price": "much"},
        {"name": "x", "line": "l" * 101},
    ],
)
def test_bad_input_comes_back_with_words(world: World, client: Client, form: dict[str, str]) -> None:
    client.force_login(world.marketing)
    response = client.post("/catalogue/product/new/", form)
    assert response.status_code == 422
    assert 'role="alert"' in response.text
    assert not Product.objects.exists()


@pytest.mark.parametrize("bad", ["a\x00b", "\ud83d"])
def test_text_that_no_database_takes_is_refused(world: World, bad: str) -> None:
    for call in (
        lambda: actions.save_product(by=world.marketing, name=bad),
        lambda: actions.save_product(by=world.marketing, name="x", line=bad),
        lambda: actions.save_competitor(by=world.marketing, name="x", aliases=[bad]),
    ):
        with pytest.raises(ValidationError):
            call()


def test_addresses_of_nothing(world: World, client: Client) -> None:
    client.force_login(world.marketing)
    for address in (
        "/catalogue/planet/new/",
        "/catalogue/product/999/",
        "/catalogue/competitor/9999999999999999999999/",
    ):
        assert client.get(address).status_code == 404


def test_names_of_all_kinds_are_kept_shown_and_compiled(
    world: World, client: Client, naughty_strings: list[str]
) -> None:
    client.force_login(world.marketing)
    names = list(dict.fromkeys(s.strip() for s in naughty_strings if s.strip() and len(s.strip()) <= 100))
    for number, name in enumerate(names):
        form = {"name": name, "aliases": name, "line": name, "active": "on"}
        if number % 8:  # the form is slow: every eighth goes through it, the others straight to the action
            actions.save_product(by=world.marketing, name=name, aliases=[name], line=name)
        else:
            assert client.post("/catalogue/product/new/", form).status_code == 302, name
    assert set(Product.objects.values_list("name", flat=True)) == set(names)
    page = client.get("/catalogue/").text
    for name in names:
        assert escape(name) in page
    assert len(current_lexicon().products) == len(names)
