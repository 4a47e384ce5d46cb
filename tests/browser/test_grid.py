"""The grid of targets by keyboard, as a director uses it: move, type, lock, split, take back; and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.people import another_person, sign_in

DIRECTOR = "director"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def grid(page: Page) -> Iterator[Page]:
    """A new set of targets, its grid open and the total chosen."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    sign_in(page, DIRECTOR)
    page.goto("/targets/")
    page.locator("main form button").last.click()
    page.wait_for_url(re.compile(r"/targets/\d+/$"))
    page.locator("button[name=cell][value=all]").click()
    yield page
    assert faults == []


def chosen(page: Page) -> str:
    """The token of the cell that has the focus."""
    return str(page.evaluate("document.activeElement.value ?? ''"))


def figure(page: Page, token: str) -> str:
    return str(page.locator(f'table.target-grid button[value="{token}"]').get_attribute("data-v"))


def panel_of(page: Page, token: str) -> None:
    """Wait until the panel shows this cell: until then nothing in it can be pressed."""
    expect(page.locator("#cell-panel:not([inert]) input[name=cell]").first).to_have_value(token)


def typed(page: Page, text: str, key: str = "Enter") -> None:
    """Type into the chosen cell and wait until the grid has come back."""
    before = page.locator("#grid").get_attribute("data-revision")
    page.keyboard.type(text)
    page.keyboard.press(key)
    page.wait_for_function("r => document.querySelector('#grid').dataset.revision !== r", arg=before)


def test_a_year_is_typed_split_locked_and_taken_back_by_keyboard(grid: Page) -> None:
    page = grid
    # arrows go from cell to cell, over what no cell addresses, and stop at the edge
    assert chosen(page) == "all"
    page.keyboard.press("ArrowDown")
    root = chosen(page)
    assert root.startswith("unit-")
    page.keyboard.press("ArrowRight")
    assert chosen(page) == f"{root}.month-1"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert chosen(page) == "all"

    # a figure is typed; the months follow, the focus goes on below and stays through the refresh
    typed(page, "1200")
    assert figure(page, "all") == "12,000,000"
    assert figure(page, "all.month-1") == "1,000,000"
    expect(page.locator(f'button[value="{root}"]')).to_be_focused()

    # Escape leaves everything as it was
    page.keyboard.type("5")
    page.keyboard.press("Escape")
    expect(page.locator(f'button[value="{root}"]')).to_be_focused()
    assert figure(page, root) == "12,000,000"

    # the row's total stays: the other months give
    page.keyboard.press("ArrowRight")
    page.locator("#typing input[value=row]").check()
    page.locator(f'button[value="{root}.month-1"]').focus()
    typed(page, "210", "Tab")
    assert figure(page, f"{root}.month-1") == "2,100,000"
    assert figure(page, f"{root}.month-2") == "900,000"
    assert figure(page, root) == "12,000,000"
    expect(page.locator(f'button[value="{root}.month-2"]')).to_be_focused()

    # L locks the month; what is typed into the sum goes around it
    page.keyboard.press("ArrowLeft")
    panel_of(page, f"{root}.month-1")
    page.keyboard.press("l")
    expect(page.locator(f'td.lock-all button[value="{root}.month-1"]')).to_be_focused()
    page.locator("#typing input[value=change]").check()
    page.locator(f'button[value="{root}"]').focus()
    typed(page, "1110")
    assert figure(page, f"{root}.month-1") == "2,100,000"
    assert figure(page, f"{root}.month-2") == "818,181.82"

    # Ctrl+Z takes back the figure, then the lock
    page.locator(f'button[value="{root}"]').click()
    page.keyboard.press("Control+z")
    expect(page.locator(f'button[value="{root}"]')).to_have_attribute("data-v", "12,000,000")
    expect(page.locator(f'button[value="{root}"]')).to_be_focused()
    page.keyboard.press("Control+z")
    expect(page.locator("td.lock-all, td.lock-some")).to_have_count(0)

    # the panel splits; then the next split is offered
    panel_of(page, root)
    expect(page.locator("#cell-panel #split")).to_have_value("month")
    page.select_option("#split", "rep")
    page.select_option("#basis", "equal")
    page.locator("#cell-panel form:has(#split) button").click()
    reps = page.locator('table.target-grid tr.end button[value*=".rep-"]:not([value*="month"])')
    expect(reps.first).not_to_have_text("·")
    expect(page.locator("#split option", has_text="✓")).to_have_count(2)
    expect(page.locator("#edits li").first).to_contain_text("分解")
    total = sum(float(str(value.get_attribute("data-v")).replace(",", "")) for value in reps.all())
    assert round(total, 2) == 12_000_000


