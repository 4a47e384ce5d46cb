"""The JSON API: whose records it gives, what it refuses and how, and what it costs."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from shengce.customers.actions import add_contact, set_card_field
from shengce.customers.deals import create_deal
from shengce.customers.merging import merge_customers
from shengce.customers.models import Customer
from shengce.people.models import Role
from shengce.sales import actions as sales_actions
from shengce.sales import loyalty as sales_loyalty
from shengce.service.actions import open_ticket
from tests.routes import api as routes
from tests.routes import channel as channel_routes
from tests.sales.books import allocate, day, invoice, line, order, promise, receipt
from tests.talks import make_fact, make_full_talk, make_talk
from tests.web.asker import V1, Asker, refusal
from tests.world import World

LISTS = (
    "customers", "deals", "orders", "invoices", "receipts", "promises", "ageing", "who-to-call", "allocations",
    "write-offs", "credit-lines", "made-statements", "reminders", "loyalty", "standings",
    "win-back", "prices", "price-cases", "sightings", "diversion-cases", "shipments", "contracts", "dealers", "trainings", "stock-reports", "tickets",
    "ticket-statistics", "conversations", "facts",
)  # fmt: skip
PATHS = {
    *(f"{V1}/{name}" for name in LISTS),
    f"{V1}/claims", f"{V1}/pool", f"{V1}/statements", f"{V1}/attainment", f"{V1}/diversion-cases/{{pk}}", f"{V1}/diversion-statistics",
    f"{V1}/customers/{{pk}}", f"{V1}/customers/{{pk}}/contacts", f"{V1}/orders/{{pk}}", f"{V1}/receivables/{{customer}}",
    f"{V1}/dealers/{{pk}}", f"{V1}/tickets/{{pk}}", f"{V1}/conversations/{{pk}}",
    f"{V1}/papers", f"{V1}/papers/{{pk}}",
}  # fmt: skip


def one_of_everything(world: World) -> dict[str, Any]:
    """Something for every list of rep_a1, and the ids that addresses name."""
    things = channel_routes.things(world)
    made = order(world, line(2, "100.10"))
    bill, money = invoice(world, 500, due=20), receipt(world, 100)
    allocate(world, money, bill, 40)
    clerk = world.customer_department
    sales_actions.send_dunning(bill, by=clerk)
    sales_actions.ask_write_off(bill, by=clerk, amount=Decimal(5), reason="零头")
    sales_actions.make_statement(world.customer_a, by=clerk, start_on=day(90), end_on=day(-1))
    sales_actions.set_credit(world.customer_a, by=clerk, limit=Decimal(9000), days=30)
    promise(world, 100, made=5, due=1)
    create_deal(by=world.rep_a1, customer=world.customer_a, name="三台净水机", amount=Decimal("14400"))
    set_card_field(world.customer_a, "note", "三年不坏", by=world.rep_a1)
    ticket = open_ticket(by=world.rep_a1, customer=world.customer_a, title="漏水")
    talk = make_full_talk(world.rep_a1, customer=world.customer_a)
    sales_loyalty.compute_standings(today=timezone.localdate())
    return {**things, "order": made.pk, "ticket": ticket.pk, "talk": talk.pk, "customer": world.customer_a.pk}


# ── what is given


def test_without_key_and_session_there_is_json_and_no_form(world: World) -> None:
    for address in (
        *(path.replace("{pk}", "1").replace("{customer}", "1") for path in PATHS),
        "/api/openapi.json",
        "/api/",
    ):
        refusal(Client().get(address), 401)
    assert Client().get("/api/docs").status_code == 302


def test_every_address_answers_with_what_is_there(world: World) -> None:
    ids = one_of_everything(world)
    asker = Asker(world.manager_a)
    for name in LISTS:
        body = asker.json(name)
        if name not in ("ticket-statistics", "price-cases", "win-back"):
            assert body["rows"], name
    assert asker.json("ticket-statistics")["total"]["tickets"] == 1
    customer = asker.json(f"customers/{ids['customer']}")
    assert {row["field"]: row["value"] for row in customer["card"]}["note"] == "三年不坏"
    assert [row["phone"] for row in asker.json(f"customers/{ids['customer']}/contacts")["rows"]] == [
        "13812340001"
    ]
    assert asker.json(f"orders/{ids['order']}")["lines"] == [
        {
            "product": {"id": 1, "name": "清泉500"} | {"id": _product()},
            "quantity": "2.000",
            "price": "100.10",
            "amount": "200.20",
        }
    ]
    assert asker.json(f"dealers/{ids['dealer']}")["contracts"][0]["number"] == "HT-1"
    assert asker.json(f"tickets/{ids['ticket']}")["steps"]
    for name in routes.ROUTES:
        assert name.startswith(("api:", "people:"))


def _product() -> int:
    from shengce.catalogue.models import Product

    return Product.objects.get(name="清泉500").pk


def test_money_is_text_and_adds_up(world: World) -> None:
    one_of_everything(world)
    asker = Asker(world.customer_department)
    (bill,) = asker.json("invoices")["rows"]
    assert (bill["amount"], bill["open_amount"], bill["state"]) == ("500.00", "460.00", "open")
    ageing = asker.json("ageing")
    assert ageing["buckets"][:2] == ["0", "1-30"]
    assert ageing["rows"][0]["amounts"][1] == "460.00" == ageing["total"]["overdue"]
    for by in ("rep", "unit", "territory"):
        assert asker.json("ageing", by=by)["total"]["total"] == "460.00"
    assert asker.json("ageing", on=day(60).isoformat())["rows"] == []
    owed = asker.json(f"receivables/{world.customer_a.pk}")
    assert (owed["total"], owed["unallocated"], owed["days_late"]) == ("460.00", "60.00", 20)
    (call,) = asker.json("who-to-call")["rows"]
    assert call["customer"]["name"] == "云海大酒店" and call["overdue"] == "460.00"


def test_a_statement_is_computed_with_the_balance_of_each_line(world: World) -> None:
    invoice(world, 500, issued=40, due=10)
    receipt(world, 200, ago=5)
    asker = Asker(world.customer_department)
    asked = {"customer": world.customer_a.pk, "start": day(20).isoformat(), "end": day(-1).isoformat()}
    found = asker.json("statements", **asked)
    assert (found["opening"], found["closing"]) == ("500.00", "300.00")
    assert [(row["kind"], row["credit"], row["balance"]) for row in found["lines"]] == [
        ("receipt", "200.00", "300.00")
    ]
    whole = asker.json("statements", **asked | {"start": day(50).isoformat()})
    assert [row["balance"] for row in whole["lines"]] == ["500.00", "300.00"]
    assert refusal(asker.get("statements", **asked | {"end": asked["start"]}), 422)["code"] == "period"


def test_a_talk_comes_with_words_facts_and_scores(world: World) -> None:
    talk = make_full_talk(world.rep_a1, customer=world.customer_a)
    found = Asker(world.rep_a1).json(f"conversations/{talk.pk}")
    spoken = talk.transcript.spoken.segments
    assert [row["text"] for row in found["segments"]] == [segment.text for segment in spoken]
    assert [(row["start_ms"], row["end_ms"]) for row in found["segments"]] == [
        (s.start_ms, s.end_ms) for s in spoken
    ]
    assert {row["id"] for row in found["facts"]} == set(talk.facts.values_list("pk", flat=True))
    fact = found["facts"][0]
    assert fact["start_ms"] < fact["end_ms"] and fact["url"].startswith(f"/conversations/{talk.pk}/#t=")
    assert found["scores"][0]["criteria"]


def test_facts_are_found_by_kind_and_day(world: World) -> None:
    old = make_talk(world.rep_a1, customer=world.customer_a, at=timezone.now() - dt.timedelta(days=10))
    new = make_talk(world.rep_a1, customer=world.customer_a)
    make_fact(old, "objection", {"reason": "price"}, "价格太贵了")
    wanted = make_fact(new, "objection", {"reason": "price"}, "价格太贵了")
    make_fact(new, "need", {"text": "净水"}, "净水")
    asker = Asker(world.rep_a1)
    asked = {"kind": "objection", "from": day(2).isoformat(), "to": day().isoformat()}
    assert [row["id"] for row in asker.json("facts", **asked)["rows"]] == [wanted.pk]
    assert len(asker.json("facts")["rows"]) == 3
    wanted.state = "rejected"
    wanted.save()
    assert asker.json("facts", **asked)["rows"] == []


def test_a_passage_is_given_to_those_who_may_hear_it(world: World) -> None:
    """The deal is a rep's, the talk behind it a colleague's: their manager hears it, the rep does not."""
    talk = make_talk(world.rep_a2, customer=world.customer_a)
    proof = {"conversation": talk.pk, "fact": None, "quote": "价格太贵了", "start_ms": 100, "end_ms": 900}
    create_deal(by=world.rep_a1, customer=world.customer_a, name="三台净水机", evidence=proof)
    heard = Asker(world.manager_a).json("deals")["rows"][0]["passage"]
    assert (heard["conversation"], heard["quote"], heard["end_ms"]) == (talk.pk, "价格太贵了", 900)
    assert heard["url"].startswith(f"/conversations/{talk.pk}/#t=")
    assert Asker(world.rep_a1).json("deals")["rows"][0]["passage"] is None


# ── scope


OF_TEAM_A = ("customer", "contacts", "order", "receivables", "dealer", "ticket", "conversation")


@pytest.mark.parametrize("who", ["rep_a2", "rep_b1", "manager_b"])
def test_outsiders_find_nothing(world: World, who: str) -> None:
    ids = one_of_everything(world)
    asker = Asker(getattr(world, who))
    for name in LISTS:
        body = asker.json(name)
        rows = body.get("rows", body.get("causes"))
        names = str(rows)
        assert "云海" not in names and "漏水" not in names and "三年不坏" not in names, name
        if name not in ("customers", "prices"):
            assert rows == [], name
    assert asker.json("ticket-statistics")["total"]["tickets"] == 0
    for name in OF_TEAM_A:
        route = routes.ROUTES[f"api:{name}"]
        address = reverse(f"api:{name}", args=[ids[arg] for arg in route.args])
        none = reverse(f"api:{name}", args=[987_654_321])
        assert refusal(asker.get(address), 404) == refusal(asker.get(none), 404)
    asked = {"customer": ids["customer"], "start": "2026-01-01", "end": "2027-01-01"}
    refusal(asker.get("statements", **asked), 404)


FORBIDDEN = {
    Role.MARKETING: (
        "customers",
        "orders",
        "invoices",
        "ageing",
        "tickets",
        "conversations",
        "facts",
        "loyalty",
    ),
    Role.INSPECTOR: ("customers", "orders", "invoices", "who-to-call", "dealers", "tickets", "win-back"),
    Role.ADMINISTRATOR: ("customers", "receipts", "conversations", "shipments", "ticket-statistics"),
    Role.CUSTOMER_DEPARTMENT: ("attainment",),
}


@pytest.mark.parametrize("role", FORBIDDEN)
def test_what_a_role_may_not_see_is_403(world: World, role: Role) -> None:
    asker = Asker(getattr(world, role.value))
    for name in FORBIDDEN[role]:
        assert refusal(asker.get(name), 403)["code"] == "forbidden", name


def test_nothing_is_written(world: World, client: Client) -> None:
    client.force_login(world.rep_a1)
    for path in PATHS:
        address = path.replace("{pk}", "1").replace("{customer}", "1")
        for method in (client.post, client.put, client.patch, client.delete):
            refusal(method(address), 405)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(world.rep_a1)
    refusal(strict.post(f"{V1}/customers"), 401)


# ── bad questions


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("customers", {"page": "0"}),
        ("customers", {"page": "9" * 40}),
        ("customers", {"page": "9" * 5000}),
        ("customers", {"page": "²"}),
        ("customers", {"page_size": "201"}),
        ("customers", {"owner": "9" * 30}),
        ("customers", {"owner": "-1"}),
        ("customers", {"q": "a\x00b"}),
        ("customers", {"q": "x" * 101}),
        ("customers", {"kind": "alien"}),
        ("customers", {"pool": "vielleicht"}),
        ("customers", {"ownr": "1"}),
        ("orders", {"from": "2026-13-01"}),
        ("orders", {"from": "1700000000"}),
        ("orders", {"from": "20261126"}),
        ("orders", {"to": "0001-01-01"}),
        ("orders", {"state": "\x00"}),
        ("ageing", {"by": "moon"}),
        ("ageing", {"on": "9999-12-31"}),
        ("ageing", {"currency": "cny"}),
        ("statements", {}),
        ("statements", {"customer": "1", "start": "2026-01-01"}),
        ("loyalty", {"on": "2100-12-31"}),
        ("who-to-call", {"most": "100000"}),
        ("attainment", {"by": "moon"}),
        ("attainment", {"metric": "luck"}),
        ("attainment", {"period": "aeon"}),
        ("prices", {"on": "heute"}),
        ("prices", {"tier": "9" * 30}),
        ("tickets", {"satisfaction": "6"}),
        ("ticket-statistics", {"from": "2026-02-01", "to": "2026-01-01"}),
        ("facts", {"kind": "lie"}),
        ("facts", {"from": "NaN"}),
    ],
)
def test_a_bad_question_is_answered_in_words(world: World, address: str, asked: dict[str, str]) -> None:
    asker = Asker(world.executive)
    problem = refusal(asker.get(address, **asked), 422)
    shown = [name for name in asked if name in problem["message"]]
    assert shown or problem["code"] != "parameter" or not asked or len(asked) > 1, problem


def test_the_words_are_in_the_language_of_the_request(world: World) -> None:
    asker = Asker(world.executive)
    headers = {"authorization": f"Bearer {asker.secret}"}
    english = Client().get(f"{V1}/orders?from=now", headers=headers | {"accept-language": "en"})
    assert refusal(english, 422)["message"] == "from: Write the day like 2026-11-26, between 2000 and 2100."
    chinese = Client().get(f"{V1}/orders?from=now", headers=headers | {"accept-language": "zh-hans"})
    assert "2026-11-26" in refusal(chinese, 422)["message"]
    assert refusal(chinese, 422) != refusal(english, 422)


@pytest.mark.parametrize("pk", ["0", "-1", "9223372036854775807", "9" * 30, "987654321"])
def test_ids_of_nobody_are_404(world: World, pk: str) -> None:
    asker = Asker(world.executive)
    for path in PATHS:
        if "{" in path:
            refusal(asker.get(path.replace("{pk}", pk).replace("{customer}", pk)), 404)


@pytest.mark.parametrize("pk", ["abc", "1e9", "%00", "9" * 5000])
def test_ids_that_are_no_numbers_are_refused(world: World, pk: str) -> None:
    asker = Asker(world.executive)
    for path in PATHS:
        if "{" in path:
            refusal(asker.get(path.replace("{pk}", pk).replace("{customer}", pk)), 422)


# ── pages and cost


def test_pages_follow_one_another_without_counting(world: World) -> None:
    for number in range(5):
        Customer.objects.create(name=f"客户{number}", owner=world.rep_a1, unit=world.team_a)
    asker = Asker(world.rep_a1)
    names, number, more = [], 1, True
    while more:
        found = asker.json("customers", page=number, page_size=4, sort="name")
        assert (found["page"], found["page_size"]) == (number, 4)
        names += [row["name"] for row in found["rows"]]
        more, number = found["has_next"], number + 1
    assert len(names) == 6 == len(set(names)) and number == 3
    assert asker.json("customers", page=100_000)["rows"] == []


def fill(world: World, number: int) -> None:
    for i in range(number):
        order(world, line(1, 100 + i))
        bill = invoice(world, 500 + i, due=20)
        allocate(world, receipt(world, 100), bill, 40)
        promise(world, 100 + i, made=5, due=1)
        customer = Customer.objects.create(name=f"客户{number}-{i}", owner=world.rep_a1, unit=world.team_a)
        add_contact(customer, by=world.rep_a1, name="王", phone=f"1381234{number:02}{i:02}")
        create_deal(by=world.rep_a1, customer=customer, name=f"交易{i}", amount=Decimal(100))
        open_ticket(by=world.rep_a1, customer=customer, title=f"漏水{i}")
        order(world, line(1, 100), customer=customer, ordered_on=day(300))
        make_full_talk(world.rep_a1, customer=customer)
    sales_loyalty.compute_standings(today=timezone.localdate())


def test_lists_cost_the_same_however_long_they_are(world: World, client: Client) -> None:
    channel_routes.things(world)
    fill(world, 2)
    client.force_login(world.manager_a)
    before = {name: cost(client, name) for name in LISTS}
    fill(world, 9)
    after = {name: cost(client, name) for name in LISTS}
    assert {name: (before[name], after[name]) for name in LISTS if after[name] > before[name]} == {}
    assert {name: number for name, number in after.items() if number > 14} == {}
    assert len(client.get(f"{V1}/orders").json()["rows"]) >= 22


def cost(client: Client, name: str) -> int:
    client.get(f"{V1}/{name}")
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(f"{V1}/{name}")
    assert answer.status_code == 200
    statements = [query["sql"] for query in captured.captured_queries]
    counting = [s for s in statements if s.startswith('SELECT COUNT(*) AS "__count"')]
    assert not counting, (name, counting)
    return len(statements)


# ── merged customers


def test_a_merged_customer_is_answered_with_the_kept_ones_id(world: World) -> None:
    kept = Customer.objects.create(name="云海酒店管理", owner=world.rep_a1, unit=world.team_a)
    gone = world.customer_a
    merge_customers(kept, gone, by=world.customer_department)
    asker = Asker(world.rep_a1)
    for address, location in (
        (f"customers/{gone.pk}", f"{V1}/customers/{kept.pk}"),
        (f"customers/{gone.pk}/contacts?page=1", f"{V1}/customers/{kept.pk}/contacts?page=1"),
        (f"receivables/{gone.pk}", f"{V1}/receivables/{kept.pk}"),
        (f"orders?customer={gone.pk}&page=1", f"{V1}/orders?customer={kept.pk}&page=1"),
        (f"statements?customer={gone.pk}&start=2026-01-01&end=2027-01-01",
         f"{V1}/statements?customer={kept.pk}&start=2026-01-01&end=2027-01-01"),
    ):  # fmt: skip
        answer = asker.get(f"{V1}/{address}")
        assert (answer.status_code, answer["Location"]) == (301, location), address
        assert answer.json()["merged_into"] == kept.pk and answer.json()["error"]["code"] == "merged"
        assert answer["Cache-Control"] == "no-store"
        assert asker.get(answer["Location"]).status_code == 200
    refusal(Asker(world.rep_b1).get(f"customers/{gone.pk}"), 404)
    assert Asker(world.rep_b1).json("orders", customer=gone.pk)["rows"] == []


# ── the description


def test_the_description_is_put_together_once(world: World) -> None:
    asker = Asker(world.rep_a1)
    first = asker.get("/api/openapi.json")
    again = Client().get(
        "/api/openapi.json",
        headers={"authorization": f"Bearer {asker.secret}", "if-none-match": first["ETag"]},
    )
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


def test_the_description_lists_every_address(world: World) -> None:
    described = Asker(world.rep_a1).json("/api/openapi.json")
    assert set(described["paths"]) == PATHS
    for path, methods in described["paths"].items():
        assert set(methods) == {"get"}, path
        operation = methods["get"]
        assert operation["summary"] and operation["description"], path
        assert "$ref" in operation["responses"]["200"]["content"]["application/json"]["schema"], path
    order_states = next(
        p for p in described["paths"][f"{V1}/orders"]["get"]["parameters"] if p["name"] == "state"
    )
    assert "stopped" in order_states["schema"]["enum"]
    names = {scheme["type"] for scheme in described["components"]["securitySchemes"].values()}
    assert names == {"http", "apiKey"}


def test_the_page_of_the_description_loads_nothing_from_elsewhere(world: World, client: Client) -> None:
    client.force_login(world.rep_a1)
    page = client.get("/api/docs")
    assert page.status_code == 200
    text = page.content.decode()
    assert "://" not in text.replace("http://www.w3.org", "") and "/static/ninja/swagger-ui-bundle.js" in text
    assert "script-src 'self'" in page["Content-Security-Policy"]


def test_typed_and_said(world: World) -> None:
    from tests.claims.test_claim_actions import budget, talk

    made = talk(world)
    budget(world, "80万")
    rows = Asker(world.manager_a).json("claims", kind="budget", unit=world.team_a.pk)["rows"]
    (row,) = rows
    assert (row["verdict"], row["text"], row["typed_by"]["name"]) == ("contradicts", "80万", "林晓")
    assert row["passages"][0]["conversation"] == made.pk
    assert row["words"]
    assert Asker(world.manager_b).json("claims")["rows"] == []
    assert Asker(world.manager_a).json("claims", unit=world.team_b.pk)["rows"] == []
    assert Asker(world.manager_a).json("claims", verdict="agrees")["rows"] == []
    assert Asker(world.manager_a).get("claims", verdict="x").status_code == 422
    assert Asker(world.marketing).get("claims").status_code == 403
    made.rep, made.unit = world.rep_b1, world.team_b
    made.save()
    (row,) = Asker(world.rep_a1).json("claims")["rows"]
    assert (row["passages"], row["words"], row["reason"]) == ([], "", "")


def test_the_public_pool_tells_little_and_who_may_take(world: World) -> None:
    from shengce.customers import pool

    pool.save_pool_rule(by=world.executive, idle_days=30, daily_cap=1, keep_away_days=10)
    pool.release_customer(world.customer_a, by=world.rep_a1, reason="不联系了")
    pool.release_customer(world.customer_b, by=world.rep_b1, reason="不联系了")
    rows = {row["id"]: row for row in Asker(world.rep_a1).json("pool")["rows"]}
    assert {pk: row["may_take"] for pk, row in rows.items()} == {
        world.customer_a.pk: False,  # was his a moment ago
        world.customer_b.pk: True,
    }
    mine = rows[world.customer_a.pk]
    assert mine["owners"][0]["person"] == "林晓"
    assert set(mine) == {
        "id", "name", "city", "industry", "value_class", "kind", "pooled_at", "owners", "may_take",
    }  # fmt: skip
    pool.take_customer(world.customer_b, by=world.rep_a1)
    (row,) = Asker(world.rep_a2).json("pool", page_size=1)["rows"]
    assert row["may_take"] is True
    pool.take_customer(world.customer_a, by=world.rep_a2)
    pool.release_customer(world.customer_b, by=world.rep_a1, reason="不联系了")
    (row,) = Asker(world.rep_a2).json("pool")["rows"]
    assert row["may_take"] is False  # the day's number is reached
    assert Asker(world.executive).get("pool").status_code == 403
    assert Asker(world.rep_a1).get("pool", sort="x").status_code == 422
