"""The last order and visit of a customer: kept by orders at once, put right from the records by the sweep."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from shengce.customers.models import Customer
from shengce.project.commands.sweep import JOBS
from shengce.recordings.models import Recording
from shengce.sales import actions as sales
from shengce.sales.models import Order
from shengce.visits.actions import book_appointment
from shengce.visits.check_in import check_in, withdraw_visit
from shengce.visits.models import Appointment
from tests.sales import books
from tests.talks import make_talk
from tests.world import World


def days_ago(number: int) -> dt.date:
    return timezone.localdate() - dt.timedelta(days=number)


def last_order(world: World) -> dt.date | None:
    at = Customer.objects.get(pk=world.customer_a.pk).last_order_at
    return at and timezone.localdate(at)


def refresh() -> int:
    return next(job for job in JOBS if job.name == "refresh_activity").run(timezone.now())


def test_an_order_counts_at_once_and_a_cancelled_one_no_more(world: World) -> None:
    old = books.order(world, ordered_on=days_ago(40))
    books.order(world, ordered_on=days_ago(60))
    assert last_order(world) == days_ago(40)
    sales.cancel_order(old, by=world.rep_a1, reason="不要了")
    assert refresh() == 1
    assert last_order(world) == days_ago(60)
    assert refresh() == 0


def test_an_order_that_waits_does_not_count(world: World) -> None:
    order = books.order(world, ordered_on=days_ago(3))
    Order.objects.filter(pk=order.pk).update(state=Order.State.WAITING)
    refresh()
    assert last_order(world) is None


def test_a_visit_is_an_appointment_that_has_come_or_a_talk_on_the_spot(world: World) -> None:
    now = timezone.now()
    for hours in (30, -30):
        book_appointment(
            by=world.rep_a1,
            owner=world.rep_a1,
            customer=world.customer_a,
            start_at=now - dt.timedelta(hours=hours),
        )
    refresh()
    assert Customer.objects.get(pk=world.customer_a.pk).last_visit_at == now - dt.timedelta(hours=30)
    talk = make_talk(world.rep_a1, customer=world.customer_a, at=now - dt.timedelta(hours=2))
    talk.direction = Recording.Direction.ONSITE
    talk.save()
    refresh()
    assert Customer.objects.get(pk=world.customer_a.pk).last_visit_at == now - dt.timedelta(hours=2)


def test_the_release_comes_after_the_look_at_the_records() -> None:
    names = [job.name for job in JOBS]
    assert names.index("refresh_activity") < names.index("release_idle")


def test_a_check_in_is_a_visit_and_an_appointment_without_the_customer_is_none(world: World) -> None:
    now = timezone.now()
    check_in(world.customer_a, by=world.rep_a1, at=now - dt.timedelta(days=3))
    for hours, state in ((5, "no_show"), (4, "cancelled"), (3, "moved")):
        Appointment.objects.create(
            owner=world.rep_a1,
            customer=world.customer_a,
            start_at=now - dt.timedelta(hours=hours),
            state=state,
        )
    refresh()
    assert Customer.objects.get(pk=world.customer_a.pk).last_visit_at == now - dt.timedelta(days=3)
    for hours, state in ((40, "kept"), (30, "confirmed")):
        Appointment.objects.create(
            owner=world.rep_a1,
            customer=world.customer_a,
            start_at=now - dt.timedelta(hours=hours),
            state=state,
        )
    assert refresh() == 1
    assert Customer.objects.get(pk=world.customer_a.pk).last_visit_at == now - dt.timedelta(hours=30)
    withdrawn = check_in(world.customer_a, by=world.rep_a1)
    refresh()
    withdraw_visit(withdrawn, by=world.rep_a1)
    refresh()
    assert Customer.objects.get(pk=world.customer_a.pk).last_visit_at == now - dt.timedelta(hours=30)
