"""What a person does at the screen, named."""

from __future__ import annotations

from playwright.sync_api import Browser, Page

from tests.browser.conftest import PASSWORD


def sign_in(page: Page, username: str) -> None:
    page.goto("/people/sign-in/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda address: "sign-in" not in address)


def another_person(browser: Browser, username: str, **context: object) -> Page:
    """A second person at a second screen."""
    page = browser.new_context(**context).new_page()  # type: ignore[arg-type]
    sign_in(page, username)
    return page


def audio_state(page: Page, selector: str) -> tuple[float, bool]:
    """Position in seconds, and whether it stands still."""
    state = page.eval_on_selector(selector, "a => [a.currentTime, a.paused]")
    return float(state[0]), bool(state[1])