def test_what_is_no_figure_is_said_and_nothing_is_lost(grid: Page) -> None:
    page = grid
    typed(page, "100")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("F2")
    page.keyboard.press("Control+a")
    page.keyboard.type("12箱")
    page.keyboard.press("Enter")
    expect(page.locator("#grid .message.error")).to_be_visible()
    assert figure(page, "all") == "1,000,000"
    page.locator('button[value="all"]').focus()
    typed(page, "+5%")
    assert figure(page, "all") == "1,050,000"


def test_who_types_faster_than_the_server_answers_loses_nothing(grid: Page) -> None:
    page = grid
    typed(page, "1200")
    root = chosen(page)
    held: list[Route] = []
    page.route("**/type/*", lambda route: held.append(route), times=1)

    # the first is on its way; the second is typed and left, and waits with what it says in sight
    page.keyboard.press("ArrowRight")
    page.keyboard.type("300")
    with page.expect_request("**/type/*"):
        page.keyboard.press("Tab")
    page.keyboard.type("250")
    page.keyboard.press("Tab")
    waiting = page.locator("table.target-grid td input")
    expect(waiting).to_have_value("250")
    expect(waiting).to_have_attribute("readonly", "")
    assert len(held) == 1
    held.pop().continue_()
    expect(waiting).to_have_count(0)
    expect(page.locator(f'button[value="{root}.month-2"]')).to_have_attribute("data-v", "2,500,000")
    assert figure(page, f"{root}.month-1") == "3,000,000"
    expect(page.locator(f'button[value="{root}.month-3"]')).to_be_focused()

    # what is still open when the grid comes back goes on as it was
    page.route("**/type/*", lambda route: held.append(route), times=1)
    page.keyboard.type("100")
    with page.expect_request("**/type/*"):
        page.keyboard.press("Tab")
    page.keyboard.type("12")
    held.pop().continue_()
    expect(page.locator(f'button[value="{root}.month-3"]')).to_have_attribute("data-v", "1,000,000")
    page.keyboard.type("0")
    page.keyboard.press("Enter")
    expect(page.locator(f'button[value="{root}.month-4"]')).to_have_attribute("data-v", "1,200,000")

    # the first is refused: why stays in sight, and the second stays open with its figure
    page.locator(f'button[value="{root}.month-5"]').focus()
    page.route("**/type/*", lambda route: held.append(route), times=1)
    page.keyboard.type("7箱")
    with page.expect_request("**/type/*"):
        page.keyboard.press("Tab")
    page.keyboard.type("80")
    page.keyboard.press("Tab")
    held.pop().continue_()
    expect(page.locator("#grid .message.error")).to_be_visible()
    expect(waiting).to_be_focused()
    expect(waiting).to_have_value("80")
    page.keyboard.press("Enter")
    expect(page.locator(f'button[value="{root}.month-6"]')).to_have_attribute("data-v", "800,000")

    # no answer at all: the field stays
    page.locator(f'button[value="{root}.month-7"]').focus()
    page.route("**/type/*", lambda route: route.abort())
    page.keyboard.type("9")
    page.keyboard.press("Tab")
    expect(page.locator("table.target-grid.saving")).to_have_count(0)
    page.unroute("**/type/*")


def test_a_phone_reads_types_and_splits(
    grid: Page, browser: Browser, browser_context_args: dict[str, Any]
) -> None:
    address = grid.url
    page = another_person(browser, DIRECTOR, **browser_context_args, **PHONE)
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator('button[name=cell][value="all"]').tap()
    field = page.locator("#cell-panel #figure")
    expect(field).to_be_in_viewport()
    field.fill("600")
    page.locator("#cell-panel form:has(#figure) button").tap()
    expect(page.locator('button[value="all"]')).to_have_attribute("data-v", "6,000,000")
    expect(page.locator("#cell-panel #split")).to_be_visible()
    page.select_option("#split", "rep")
    page.select_option("#basis", "equal")
    page.locator("#cell-panel form:has(#split) button").tap()
    expect(page.locator('tr.end button[value*=".rep-"]').first).not_to_have_text("·")
    page.locator("[data-leave-cell]").tap()
    expect(page.locator("#cell-panel h3")).to_have_count(0)
