"""The list of checks: who sees what, the filters, the words, the cost."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from shengce.claims.models import ClaimCheck
from shengce.claims.words import CODES, reason_words
from tests.claims.test_claim_actions import budget, talk
from tests.world import World

PAGE = "/claims/"


def page(client: Client, user: object, query: str = "") -> str:
    client.force_login(user)  # type: ignore[arg-type]
    answer = client.get(PAGE + query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_manager_reads_hears_and_answers(world: World, client: Client) -> None:
    made = talk(world)
    check = budget(world, "80万")
    shown = page(client, world.manager_a)
    assert "80万" in shown and "我们预算三十万" in shown and f"/conversations/{made.pk}/#t=" in shown
    assert "¥800,000" in shown and "¥300,000" in shown
    sent = {"answer": "as_said", "note": "已更正", "next": f"{PAGE}?state=open"}
    answer = client.post(f"{PAGE}{check.pk}/answer/", sent)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{PAGE}?state=open")
    assert "已更正" in page(client, world.rep_a1)


def test_the_rep_sees_his_own_without_buttons(world: World, client: Client) -> None:
    talk(world)
    budget(world, "80万")
    shown = page(client, world.rep_a1)
    assert "80万" in shown and 'name="answer"' not in shown
    for other in (world.rep_a2, world.rep_b1, world.manager_b):
        assert "80万" not in page(client, other)


def test_a_colleagues_talk_is_not_quoted_to_the_rep(world: World, client: Client) -> None:
    made = talk(world)
    made.rep, made.unit = world.rep_b1, world.team_b
    made.save()
    budget(world, "80万")
    shown = page(client, world.rep_a1)
    assert "80万" in shown and "我们预算三十万" not in shown and "¥300,000" not in shown


def test_an_answer_leads_nowhere_else(world: World, client: Client) -> None:
    talk(world)
    check = budget(world, "80万")
    client.force_login(world.manager_a)
    for bad in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        answer = client.post(f"{PAGE}{check.pk}/answer/", {"answer": "as_said", "next": bad})
        assert answer.headers["Location"] == PAGE
    assert client.post(f"{PAGE}{check.pk}/answer/", {"answer": "x"}, follow=True).status_code == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("?verdict=contradicts&kind=budget&source=card&state=open", True),
        ("?verdict=", True),
        ("?verdict=agrees", False),
        ("?verdict=not_mentioned", False),
        ("?kind=price", False),
        ("?state=answered", False),
        ("?source=deal", False),
        ("?q=80万", True),
        ("?q=云海", True),
        ("?q=%00%ff", False),
        ("?rep=999999", False),
        ("?rep=abc&customer=-3&page=zz&sort=drop&kind=%27&from=x&to=9999-12-31", True),
        ("?from=2020-01-01&to=2020-02-01", False),
        ("?sort=customer", True),
        ("?sort=rep", True),
        ("?sort=typed", True),
        ("?page=9", False),
    ],
)
def test_filters(world: World, client: Client, query: str, found: bool) -> None:
    talk(world)
    budget(world, "80万")
    assert ('<p class="wrap-any">80万</p>' in page(client, world.manager_a, query)) is found


def test_every_reason_has_words_in_both_languages(world: World) -> None:
    values = {"at": timezone.now().isoformat(), "talks": 2}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            for code in CODES:
                assert reason_words(ClaimCheck(reason=code, reason_values=values))
                assert reason_words(ClaimCheck(reason=code, reason_values={})) is not None
    assert reason_words(ClaimCheck(reason="unknown", reason_values=[])) == ""


def test_a_long_list_costs_no_more_queries(world: World, client: Client) -> None:
    talk(world)
    first = budget(world, "80万")
    client.force_login(world.manager_a)
    client.get(PAGE)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(PAGE)
    facts = list(first.facts.all())
    for number in range(60):
        first.pk, first.source_id = None, f"x{number}"
        first.typed_at -= dt.timedelta(minutes=1)
        first.save(force_insert=True)
        first.facts.set(facts)
    with CaptureQueriesContext(connection) as many:
        shown = client.get(PAGE).content.decode()
    assert len(many) <= len(few) + 1
    assert shown.count('id="check-') == 20 and "page=2" in shown
