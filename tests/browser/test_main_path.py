"""The spine at the screen: a recording comes in, is heard, becomes facts; the rep reports, the manager listens."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import RECORDINGS
from tests.browser.people import another_person, audio_state, sign_in

PROCESSED = 60_000  # milliseconds for a minute of sound on a busy machine


def a_talk_of(rep: str) -> dict[str, object]:
    """A demonstration recording of one rep that states many facts."""
    manifest = json.loads((RECORDINGS / "manifest.json").read_text(encoding="utf-8"))
    own = [r for r in manifest["recordings"] if r["rep"] == rep and not r["flaw"] and r["kind"] == "phone"]
    return max(own, key=lambda r: len(r["facts"]))


def test_from_upload_to_the_managers_ear(page: Page, browser: Browser, browser_context_args: dict) -> None:
    talk = a_talk_of("rep_lin")
    sign_in(page, "rep_lin")
    expect(page.locator("h1")).to_contain_text("林川")

    # upload, and watch it being processed
    page.goto("/recordings/upload/")
    page.set_input_files("#files", str(RECORDINGS / str(talk["file"])))
    page.locator("[data-send]").click()
    expect(page.locator("[data-results] li[data-state=received]")).to_contain_text(str(talk["file"])[:12])
    page.goto("/recordings/")
    row = page.locator("tr", has_text=str(talk["phone"])[-4:]).or_(page.locator("tr", has_text="云海")).first
    opened = page.locator('main a[href^="/conversations/"]').first
    expect(opened).to_be_visible(timeout=PROCESSED)
    expect(row).to_be_visible()

    # the talk: words, customer found by number, and a press on a fact plays its second
    opened.click()
    page.wait_for_url(re.compile(r"/conversations/\d+/"))
    conversation = re.search(r"/conversations/(\d+)/", page.url)
    assert conversation
    expect(page.locator("h1")).to_contain_text("云海大酒店")
    assert page.locator(".turn").count() >= 8
    for _try in range(60):  # the words are there before the facts are
        if page.locator("[id^=fact-]").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    fact = page.locator("[id^=fact-]").first
    start = int(fact.locator("a.play").get_attribute("data-start") or 0) / 1000
    fact.locator("a.play").click()
    page.wait_for_function(
        "start => { const a = document.querySelector('talk-player audio');"
        " return !a.paused && a.currentTime >= start && a.currentTime < start + 3 }",
        arg=start,
    )
    assert f"#t={start:.2f}" in page.url

    # a fact is confirmed
    fact.locator(".btn.yes").click()
    expect(fact.locator(".badge.ok")).to_be_visible()

    # the daily report of the talk's day: accept a line that was heard, write one by hand, submit
    day = page.locator(".sub").inner_text()[:10]
    page.goto(f"/my-day/?day={day}")
    report_line = page.locator("[id^=proposal-]", has_text="每日销售报告")
    heard = page.locator("[id^=heard-]", has=report_line).first
    words = heard.locator(".quote").inner_text()
    before = page.locator(".report-line .play").count()
    heard.locator("[id^=proposal-]", has_text="每日销售报告").locator(".btn.yes").click()
    expect(page.locator(".report-line .play")).to_have_count(before + 1)
    page.fill("#new-text", "客户很客气，约好下次见面。")
    page.locator("form.adding .btn").click()
    expect(page.locator("#report-lines")).to_contain_text("客户很客气")
    page.locator(".submit-bar .btn.primary").click()
    page.wait_for_url(re.compile(r"/reports/\d+/"))
    expect(page.locator(".sub .badge").first).to_be_visible()

    # the manager reads it, hears the proof without leaving the page, and marks it as read
    manager = another_person(browser, "manager_fang", **browser_context_args)
    expect(manager).to_have_url(re.compile("/cockpit/"))
    manager.locator('a[href^="/reports/"].btn').first.click()
    expect(manager.locator("#report-lines")).to_contain_text("客户很客气")
    proof = manager.locator(f'.report-line a.play[data-quote="{words}"]').first
    proof_start = int(proof.get_attribute("data-start") or 0) / 1000
    proof.click()
    manager.wait_for_function(
        "start => { const a = document.querySelector('evidence-dock audio');"
        " return !a.paused && a.currentTime >= start && a.currentTime < start + 3 }",
        arg=proof_start,
    )
    expect(manager.locator("evidence-dock")).to_be_visible()
    manager.locator("form .btn.primary").last.click()
    expect(manager.locator(".sub .badge.ok")).to_be_visible()

    # a manager of another team sees nothing of it
    stranger = another_person(browser, "manager_qiu", **browser_context_args)
    answer = stranger.goto(f"/conversations/{conversation.group(1)}/")
    assert answer is not None and answer.status == 404


def test_the_player_by_keyboard(page: Page) -> None:
    sign_in(page, "inspector")
    page.goto("/conversations/")
    page.locator("table a.title").first.click()
    page.wait_for_selector("talk-player canvas")
    page.keyboard.press("j")
    page.wait_for_function("() => !document.querySelector('talk-player audio').paused")
    page.keyboard.press(" ")
    page.wait_for_function("() => document.querySelector('talk-player audio').paused")
    position, _paused = audio_state(page, "talk-player audio")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"() => document.querySelector('talk-player audio').currentTime >= {position + 4}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement !== document.body")


def test_a_proof_address_opens_at_its_second(page: Page) -> None:
    sign_in(page, "inspector")
    page.goto("/conversations/")
    address = page.locator("table a.title").first.get_attribute("href")
    page.goto(f"{address}#t=5.00-7.00")
    page.wait_for_function(
        "() => { const a = document.querySelector('talk-player audio'); return a.currentTime >= 5 && a.currentTime < 8 }"
    )


def test_a_segment_is_corrected_and_read_again(page: Page) -> None:
    sign_in(page, "rep_lin")
    page.goto("/conversations/")
    page.locator("table a.title").first.click()
    turn = page.locator(".turn").nth(1)
    number = turn.get_attribute("id")
    turn.hover()
    turn.locator("a.edit").click()
    page.fill(f"#{number} textarea", "我们的预算大概三十万。")
    page.locator(f"#{number} .btn.primary").click()
    expect(page.locator(f"#{number}")).to_contain_text("预算大概30万")
    for _try in range(60):
        page.reload()
        if page.locator("[id^=fact-]", has_text="300,000").count():
            break
        page.wait_for_timeout(500)
    expect(page.locator("[id^=fact-]", has_text="300,000").first).to_be_visible()
