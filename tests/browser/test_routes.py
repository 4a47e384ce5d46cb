"""Lines in the hand: a stop is dragged to another day and place, or moved by keyboard; and the check-in on a phone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Site
from tests.browser.people import another_person, sign_in

REP, OTHER = "rep_lin", "rep_zhou"
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    "locale": "zh-CN",
}
THERE = {"latitude": 30.25, "longitude": 120.15}

LINES = """
import datetime as dt, json, sys
import django
django.setup()
from django.utils import timezone
from shengce.customers.models import Customer
from shengce.people.models import CalendarDay, User
from shengce.planning.cycle import monday_of, week_of_cycle
from shengce.visits.models import Place, Route, RouteStop
rep = User.objects.get(username=sys.argv[1])
today = timezone.localdate()
CalendarDay.objects.update_or_create(day=today, defaults={"works": True})
Route.objects.filter(rep=rep).delete()
base = {"name": "", "latitude": 30.25, "longitude": 120.15, "starts": 540, "minutes": 480, "weekdays": [0, 1, 2, 3, 4, 5, 6]}
route = Route.objects.create(rep=rep, unit=rep.unit, number=1, start_on=today, base=base)
week, made = week_of_cycle(today, 4), {}
for position, name in enumerate(("甲记茶楼", "乙记饭店", "丙记旅馆")):
    customer, _made = Customer.objects.get_or_create(name=name + rep.username, defaults={"owner": rep, "unit": rep.unit})
    Place.objects.update_or_create(customer=customer, defaults={"latitude": 30.25 + position / 100, "longitude": 120.15})
    stop = RouteStop.objects.create(
        route=route, week=week, weekday=today.weekday(), position=position, customer=customer, every_weeks=4, minutes=30
    )
    made[name] = stop.pk
print(json.dumps({"rep": rep.pk, "week": week, "today": today.weekday(), "stops": made}))
"""


def lines_of(site: Site, username: str) -> dict[str, Any]:
    """Three customers on today's line of the rep."""
    done = subprocess.run(
        [sys.executable, "-c", LINES, username],
        env=site.environment,
        check=True,
        capture_output=True,
        text=True,
    )
    made: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return made


def day_of(page: Page, weekday: int) -> Locator:
    return page.locator(f'.day-line[data-weekday="{weekday}"]')


def expect_stops(page: Page, weekday: int, names: list[str]) -> None:
    titles = day_of(page, weekday).locator(".calls .title")
    expect(titles).to_have_text([re.compile(name) for name in names])


@pytest.fixture
def opened(page: Page, site: Site) -> tuple[Page, dict[str, Any]]:
    made = lines_of(site, REP)
    sign_in(page, REP)
    page.goto(f"/visits/routes/of/{made['rep']}/?week={made['week']}")
    expect_stops(page, made["today"], ["甲记", "乙记", "丙记"])
    return page, made


def test_a_stop_is_dragged_to_another_place_and_another_day(opened: tuple[Page, dict[str, Any]]) -> None:
    page, made = opened
    today, other = made["today"], (made["today"] + 2) % 7

    def stop(name: str) -> Locator:
        return page.locator(f'li[data-stop="{made["stops"][name]}"]')

    stop("丙记旅馆").drag_to(stop("甲记茶楼"), target_position={"x": 60, "y": 4})
    expect_stops(page, today, ["丙记", "甲记", "乙记"])
    stop("甲记茶楼").drag_to(day_of(page, other).locator("header"))
    expect_stops(page, other, ["甲记"])
    expect_stops(page, today, ["丙记", "乙记"])
    expect(day_of(page, other).locator(".badge.info").first).to_be_visible()  # fixed there from now on
    page.reload()
    expect_stops(page, today, ["丙记", "乙记"])


def test_the_same_is_done_by_keyboard(opened: tuple[Page, dict[str, Any]]) -> None:
    page, made = opened
    today, other = made["today"], (made["today"] + 3) % 7
    mover = page.locator(f'li[data-stop="{made["stops"]["甲记茶楼"]}"] .mover')
    mover.locator("summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")  # "up" does nothing for the first one and is passed over
    expect(mover.locator("button[value=down]")).to_be_focused()
    page.keyboard.press("Enter")
    expect_stops(page, today, ["乙记", "甲记", "丙记"])
    mover.locator("summary").focus()
    page.keyboard.press("Enter")
    for _each in range(3):
        page.keyboard.press("Tab")
    expect(mover.locator("select")).to_be_focused()
    mover.locator("select").select_option(f"{made['week']}-{other}")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect_stops(page, other, ["甲记"])
    expect_stops(page, today, ["乙记", "丙记"])


def check_in(page: Page, name: str) -> None:
    page.locator(f"li:has-text('{name}') button.here").tap()
    page.wait_for_url(re.compile(r"/visits/\d+/$"))


def test_the_phone_says_where_it_is(site: Site, browser: Browser) -> None:
    lines_of(site, OTHER)
    page = another_person(
        browser, OTHER, base_url=site.address, geolocation=THERE, permissions=["geolocation"], **PHONE
    )
    page.goto("/visits/check-in/")
    expect(page.locator("#where")).to_have_text("已定位，签到时一并提交。")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    check_in(page, "甲记茶楼")
    expect(page.locator("main")).to_contain_text("设备定位")
    expect(page.locator("main .card .badge.ok").first).to_have_text("0 米")
    page.context.set_geolocation({**THERE, "latitude": 30.40})
    page.goto("/visits/check-in/")
    expect(page.locator("main")).to_contain_text("您正在")
    expect(page.locator("#where")).to_have_text("已定位，签到时一并提交。")
    check_in(page, "乙记饭店")  # taken although it is far, and marked; the visit before it ends
    expect(page.locator("main .card .badge.bad").first).to_contain_text("公里")
    page.context.close()


def test_without_a_place_the_customer_is_chosen_by_hand(site: Site, browser: Browser) -> None:
    lines_of(site, OTHER)
    page = another_person(browser, OTHER, base_url=site.address, permissions=[], **PHONE)
    page.goto("/visits/check-in/")
    expect(page.locator("#where")).to_have_text("设备没有提供位置，请手工选择客户。")
    check_in(page, "丙记旅馆")
    expect(page.locator("main")).to_contain_text("手工选择")
    leaving = page.locator("main button:has-text('我要离开')")
    leaving.tap()
    expect(leaving).to_have_count(0)
    expect(page.locator("main")).to_contain_text("0 分钟")
    page.context.close()
