"""The pages of the room: what stands on them, what their forms do, what they cost, and questions that make no sense."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from shengce.catalogue.models import Product
from shengce.customers.models import Customer
from shengce.people.working_days import working_calendar
from shengce.service import actions
from shengce.service.models import Ticket, TicketRule
from shengce.service.words import due_clock, length_words
from tests.service.test_ticket_actions import at, opened
from tests.talks import make_fact, make_talk
from tests.world import World

QUEUE, STATISTICS = "/service/", "/service/statistics/"


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, (address, answer.status_code)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode()


def send(client: Client, ticket: Ticket, what: str, status: int = 302, **form: object) -> str:
    answer = client.post(reverse("service:change", args=[ticket.pk, what]), form)
    assert answer.status_code == status, answer.content.decode()[-2000:]
    ticket.refresh_from_db()
    return answer.content.decode()


@pytest.fixture
def clerk(world: World, client: Client) -> Client:
    client.force_login(world.customer_department)
    return client


@pytest.mark.parametrize(
    ("worked", "zh", "en"),
    [
        (dt.timedelta(0), "0 分钟", "0 min"),
        (dt.timedelta(minutes=59), "59 分钟", "59 min"),
        (dt.timedelta(hours=3, minutes=20), "3 小时 20 分钟", "3 h 20 min"),
        (dt.timedelta(hours=7.5), "1 个工作日", "1 working day"),
        (dt.timedelta(hours=-17.5), "2 个工作日 2 小时", "2 working days 2 h"),
    ],
)
def test_lengths_in_words(db: None, worked: dt.timedelta, zh: str, en: str) -> None:
    for language, words in (("zh-hans", zh), ("en", en)):
        with translation.override(language):
            assert length_words(worked, working_calendar()) == words


def test_the_clock_of_a_ticket(world: World) -> None:
    def shown(now: str) -> tuple[str, str, str]:
        clock = due_clock(ticket, now=at(now), calendar=working_calendar())
        return clock.what, clock.words, clock.tone

    ticket = opened(world)
    with translation.override("en"):
        assert shown("2025-11-27 11:00") == ("Answer", "3 h left", "")
        assert shown("2025-11-27 14:00") == ("Answer", "1 h 30 min left", "warn")
        assert shown("2025-11-28 09:30") == ("Answer", "3 h late", "bad")
        ticket = actions.add_step(
            ticket, by=world.rep_a1, text="x", state="waiting", at=at("2025-11-27 11:00")
        )
        assert shown("2025-11-28 09:30") == ("Solve", "Stands still, 3 working days 6 h left", "info")
        ticket = actions.add_step(
            ticket, by=world.rep_a1, text="x", state="working", at=at("2025-11-27 14:30")
        )
        assert shown("2025-11-27 14:30") == ("Solve", "3 working days 6 h left", "")
        ticket = actions.solve_ticket(ticket, by=world.rep_a1, cause="x", at=at("2025-11-28 10:00"))
        assert shown("2025-12-30 10:00") == ("Solve", "In time", "ok")


def test_unknown_holidays_are_told(world: World) -> None:
    far = dt.datetime(2098, 12, 31, 10, tzinfo=dt.UTC)
    ticket = opened(world)
    ticket.answer_by = far
    clock = due_clock(ticket, now=far - dt.timedelta(days=2), calendar=working_calendar())
    assert clock.guessed == (2098,)


def test_a_day_of_the_customer_service(world: World, clerk: Client) -> None:
    product = Product.objects.create(name="清泉500")
    assert "新建工单" in page(clerk, QUEUE)
    assert world.customer_a.name in page(clerk, "/service/new/?q=云海")
    address = f"/service/new/?customer={world.customer_a.pk}"
    assert world.customer_a.name in page(clerk, address)
    form = {"title": "漏水", "kind": "repair", "priority": "urgent", "product": product.pk}
    answer = clerk.post(address, form | {"owner": "", "description": "厨房\n那台"})
    ticket = Ticket.objects.get()
    assert answer["Location"] == reverse("service:ticket", args=[ticket.pk])
    assert (ticket.kind, ticket.priority, ticket.product, ticket.customer) == (
        "repair",
        "urgent",
        product,
        world.customer_a,
    )

    shown = page(clerk, answer["Location"])
    assert "厨房<br>那台" in shown
    assert "撤回" in shown
    send(clerk, ticket, "assign", owner=world.customer_department.pk)
    send(clerk, ticket, "step", text="约了周五上门", state="waiting")
    assert (ticket.state, ticket.owner) == ("waiting", world.customer_department)
    assert "撤回工单" not in page(clerk, answer["Location"])
    send(clerk, ticket, "solve", cause="密封圈老化", cost="80.5", text="换了")
    send(clerk, ticket, "close", satisfaction="5", feedback="很快")
    assert (ticket.state, ticket.satisfaction, str(ticket.cost)) == ("closed", 5, "80.50")
    send(clerk, ticket, "reopen", reason="又漏了")
    assert ticket.state == "working"
    shown = page(clerk, answer["Location"])
    for words in ("约了周五上门", "换了", "又漏了", "重新打开 1 次"):
        assert words in shown


@pytest.mark.parametrize(
    ("what", "form"),
    [
        ("step", {"text": "", "state": "working"}),
        ("step", {"text": "x", "state": "solved"}),
        ("step", {"text": "\x00", "state": "working"}),
        ("assign", {"owner": "999999"}),
        ("assign", {"owner": "x" * 50}),
        ("solve", {"cause": "", "cost": "80"}),
        ("solve", {"cause": "x", "cost": "-1"}),
        ("solve", {"cause": "x", "cost": "NaN"}),
        ("solve", {"cause": "x", "cost": "9" * 40}),
    ],
)
def test_what_cannot_be_done_comes_back_with_reasons(
    world: World, clerk: Client, what: str, form: dict[str, str]
) -> None:
    ticket = opened(world)
    before = Ticket.objects.values().get()
    shown = send(clerk, ticket, what, 422, **form)
    assert 'role="alert"' in shown
    assert Ticket.objects.values().get() == before


@pytest.mark.parametrize(
    ("what", "form"),
    [("close", {"satisfaction": "5"}), ("close", {"satisfaction": "9"}), ("withdraw", {}), ("reopen", {})],
)
def test_who_comes_too_late_is_told(world: World, clerk: Client, what: str, form: dict[str, str]) -> None:
    """Somebody else changed the ticket while the form stood on the screen."""
    ticket = actions.add_step(opened(world), by=world.rep_a1, text="x")
    before = Ticket.objects.values().get()
    send(clerk, ticket, what, **form)
    assert 'class="message error"' in page(clerk, reverse("service:ticket", args=[ticket.pk]))
    assert Ticket.objects.values().get() == before


def test_a_mistake_is_taken_back(world: World, clerk: Client) -> None:
    ticket = opened(world)
    answer = clerk.post(reverse("service:change", args=[ticket.pk, "withdraw"]))
    assert answer["Location"] == QUEUE
    assert not Ticket.objects.exists()
    assert clerk.post(reverse("service:change", args=[ticket.pk, "withdraw"])).status_code == 404


def test_new_tickets_need_a_customer_of_ones_own(world: World, client: Client) -> None:
    client.force_login(world.rep_b1)
    form = {"title": "x", "kind": "claim", "priority": "low"}
    for customer in (world.customer_a.pk, 987_654_321, 10**18):
        assert client.post(f"/service/new/?customer={customer}", form).status_code == 404
    assert client.post(f"/service/new/?customer={world.customer_b.pk}", form).status_code == 302
    assert world.customer_a.name not in page(client, "/service/new/?q=云海")
    assert client.post("/service/new/", form).status_code == 200  # who, first
    assert Ticket.objects.count() == 1


def test_the_passage_plays_for_those_who_may_hear_it(world: World, client: Client) -> None:
    fact = make_fact(
        make_talk(world.rep_a1, customer=world.customer_a), "complaint", {"about": "product"}, "价格太贵了"
    )
    ticket = opened(world, by=world.customer_department, owner=world.rep_b1, fact=fact)
    hearers = (world.rep_a1, world.manager_a, world.customer_department)
    for user, hears in (*((hearer, True) for hearer in hearers), (world.rep_b1, False)):
        client.force_login(user)
        for address in (QUEUE, reverse("service:ticket", args=[ticket.pk])):
            assert ('data-audio="' in page(client, address)) is hears
        assert "价格太贵了" in page(client, reverse("service:ticket", args=[ticket.pk]))


def test_who_works_on_it_need_not_see_the_customer(world: World, client: Client) -> None:
    ticket = opened(world, by=world.customer_department, owner=world.rep_b1)
    client.force_login(world.rep_b1)
    for address in (QUEUE, reverse("service:ticket", args=[ticket.pk])):
        shown = page(client, address)
        assert world.customer_a.name in shown
        assert f"/customers/{world.customer_a.pk}/" not in shown


def test_the_queue_is_filtered_sorted_and_saved(world: World, clerk: Client) -> None:
    opened(world, title="=1+1", priority="urgent")
    opened(world, title="平常", customer=world.customer_b, by=world.rep_b1)
    assert "平常" not in page(clerk, QUEUE + "?priority=urgent")
    assert "没有符合条件的工单" in page(clerk, QUEUE + "?kind=return")
    rows = list(csv.reader(io.StringIO(page(clerk, "/service/tickets.csv?priority=urgent").lstrip("\ufeff"))))
    assert len(rows) == 2
    assert rows[1][1:5] == [world.customer_a.name, "'=1+1", "投诉", "紧急"]
    assert clerk.get("/service/tickets.xlsx").status_code == 200


NONSENSE = (
    "?page=0", "?page=99999999999999999999", "?page=x", "?state=x", "?kind=x", "?priority=%00", "?product=x",
    "?product=" + "9" * 30, "?rep=-1", "?customer=²", "?customer=9223372036854775807", "?q=%00%ff", "?q=" + "x" * 5000,
    "?from=2025-13-01", "?to=9999-12-31", "?from=0001-01-01", "?late=x", "?satisfaction=99999999999", "?sort=;drop",
    "?which=x", "?cause=" + "因" * 300, "?months=x", "?months=13", "?months=-1",
)  # fmt: skip


@pytest.mark.parametrize("query", NONSENSE)
def test_questions_that_make_no_sense(world: World, clerk: Client, query: str) -> None:
    opened(world)
    for address in (QUEUE, "/service/tickets.csv", STATISTICS, "/service/causes.csv"):
        page(clerk, address + query)


@pytest.mark.parametrize("pk", ["0", "987654321", "9" * 30])
def test_tickets_that_do_not_exist(world: World, clerk: Client, pk: str) -> None:
    page(clerk, f"/service/{pk}/", 404)
    assert clerk.post(f"/service/{pk}/step/", {"text": "x"}).status_code == 404


def rule_form(shown: str) -> dict[str, str]:
    inputs = re.findall(r'<input type="number" name="([\w-]+)" value="(\d+)"', shown)
    assert len(inputs) == 40
    return dict(inputs)


def test_rules_are_saved_all_or_none(world: World, clerk: Client) -> None:
    form = rule_form(page(clerk, "/service/rules/"))
    assert clerk.post("/service/rules/", form).status_code == 302
    assert not TicketRule.objects.exists()  # nothing was changed
    form["claim-high-answer_hours"] = "3"
    assert clerk.post("/service/rules/", form).status_code == 302
    rule = TicketRule.objects.get()
    assert (rule.kind, rule.priority, rule.answer_hours) == ("claim", "high", 3)
    for wrong in ("0", "x", "", "99999", "9" * 40, "-1"):
        answer = clerk.post(
            "/service/rules/", form | {"claim-low-answer_hours": wrong, "claim-high-solve_hours": "5"}
        )
        assert answer.status_code == 422
    assert TicketRule.objects.get().solve_hours == 30
    clerk.force_login(world.rep_a1)
    assert "<input" not in page(clerk, "/service/rules/").split("<main")[1].split("</main>")[0]
    assert clerk.post("/service/rules/", form).status_code == 403


def test_the_statistics_lead_down_to_their_tickets(world: World, clerk: Client) -> None:
    assert "此期间没有工单" in page(clerk, STATISTICS)
    product = Product.objects.create(name="清泉500")
    now = timezone.now()
    for number in range(4):
        ticket = opened(world, product=product, opened_at=now - dt.timedelta(days=14, hours=number))
        if number:
            ticket = actions.solve_ticket(ticket, by=world.rep_a1, cause="密封圈", cost=Decimal(100))
            actions.close_ticket(ticket, by=world.rep_a1, satisfaction=number + 1)
    shown = page(clerk, STATISTICS)
    assert "¥300" in shown
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/service/\?[^"]+)"', shown)}
    assert len(links) > 10
    found = {link: page(clerk, link).count('class="title wrap-any"') for link in links}
    today = f"&to={timezone.localdate()}"  # of the whole period, not of a month or a kind
    whole = {link: number for link, number in found.items() if link.endswith(today) and "kind=" not in link}
    assert {number for link, number in whole.items() if "late=solve" in link} == {4}
    assert [number for link, number in found.items() if "cause=" in link] == [3]
    assert [number for link, number in found.items() if "satisfaction=3" in link] == [1]
    rows = list(csv.reader(io.StringIO(page(clerk, "/service/causes.csv").lstrip("\ufeff"))))
    assert rows[1][:4] == ["清泉500", "密封圈", "3", "300.00"]
    clerk.force_login(world.rep_b1)
    assert "此期间没有工单" in page(clerk, STATISTICS)


def fill(world: World, number: int) -> None:
    for i in range(number):
        customer = Customer.objects.create(name=f"客户{i}-{number}", owner=world.rep_a1, unit=world.team_a)
        product = Product.objects.create(name=f"产品{i}-{number}")
        fact = make_fact(
            make_talk(world.rep_a1, customer=customer), "complaint", {"about": "product"}, "价格太贵了"
        )
        opened(world, customer=customer, product=product, fact=fact, owner=world.rep_a1)
        done = opened(world, product=product, opened_at=None)
        actions.solve_ticket(done, by=world.rep_a1, cause=f"原因{i}")


@pytest.mark.parametrize("who", ["rep_a1", "manager_a", "customer_department"])
def test_pages_cost_the_same_whatever_they_show(world: World, client: Client, who: str) -> None:
    client.force_login(getattr(world, who))
    ticket = opened(world)
    pages = (
        QUEUE, QUEUE + "?state=all", "/service/tickets.csv?state=all", STATISTICS, "/service/rules/",
        reverse("service:ticket", args=[ticket.pk]),
    )  # fmt: skip
    before: dict[str, int] = {}
    for number in (2, 9):
        fill(world, number)
        for _ in range(number):
            actions.add_step(ticket, by=world.rep_a1, text="x")
        for address in pages:
            with CaptureQueriesContext(connection) as captured:
                page(client, address)
            assert len(captured) <= before.setdefault(address, len(captured)), (
                address,
                captured.captured_queries,
            )
    assert max(before.values()) <= 17, before  # with the session and the person
    print(before)
