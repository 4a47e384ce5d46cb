"""Cells in which one picks: what one may pick, what is kept of it, and that nobody learns of what he may not see."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from shengce.catalogue.models import Product
from shengce.customers.models import Customer
from shengce.sheets import actions
from shengce.sheets.forms_of_papers import Column, clean_cell, read_sections
from shengce.sheets.models import Paper
from shengce.sheets.picks import offered, picked
from shengce.sheets.queries import parts_of
from shengce.sheets.templates_of_papers import save_paper_template
from tests.world import World

MARCH = dt.date(2026, 3, 18)
COLUMNS: list[dict[str, Any]] = [
    {"key": "customer", "title": {"zh": "客户"}, "type": "customer"},
    {"key": "product", "title": {"zh": "产品"}, "type": "product"},
    {"key": "person", "title": {"zh": "谁"}, "type": "person"},
    {"key": "unit", "title": {"zh": "部门"}, "type": "unit"},
    {
        "key": "way",
        "title": {"zh": "方式"},
        "type": "choice",
        "choices": [{"zh": "上门", "en": "Visit"}, {"zh": "电话"}],
    },
    {"key": "note", "title": {"zh": "备注"}},
]


@pytest.fixture
def paper(world: World) -> Paper:
    save_paper_template(
        by=world.administrator, code="own_1", title={"zh": "样机登记"}, period="week", writers=["rep", "manager"],
        due={"from": "end", "working_days": 1, "hour": 9},
        sections=[
            {"key": "a", "title": {"zh": "样机"}, "kind": "table", "columns": COLUMNS},
            {"key": "b", "title": {"zh": "团队"}, "roles": ["manager"]},
        ],
    )  # fmt: skip
    Product.objects.create(name="清泉500", code="QQ5")
    return actions.begin_paper(world.rep_a1, "own_1", MARCH)


def column(kind: str) -> Column:
    return Column("x", {"zh": "列"}, kind)


def add(paper: Paper, world: World, **values: str) -> Any:
    return actions.add_line(paper, by=world.rep_a1, section="a", values=values)


def test_a_pick_keeps_the_name_of_then_and_leads_to_the_card(
    world: World, paper: Paper, client: Client
) -> None:
    add(paper, world, customer="云海大酒店", product="QQ5", way="Visit", person="林晓", unit="苏南一组")
    (row,) = paper.lines.all()
    assert row.values["customer"] == "云海大酒店" and row.values["product"] == "清泉500"
    assert row.values["way"] == "上门"
    assert row.ties == {
        "customer": world.customer_a.pk,
        "product": Product.objects.get().pk,
        "person": world.rep_a1.pk,
        "unit": world.team_a.pk,
    }
    Customer.objects.filter(pk=world.customer_a.pk).update(name="云海国际")
    client.force_login(world.rep_a1)
    page = client.get(f"/reports/{paper.pk}/").content.decode()
    assert f'<a href="/customers/{world.customer_a.pk}/">云海大酒店</a>' in page
    # the name of then stays when the row is changed elsewhere
    row.refresh_from_db()
    changed = actions.edit_line(row, by=world.rep_a1, values={**row.values, "note": "已送"})
    assert changed.values["customer"] == "云海大酒店" and changed.ties["customer"] == world.customer_a.pk
    emptied = actions.edit_line(changed, by=world.rep_a1, values={**changed.values, "customer": ""})
    assert "customer" not in emptied.ties


def test_names_outside_ones_scope_are_unknown(world: World, paper: Paper, client: Client) -> None:
    messages = []
    for name in ("松岭学校", "没有这家", f"松岭学校 #{world.customer_b.pk}"):
        with pytest.raises(ValidationError) as problem:
            add(paper, world, customer=name)
        messages.append(str(problem.value.messages[0]).replace(name, "…"))
    assert len(set(messages)) == 1
    assert not paper.lines.exists()
    client.force_login(world.rep_a1)
    assert "云海大酒店" in client.get("/reports/picks/customer/?q=云").content.decode()
    for query in ("?q=松岭", "?cell.customer=松", ""):
        assert "松岭" not in client.get(f"/reports/picks/customer/{query}").content.decode()
    assert "陈果" not in client.get("/reports/picks/person/").content.decode()
    assert "苏北" not in client.get("/reports/picks/unit/").content.decode()
    assert client.get("/reports/picks/secret/").status_code == 404
    client.force_login(world.inspector)
    assert client.get("/reports/picks/customer/").status_code == 403


def test_a_reader_without_the_customer_gets_no_link(world: World, paper: Paper) -> None:
    add(paper, world, customer="云海大酒店")
    Customer.objects.filter(pk=world.customer_a.pk).update(owner=world.rep_b1, unit=world.team_b)
    assert parts_of(paper, world.manager_a)[0].leads == {}
    assert list(parts_of(paper, world.executive)[0].leads.values()) == [f"/customers/{world.customer_a.pk}/"]


def test_two_of_one_name(world: World, paper: Paper) -> None:
    twin = Customer.objects.create(name="云海大酒店", owner=world.rep_a1, unit=world.team_a)
    with pytest.raises(ValidationError) as problem:
        add(paper, world, customer="云海大酒店")
    assert f"#{twin.pk}" in problem.value.messages[0]
    assert sorted(name for name, _hint in offered("customer", world.rep_a1)) == sorted(
        [f"云海大酒店 #{world.customer_a.pk}", f"云海大酒店 #{twin.pk}"]
    )
    assert picked(column("customer"), f"云海大酒店 #{twin.pk}", world.rep_a1) == ("云海大酒店", twin.pk)


def test_products_are_found_by_what_people_call_them(world: World, paper: Paper) -> None:
    product = Product.objects.get(code="QQ5")
    Product.objects.filter(pk=product.pk).update(aliases=["小清", "清五 Mini", 7])
    other = Product.objects.create(name="清泉800", code="QQ8", aliases=["大清"])
    rep = world.rep_a1
    assert offered("product", rep, "小清") == [("清泉500", "小清 · QQ5")]
    assert offered("product", rep, "mini") == [("清泉500", "清五 Mini · QQ5")]
    assert offered("product", rep, "qq8") == [("清泉800", "QQ8")]
    assert [name for name, _hint in offered("product", rep, "清")] == ["清泉500", "清泉800"]
    for text in ("小清", "清五 mini", "QQ5"):
        assert picked(column("product"), text, rep) == ("清泉500", product.pk)
    with pytest.raises(ValidationError):
        picked(column("product"), "小", rep)  # a part of a name is none
    # a name of its own goes before another's other name; two with the same other name are asked about
    Product.objects.filter(pk=other.pk).update(aliases=["清泉500", "小清"])
    assert picked(column("product"), "清泉500", rep) == ("清泉500", product.pk)
    with pytest.raises(ValidationError) as problem:
        picked(column("product"), "小清", rep)
    assert problem.value.code == "ambiguous" and f"#{other.pk}" in problem.value.messages[0]
    Product.objects.filter(pk=product.pk).update(active=False)
    assert picked(column("product"), "小清", rep) == ("清泉800", other.pk)


def test_a_name_on_no_record_is_kept_when_one_says_so(world: World, paper: Paper, client: Client) -> None:
    client.force_login(world.rep_a1)
    sent = {"section": "a", "cell.customer": "路边小店", "cell.product": "QQ5"}
    answer = client.post(f"/reports/{paper.pk}/lines/", sent)
    assert answer.status_code == 422 and 'name="free.customer"' in answer.content.decode()
    answer = client.post(f"/reports/{paper.pk}/lines/", {**sent, "free.customer": "1"})
    assert answer.status_code == 302
    (row,) = paper.lines.all()
    assert row.values["customer"] == "路边小店" and set(row.ties) == {"product"}
    assert "未关联客户" in client.get(f"/reports/{paper.pk}/").content.decode()
    # a name on record is still tied, and what is no customer's name can't be kept so
    again = actions.edit_line(row, by=world.rep_a1, values={"customer": "云海大酒店"}, as_typed=["customer"])
    assert again.ties["customer"] == world.customer_a.pk
    assert "未关联客户" not in client.get(f"/reports/{paper.pk}/").content.decode()
    with pytest.raises(ValidationError):
        actions.add_line(
            paper, by=world.rep_a1, section="a", values={"product": "没有"}, as_typed=["product"]
        )
    twin = Customer.objects.create(name="云海大酒店", owner=world.rep_a1, unit=world.team_a)
    with pytest.raises(ValidationError):  # which of two is meant is asked in any case
        actions.add_line(
            paper, by=world.rep_a1, section="a", values={"customer": twin.name}, as_typed=["customer"]
        )


def test_whoever_sees_no_customers_writes_their_names(world: World, client: Client) -> None:
    """Marketing: nothing to choose from, and nothing told of who is a customer."""
    paper = actions.begin_paper(world.marketing, "market_tour", MARCH)
    client.force_login(world.marketing)
    for name in ("云海大酒店", "路边小店"):
        assert client.get("/reports/picks/customer/", {"q": name}).content.decode().strip() == ""
        sent = {"section": "places", "cell.customer": name, "cell.seen": "堆头很好"}
        assert client.post(f"/reports/{paper.pk}/lines/", sent).status_code == 302
    assert [(row.values["customer"], row.ties) for row in paper.lines.order_by("pk")] == [
        ("云海大酒店", {}),
        ("路边小店", {}),
    ]
    assert client.get(f"/reports/{paper.pk}/").content.decode().count(">未关联客户<") == 2


@pytest.mark.parametrize(
    "text", ["#1", "云海大酒店 #", "云海大酒店 #999999999999999999", "x" * 500, "'; DROP", "%", "\u202e"]
)
def test_picks_that_make_no_sense(world: World, paper: Paper, text: str) -> None:
    with pytest.raises(ValidationError):
        add(paper, world, customer=text)


def test_naughty_names(world: World, paper: Paper, naughty_strings: list[str], client: Client) -> None:
    client.force_login(world.rep_a1)
    for text in naughty_strings:
        address = f"/reports/{paper.pk}/lines/"
        answer = client.post(address, {"section": "a", "cell.customer": text, "cell.way": text})
        assert answer.status_code in (302, 422), text
        assert client.get("/reports/picks/customer/", {"q": text}).status_code == 200
    assert not paper.lines.exists()


def test_what_was_typed_is_not_lost(world: World, paper: Paper, client: Client) -> None:
    client.force_login(world.rep_a1)
    sent = {"section": "a", "cell.customer": "没有这家", "cell.note": "下周送三台", "cell.way": "电话"}
    for headers in ({}, {"HX-Request": "true"}):
        answer = client.post(f"/reports/{paper.pk}/lines/", sent, headers=headers)
        page = answer.content.decode()
        assert answer.status_code == 422 and "没有这家" in page and "下周送三台" in page
        assert '<option value="电话" selected>' in page
    row = add(paper, world, note="旧的")
    answer = client.post(f"/reports/lines/{row.pk}/", {"cell.way": "飞鸽", "cell.note": "新写的"})
    assert answer.status_code == 422 and "新写的" in answer.content.decode()
    row.refresh_from_db()
    assert row.values["note"] == "旧的"


def test_choices(world: World) -> None:
    way = read_sections([{"key": "a", "title": {"zh": "样机"}, "kind": "table", "columns": COLUMNS}])[
        0
    ].columns[4]
    assert clean_cell(way, "Visit") == clean_cell(way, " 上门 ") == "上门"
    assert clean_cell(way, "") == ""
    for text in ("飞鸽", "visit", "上门、电话"):
        with pytest.raises(ValidationError) as problem:
            clean_cell(way, text)
        assert "上门、电话" in problem.value.messages[0]


@pytest.mark.parametrize(
    "wrong",
    [{"type": "choice"}, {"type": "choice", "choices": []}, {"type": "choice", "choices": "甲乙"},
     {"type": "choice", "choices": [{"zh": "甲"}, {"zh": "甲"}]}, {"type": "text", "choices": [{"zh": "甲"}]},
     {"type": "choice", "choices": ["甲"]}, {"type": "choice", "choices": [{"zh": f"甲{n}"} for n in range(31)]},
     {"type": ["customer"]}, {"type": "dealer"}],
)  # fmt: skip
def test_columns_that_cannot_be_shown(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        read_sections([{"key": "a", "title": {"zh": "甲"}, "kind": "table",
                        "columns": [{"key": "x", "title": {"zh": "乙"}, **wrong}]}])  # fmt: skip


def test_a_section_for_leaders_only(world: World, paper: Paper) -> None:
    leader = actions.begin_paper(world.manager_a, "own_1", MARCH)
    assert [part.section.key for part in parts_of(paper)] == ["a"]
    assert [part.section.key for part in parts_of(leader)] == ["a", "b"]


def test_the_file_of_a_paper_holds_names(world: World, paper: Paper, client: Client) -> None:
    add(paper, world, customer="云海大酒店", way="上门", note="=1+1")
    client.force_login(world.rep_a1)
    answer = client.get(f"/reports/{paper.pk}/paper.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "云海大酒店" in text and "上门" in text and ",'=1+1" in text
    assert client.get(f"/reports/{paper.pk}/paper.xlsx").status_code == 200


def test_pages_with_picks_cost_the_same_whatever_they_show(
    world: World, paper: Paper, client: Client, django_assert_max_num_queries: Any
) -> None:
    client.force_login(world.rep_a1)
    for number in range(30):
        customer = Customer.objects.create(name=f"客户{number}", owner=world.rep_a1, unit=world.team_a)
        add(paper, world, customer=customer.name, product="清泉500", person="林晓")
    with django_assert_max_num_queries(24):
        assert client.get(f"/reports/{paper.pk}/").status_code == 200


def test_programs_read_names_and_ids(world: World, paper: Paper, client: Client) -> None:
    add(paper, world, customer="云海大酒店", way="上门")
    client.force_login(world.rep_a1)
    (section,) = client.get(f"/api/v1/papers/{paper.pk}").json()["sections"]
    (line,) = section["lines"]
    assert line["values"]["customer"] == "云海大酒店" and line["ids"] == {"customer": world.customer_a.pk}
    assert [column["type"] for column in section["columns"]][:2] == ["customer", "product"]
    listed = client.get("/api/v1/papers?code=own_1&from=2026-03-01&to=2026-03-31").json()["rows"]
    assert [row["id"] for row in listed] == [paper.pk]
    client.force_login(world.manager_a)  # a draft is its writer's
    assert client.get(f"/api/v1/papers/{paper.pk}").status_code == 404
    assert client.get("/api/v1/papers").json()["rows"] == []
    actions.submit_paper(paper, by=world.rep_a1)
    assert client.get(f"/api/v1/papers/{paper.pk}").status_code == 200
    client.force_login(world.manager_b)
    assert client.get(f"/api/v1/papers/{paper.pk}").status_code == 404
