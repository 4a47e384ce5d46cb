"""Heads with all their fields, contacts, the list's filters, its files, and what pages cost."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shengce.customers import actions
from shengce.customers.deals import create_deal
from shengce.customers.lookalikes import find_duplicates
from shengce.customers.models import Customer
from shengce.customers.pool import release_customer
from shengce.customers.queries import customer_list, customer_names, named_customer
from shengce.people.actions import create_territory
from shengce.people.models import AuditEntry
from tests.world import World


def make(world: World, name: str, **values: Any) -> Customer:
    return actions.create_customer(by=world.rep_a1, name=name, kind=values.pop("kind", "dealer"), **values)


def test_a_head_has_all_its_fields(world: World) -> None:
    south = create_territory(by=world.marketing, name="苏南")
    above = make(world, "一级商")
    made = make(
        world, "二级商", code=" D7 ", level="second", tax_number="9135 0100 m000100y43", phone="0512-8888 6666",
        address="观前街1号", territory=south, supplied_by=above, value_class="B",
    )  # fmt: skip
    assert (made.code, made.tax_number, made.phone) == ("D7", "91350100M000100Y43", "051288886666")
    assert (made.level, made.territory, made.supplied_by, made.value_class) == ("second", south, above, "B")
    actions.update_customer(
        made, by=world.rep_a1, name="二级商", kind="end_customer", city="苏州", industry=""
    )
    made.refresh_from_db()
    assert (made.level, made.code, made.supplied_by) == ("", "D7", above)  # what was not given stays
    assert AuditEntry.objects.filter(action="customer.updated").latest("pk").details["changed"] == [
        "city", "kind", "level",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("code", {"code": "taken"}),
        ("code", {"code": "x" * 41}),
        ("level", {"level": "third"}),
        ("level", {"level": "first", "kind": "prospect"}),
        ("phone", {"phone": "call me"}),
        ("value_class", {"value_class": "Z"}),
        ("kind", {"kind": "shoe"}),
        ("tax_number", {"tax_number": "1" * 31}),
    ],
)
def test_a_wrong_head_is_refused_beside_its_field(world: World, field: str, wrong: dict[str, Any]) -> None:
    make(world, "x", code="taken")
    with pytest.raises(ValidationError) as refused:
        make(world, "y", **wrong)
    assert field in refused.value.message_dict
    assert Customer.objects.filter(name="y").count() == 0


def test_nobody_is_supplied_by_himself(world: World) -> None:
    first = make(world, "甲")
    second = make(world, "乙", supplied_by=first)
    third = make(world, "丙", supplied_by=second)
    for supplier in (first, third):
        with pytest.raises(ValidationError):
            actions.update_customer(Customer.objects.get(pk=first.pk), by=world.rep_a1, supplied_by=supplier)


def test_what_the_customer_department_types_in_goes_to_the_pool_or_to_a_seller(world: World) -> None:
    by = world.customer_department
    pooled = actions.create_customer(by=by, name="甲", kind="prospect")
    assert (pooled.owner, pooled.unit) == (None, None)
    assert pooled.pooled_at is not None
    given = actions.create_customer(by=by, name="乙", kind="prospect", owner=world.rep_b1)
    assert (given.owner, given.pooled_at) == (world.rep_b1, None)


def test_contacts_are_changed_and_removed(world: World, client: Client) -> None:
    contact = world.contact_a
    for user in (world.rep_b1, world.rep_a2, world.executive):
        with pytest.raises(PermissionDenied):
            actions.update_contact(contact, by=user, name="x")
        with pytest.raises(PermissionDenied):
            actions.remove_contact(contact, by=user)
    client.force_login(world.rep_a1)
    here = f"/customers/contacts/{contact.pk}/"
    assert client.post(here, {"name": "刘总", "phone": "call me"}).status_code == 422
    client.post(here, {"name": "刘总", "position": "总经理", "phone": "138 1234 0009"})
    contact.refresh_from_db()
    assert (contact.name, contact.position, contact.phone) == ("刘总", "总经理", "13812340009")
    page = client.post(f"{here}remove/", follow=True).text
    assert "13812340009" not in page
    assert not world.customer_a.contacts.exists()
    assert client.get(here).status_code == 404


def names(world: World, **asked: Any) -> set[str]:
    return {customer.name for customer in customer_list(world.customer_department, **asked)[0]}


def test_filters(world: World) -> None:
    east = create_territory(by=world.marketing, name="华东")
    south = create_territory(by=world.marketing, name="苏南", parent=east)
    make(world, "甲", level="first", territory=east, value_class="A", code="K1")
    make(world, "乙", level="second", territory=south, value_class="B", tax_number="91350100M000100Y43")
    release_customer(make(world, "丙", kind="prospect"), by=world.rep_a1, reason="x")
    assert names(world, level="first") == {"甲"}
    assert names(world, territory=east.pk) == {"甲", "乙"}
    assert names(world, territory=south.pk) == {"乙"}
    assert names(world, territory=987654321) == set()
    assert names(world, value_class="A") == {"甲"}
    assert names(world, value_class="-") == {"丙", "云海大酒店", "松岭学校"}
    assert names(world, pool=True) == {"丙"}
    assert names(world, text="k1") == {"甲"}
    assert names(world, text="91350100m000100y43") == {"乙"}
    assert names(world, level="x", value_class="x", kind="x", sort="x") == names(world)


@pytest.mark.parametrize("sort", ["", "talk", "name", "-name", "city", "-city", "class", "-created"])
def test_every_order_shows_everybody_once(world: World, sort: str) -> None:
    now = timezone.now()
    for number in range(40):
        Customer.objects.create(
            name=f"客户{number % 7}", city=f"{number % 3}", owner=world.rep_a1, unit=world.team_a,
            last_talk_at=now - dt.timedelta(days=number) if number % 2 else None,
        )  # fmt: skip
    first, more = customer_list(world.manager_a, sort=sort)
    second, _more = customer_list(world.manager_a, sort=sort, page=2)
    assert more
    assert len({row.pk for row in [*first, *second]}) == 41
    talks = [row.last_talk_at for row in [*first, *second]]
    if sort == "":  # never talked to: last, on every database
        assert [talk is None for talk in talks] == [False] * 20 + [True] * 21


def test_the_files_hold_the_filtered_rows(world: World, client: Client) -> None:
    make(world, "=cmd|' /C calc'!A0", code="-100", phone="051288886666")
    client.force_login(world.rep_a1)
    text = b"".join(client.get("/customers/customers.csv?kind=dealer").streaming_content).decode("utf-8-sig")
    assert "'=cmd|" in text
    assert "云海大酒店" not in text
    sheet = openpyxl.load_workbook(
        io.BytesIO(b"".join(client.get("/customers/customers.xlsx").streaming_content))
    ).active
    assert sheet is not None
    assert sheet.max_row == 3
    client.force_login(world.rep_b1)
    other = b"".join(client.get("/customers/customers.csv").streaming_content).decode("utf-8-sig")
    assert "051288886666" not in other
    assert "松岭学校" in other


def test_a_customer_is_named_by_number_or_name(world: World) -> None:
    made = make(world, "甲", code="K1")
    make(world, "乙")
    make(world, "乙")
    assert named_customer(world.rep_a1, "K1") == named_customer(world.rep_a1, "甲") == made
    for text, code in (("", "unknown"), ("丁", "unknown"), ("松岭学校", "unknown"), ("乙", "ambiguous")):
        with pytest.raises(ValidationError) as refused:
            named_customer(world.rep_a1, text)
        assert refused.value.code == code
    assert [name for name, _city in customer_names(world.rep_a1, "云")] == ["云海大酒店"]
    assert customer_names(world.rep_b1, "云") == []


def test_the_form_names_the_supplier(world: World, client: Client) -> None:
    dealer = make(world, "一级商", code="D1")
    client.force_login(world.rep_a1)
    form = {"name": "门店", "kind": "dealer", "level": "retail", "supplied_by": "一级商", "value_class": "C"}
    assert client.post("/customers/new/", form).status_code == 302
    made = Customer.objects.get(name="门店")
    assert (made.supplied_by, made.level) == (dealer, "retail")
    page = client.get(f"/customers/{made.pk}/edit/").text
    assert 'value="D1"' in page
    assert "一级商" in client.get("/customers/names/?kind=dealer&supplied_by=一级").text
    for wrong in (
        {"supplied_by": "无此家"},
        {"supplied_by": "松岭学校"},
        {"territory": "9" * 30},
        {"code": "D1"},
        {"level": "first", "kind": "prospect"},
    ):
        assert client.post("/customers/new/", {**form, "name": "别家", **wrong}).status_code == 422, wrong


def test_the_customer_department_hands_over_to_anybody_who_sells(world: World, client: Client) -> None:
    client.force_login(world.customer_department)
    client.post(f"/customers/{world.customer_a.pk}/owner/", {"to": world.rep_b1.pk, "reason": "区域调整"})
    world.customer_a.refresh_from_db()
    assert (world.customer_a.owner, world.customer_a.unit) == (world.rep_b1, world.team_b)
    assert world.customer_a.owned_since is not None


PAGES = (
    ("manager_a", "/customers/"),
    ("manager_a", "/customers/customers.csv"),
    ("manager_a", "/customers/deals/"),
    ("manager_a", "/customers/deals/?view=list"),
    ("manager_a", "/customers/pool/"),
    ("manager_a", "/customers/pool/moves/"),
    ("manager_a", "/customers/duplicates/"),
    ("customer_department", "/customers/rules/"),
    ("marketing", "/people/territories/"),
    ("manager_a", "/customers/{customer}/cards/profile/"),
    ("manager_a", "/customers/{customer}/story/"),
)
MOST = 20


def fill(world: World, number: int, start: int) -> None:
    for n in range(start, start + number):
        city = f"城{n}"
        customer = make(world, f"甲{n}乙", city=city, phone=f"1381111{n:04}")
        make(world, f"甲{n}乙", city=city, phone=f"1381111{n:04}")
        create_deal(by=world.rep_a1, customer=customer, name=f"单{n}", amount=Decimal(n))
        create_deal(by=world.rep_a1, customer=world.customer_a, name=f"单{n}")
        actions.set_card_field(world.customer_a, "note", f"{n}", by=world.rep_a1)
        actions.set_card_field(world.customer_a, "legal_name", f"{n}", by=world.rep_a1)
        release_customer(make(world, f"丙{n}"), by=world.rep_a1, reason="x")
        create_territory(by=world.marketing, name=f"区{n}")
    find_duplicates()


def test_pages_cost_the_same_whatever_they_show(world: World, client: Client) -> None:
    counts: list[dict[str, int]] = []
    for number, start in ((2, 0), (9, 10)):
        fill(world, number, start)
        counts.append({})
        for who, address in PAGES:
            client.force_login(getattr(world, who))
            path = address.format(customer=world.customer_a.pk)
            with CaptureQueriesContext(connection) as captured:
                answer = client.get(path)
                if answer.streaming:
                    b"".join(answer.streaming_content)
            assert answer.status_code == 200
            counts[-1][address] = len(captured.captured_queries)
    assert counts[0] == counts[1]
    assert max(counts[1].values()) <= MOST, counts[1]
