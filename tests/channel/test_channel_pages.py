"""Pages of the channel: what they show to whom, forms, files, and what they cost."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shengce.channel import actions
from shengce.channel.actions import Counted
from shengce.channel.models import (
    DealerContract,
    DiversionCase,
    PriceCase,
    Shipment,
    Sighting,
    StockReport,
)
from shengce.customers.models import Customer
from shengce.sales.models import Order, OrderLine
from tests.channel.market import Market
from tests.talks import make_fact, make_talk
from tests.world import World

DAY = dt.timedelta(days=1)


def text_of(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode("utf-8-sig")


def ship(world: World, market: Market, lot: str = "A1203", customer: Any = None) -> Shipment:
    return actions.record_shipment(
        by=world.customer_department, lot=lot, product=market.product, customer=customer or market.away,
        shipped_on=market.today - 7 * DAY, quantity=D(20),
    )  # fmt: skip


def test_a_scan_shows_at_once_where_the_lot_belongs(world: World, market: Market, client: Client) -> None:
    ship(world, market)
    client.force_login(world.rep_a1)
    address = "/channel/diversion/scan/?lot=a12-03&place=苏州"
    page = client.get(address).text
    assert 'class="card verdict strayed"' in page
    assert "徐州区" in page
    assert market.away.name not in page  # a dealer of another team
    part = client.get(address, headers={"HX-Request": "true"}).text
    assert part.strip().startswith('<div id="result"')
    client.force_login(world.manager_a)
    assert market.away.name in client.get(address).text
    assert not Sighting.objects.exists()


def test_an_own_dealer_is_named_and_linked(world: World, market: Market, client: Client) -> None:
    ship(world, market, customer=market.home)
    client.force_login(world.rep_a1)
    page = client.get("/channel/diversion/scan/?lot=A1203&place=徐州").text
    assert f"/channel/dealers/{market.home.pk}/" in page


@pytest.mark.parametrize("lot", ["??", "x" * 300, "\x00", "𝟘", "' OR 1=1", "%"])
def test_strange_lots_are_answered(world: World, market: Market, client: Client, lot: str) -> None:
    client.force_login(world.rep_a1)
    assert client.get("/channel/diversion/scan/", {"lot": lot}).status_code == 200
    assert client.post("/channel/diversion/scan/", {"lot": lot, "place": ""}).status_code in (302, 422)


def test_a_scan_is_noted_and_the_place_remembered(world: World, market: Market, client: Client) -> None:
    ship(world, market)
    client.force_login(world.rep_a1)
    form = {"lot": "A1203", "place": "苏州观前街", "price": "4999", "seller": "小店"}
    answer = client.post("/channel/diversion/scan/", form)
    noted = Sighting.objects.get()
    assert answer["Location"] == f"/channel/diversion/sightings/{noted.pk}/"
    assert (noted.source, noted.finding, noted.price) == ("scan", "strayed", 4999)
    assert 'value="苏州观前街"' in client.get("/channel/diversion/scan/").text
    refused = client.post("/channel/diversion/scan/", {**form, "price": "-3"})
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text


def test_from_sighting_to_closed_case_by_hand(world: World, market: Market, client: Client) -> None:
    shipment = ship(world, market)
    client.force_login(world.rep_a1)
    client.post("/channel/diversion/sightings/new/", {"lot": "A1203", "place": "苏州"})
    sighting = Sighting.objects.get()
    client.force_login(world.manager_a)
    page = client.get(f"/channel/diversion/sightings/{sighting.pk}/").text
    assert f"sighting={sighting.pk}&amp;shipment={shipment.pk}" in page
    new = f"/channel/diversion/cases/new/?sighting={sighting.pk}"
    assert market.away.name in client.get(new).text
    client.post(new, {"sighting": sighting.pk, "text": "窜货"})
    case = DiversionCase.objects.get()
    here = f"/channel/diversion/cases/{case.pk}/"
    steps: tuple[tuple[str, dict[str, Any]], ...] = (
        ("ask", {"text": "请说明", "answer_by": market.today.isoformat()}),
        ("answer", {"text": "没有"}),
        ("decide", {"verdict": "proven", "penalty": "3000", "text": "属实"}),
        ("close", {"text": "已扣"}),
    )
    for step, form in steps:
        assert f'action="{here}{step}/"' in client.get(here).text
        empty = client.post(f"{here}{step}/", {})
        assert empty.status_code == 422
        assert 'role="alert"' in empty.text
        assert client.post(f"{here}{step}/", form)["Location"] == here
    page = client.get(here).text
    for shown in (case.number, "¥3,000", "没有", "已扣", market.away.name, "HT-1"):
        assert shown in page
    assert client.post(f"{here}close/", {"text": "again"}).status_code == 422


def test_what_a_colleague_did_first_comes_back_in_words(world: World, market: Market, client: Client) -> None:
    case = actions.open_case(by=world.manager_a, suspect=market.home, text="x")
    actions.ask_statement(case, by=world.manager_a, text="?")
    client.force_login(world.manager_a)
    again = client.post(f"/channel/diversion/cases/{case.pk}/ask/", {"text": "?"})
    assert again.status_code in (200, 422)
    assert case.entries.count() == 2


def test_a_talks_hint_is_played_only_where_the_talk_may_be_heard(
    world: World, market: Market, client: Client
) -> None:
    ship(world, market)
    talk = make_talk(world.rep_a1, customer=market.home, turns=(("customer", "昆山有人卖清泉500"),))
    fact = make_fact(
        talk, "diversion", {"product": "清泉500", "place": "昆山", "price": None}, "昆山有人卖清泉500"
    )
    sighting = actions.note_sighting(
        by=world.rep_a1, source="talk", product=market.product, place="昆山", customer=market.home, fact=fact
    )
    address, button = (
        f"/channel/diversion/sightings/{sighting.pk}/",
        f'data-audio="/conversations/{talk.pk}/audio/"',
    )
    for user in (world.rep_a1, world.manager_a, world.executive, world.customer_department):
        client.force_login(user)
        assert button in client.get(address).text
    client.force_login(world.marketing)
    page = client.get(address).text
    assert "昆山有人卖清泉500" in page
    assert button not in page


def test_a_case_is_opened_only_against_who_may_be_behind_it(
    world: World, market: Market, client: Client
) -> None:
    ship(world, market)
    other = ship(world, market, "Z9")
    sighting = actions.note_sighting(by=world.rep_a1, source="scan", lot="A1203", place="苏州")
    client.force_login(world.manager_a)
    form = {"sighting": sighting.pk, "shipment": other.pk, "text": "x"}
    client.post("/channel/diversion/cases/new/", form)
    assert DiversionCase.objects.get().shipment != other


def test_a_price_case_is_settled_from_the_list(world: World, market: Market, client: Client) -> None:
    talk = make_talk(world.rep_a1, customer=world.customer_a, turns=(("rep", "清泉500给您四千五"),))
    value = {"min": "4500", "max": "4500", "product": "清泉500", "of": "own"}
    make_fact(talk, "price", value, "清泉500给您四千五")
    case = actions.check_prices_of_talk(talk)[0]
    client.force_login(world.manager_a)
    page = client.get("/channel/diversion/prices/?state=open").text
    assert f'data-audio="/conversations/{talk.pk}/audio/"' in page
    assert "¥4,500" in page and "¥4,800" in page
    address = f"/channel/diversion/prices/{case.pk}/settle/"
    assert 'class="message error"' in client.post(address, {"state": "justified"}, follow=True).text
    client.post(address, {"state": "justified", "comment": "样机"})
    assert PriceCase.objects.get().state == "justified"
    client.force_login(world.rep_a1)
    assert "样机" in client.get("/channel/diversion/prices/").text
    client.force_login(world.rep_b1)
    assert "样机" not in client.get("/channel/diversion/prices/").text


def test_stock_is_typed_in_the_grid(world: World, market: Market, client: Client) -> None:
    client.force_login(world.rep_a1)
    address, key = f"/channel/dealers/{market.home.pk}/stock/", market.product.pk
    day = market.today.isoformat()
    assert client.post(address, {"on": day, f"stock_{key}": "12.5", f"sold_{key}": "3"}).status_code == 302
    row = StockReport.objects.get()
    assert (row.stock, row.sold, row.reported_on) == (D("12.5"), 3, market.today)
    assert 'value="12.5"' in client.get(address).text
    for bad in ({f"stock_{key}": "-1"}, {f"stock_{key}": "viel"}, {f"stock_{key}": "NaN"}, {f"stock_{key}": "9e99"},
                {f"sold_{key}": "3"}, {}, {"on": "2100-01-01", f"stock_{key}": "1"}):  # fmt: skip
        answer = client.post(address, {"on": day, **bad})
        assert answer.status_code == 422, bad
        assert 'role="alert"' in answer.text
    assert StockReport.objects.get().stock == D("12.5")


def test_sell_in_and_sell_out_meet_on_the_dealers_page(world: World, market: Market, client: Client) -> None:
    month = market.today.replace(day=1)
    order = Order.objects.create(number="1", customer=market.home, ordered_on=month, total=D(10))
    OrderLine.objects.create(order=order, product=market.product, quantity=D(30), price=D(1), amount=D(30))
    for day, stock in ((month - DAY, 10), (market.today, 15)):
        actions.report_stock(
            by=world.rep_a1, dealer=market.home, reported_on=day, lines=[Counted(market.product, D(stock))]
        )
    actions.compute_cooperation(month=market.today)
    client.force_login(world.rep_a1)
    page = client.get(f"/channel/dealers/{market.home.pk}/").text
    assert '<figure class="chart">' in page
    assert '<td class="right">30</td><td class="right">25</td>' in page  # the data of the picture
    assert 'id="cooperation"' in page and 'class="big"' in page
    assert "HT-0" in page


FILES = (
    "/channel/dealers/", "/channel/dealers/contracts/", "/channel/diversion/cases/", "/channel/diversion/sightings/",
    "/channel/diversion/shipments/", "/channel/diversion/prices/", "/channel/diversion/statistics/",
)  # fmt: skip


@pytest.mark.parametrize("address", FILES)
def test_lists_are_saved_without_running_formulas(
    world: World, market: Market, client: Client, address: str
) -> None:
    Customer.objects.filter(pk=market.home.pk).update(name="=cmd|' /C calc'!A0")
    DealerContract.objects.filter(dealer=market.home).update(number="=1+1", terms="@SUM(A1)")
    ship(world, market, "=LOT-1", customer=Customer.objects.get(pk=market.home.pk))
    sighting = actions.note_sighting(
        by=world.rep_a1, source="scan", lot="=LOT-1", place="-徐州", seller="=1+1", note="+1x", price=D(4000)
    )
    actions.open_case(by=world.manager_a, sighting=sighting, text="x")
    client.force_login(world.manager_a)
    text = text_of(client.get(f"{address}?as=csv"))
    assert len(text.splitlines()) >= 2
    for row in text.splitlines():
        for cell in row.split(","):
            assert not cell.startswith(("=", "@", "+1x", "-徐")), row
    answer = client.get(f"{address}?as=xlsx")
    assert b"".join(answer.streaming_content)[:2] == b"PK"


def test_lists_filter_and_turn_pages(world: World, market: Market, client: Client) -> None:
    Shipment.objects.bulk_create(
        Shipment(
            lot=f"L{number:03}", lot_key=f"1{number:03}", product=market.product, customer=market.home,
            territory=market.suzhou, shipped_on=market.today - number * DAY, quantity=D(1),
        )
        for number in range(65)
    )  # fmt: skip
    client.force_login(world.rep_a1)
    seen: list[str] = []
    for page in (1, 2, 3):
        text = client.get(f"/channel/diversion/shipments/?page={page}&sort=lot").text
        seen += [f"L{n:03}" for n in range(65) if f">L{n:03}</a>" in text]
    assert seen == [f"L{n:03}" for n in range(65)]
    one = client.get("/channel/diversion/shipments/?q=l007").text
    assert ">L007</a>" in one and ">L008</a>" not in one
    client.force_login(world.rep_b1)
    assert ">L007</a>" not in client.get("/channel/diversion/shipments/").text


ADDRESSES = (
    *FILES, "/channel/diversion/sightings/?finding=waiting&source=talk&q=a", "/channel/dealers/?level=first&sort=until",
    "/catalogue/prices/", "/catalogue/prices/authority/",
)  # fmt: skip
JUNK = ("?page=999999999999", "?q=%00", "?product=99999999999999999999", "?sort=nonsense&state=x&territory=-1&suspect=a",
        "?days=x&month=9&on=0000-00-00&tier=12345678901234567890&as=exe")  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("junk", JUNK)
def test_addresses_that_ask_for_nonsense(
    world: World, market: Market, client: Client, address: str, junk: str
) -> None:
    client.force_login(world.executive)
    joined = address + (junk.replace("?", "&") if "?" in address else junk)
    assert client.get(joined).status_code == 200


@pytest.mark.parametrize(
    "address",
    ["/channel/dealers/{}/", "/channel/dealers/{}/stock/", "/channel/diversion/cases/{}/",
     "/channel/diversion/sightings/{}/", "/channel/dealers/contracts/{}/", "/catalogue/products/{}/"],
)  # fmt: skip
@pytest.mark.parametrize("pk", [0, 999_999, 10**30])
def test_what_does_not_exist(world: World, market: Market, client: Client, address: str, pk: int) -> None:
    client.force_login(world.executive)
    assert client.get(address.format(pk)).status_code == 404


def test_posts_to_what_does_not_exist(world: World, client: Client) -> None:
    client.force_login(world.executive)
    for pk in (999_999, 10**30):
        for address in ("cases/{}/note/", "cases/{}/sighting/", "sightings/{}/withdraw/", "shipments/{}/withdraw/",
                        "prices/{}/settle/"):  # fmt: skip
            answer = client.post(f"/channel/diversion/{address.format(pk)}", {"text": "x"})
            assert answer.status_code in (403, 404), address


def test_scores_are_computed_from_the_list(world: World, market: Market, client: Client) -> None:
    client.force_login(world.manager_a)
    good = client.post("/channel/dealers/cooperation/", {"month": f"{market.today:%Y-%m}"}, follow=True)
    assert 'class="message success"' in good.text
    for month in ("", "2100-01", "x", "\x00"):
        bad = client.post("/channel/dealers/cooperation/", {"month": month}, follow=True)
        assert 'class="message error"' in bad.text


def test_a_contract_is_written_and_refused_in_words(world: World, market: Market, client: Client) -> None:
    client.force_login(world.manager_a)
    form = {
        "dealer": market.home.name, "number": "HT-77", "territory": market.xuzhou.pk, "start_on": "2019-01-01",
        "end_on": "2020-01-01", "target": "100000", "deposit": "", "terms": "",
    }  # fmt: skip
    answer = client.post("/channel/dealers/contracts/new/", form)
    assert answer["Location"] == f"/channel/dealers/{market.home.pk}/"
    row = DealerContract.objects.get(number="HT-77")
    for bad in ({"dealer": market.away.name}, {"dealer": "\x00"}, {"dealer": ""}, {"number": ""}, {"end_on": "2018-01-01"},
                {"target": "1e30"}, {"territory": "999999999999999999999"}, {"start_on": "yesterday"}):  # fmt: skip
        refused = client.post(f"/channel/dealers/contracts/{row.pk}/", {**form, **bad})
        assert refused.status_code == 422, bad
        assert 'role="alert"' in refused.text
    row.refresh_from_db()
    assert row.territory == market.xuzhou


def test_a_shipment_is_recorded_and_taken_back(world: World, market: Market, client: Client) -> None:
    client.force_login(world.customer_department)
    form = {
        "lot": "A1203", "product": market.product.pk, "customer": market.away.name, "shipped_on": market.today,
        "quantity": "20", "territory": "",
    }  # fmt: skip
    assert client.post("/channel/diversion/shipments/new/", form).status_code == 302
    again = client.post("/channel/diversion/shipments/new/", form)
    assert again.status_code == 422
    assert "A1203" in again.text
    row = Shipment.objects.get()
    client.post(f"/channel/diversion/shipments/{row.pk}/withdraw/")
    assert not Shipment.objects.exists()


def statements(client: Client, address: str) -> list[str]:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
        assert answer.status_code == 200
    return [q["sql"] for q in captured.captured_queries if "django_session" not in q["sql"]]


def fill(world: World, market: Market, number: int) -> None:
    for one in range(number):
        lot = f"LOT{number}X{one}"
        dealer = Customer.objects.create(
            name=f"经销{lot}", kind="dealer", owner=world.rep_a1, unit=world.team_a, territory=market.xuzhou
        )
        DealerContract.objects.create(
            dealer=dealer,
            number=lot,
            territory=market.xuzhou,
            start_on=market.today,
            end_on=market.today + 9 * DAY,
        )
        ship(world, market, lot, customer=dealer)
        talk = make_talk(
            world.rep_a1, customer=market.home, turns=(("customer", "苏州有人卖清泉500，五千一台"),)
        )
        fact = make_fact(
            talk, "diversion", {"product": None, "place": "苏州", "price": "5000"}, "苏州有人卖清泉500"
        )
        sighting = actions.note_sighting(
            by=world.rep_a1,
            source="talk",
            lot=lot,
            place="苏州",
            price=D(5000),
            product=market.product,
            fact=fact,
        )
        actions.open_case(by=world.manager_a, sighting=sighting, text="x")
        actions.report_stock(
            by=world.rep_a1, dealer=market.home, reported_on=market.today - one * DAY,
            lines=[Counted(market.product, D(one))],
        )  # fmt: skip
        more = actions.note_sighting(by=world.rep_a1, source="scan", lot=lot, place="苏州")
        first = DiversionCase.objects.order_by("pk").first()
        assert first
        actions.add_sighting(first, more, by=world.manager_a)


def test_pages_cost_the_same_whatever_they_show(world: World, market: Market, client: Client) -> None:
    client.force_login(world.manager_a)
    fill(world, market, 2)
    first = DiversionCase.objects.order_by("pk").first()
    assert first
    pages = [
        *FILES, f"/channel/dealers/{market.home.pk}/", f"/channel/dealers/{market.home.pk}/stock/",
        f"/channel/diversion/cases/{first.pk}/", "/channel/diversion/scan/?lot=LOT2X0&place=苏州",
        f"/channel/diversion/sightings/{Sighting.objects.order_by('pk')[0].pk}/", "/catalogue/prices/",
        f"/catalogue/products/{market.product.pk}/",
    ]  # fmt: skip
    before = {page: len(statements(client, page)) for page in pages}
    fill(world, market, 8)
    after = {page: statements(client, page) for page in pages}
    assert {page: len(found) for page, found in after.items()} == before
    costly = {page: (len(found), found) for page, found in after.items() if len(found) > 19}
    assert not costly
    print(before)
