"""Statements and reminders by e-mail, through a mail server that really answers."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from shengce.customers.actions import add_contact
from shengce.people.models import AuditEntry
from shengce.sales import actions
from shengce.sales.models import Dunning, Mail, Statement
from tests.sales.books import day, invoice, receipt
from tests.sales.post_office import PostOffice, post_office
from tests.world import World

# Letters leave after the commit, so these tests commit.
pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = "liu@yunhai.example"


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    with post_office() as found:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", found.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.DEFAULT_FROM_EMAIL = "credit@chengyuan.example"
        settings.EMAIL_TIMEOUT = 5
        yield found


@contextlib.contextmanager
def refused(*codes: str) -> Iterator[None]:
    with pytest.raises(ValidationError) as problem:
        yield
    known = (
        problem.value.error_dict.values()
        if hasattr(problem.value, "error_dict")
        else [problem.value.error_list]
    )
    assert {error.code for errors in known for error in errors} <= set(codes)
    assert all(problem.value.messages)


def reminder(world: World) -> Dunning:
    return actions.send_dunning(invoice(world, 500, due=20), by=world.customer_department)


def statement(world: World) -> Statement:
    invoice(world, 500, due=20)
    receipt(world, 100)
    return actions.make_statement(
        world.customer_a, by=world.customer_department, start_on=day(90), end_on=day(-1)
    )


def test_a_reminder_arrives_word_for_word(world: World, office: PostOffice) -> None:
    letter = reminder(world)
    mail = actions.send_mail(letter, by=world.customer_department, to=f" {ADDRESS} ")
    mail.refresh_from_db()
    assert (mail.state, mail.problem, mail.tries) == (Mail.State.SENT, "", 1)
    ((receivers, message),) = office.taken
    assert receivers == [ADDRESS] and message["From"] == "credit@chengyuan.example"
    assert letter.invoice.number in str(message["Subject"])
    assert message.get_content().strip() == letter.text
    said = AuditEntry.objects.filter(action__startswith="mail.").order_by("pk")
    assert list(said.values_list("action", flat=True)) == ["mail.asked", "mail.sent"]


def test_a_statement_arrives_with_its_account(world: World, office: PostOffice) -> None:
    actions.send_mail(statement(world), by=world.customer_department, to=ADDRESS)
    ((_receivers, message),) = office.taken
    assert world.customer_a.name in message.get_body().get_content()  # type: ignore[union-attr]
    (attached,) = message.iter_attachments()
    rows = list(load_workbook(BytesIO(attached.get_content())).active.values)
    assert rows[1][5] == 0 and rows[-1][5] == 400
    assert [row[3] for row in rows[2:-1]] == [500, 0]


def test_without_a_server_the_page_says_so(world: World, client: Client, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    letter = reminder(world)
    with refused("no_server"):
        actions.send_mail(letter, by=world.customer_department, to=ADDRESS)
    assert not Mail.objects.exists()
    client.force_login(world.customer_department)
    page = client.get(f"/sales/money/dunning/{letter.pk}/").text
    assert "SHENGCE_SMTP_HOST" in page and 'name="to"' not in page


def test_a_failure_says_why_and_can_be_tried_again(world: World, office: PostOffice) -> None:
    letter, clerk = reminder(world), world.customer_department
    office.refuses.add(ADDRESS)
    mail = actions.send_mail(letter, by=clerk, to=ADDRESS)
    mail.refresh_from_db()
    assert (mail.state, mail.problem, mail.detail) == ("failed", "address", "no such mailbox")
    office.refuses.clear()
    office.full = True
    actions.try_again(mail, by=clerk).refresh_from_db()
    mail.refresh_from_db()
    assert (mail.state, mail.problem, mail.detail, mail.tries) == ("failed", "refused", "mailbox is full", 2)
    office.full = False
    actions.try_again(mail, by=clerk)
    mail.refresh_from_db()
    assert (mail.state, mail.problem, mail.tries) == ("sent", "", 3)
    assert len(office.taken) == 1
    with refused("state"):
        actions.try_again(mail, by=clerk)


def test_a_server_that_is_gone_is_said_in_words(world: World, office: PostOffice, settings: Any) -> None:
    with post_office() as other:
        settings.EMAIL_PORT = other.port
    mail = actions.send_mail(reminder(world), by=world.customer_department, to=ADDRESS)
    mail.refresh_from_db()
    assert (mail.state, mail.problem) == ("failed", "unreachable")


def test_a_letter_on_its_way_is_not_sent_twice(world: World, office: PostOffice) -> None:
    letter, clerk = reminder(world), world.customer_department
    mail = Mail.objects.create(dunning=letter, to=ADDRESS, subject="x", by=clerk)
    with refused("on_its_way"):
        actions.send_mail(letter, by=clerk, to=ADDRESS)
    with refused("on_its_way"):
        actions.try_again(mail, by=clerk)
    Mail.objects.update(asked_at=timezone.now() - dt.timedelta(hours=1))  # its process died
    actions.try_again(mail, by=clerk)
    mail.refresh_from_db()
    assert mail.state == "sent" and len(office.taken) == 1


@pytest.mark.parametrize("to", ["", "刘经理", "a@b", "a@b.c\nBcc: x@y.example", "x" * 250 + "@a.example"])
def test_what_is_no_address(world: World, office: PostOffice, to: str) -> None:
    with refused("invalid", "empty", "too_long"):
        actions.send_mail(reminder(world), by=world.customer_department, to=to)
    assert not office.taken and not Mail.objects.exists()


def test_only_the_customer_department_sends(world: World, office: PostOffice) -> None:
    letter = reminder(world)
    for by in (world.rep_a1, world.manager_a, world.executive, world.inspector):
        with pytest.raises(PermissionDenied):
            actions.send_mail(letter, by=by, to=ADDRESS)


def test_from_the_letters_page(world: World, office: PostOffice, client: Client) -> None:
    add_contact(world.customer_a, by=world.rep_a1, name="刘会计", email=ADDRESS)
    letter = reminder(world)
    client.force_login(world.customer_department)
    assert f'value="{ADDRESS}"' in client.get(f"/sales/money/dunning/{letter.pk}/").text
    office.refuses.add(ADDRESS)
    page = client.post(f"/sales/money/dunning/{letter.pk}/mail/", {"to": ADDRESS}, follow=True).text
    assert "no such mailbox" in page
    office.refuses.clear()
    again = f"/sales/money/mails/{Mail.objects.get().pk}/"
    assert again in page
    assert again not in client.post(again, follow=True).text
    assert len(office.taken) == 1


def test_chosen_reminders_are_noted_and_sent_together(
    world: World, office: PostOffice, client: Client
) -> None:
    add_contact(world.customer_a, by=world.rep_a1, name="刘会计", email=ADDRESS)
    bills = [
        invoice(world, 500, due=20),
        invoice(world, 600, due=30),
        invoice(world, 50, due=9, customer=world.customer_b),
    ]
    client.force_login(world.customer_department)
    chosen = {"invoice": [bill.pk for bill in bills], "mail": "1"}
    page = client.post("/sales/money/dunning/", chosen, follow=True).text
    assert Dunning.objects.count() == 3 and len(office.taken) == 2
    assert world.customer_b.name in page
