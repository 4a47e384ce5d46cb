"""The monthly card: figures of known records, what people wrote stays, the sweep runs once, files carry no formulas."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from shengce.cards.actions import draft_monthly_card, draft_monthly_cards
from shengce.cards.figures import busy_customers, month_before, read_figures
from shengce.cards.models import MonthlyRun
from shengce.customers import cards
from shengce.customers.actions import set_card_field
from shengce.customers.models import CardField, CardTemplate, Customer
from shengce.project.commands.sweep import JOBS
from shengce.recordings.models import Recording
from shengce.sales import actions as sales
from shengce.sales.models import Order
from shengce.service.actions import open_ticket
from shengce.visits.actions import book_appointment
from shengce.visits.check_in import check_in
from shengce.visits.models import Appointment
from tests.sales import books
from tests.talks import make_fact, make_talk
from tests.world import World


def this_month() -> dt.date:
    return timezone.localdate().replace(day=1)


def last_month() -> dt.date:
    return month_before(this_month())


def on(day: int, hour: int = 10) -> dt.datetime:
    """A moment of last month."""
    return timezone.make_aware(dt.datetime.combine(last_month().replace(day=day), dt.time(hour)))


def values(world: World, month: dt.date | None = None) -> dict[str, str]:
    """Figure → value of the card of customer_a, last month."""
    template = cards.template_of("monthly").fields
    rows = CardField.objects.filter(customer=world.customer_a, month=month or last_month()).order_by("pk")
    return {template[row.field].from_figure or row.field: row.value for row in rows}


def a_full_month(world: World) -> None:
    """Last month: two orders (and one cancelled), money, an overdue invoice, a broken promise, a visit, talks, a ticket."""
    first = last_month()
    for amount in (100, 250):
        books.order(world, books.line(1, amount), ordered_on=first.replace(day=3))
    gone = books.order(world, books.line(1, 999), ordered_on=first.replace(day=4))
    sales.cancel_order(gone, by=world.rep_a1, reason="改主意")
    books.order(world, books.line(1, 70), ordered_on=month_before(first).replace(day=9))  # the month before
    bill = sales.issue_invoice(
        by=world.customer_department, customer=world.customer_a, issued_on=first, due_on=first.replace(day=10),
        amount=Decimal(500),
    )  # fmt: skip
    early = sales.record_receipt(
        by=world.customer_department, customer=world.customer_a, received_on=first.replace(day=12), amount=Decimal(120)
    )  # fmt: skip
    sales.allocate(early, by=world.customer_department, invoice=bill, amount=Decimal(120))
    later = sales.record_receipt(
        by=world.customer_department, customer=world.customer_a, received_on=this_month(), amount=Decimal(80)
    )
    sales.allocate(later, by=world.customer_department, invoice=bill, amount=Decimal(80))
    talk = make_talk(world.rep_a1, customer=world.customer_a, at=on(5))
    talk.direction, talk.contact = Recording.Direction.ONSITE, world.contact_a
    talk.save()
    make_talk(world.rep_a1, customer=world.customer_a, at=on(6))
    make_talk(world.rep_b1, customer=world.customer_b, at=on(6))
    promised = make_fact(talk, "payment_promise", {"min": "300", "max": "300"}, "下周五先打二十万")
    sales.note_payment_promise(
        by=world.rep_a1, rep=world.rep_a1, customer=world.customer_a, amount=Decimal(300),
        due_on=first.replace(day=15), fact=promised,
    )  # fmt: skip
    sales.check_promises(today=timezone.localdate())
    make_fact(talk, "need", {"text": "二十台净水机"}, "价格太贵了")
    make_fact(talk, "competitor", {"name": "蓝泉"}, "蓝泉才四千五")
    book_appointment(by=world.rep_a1, owner=world.rep_a1, customer=world.customer_a, start_at=on(20))
    book_appointment(by=world.rep_a1, owner=world.rep_a1, customer=world.customer_a, start_at=on(5, 15))
    open_ticket(by=world.rep_a1, customer=world.customer_a, title="漏水", opened_at=on(8))


def test_the_figures_are_those_of_the_records(world: World) -> None:
    a_full_month(world)
    draft_monthly_card(world.customer_a, by=world.rep_a1, month=last_month())
    assert values(world) == {
        "orders": "2", "turnover": "350.00", "receipts": "120.00",
        "overdue": "380.00",  # what came this month was still open then
        "promises_kept": "0", "promises_broken": "1",
        "visits": "2",  # the talk on the spot and the appointment of the same day are one
        "talks": "2", "tickets": "1", "tickets_open": "1", "contacts": "刘经理", "needs": "二十台净水机", "rivals": "蓝泉",
        "risk": "高",
    }  # fmt: skip
    rows = {row.field: row for row in world.customer_a.card_fields.all()}
    assert rows["month_orders"].evidence["before"] == "1"
    assert rows["month_promises_broken"].evidence["passages"][0]["quote"] == "下周五先打二十万"
    assert rows["month_risk"].evidence["because"] == ["promises_broken"]
    assert {row.source for row in rows.values()} == {CardField.Source.COMPUTED}


def test_drafting_again_writes_only_what_changed(world: World) -> None:
    a_full_month(world)
    first = draft_monthly_card(world.customer_a, by=world.rep_a1, month=last_month())
    assert first == 14
    assert draft_monthly_card(world.customer_a, by=world.rep_a1, month=last_month()) == 0
    books.order(world, books.line(1, 50), ordered_on=last_month())
    assert draft_monthly_card(world.customer_a, by=world.rep_a1, month=last_month()) == 2
    assert values(world)["turnover"] == "400.00"
    history = world.customer_a.card_fields.filter(field="month_turnover").order_by("pk")
    assert [row.value for row in history] == ["350.00", "400.00"]


def test_what_a_person_wrote_stays(world: World) -> None:
    set_card_field(world.customer_a, "month_risk", "低", by=world.rep_a1, month=last_month())
    a_full_month(world)
    draft_monthly_card(world.customer_a, by=world.rep_a1, month=last_month())
    assert values(world)["risk"] == "低"


def test_a_month_to_come_and_other_peoples_customers_are_refused(world: World) -> None:
    to_come = (timezone.localdate().replace(day=28) + dt.timedelta(days=5)).replace(day=1)
    with pytest.raises(ValidationError, match=r"has not begun|尚未开始"):
        draft_monthly_card(world.customer_a, by=world.rep_a1, month=to_come)
    with pytest.raises(PermissionDenied):
        draft_monthly_card(world.customer_a, by=world.rep_b1, month=last_month())
    with pytest.raises(PermissionDenied):
        draft_monthly_cards(month=last_month(), by=world.rep_a1)


def test_the_sweep_drafts_everybody_once(world: World) -> None:
    a_full_month(world)
    Customer.objects.create(name="没有动静的客户", owner=world.rep_a1, unit=world.team_a)
    job = next(job for job in JOBS if job.name == "draft_monthly_cards")
    assert job.run(timezone.now()) == 2  # customer_b only talked
    assert job.run(timezone.now()) == 0
    run = MonthlyRun.objects.get()
    assert (run.month, run.cards, run.by) == (last_month(), 2, None)
    assert values(world)["orders"] == "2"
    assert CardField.objects.get(customer=world.customer_b, field="month_talks").value == "1"
    assert draft_monthly_cards(month=last_month(), by=world.executive) == 2  # a person may do it again


def test_many_customers_cost_no_more_questions(world: World) -> None:
    a_full_month(world)
    with CaptureQueriesContext(connection) as one:
        read_figures([world.customer_a.pk], last_month(), today=timezone.localdate())
    more = [
        Customer.objects.create(name=f"客户{n}", owner=world.rep_a1, unit=world.team_a) for n in range(20)
    ]
    for customer in more:
        make_talk(world.rep_a1, customer=customer, at=on(9), indexed=False)
    with CaptureQueriesContext(connection) as many:
        read_figures([world.customer_a.pk, *(c.pk for c in more)], last_month(), today=timezone.localdate())
    assert len(one) == len(many) <= 16


def test_a_firms_own_card_gets_figures_that_it_does_not_have_yet(world: World) -> None:
    old = [s for s in cards.as_data(cards.templates()["monthly"].sections) if s["key"] != "month_figures"]
    CardTemplate.objects.create(card="monthly", sections=old)
    template = cards.template_of("monthly")
    assert template.sections[0].key == "month_figures" and "month_orders" in template.fields
    assert (
        cards.save_card_template(
            by=world.executive, card="monthly", sections=cards.as_data(template.sections)
        )
        is None
    )


def page(client: Client, address: str, language: str) -> str:
    client.cookies["django_language"] = language
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_card_page_links_every_figure_and_plays_what_one_may_hear(world: World, client: Client) -> None:
    a_full_month(world)
    client.force_login(world.rep_a1)
    address = reverse("web:customer_card", args=[world.customer_a.pk, "monthly"])
    drafted = client.post(
        reverse("cards:draft", args=[world.customer_a.pk]), {"month": f"{last_month():%Y-%m}"}
    )
    assert drafted.status_code == 302
    asked = f"{address}?month={last_month():%Y-%m}"
    shown = page(client, asked, "en")
    for place in (
        "/sales/orders/?customer=",
        "/sales/money/receipts/?customer=",
        "/conversations/?customer=",
    ):
        assert place in shown
    assert 'data-quote="下周五先打二十万"' in shown and "+1" in shown
    assert ">High<" in shown.replace("\n", "") and ">高<" not in shown
    # whoever sees the customer but none of the talks gets the figures without sound
    world.customer_a.owner, world.customer_a.unit = world.rep_b1, world.team_b
    world.customer_a.save()
    client.force_login(world.rep_b1)
    shown = page(client, asked, "zh-hans")
    assert "350" in shown and "下周五先打二十万" not in shown and 'class="play"' not in shown


def test_choices_are_said_in_the_language_of_the_page(world: World, client: Client) -> None:
    set_card_field(world.customer_a, "ownership", "民营", by=world.rep_a1)
    set_card_field(world.customer_a, "ownership", "国有", by=world.rep_a1)
    client.force_login(world.rep_a1)
    shown = page(client, reverse("web:customer_card", args=[world.customer_a.pk, "profile"]), "en")
    changes = shown[shown.index("What changed") :]
    assert (
        "Private" in changes and "State-owned" in changes and "国有" not in changes and "民营" not in changes
    )
    story = page(client, reverse("web:customer", args=[world.customer_a.pk]), "en")
    assert "Card: State-owned" in story


def test_the_list_filters_sorts_and_says_what_to_do(world: World, client: Client) -> None:
    client.force_login(world.manager_a)
    assert 'class="empty"' in page(client, reverse("cards:monthly"), "en")
    a_full_month(world)
    quiet = Customer.objects.create(name="小客户", owner=world.rep_a1, unit=world.team_a)
    make_talk(world.rep_a1, customer=quiet, at=on(9), indexed=False)
    draft_monthly_cards(month=last_month())
    shown = page(client, reverse("cards:monthly") + "?sort=turnover", "en")
    assert shown.index("云海大酒店") < shown.index("小客户") and "松岭学校" not in shown
    assert "小客户" not in page(client, reverse("cards:monthly") + "?risk=高", "en")
    assert "云海大酒店" not in page(client, reverse("cards:monthly") + "?q=小客户", "en")
    for bad in ("?month=2026-13", "?month=%00", "?sort=x&owner=-1&page=99999999999", "?risk=%F0"):
        page(client, reverse("cards:monthly") + bad, "en")


def test_the_list_costs_the_same_whatever_it_shows(world: World, client: Client) -> None:
    counts = []
    for number in (1, 12):
        for n in range(number):
            customer = Customer.objects.create(
                name=f"客户{number}-{n}", owner=world.rep_a1, unit=world.team_a
            )
            make_talk(world.rep_a1, customer=customer, at=on(9), indexed=False)
        draft_monthly_cards(month=last_month(), by=world.executive)
        client.force_login(world.manager_a)
        client.get(reverse("cards:monthly"))
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("cards:monthly"))
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 14


def book(answer: Any) -> list[list[Any]]:
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_cards_as_excel_keep_numbers_and_run_no_formula(world: World, client: Client) -> None:
    a_full_month(world)
    set_card_field(world.customer_a, "note", "=1+1", by=world.rep_a1)
    draft_monthly_card(world.customer_a, by=world.rep_a1, month=last_month())
    client.force_login(world.rep_a1)
    client.cookies["django_language"] = "en"
    asked = f"?month={last_month():%Y-%m}"
    rows = book(client.get(reverse("web:customer_cards_file", args=[world.customer_a.pk]) + asked))
    by_field = {row[3]: row for row in rows[1:]}
    assert {row[0] for row in rows[1:]} == {"Profile card", "Strategy card", "Monthly review card"}
    assert by_field["Ordered"][4:6] == [350, 70] and by_field["Note"][4] == "'=1+1"
    assert by_field["Risk"][4] == "High"
    assert by_field["Promises not kept in time"][9] == "下周五先打二十万"
    one = book(client.get(reverse("web:customer_card_file", args=[world.customer_a.pk, "monthly"]) + asked))
    assert {row[0] for row in one[1:]} == {"Monthly review card"}
    many = book(client.get(reverse("cards:monthly_xlsx") + asked))
    assert many[1][1] == "云海大酒店" and 350 in many[1] and len(many) == 2


def test_orders_that_wait_are_none_yet(world: World) -> None:
    made = books.order(world, books.line(1, 100), ordered_on=last_month())
    Order.objects.filter(pk=made.pk).update(state=Order.State.WAITING)
    draft_monthly_card(world.customer_a, by=world.rep_a1, month=last_month())
    assert values(world)["orders"] == "0"


def test_check_ins_count_beside_talks_on_the_spot_each_day_once(world: World) -> None:
    talk = make_talk(world.rep_a1, customer=world.customer_a, at=on(5))
    talk.direction = Recording.Direction.ONSITE
    talk.save()
    check_in(world.customer_a, by=world.rep_a1, at=on(5, 9))  # the visit of that talk
    check_in(world.customer_a, by=world.rep_a1, at=on(9))
    check_in(world.customer_a, by=world.rep_a1, at=on(12))
    for day, state in ((14, "no_show"), (15, "kept"), (12, "kept"), (16, "cancelled")):
        Appointment.objects.create(
            owner=world.rep_a1, customer=world.customer_a, start_at=on(day), state=state
        )
    check_in(world.customer_a, by=world.rep_a1)  # not of that month
    figure = read_figures([world.customer_a.pk], last_month(), today=timezone.localdate())["visits"]
    assert figure[world.customer_a.pk].value == "4"  # the 5th, 9th, 12th and 15th
    assert [each["conversation"] for each in figure[world.customer_a.pk].passages] == [talk.pk]
    check_in(world.customer_b, by=world.rep_b1, at=on(3))
    assert world.customer_b.pk in busy_customers(last_month(), today=timezone.localdate())
