"""The list of checks: who sees what, the filters, the words, the cost."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from html import escape, unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from shengce.claims import actions
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


def rows_of(client: Client, user: object, query: str = "") -> list[dict[str, str]]:
    client.force_login(user)  # type: ignore[arg-type]
    answer = client.get(f"{PAGE}claims.csv{query}")
    assert answer.status_code == 200
    text = b"".join(answer).decode().lstrip("\ufeff")  # type: ignore[arg-type]
    return list(csv.DictReader(io.StringIO(text)))


def test_the_table_to_save_holds_the_filtered_rows(world: World, client: Client) -> None:
    talk(world)
    budget(world, "80万")
    (row,) = rows_of(client, world.manager_a)
    assert (row["结果"], row["填写"], row["谈话"], row["填写人"]) == (
        "与谈话不一致", "80万", "我们预算三十万", "林晓",
    )  # fmt: skip
    assert "¥800,000" in row["说明"]
    assert rows_of(client, world.manager_a, "?verdict=agrees") == []
    assert len(rows_of(client, world.manager_a, "?verdict=")) == 1
    assert rows_of(client, world.manager_a, "?from=2030-01-01&verdict=") == []
    assert rows_of(client, world.manager_b, "?verdict=") == []
    book = client.get(f"{PAGE}claims.xlsx")
    assert book.headers["Content-Type"].endswith("spreadsheetml.sheet")


def test_a_table_does_not_tell_what_one_may_not_hear(world: World, client: Client) -> None:
    made = talk(world)
    made.rep, made.unit = world.rep_b1, world.team_b
    made.save()
    budget(world, "80万")
    (row,) = rows_of(client, world.rep_a1)
    assert (row["填写"], row["谈话"], row["说明"]) == ("80万", "", "")


def test_totals_lead_to_their_statements(world: World, client: Client) -> None:
    talk(world)
    check = budget(world, "80万")
    client.force_login(world.manager_a)
    shown = client.get(f"{PAGE}totals/").content.decode()
    links = {unescape(link) for link in re.findall(r'href="(/claims/\?verdict=[^"]*)"', shown)}
    assert f"/claims/?verdict=contradicts&rep={world.rep_a1.pk}&unit={world.team_a.pk}" in links
    for link in links:
        number = re.search(rf'href="{re.escape(escape(link))}">(\d+)</a>', shown)
        assert number is not None
        assert client.get(link).content.decode().count('<li id="check-') == int(number[1])
    assert "不代表有错" in shown
    actions.note_heard(check, by=world.manager_a, answer="talked_over", note="")
    shown = client.get(f"{PAGE}totals/").content.decode()
    assert f'state=open&amp;rep={world.rep_a1.pk}&amp;unit={world.team_a.pk}">0</a>' in shown
    client.force_login(world.executive)
    shown = client.get(f"{PAGE}totals/").content.decode()
    assert "澄源净水" in shown.split("<main")[1]
    client.force_login(world.manager_b)
    assert "林晓" not in client.get(f"{PAGE}totals/").content.decode()
    client.force_login(world.rep_a1)
    shown = client.get(f"{PAGE}totals/?kind=budget&from=2020-01-01").content.decode()
    assert "林晓" in shown.split("<main")[1]
    assert "kind=budget&amp;from=2020-01-01" in shown
    assert "没有" in client.get(f"{PAGE}totals/?from=2090-01-01").content.decode().split("<main")[1]


def test_a_unit_narrows_the_list(world: World, client: Client) -> None:
    talk(world)
    budget(world, "80万")
    shown = page(client, world.executive, f"?unit={world.region.pk}")
    assert "80万" in shown
    assert "80万" not in page(client, world.executive, f"?unit={world.team_b.pk}")
    assert "80万" in page(client, world.manager_a, f"?unit={world.team_b.pk}")  # not his: no filter
    for nonsense in ("?unit=x", "?unit=" + "9" * 40, "totals/?unit=-1", "claims.csv?unit=%00"):
        assert client.get(PAGE + nonsense).status_code == 200


def test_totals_cost_the_same_whatever_they_show(world: World, client: Client) -> None:
    talk(world)
    check = budget(world, "80万")
    client.force_login(world.executive)

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(f"{PAGE}totals/")
        return len(asked)

    before = questions()
    for number in range(12):
        check.pk, check.number, check.typed_by = None, number + 1, (world.rep_a2, world.rep_b1)[number % 2]
        check.unit = (world.team_a, world.team_b)[number % 2]
        check._state.adding = True
        check.save()
    assert questions() == before
