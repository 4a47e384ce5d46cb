"""The small parts that every page is made of: play buttons, times, measures, navigation, colours."""

from __future__ import annotations

import datetime as dt
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from shengce.language.measures import measure
from shengce.people.asked import MOST, day, page_number, whole_number, words
from shengce.people.models import AuditEntry, Role, User
from shengce.people.permissions import PERMISSIONS
from shengce.proposals.forms import fields_of, typed_changes
from shengce.proposals.models import Proposal
from shengce.speech.transcript import Segment, Transcript
from shengce.web.measure_words import measure_rows
from shengce.web.navigation import ENTRIES, GROUPS
from shengce.web.templatetags.shengce import (
    audit_words,
    change,
    clock,
    hours,
    in_language,
    percent,
    play,
    signed,
)
from tests.talks import make_facts, make_proposals, make_talk
from tests.world import World


def rendered(source: str, **context: Any) -> str:
    return Template("{% load shengce %}" + source).render(Context(context))


def test_a_play_button_is_an_address_that_plays() -> None:
    link = ET.fromstring(play(7, 12_300, 18_900, '说"<b>"', "云海 & 林晓"))
    assert link.attrib["href"] == "/conversations/7/#t=12.15-18.90"
    assert (link.attrib["data-start"], link.attrib["data-end"]) == ("12150", "18900")
    assert link.attrib["data-audio"] == "/conversations/7/audio/"
    assert link.attrib["data-quote"] == '说"<b>"'
    assert link.attrib["data-where"] == "云海 & 林晓"
    assert '说"<b>"' in link.attrib["aria-label"]
    assert link.find("span").text == "0:12"  # type: ignore[union-attr]


def test_a_passage_at_the_very_start_does_not_begin_before_it() -> None:
    link = ET.fromstring(play(7, 0, 900))
    assert link.attrib["href"] == "/conversations/7/#t=0.00-0.90"
    assert link.attrib["data-start"] == "0"


@pytest.mark.parametrize(
    "evidence", [{}, {"conversation": None}, {"conversation": 7}, {"conversation": 7, "start_ms": 1}, None]
)
def test_without_proof_there_is_no_button(evidence: object) -> None:
    source = "{% play e.conversation e.start_ms e.end_ms e.quote %}"
    assert rendered(source, e=evidence) == ""
    assert rendered("{% play nothing.at nothing.all nothing.here %}") == ""


@pytest.mark.parametrize(
    ("ms", "shown"), [(0, "0:00"), (999, "0:00"), (67_000, "1:07"), (3_727_000, "1:02:07"), (None, "")]
)
def test_clock(ms: int | None, shown: str) -> None:
    assert clock(ms) == shown


def test_shares_and_hours() -> None:
    assert (percent(None), percent(0), percent(0.456), hours(None), hours(5_400_000)) == (
        "–",
        "0%",
        "46%",
        "0.0",
        "1.5",
    )
    assert change(12, 10) == pytest.approx(0.2)
    assert (change(1, 0), change(None, 1), change(1, None)) == (None, None, None)
    assert (signed(0.123), signed(-0.03)) == ("+12%", "−3%")


def test_names_in_the_language_of_the_page() -> None:
    both = {"zh": "问候", "en": "Greeting"}
    with translation.override("en"):
        assert (in_language(both), in_language({"zh": "问候"}), in_language("x")) == ("Greeting", "问候", "x")
    with translation.override("zh-hans"):
        assert (in_language(both), in_language({"en": "Hi"}), in_language(None)) == ("问候", "Hi", "")


@pytest.mark.parametrize(
    ("asked", "changed"),
    [
        ("", "?page=2"),
        ("q=%E4%BB%B7&page=7", "?q=%E4%BB%B7&page=2"),
        ("a=1&a=2", "?a=1&a=2&page=2"),
        ("x=%26", "?x=%26&page=2"),
    ],
)
def test_the_query_of_a_link_keeps_what_was_asked(asked: str, changed: str) -> None:
    request = RequestFactory().get(f"/?{asked}")
    template = Template("{% load shengce %}{% autoescape off %}{% query page=2 %}{% endautoescape %}")
    assert template.render(Context({"request": request})) == changed


