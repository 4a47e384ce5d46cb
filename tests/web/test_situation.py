"""How things stand with a customer: what is wrong comes first, each line leads somewhere, and what was said plays."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from shengce.sales.actions import check_promises
from shengce.sales.credit import set_credit
from shengce.sales.models import Order
from shengce.service.actions import open_ticket
from shengce.visits.actions import create_task
from tests.sales import books
from tests.talks import make_fact, make_talk
from tests.world import World


def shown(client: Client, world: World, who: str, language: str = "en") -> str:
    client.force_login(getattr(world, who))
    client.cookies["django_language"] = language
    page = client.get(reverse("web:customer", args=[world.customer_a.pk])).content.decode()
    return page[page.index('id="now"') : page.index('id="ahead"')]


def trouble(world: World) -> None:
    """Money overdue and over the limit, a promise broken, an order that waits, a late ticket and task, words of a talk."""
    books.invoice(world, 900, due=20)
    set_credit(world.customer_a, by=world.customer_department, limit=Decimal(500), days=30)
    order = books.order(world, books.line(1, 700))
    assert order.state == Order.State.WAITING
    books.promise(world, 300, made=30, due=9)
    check_promises(today=timezone.localdate())
    long_ago = timezone.now() - dt.timedelta(days=40)
    open_ticket(by=world.rep_a1, customer=world.customer_a, title="一直漏水", opened_at=long_ago)
    create_task(
        title="送样机", owner=world.rep_a1, by=world.rep_a1, customer=world.customer_a, due_at=timezone.now() - dt.timedelta(days=2)
    )  # fmt: skip
    talk = make_talk(world.rep_a1, customer=world.customer_a, at=timezone.now() - dt.timedelta(days=1))
    make_fact(talk, "payment_promise", {"min": "200000", "max": "200000"}, "下周五先打二十万")
    make_fact(talk, "objection", {"reason": "price"}, "你们价格太贵了，蓝泉才四千五")
    make_fact(talk, "competitor", {"name": "蓝泉"}, "你们价格太贵了，蓝泉才四千五")


def test_everything_that_matters_is_there_the_worst_first(world: World, client: Client) -> None:
    trouble(world)
    text = shown(client, world, "rep_a1")
    places = [
        text.index(words)
        for words in (
            "¥900 overdue, up to 20 days", "¥400 over the credit limit", "and did not keep it", "Ticket is late: 一直漏水",
            "Order of ¥700", "1 task is late", "Said he would pay: ¥200,000", "Objection: Price · Competitor: 蓝泉",
        )
    ]  # fmt: skip
    assert max(places[:4]) < min(places[4:6]) < max(places[4:6]) < min(places[6:])
    assert text.count('class="play"') == 3  # the broken promise, the new one, the objection
    assert "眼下情况" in shown(client, world, "rep_a1", "zh-hans")


def test_a_promise_in_the_ledger_is_not_news(world: World, client: Client) -> None:
    books.promise(world, 300, made=3, due=-5)
    assert "Said he would pay" not in shown(client, world, "rep_a1")


def test_who_hears_no_talks_gets_no_words(world: World, client: Client) -> None:
    trouble(world)
    world.customer_a.owner, world.customer_a.unit = world.rep_b1, world.team_b
    world.customer_a.save()
    text = shown(client, world, "rep_b1")
    assert "¥900 overdue" in text and "蓝泉" not in text and "二十万" not in text


def test_a_quiet_customer_says_so(world: World, client: Client) -> None:
    assert "Nothing is overdue, late, or waiting." in shown(client, world, "rep_a1")


def test_the_risk_of_the_month_and_the_number_to_call_stand_at_the_head(world: World, client: Client) -> None:
    from shengce.cards.actions import draft_monthly_card

    trouble(world)
    draft_monthly_card(world.customer_a, by=world.rep_a1, month=timezone.localdate())
    client.force_login(world.rep_a1)
    client.cookies["django_language"] = "en"
    page = client.get(reverse("web:customer", args=[world.customer_a.pk])).content.decode()
    head = page[: page.index('id="now"')]
    assert "Risk High" in head and 'href="tel:13812340001"' in head
