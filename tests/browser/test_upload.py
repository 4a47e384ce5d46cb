"""The upload page in a browser: many files and an archive with progress and words, and the same without JavaScript."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.people import sign_in
from tests.recordings.making import wav_bytes, zip_bytes


def put(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def test_files_lists_and_archives_get_their_words(page: Page, tmp_path: Path) -> None:
    sign_in(page, "rep_lin")
    page.goto("/recordings/upload/")
    files = [
        put(tmp_path, "a b #1 😀.wav", wav_bytes(401)),
        put(tmp_path, "copy.wav", wav_bytes(401)),
        put(tmp_path, "empty.wav", b""),
        put(tmp_path, "notes.txt", b"hello"),
        put(tmp_path, "list.csv", "文件名,号码\na b #1 😀.wav,13812340001\n".encode("gb18030")),
        put(tmp_path, "day.zip", zip_bytes({"c.wav": wav_bytes(402), "d.zip": b"x"})),
    ]
    page.set_input_files("#files", files)
    rows = page.locator("[data-results] li")
    expect(rows).to_have_count(6)
    expect(page.locator("[data-results] li[data-state]")).to_have_count(0)  # nothing goes before the press
    page.locator("[data-send]").click()
    states = page.locator("[data-results] li[data-state]")
    expect(states).to_have_count(7)
    assert [row.get_attribute("data-state") for row in states.all()] == [
        "list",
        "received",
        "duplicate",
        "refused",
        "refused",
        "received",
        "refused",
    ]
    assert all(row.locator("[data-words]").inner_text() for row in states.all())
    page.locator("[data-results] li[data-state=received] [data-open]").first.click()
    expect(page.locator("h1")).to_contain_text("a b #1 😀.wav")
    expect(page.locator("main")).to_contain_text("13812340001")


def test_rows_under_way_change_by_themselves(page: Page, tmp_path: Path) -> None:
    sign_in(page, "rep_lin")
    page.goto("/recordings/upload/")
    page.set_input_files("#files", put(tmp_path, "stillness.wav", wav_bytes(403, 1.0)))
    page.locator("[data-send]").click()
    expect(page.locator("[data-results] li[data-state=received]")).to_have_count(1)
    page.goto("/recordings/")
    row = page.locator("tr", has_text="stillness.wav")
    expect(row.locator(".badge.warn, .badge.bad, .badge.ok")).to_be_visible(timeout=60_000)
    expect(page.locator("tr", has_text="stillness.wav")).to_have_count(1)


def test_without_javascript_the_form_is_a_form(
    browser: Browser, browser_context_args: dict, tmp_path: Path
) -> None:
    page = browser.new_context(**browser_context_args, java_script_enabled=False).new_page()
    page.goto("/people/sign-in/")
    page.fill("[name=username]", "rep_lin")
    page.fill("[name=password]", "shengce-demo")
    page.click("form button.primary")
    page.goto("/recordings/upload/")
    page.set_input_files("#files", [put(tmp_path, "x.wav", wav_bytes(404)), put(tmp_path, "empty.wav", b"")])
    page.click("[data-send]")
    expect(page.locator("[data-results] li")).to_have_count(2)
    expect(page.locator("[data-results] .badge.ok")).to_have_count(1)
    expect(page.locator("[data-results] .badge.bad")).to_have_count(1)
    page.context.close()