@pytest.mark.parametrize(
    "action",
    [
        "customer.created",
        "customer.updated",
        "customer.contact_added",
        "customer.handed_over",
        "customer.card_field_set",
        "customer.card_field_withdrawn",
        "something.else",
    ],
)
@pytest.mark.parametrize("details", [{}, {"name": "100% 真", "value": "50%s"}])
def test_the_story_survives_per_cent_signs(action: str, details: dict[str, str]) -> None:
    assert audit_words(AuditEntry(action=action, details=details))


# --- what an address asks for


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (None, None),
        ("", None),
        ("0", 0),
        ("17", 17),
        ("-1", None),
        ("1.5", None),
        ("٣", None),
        ("²", None),
        ("１", None),
        (" 1", None),
        (str(MOST), MOST),
        (str(MOST + 1), None),
        ("9" * 5000, None),
    ],
)
def test_whole_numbers(text: str | None, number: int | None) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize(
    ("text", "page"), [("", 1), ("0", 1), ("-1", 1), ("7", 7), ("9" * 19, 1), ("9" * 18, 100_000)]
)
def test_pages(text: str, page: int) -> None:
    assert page_number(text) == page


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-11-24", dt.date(2026, 11, 24)),
        ("2026-02-30", None),
        ("9999-99-99", None),
        ("9999-12-31", None),
        ("1999-12-31", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        ("\x00", None),
    ],
)
def test_days(text: str | None, read: dt.date | None) -> None:
    assert day(text) == read


@pytest.mark.parametrize(
    ("text", "read"),
    [(None, ""), ("  价格 ", "价格"), ("a\x00b", "ab"), ("x" * 500, "x" * 200), ("\x00 ", "")],
)
def test_words_to_look_for(text: str | None, read: str) -> None:
    assert words(text) == read


@given(st.text(max_size=30))
def test_no_text_breaks_the_readers(text: str) -> None:
    assert "\x00" not in words(text)
    number = whole_number(text)
    assert number is None or 0 <= number <= MOST
    assert page_number(text) >= 1
    day(text)


# --- measures


def test_measures_in_words_with_their_passages() -> None:
    spoken = Transcript(
        (
            Segment("ch0", "rep", 0, 4000, "您好，我是澄源净水的林晓，您现在方便吗？"),
            Segment("ch1", "customer", 5000, 8000, "你们价格太贵了。"),
            Segment("ch0", "rep", 7500, 9500, "您的预算是多少？"),
        ),
        10_000,
        2,
        "test",
    )
    import json

    stored = json.loads(json.dumps(measure(spoken).to_json()))  # as a database gives it back
    with translation.override("en"):
        rows = {row.name: row for row in measure_rows(stored)}
    assert rows["Rep's share of speech"].shown == "67%"
    assert rows["Questions by the rep"].shown == "2"
    assert [passage["quote"] for passage in rows["Questions by the rep"].passages]
    assert rows["Cut in on the customer"].shown == "1 time"
    assert rows["Rep's longest stretch"].passages[0]["start_ms"] == 0
    for row in rows.values():
        for passage in row.passages:
            assert rendered("{% play 1 p.start_ms p.end_ms p.quote %}", p=passage)


def test_what_was_not_measured_has_no_row() -> None:
    assert measure_rows({}) == []
    empty = measure(Transcript((), 0, 1, "test")).to_json()
    assert [row.shown for row in measure_rows(empty) if row.shown != "0"] == []


# --- the form of a proposal


def test_an_untouched_proposal_form_changes_nothing(world: World) -> None:
    talk = make_talk(world.rep_a1, customer=world.customer_a)
    make_facts(talk)
    proposals = make_proposals(talk)
    assert {p.target for p in proposals} >= {
        "report_line",
        "customer_field",
        "payment_promise",
        "task",
        "signal",
    }
    for proposal in proposals:
        form = {f"new.{field.name}": field.text for field in fields_of(proposal)}
        assert form
        assert typed_changes(proposal, form) is None
        assert typed_changes(proposal, {}) is None


