"""The daily report on a phone: how many taps it takes and how long, from the draft to the manager's ear and back."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import RECORDINGS
from tests.browser.people import another_person, sign_in

REP, MANAGER = "rep_chen", "manager_fang"
PROCESSED = 90_000  # milliseconds for a minute of sound on a busy machine
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
MOST_TAPS = 8
TWO_MINUTES = 120.0
# What a person needs besides waiting, generously: find and hit a button, read a line, type a Chinese character.
A_TAP, A_LINE, A_CHARACTER = 2.0, 3.0, 0.8
WRITTEN = "客户希望下周看样机"


class Hand:
    """A thumb that counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps, self.characters = page, 0, 0

    def tap(self, target: Locator) -> None:
        box = target.bounding_box()
        assert box is not None and box["height"] >= 22, "too small for a thumb"
        target.tap()
        self.taps += 1

    def write(self, target: Locator, text: str) -> None:
        self.tap(target)
        target.fill(text)
        self.characters += len(text)


def upload_a_talk(page: Page) -> str:
    """One of the rep's talks goes in at a desk and is recognised; the day on which it was held."""
    manifest = json.loads((RECORDINGS / "manifest.json").read_text(encoding="utf-8"))["recordings"]
    talk = max((r for r in manifest if r["rep"] == REP and not r["flaw"]), key=lambda r: len(r["facts"]))
    sign_in(page, REP)
    page.goto("/recordings/upload/")
    page.set_input_files("#files", str(RECORDINGS / str(talk["file"])))
    page.locator("[data-send]").click()
    expect(page.locator("[data-results] li[data-state=received]")).to_be_visible()
    page.goto("/recordings/")
    opened = page.locator('main a[href^="/conversations/"]').first
    expect(opened).to_be_visible(timeout=PROCESSED)
    opened.click()
    page.wait_for_url(re.compile(r"/conversations/\d+/"))
    for _try in range(120):  # the words are there before the facts are
        if page.locator("[id^=fact-]").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    return page.locator(".sub").inner_text()[:10]


@pytest.fixture
def phone(page: Page, browser: Browser, browser_context_args: dict[str, Any]) -> tuple[Page, str]:
    """The rep's phone, signed in, and the day of the talk."""
    day = upload_a_talk(page)
    return another_person(browser, REP, **browser_context_args, **PHONE), day


def test_a_proven_report_in_two_minutes_and_back(
    phone: tuple[Page, str], browser: Browser, browser_context_args: dict[str, Any]
) -> None:
    page, day = phone
    hand, began = Hand(page), time.perf_counter()
    page.goto(f"/my-day/?day={day}")
    lines = page.locator(".report-line:not(.adding)")
    expect(lines.first).to_be_visible()
    read = lines.count()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    # every line from a talk plays; one is heard
    proofs = page.locator("#report-lines a.play")
    assert proofs.count() >= 1
    hand.tap(proofs.first)
    page.wait_for_function("() => !document.querySelector('evidence-dock audio').paused")

    # one line is wrong and goes with one tap, and comes back, and goes for good
    hand.tap(page.locator("#report-lines .out").first)
    expect(lines).to_have_count(read - 1)
    hand.tap(page.locator(".put-back button"))
    expect(lines).to_have_count(read)
    hand.tap(page.locator("#report-lines .out").first)
    expect(lines).to_have_count(read - 1)

    # a line by hand, marked so, and the report is handed in
    hand.write(page.locator("#new-text"), WRITTEN)
    hand.tap(page.locator("form.adding .btn"))
    expect(page.locator("#report-lines")).to_contain_text(WRITTEN)
    hand.tap(page.locator(".submit-bar .btn.primary"))
    page.wait_for_url(re.compile(r"/reports/\d+/"))
    expect(page.locator("#report-lines .out")).to_have_count(0)

    waited = time.perf_counter() - began
    by_a_person = waited + hand.taps * A_TAP + read * A_LINE + hand.characters * A_CHARACTER
    print(
        f"\ndaily report on a phone: {hand.taps} taps, {hand.characters} characters, {read} lines read; machine"
        f" {waited:.1f} s, with a person's time {by_a_person:.0f} s"
    )
    assert hand.taps <= MOST_TAPS
    assert by_a_person < TWO_MINUTES
    _back_and_forth(page, browser, browser_context_args)


def _back_and_forth(page: Page, browser: Browser, context: dict[str, Any]) -> None:
    """The manager returns it with a reason, the rep corrects it, the manager reads it."""
    address = page.url
    manager = another_person(browser, MANAGER, **context)
    manager.goto(address)
    expect(manager.locator("#report-lines")).to_contain_text(WRITTEN)
    manager.fill("#comment", "请写明看样机的日期")
    manager.locator("button[formaction]").click()
    expect(manager.locator(".sub .badge.warn").first).to_be_visible()

    page.goto(address)
    expect(page.locator(".message.warning").first).to_contain_text("请写明看样机的日期")
    own = page.locator(".report-line", has_text=WRITTEN)
    own.locator("summary").tap()
    own.locator("textarea").fill(f"{WRITTEN}，周三上午")
    own.locator("details .btn.primary").tap()
    expect(page.locator("#report-lines")).to_contain_text("周三上午")
    page.locator(".submit-bar .btn.primary").tap()
    expect(page.locator("#report-lines .out")).to_have_count(0)

    manager.goto(address)
    expect(manager.locator("#report-lines")).to_contain_text("周三上午")
    manager.locator("form .btn.primary").last.click()
    expect(manager.locator(".sub .badge.ok").first).to_be_visible()
