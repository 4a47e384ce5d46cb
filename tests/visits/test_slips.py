"""Slips of the hand: told in words, nothing changed silently, nothing lost."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from shengce.visits import appointments, check_in, places, quotas
from shengce.visits.models import Appointment, Place, Quota, Task, Visit
from shengce.visits.queries import clashes, tasks
from tests.world import World

NOON = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0) + dt.timedelta(days=3)


@pytest.fixture
def hangzhou(world: World) -> World:
    world.customer_a.city = "杭州"
    world.customer_a.save(update_fields=["city"])
    return world


@pytest.mark.parametrize(
    ("latitude", "longitude", "words"),
    [("120.15", "30.26", "填反了"), ("30.26", "-120.15", "公里"), ("0", "0", "公里"), ("25", "123.5", "公里"), ("-91", "120", "到 90")],
)  # fmt: skip
def test_places_that_cannot_be_meant(
    hangzhou: World, client: Client, latitude: str, longitude: str, words: str
) -> None:
    client.force_login(hangzhou.rep_a1)
    address = f"/visits/routes/places/{hangzhou.customer_a.pk}/"
    answer = client.post(address, {"latitude": latitude, "longitude": longitude})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert f'value="{latitude}"' in answer.content.decode()  # what was typed stays
    assert not Place.objects.exists()
    sure = client.post(address, {"latitude": latitude, "longitude": longitude, "sure": "on"})
    assert sure.status_code == (302 if words == "公里" else 422)


def test_the_customer_in_another_city_is_kept_when_one_is_sure(hangzhou: World, client: Client) -> None:
    client.force_login(hangzhou.rep_a1)
    address = f"/visits/routes/places/{hangzhou.customer_a.pk}/"
    assert 'name="sure"' not in client.get(address).content.decode()
    far = {"latitude": "31.23", "longitude": "121.47"}  # Shanghai
    assert 'name="sure"' in client.post(address, far).content.decode()
    assert client.post(address, {**far, "sure": "on"}).status_code == 302
    assert Place.objects.get().latitude == 31.23


def test_where_no_city_is_known_the_country_counts(world: World) -> None:
    world.customer_a.city = world.customer_a.address = ""
    world.customer_a.save(update_fields=["city", "address"])
    with pytest.raises(ValidationError, match="中国"):
        places.save_place(world.customer_a, by=world.rep_a1, latitude=48.8, longitude=2.3)
    places.save_place(world.customer_a, by=world.rep_a1, latitude=43.8, longitude=87.6)


def book(world: World, at: dt.datetime, minutes: int = 60) -> Appointment:
    return appointments.arrange_appointment(
        by=world.rep_a1, owner=world.rep_a1, customer=world.customer_a, start_at=at,
        end_at=at + dt.timedelta(minutes=minutes),
    )  # fmt: skip


def test_the_same_appointment_twice_is_one(world: World) -> None:
    book(world, NOON)
    with pytest.raises(ValidationError, match="已经登记过"):
        book(world, NOON)
    assert Appointment.objects.count() == 1


def test_two_at_once_are_kept_and_told(world: World, client: Client) -> None:
    first = book(world, NOON)
    client.force_login(world.rep_a1)
    form = {"owner": world.rep_a1.pk, "customer": world.customer_a.pk, "minutes": 30}
    late = NOON + dt.timedelta(minutes=45)
    answer = client.post(
        "/visits/appointments/new/", {**form, "start_at": f"{late:%Y-%m-%dT%H:%M}"}, follow=True
    )
    assert "在这个时间另有约访" in answer.content.decode()
    assert answer.content.decode().count("时间冲突：") == 2  # at both
    second = Appointment.objects.exclude(pk=first.pk).get()
    assert clashes([first, second]) == {first.pk: second, second.pk: first}
    answer = client.post(
        f"/visits/appointments/{second.pk}/move/",
        {"start_at": f"{NOON + dt.timedelta(hours=1):%Y-%m-%dT%H:%M}"},
        follow=True,
    )
    assert "已改到" in answer.content.decode()
    assert "另有约访" not in answer.content.decode()  # one ends as the other begins


def test_a_task_is_not_due_before_it_is_written(world: World, client: Client) -> None:
    client.force_login(world.rep_a1)
    yesterday = timezone.localtime() - dt.timedelta(days=1)
    form = {"title": "送样品", "owner": world.rep_a1.pk, "due_at": f"{yesterday:%Y-%m-%dT%H:%M}"}
    answer = client.post("/visits/tasks/new/", form)
    assert answer.status_code == 422
    assert "这个时间已经过去" in answer.content.decode()
    assert "送样品" in answer.content.decode()
    assert not Task.objects.exists()


def test_tasks_without_a_date_come_last(world: World) -> None:
    Task.objects.create(title="无期限", owner=world.rep_a1, unit=world.team_a)
    Task.objects.create(title="有期限", owner=world.rep_a1, unit=world.team_a, due_at=NOON)
    for sort in ("due", "-due", "customer"):
        assert [task.title for task in tasks(world.rep_a1, sort=sort)] == ["有期限", "无期限"]


def test_a_visit_of_yesterday_asks_when_it_ended(world: World, client: Client) -> None:
    came = timezone.make_aware(dt.datetime.combine(timezone.localdate() - dt.timedelta(days=1), dt.time(16)))
    visit = check_in.check_in(world.customer_a, by=world.rep_a1, at=came)
    client.force_login(world.rep_a1)
    for address in ("/my-day/", "/visits/check-in/", f"/visits/{visit.pk}/"):
        assert "没有登记离开" in client.get(address).content.decode()
    answer = client.post(f"/visits/{visit.pk}/leave/", {"at": "15:00", "back": "/my-day/"}, follow=True)
    assert "早于" in answer.content.decode()
    assert client.post(f"/visits/{visit.pk}/leave/", {"at": "zz"}, follow=True).status_code == 200
    assert Visit.objects.get().left_at is None
    client.post(f"/visits/{visit.pk}/leave/", {"at": "17:05"})
    assert Visit.objects.get().left_at == came + dt.timedelta(minutes=65)


def test_the_next_check_in_says_what_it_ended(world: World, client: Client) -> None:
    other = type(world.customer_a).objects.create(name="第二家", owner=world.rep_a1, unit=world.team_a)
    client.force_login(world.rep_a1)
    client.post("/visits/check-in/", {"customer": other.pk})
    answer = client.post("/visits/check-in/", {"customer": world.customer_a.pk}, follow=True)
    assert "您在第二家的拜访已随这次签到结束" in answer.content.decode()
    answer = client.post("/visits/check-in/", {"customer": world.customer_a.pk}, follow=True)
    assert "随这次签到结束" not in answer.content.decode()


def test_a_quota_is_told_in_words_and_not_doubled(world: World, client: Client) -> None:
    client.force_login(world.manager_a)
    form = {"measure": "visits", "least": 10_000, "rep": world.rep_a1.pk, "start_on": "2026-11-01"}
    answer = client.post("/visits/quotas/new/", form, follow=True)
    assert "每月 10000" in answer.content.decode()
    answer = client.post("/visits/quotas/new/", {**form, "least": 0})
    assert "已有这项指标" in answer.content.decode()
    quota = Quota.objects.get()
    answer = client.post(f"/visits/quotas/{quota.pk}/", {**form, "least": 0}, follow=True)
    assert "不再考核" in answer.content.decode()
    assert Quota.objects.get().least == 0


def test_changing_a_quota_keeps_what_held_in_earlier_months(world: World) -> None:
    may, june = dt.date(2026, 5, 1), dt.date(2026, 6, 1)
    quota = quotas.save_quota(by=world.manager_a, measure="visits", least=10, start_on=may, rep=world.rep_a1)
    quotas.save_quota(
        by=world.manager_a, measure="visits", least=20, start_on=june, rep=world.rep_a1, quota=quota
    )
    held = [
        next(
            g.least for g in quotas.goals_of([world.rep_a1], month)[world.rep_a1.pk] if g.measure == "visits"
        )
        for month in (may, june)
    ]
    assert held == [10, 20]
    quotas.save_quota(
        by=world.manager_a, measure="visits", least=12, start_on=may, rep=world.rep_a1, quota=quota
    )
    assert Quota.objects.get(pk=quota.pk).least == 12


def test_every_number_of_the_week_opens(world: World, client: Client) -> None:
    check_in.check_in(world.customer_a, by=world.rep_a1)
    client.force_login(world.manager_a)
    for state in ("", "due", "done", "other_day", "missed", "proven", "extra", "x"):
        assert client.get(f"/visits/week/?rep={world.rep_a1.pk}&state={state}").status_code == 200