@pytest.mark.parametrize(
    ("field", "typed", "read"),
    [
        ("due_on", "2026-12-24", "2026-12-24"),
        ("due_on", "", None),
        ("due_on", "soon", ValueError),
        ("due_on", "9999-12-31", ValueError),
        ("due_at", "2026-12-24T09:30", "2026-12-24T09:30:00+08:00"),
        ("due_at", "0001-01-01T00:00", ValueError),
        ("title", " 送合同 ", "送合同"),
    ],
)
def test_changes_are_read_or_refused(field: str, typed: str, read: object) -> None:
    from django.core.exceptions import ValidationError

    proposal = Proposal(new={field: "2026-11-27T10:00:00+08:00" if field != "title" else "发方案"})
    if field == "due_on":
        proposal.new = {field: "2026-11-27"}
    if read is ValueError:
        with pytest.raises(ValidationError):
            typed_changes(proposal, {f"new.{field}": typed})
    else:
        assert typed_changes(proposal, {f"new.{field}": typed}) == {field: read}


def test_a_proposal_stored_with_nonsense_still_has_a_form() -> None:
    proposal = Proposal(new={"due_at": "whenever", "title": None, "section": "results"})
    assert {(f.name, f.text) for f in fields_of(proposal)} == {("due_at", ""), ("title", "")}


# --- the frame


def test_every_role_has_a_navigation_that_only_leads_where_it_may(world: World, client: Client) -> None:
    for role in Role.values:
        User.objects.filter(pk=world.rep_a1.pk).update(role=role)
        client.force_login(User.objects.get(pk=world.rep_a1.pk))
        frame = client.get("/welcome/").context
        shown = [entry for group in frame["navigation"] for entry in group["entries"]]
        allowed = [entry for entry in ENTRIES if role in PERMISSIONS[entry.permission]]
        assert len(shown) == len(allowed)
        assert len(frame["bar"]) == min(4, len(allowed)), "every line of a bar is an entry of that role"
        for entry in shown:
            assert client.get(entry["url"]).status_code == 200, (role, entry["url"])


def test_every_entry_stands_in_a_group_that_is_there() -> None:
    assert {entry.group for entry in ENTRIES} <= {key for key, _label in GROUPS}


def open_groups(client: Client, path: str) -> list[str]:
    return [group["key"] for group in client.get(path).context["navigation"] if group["open"]]


def test_groups_are_open_where_one_is_and_where_one_keeps_them_open(world: World, client: Client) -> None:
    client.force_login(world.manager_a)
    assert open_groups(client, "/customers/") == ["today", "customers"]
    client.cookies["nav"] = "money.nonsense"
    assert open_groups(client, "/customers/") == ["customers", "money"]
    client.force_login(world.inspector)
    assert len(open_groups(client, "/search/")) == len(client.get("/search/").context["navigation"])


def test_the_colours_are_chosen_and_kept(world: World, client: Client) -> None:
    client.force_login(world.rep_a1)
    assert 'data-theme="auto"' in client.get("/welcome/").text
    answer = client.post("/theme/", {"theme": "dark", "next": "/search/"})
    assert answer["Location"] == "/search/"
    assert answer.cookies["theme"]["httponly"]
    assert 'data-theme="dark"' in client.get("/welcome/").text
    assert client.post("/theme/", {"theme": "pink", "next": "//evil.example"})["Location"] == "/"
    assert 'data-theme="dark"' in client.get("/welcome/").text
    client.cookies["theme"] = '"><script>'
    assert 'data-theme="auto"' in client.get("/welcome/").text


def test_security_headers(world: World, client: Client) -> None:
    client.force_login(world.rep_a1)
    answer = client.get("/search/")
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
