"""Addresses with nonsense in them: a sane page every time, never a 500."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from tests.talks import make_full_talk, make_talk
from tests.world import World

NUMBERS = ("-1", "1e9", "abc", "99999999999999", "9223372036854775807", "9" * 5000, "²", "\x00", "")
DAYS = ("9999-99-99", "0001-01-01", "9999-12-31", "2100-12-31", "now", "\x00", "")
WORDS = (
    "nonsense",
    "'",
    "%",
    "\\",
    "\x00",
    "\ufffe",
    "🎧",
    "x" * 5000,
    "价格 " * 500,
    '"""',
    "* OR NEAR(a b)",
    "",
)

LISTS: list[tuple[str, str, dict[str, tuple[str, ...]]]] = [
    (
        "manager_a",
        "/conversations/",
        {
            "page": NUMBERS,
            "rep": NUMBERS,
            "customer": NUMBERS,
            "from": DAYS,
            "to": DAYS,
            "kind": WORDS,
            "only": WORDS,
        },
    ),
    (
        "manager_a",
        "/customers/",
        {"page": NUMBERS, "owner": NUMBERS, "q": WORDS, "kind": WORDS, "sort": WORDS},
    ),
    ("manager_a", "/reports/", {"page": NUMBERS, "state": WORDS}),
    (
        "manager_a",
        "/recordings/",
        {"page": NUMBERS, "rep": NUMBERS, "status": WORDS, "q": WORDS, "from": DAYS, "to": DAYS},
    ),
    ("manager_a", "/recordings/progress/", {"id": NUMBERS}),
    ("manager_a", "/cockpit/", {"days": NUMBERS}),
    ("manager_a", "/cockpit/table.csv", {"days": NUMBERS}),
    (
        "manager_a",
        "/search/",
        {"q": WORDS, "cursor": NUMBERS, "rep": NUMBERS, "from": DAYS, "to": DAYS, "speaker": WORDS},
    ),
    ("rep_a1", "/my-day/", {"day": DAYS}),
    ("rep_a1", "/customers/new/", {"name": WORDS}),
    ("inspector", "/inspection/", {"page": NUMBERS}),
    ("administrator", "/people/new/", {"unit": NUMBERS}),
    ("executive", "/health/", {"page": NUMBERS}),
]
CASES = [
    (who, address, name, value)
    for who, address, names in LISTS
    for name, values in names.items()
    for value in values
]


@pytest.fixture
def company(world: World) -> World:
    for _number in range(2):
        make_full_talk(world.rep_a1, customer=world.customer_a)
    return world


@pytest.mark.parametrize(("who", "address"), [(who, address) for who, address, _names in LISTS])
def test_nonsense_in_an_address_gets_a_page(company: World, client: Client, who: str, address: str) -> None:
    client.force_login(getattr(company, who))
    plain = "q=%E4%BB%B7%E6%A0%BC" if address == "/search/" else ""
    for case_who, case_address, name, value in CASES:
        if (case_who, case_address) != (who, address):
            continue
        answer = client.get(f"{address}?{plain}&{name}={quote(value)}")
        assert answer.status_code == 200, (name, value)
        assert b"Traceback" not in answer.content


def test_bytes_that_are_no_text_get_a_page(company: World, client: Client) -> None:
    client.force_login(company.manager_a)
    for address in ("/conversations/", "/customers/", "/search/", "/recordings/"):
        assert client.get(f"{address}?q=%ED%A0%80%FF%C0&kind=%FF&page=%FF&rep=%FF").status_code == 200


def test_what_is_no_filter_is_no_filter(company: World, client: Client) -> None:
    client.force_login(company.manager_a)

    def found(query: str) -> int:
        return len(client.get(f"/conversations/?{query}").context["page"].rows)

    assert found("") == 2
    for query in ("rep=abc", "page=-1", "page=0", "from=9999-99-99", "kind=nonsense", "only=nonsense"):
        assert found(query) == 2, query
    assert found("page=99999999999999") == 0
    assert found(f"rep={company.rep_b1.pk}") == 0
    assert found("to=2100-12-31") == 2
    assert found("from=2100-12-31") == 0


def test_search_pages_go_on_behind_the_last_result(world: World, client: Client) -> None:
    for _number in range(45):
        make_talk(world.rep_a1)
    client.force_login(world.rep_a1)
    seen, cursor = [], ""
    for _page in range(5):
        page = client.get(f"/search/?q=价格&cursor={cursor}").context["page"]
        seen += [result.conversation.pk for result in page.results]
        if page.cursor is None:
            break
        cursor = page.cursor
    assert len(seen) == len(set(seen)) == 45


def test_lists_of_talks_go_on_behind_the_last_row(world: World, client: Client) -> None:
    for _number in range(35):
        make_talk(world.rep_a1, indexed=False)
    client.force_login(world.rep_a1)
    first = client.get("/conversations/").context["page"]
    second = client.get("/conversations/?page=2").context["page"]
    pks = [row.conversation.pk for row in (*first.rows, *second.rows)]
    assert (len(first.rows), len(second.rows), len(set(pks))) == (30, 5, 35)
    assert (first.has_next, second.has_next) == (True, False)


def test_the_future_has_no_day_yet(world: World, client: Client) -> None:
    client.force_login(world.rep_a1)
    assert client.get("/my-day/?day=2099-01-01").context["day"] == timezone.localdate()
    assert client.get("/my-day/?day=2026-01-05").context["day"].isoformat() == "2026-01-05"
