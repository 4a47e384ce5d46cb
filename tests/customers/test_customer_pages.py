"""Pages of customers: forms, and text of all kinds through every field."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils.html import escape

from shengce.customers.models import CardField, Contact, Customer
from tests.world import World


@pytest.fixture
def rep(world: World, client: Client) -> Client:
    client.force_login(world.rep_a1)
    return client


def page_of(client: Client, customer: Customer) -> str:
    response = client.get(f"/customers/{customer.pk}/")
    assert response.status_code == 200
    return response.text


def test_a_customer_is_added_changed_and_shown(world: World, rep: Client) -> None:
    form = {"name": "新客户", "kind": "dealer", "city": "苏州", "industry": "酒店"}
    response = rep.post("/customers/new/", form)
    customer = Customer.objects.get(name="新客户")
    assert response["Location"] == f"/customers/{customer.pk}/"
    here = f"/customers/{customer.pk}"
    assert rep.post(f"{here}/edit/", {**form, "city": "无锡"}).status_code == 302
    assert rep.post(f"{here}/contact/", {"name": "张工", "phone": "138 1234 9999"}).status_code == 302
    assert rep.post(f"{here}/card/", {"field": "need", "value": "三十台"}).status_code == 302
    page = page_of(rep, customer)
    for shown in ("无锡", "张工", "13812349999", "三十台"):
        assert shown in page


def test_text_of_all_kinds_is_kept_and_shown_unchanged(
    world: World, rep: Client, naughty_strings: list[str]
) -> None:
    """Browsers send line ends as CRLF and forms strip the ends; nothing else may change."""
    kept = list(dict.fromkeys(s.strip() for s in naughty_strings if s.strip() and "\x00" not in s))
    assert len(kept) > 400
    here = f"/customers/{world.customer_a.pk}"
    for number, text in enumerate(kept):
        short = text[:60].strip()  # every field in turn: each string through one of the three forms
        head = {"name": short, "kind": "prospect", "city": short, "industry": short}
        address, form = (
            (f"{here}/card/", {"field": "note", "value": text}),
            (f"{here}/contact/", {"name": short, "position": short}),
            (f"{here}/edit/", head),
        )[number % 3]
        assert rep.post(address, form).status_code == 302, text
        if number % 3 == 2:
            world.customer_a.refresh_from_db()
            shown = (world.customer_a.name, world.customer_a.city, world.customer_a.industry)
            assert shown == (short, short, short)
    notes = CardField.objects.filter(customer=world.customer_a).order_by("pk").values_list("value", flat=True)
    assert list(notes) == kept[::3]
    contacts = world.customer_a.contacts.order_by("pk").values_list("name", "position")[1:]
    assert list(contacts) == [(text[:60].strip(), text[:60].strip()) for text in kept[1::3]]
    page = page_of(rep, world.customer_a)
    for name, _position in contacts:
        assert escape(name) in page
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    ("action", "form"),
    [
        ("contact", {"name": "a\x00b"}),
        ("contact", {"name": "n" * 61}),
        ("contact", {"name": "x", "phone": "call me"}),
        ("contact", {"name": "x", "phone": "1" * 21}),
        ("contact", {}),
        ("card", {"field": "need", "value": "a\x00b"}),
        ("card", {"field": "need", "value": "v" * 2001}),
        ("card", {"field": "shoe_size", "value": "44"}),
        ("card", {"field": "need", "value": "  "}),
        ("owner", {"to": "99999999999999999999999"}),
        ("owner", {"to": "\x00"}),
        ("owner", {}),
    ],
)
def test_bad_input_is_answered_with_words(
    world: World, rep: Client, action: str, form: dict[str, str]
) -> None:
    response = rep.post(f"/customers/{world.customer_a.pk}/{action}/", form, follow=True)
    assert response.status_code == 200
    assert 'class="message error"' in response.text
    assert world.customer_a.contacts.count() == 1
    assert not CardField.objects.exists()


@pytest.mark.parametrize("name", ["", "  ", "n" * 201, "a\x00b"])
def test_bad_names_come_back_with_the_form(world: World, rep: Client, name: str) -> None:
    form = {"name": name, "kind": "dealer", "city": "", "industry": ""}
    for address in ("/customers/new/", f"/customers/{world.customer_a.pk}/edit/"):
        response = rep.post(address, form)
        assert response.status_code == 422
        assert 'role="alert"' in response.text
    assert Customer.objects.count() == 2


def test_half_a_character_in_the_bytes_does_no_harm(world: World, rep: Client) -> None:
    """``%ED%A0%80`` is a lone surrogate in UTF-8; Django reads it as replacement characters."""
    body = "name=%ED%A0%80x&kind=dealer&city=&industry="
    response = rep.post("/customers/new/", body, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 302
    assert Customer.objects.filter(name__endswith="x").get().name.strip("\ufffd") == "x"


def test_a_rep_hands_over_to_nobody_a_manager_within_the_team(world: World, client: Client) -> None:
    address = f"/customers/{world.customer_a.pk}/owner/"
    client.force_login(world.rep_a1)
    client.post(address, {"to": world.rep_a2.pk})
    world.customer_a.refresh_from_db()
    assert world.customer_a.owner == world.rep_a1
    client.force_login(world.manager_a)
    client.post(address, {"to": world.rep_b1.pk})
    world.customer_a.refresh_from_db()
    assert world.customer_a.owner == world.rep_a1
    client.post(address, {"to": world.rep_a2.pk})
    world.customer_a.refresh_from_db()
    assert world.customer_a.owner == world.rep_a2


def test_the_executive_looks_and_does_not_touch(world: World, client: Client) -> None:
    client.force_login(world.executive)
    page = page_of(client, world.customer_a)
    assert "/edit/" not in page
    assert client.get(f"/customers/{world.customer_a.pk}/edit/").status_code == 403
    assert client.post(f"/customers/{world.customer_a.pk}/card/", {}).status_code == 403


def test_contacts_with_long_names_fit(world: World, rep: Client) -> None:
    longest = "名" * 60
    rep.post(f"/customers/{world.customer_a.pk}/contact/", {"name": longest, "position": longest})
    assert Contact.objects.filter(name=longest, position=longest).exists()
