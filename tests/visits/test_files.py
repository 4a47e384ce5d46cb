"""The lists as files: the rows of the page, whole, in both languages, and nobody else's."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from shengce.customers.models import Customer
from shengce.people.models import CalendarDay
from shengce.planning.cycle import monday_of
from shengce.visits import check_in
from shengce.visits.actions import create_task
from shengce.visits.models import Appointment, Visit
from tests.talks import make_talk
from tests.world import World


def rows_of(client: Client, address: str) -> list[list[str]]:
    answer = client.get(address)
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(b"".join(answer).decode().lstrip("\ufeff"))))  # type: ignore[arg-type]


def test_visits_with_their_talks(world: World, client: Client) -> None:
    came = timezone.now() - dt.timedelta(hours=2)
    visit = check_in.check_in(world.customer_a, by=world.rep_a1, at=came, note="=1+1")
    check_in.leave(visit, by=world.rep_a1, at=came + dt.timedelta(minutes=50))
    make_talk(world.rep_a1, customer=world.customer_a, at=came + dt.timedelta(minutes=5))
    client.force_login(world.manager_a)
    heads, *rows = rows_of(client, f"/visits/visits.csv?rep={world.rep_a1.pk}")
    (row,) = [dict(zip(heads, row, strict=True)) for row in rows]
    assert (row["客户"], row["时长（分钟）"], row["沟通"], row["备注"]) == ("云海大酒店", "50", "1", "'=1+1")
    assert rows_of(client, "/visits/visits.csv?from=2030-01-01") == [heads]
    client.cookies["django_language"] = "en"
    assert rows_of(client, "/visits/visits.csv")[0][:2] == ["Customer", "Rep"]
    book = load_workbook(io.BytesIO(b"".join(client.get("/visits/visits.xlsx"))))  # type: ignore[arg-type]
    assert book.active.max_row == 2
    client.force_login(world.manager_b)
    assert len(rows_of(client, "/visits/visits.csv")) == 1


def test_many_visits_cost_no_more_questions(world: World, client: Client) -> None:
    client.force_login(world.manager_a)

    def questions(number: int) -> int:
        Visit.objects.all().delete()
        for each in range(number):
            at = timezone.now() - dt.timedelta(days=each + 1)
            Visit.objects.create(
                rep=world.rep_a1, unit=world.team_a, customer=world.customer_a, came_at=at, left_at=at
            )
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert len(rows_of(client, "/visits/visits.csv")) == number + 1
        return len(asked)

    assert questions(40) == questions(2)


def test_tasks_and_appointments(world: World, client: Client) -> None:
    create_task(title="送样品", owner=world.rep_a1, by=world.rep_a1, customer=world.customer_a)
    for days, state in ((-30, "no_show"), (2, "confirmed")):
        Appointment.objects.create(
            owner=world.rep_a1, unit=world.team_a, customer=world.customer_a, state=state,
            start_at=timezone.now() + dt.timedelta(days=days),
        )  # fmt: skip
    client.force_login(world.rep_a1)
    assert rows_of(client, "/visits/tasks/tasks.csv")[1][:3] == ["送样品", "云海大酒店", "林晓"]
    assert len(rows_of(client, "/visits/tasks/tasks.csv?which=done")) == 1
    heads, row = rows_of(client, "/visits/appointments/appointments.csv")
    shown = dict(zip(heads, row, strict=True))
    assert (shown["状态"], shown["曾爽约次数"], shown["曾赴约次数"]) == ("已确认", "1", "0")
    client.force_login(world.rep_b1)
    assert len(rows_of(client, "/visits/tasks/tasks.csv?which=all")) == 1
    assert len(rows_of(client, "/visits/appointments/appointments.csv?days=14")) == 1


def test_plan_against_done(world: World, client: Client) -> None:
    from tests.visits.test_lines import planned

    Customer.objects.filter(pk=world.customer_a.pk).update(city="杭州", value_class="A")
    route = planned(world)
    route.start_on = monday_of(timezone.localdate()) - dt.timedelta(days=28)
    route.save()
    client.force_login(world.manager_a)
    monday = monday_of(timezone.localdate()) - dt.timedelta(days=7)
    for number in range(-14, 14):  # whatever holidays there are
        day = monday + dt.timedelta(days=number)
        CalendarDay.objects.create(day=day, works=day.weekday() < 5)
    rows = rows_of(client, f"/visits/week/done.csv?week={monday}")
    assert [(row[0], row[1], row[4]) for row in rows[1:]] == [("林晓", "云海大酒店", "未拜访")]


@pytest.mark.parametrize("address", [
    "/visits/visits.pdf", "/visits/week/done.json", "/visits/tasks/tasks.", "/visits/appointments/appointments.csvx",
])  # fmt: skip
def test_other_endings_are_none(world: World, client: Client, address: str) -> None:
    client.force_login(world.rep_a1)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "query", ["?week=9999-99-99", "?from=x&to=y", "?day=0", "?days=-1&rep=" + "9" * 40, "?page=x"]
)
def test_questions_that_make_no_sense(world: World, client: Client, query: str) -> None:
    client.force_login(world.rep_a1)
    for address in ("visits", "week/done", "appointments/appointments", "tasks/tasks"):
        assert client.get(f"/visits/{address}.csv{query}").status_code == 200


def test_check_ins_and_no_shows_stand_in_the_story_of_the_customer(world: World, client: Client) -> None:
    visit = check_in.check_in(world.customer_a, by=world.rep_a1, note="看了样机")
    Appointment.objects.create(
        owner=world.rep_a1, unit=world.team_a, customer=world.customer_a, state="no_show",
        start_at=timezone.now() - dt.timedelta(days=3),
    )  # fmt: skip
    client.force_login(world.manager_a)
    for address in (f"/customers/{world.customer_a.pk}/story/", f"/customers/{world.customer_a.pk}/"):
        shown = client.get(address).content.decode()
        assert f"/visits/{visit.pk}/" in shown
        assert "到访签到" in shown
    assert "客户爽约" in client.get(f"/customers/{world.customer_a.pk}/story/").content.decode()
    client.force_login(world.customer_department)
    shown = client.get(f"/customers/{world.customer_a.pk}/story/").content.decode()
    assert "到访签到" not in shown  # the office sees customers, but not who is where
