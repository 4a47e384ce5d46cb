"""The three cards: templates as data, values by kind, source, age, history, and what changed in a month."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from shengce.customers import actions, cards
from shengce.customers.models import CardField, CardTemplate
from shengce.people.models import User
from shengce.proposals.targets import CARD_FIELDS
from tests.talks import make_full_talk
from tests.world import World

TODAY = dt.date(2026, 6, 15)


def rows_of(world: World, card: str = "profile", **asked: Any) -> dict[str, cards.FieldRow]:
    sections = cards.read_card(world.customer_a, card, today=asked.pop("today", TODAY), **asked)
    return {row.field.key: row for section in sections for row in section.rows}


def test_what_is_shipped_is_complete(db: None) -> None:
    standing = cards.templates()
    assert set(standing) == {"profile", "strategy", "monthly"}
    keys = [key for template in standing.values() for key in template.fields]
    assert len(keys) == len(set(keys)) > 70
    assert {*CARD_FIELDS.values(), *(field for field, _label in CardField.FIELDS)} <= set(keys)
    for template in standing.values():
        assert cards._clean_sections(template.sections, template.card, standing) == template.sections
        for entry in template.fields.values():
            assert entry.label["zh"] and entry.label["en"]
    from_talks = {
        entry.key: entry.from_fact
        for t in standing.values()
        for entry in t.fields.values()
        if entry.from_fact
    }
    assert from_talks == {field: kind for kind, field in CARD_FIELDS.items()}


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("staff", "1,200", "1200"),
        ("staff", "-3", "-3"),
        ("annual_turnover", "3000000.50", "3000000.50"),
        ("founded_on", "2008-03-01", "2008-03-01"),
        ("ownership", "民营", "民营"),
        ("legal_name", " 云海大酒店有限公司 ", "云海大酒店有限公司"),
    ],
)
def test_typed_values_are_kept_in_the_form_of_their_kind(
    world: World, field: str, typed: str, kept: str
) -> None:
    assert actions.set_card_field(world.customer_a, field, typed, by=world.rep_a1).value == kept


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("staff", "many"), ("staff", "NaN"), ("staff", "1e99"), ("annual_turnover", "Infinity"), ("founded_on", "01.03.2008"),
        ("founded_on", "2026-02-30"), ("ownership", "Private"), ("legal_name", "v" * 2001), ("legal_name", ""),
    ],
)  # fmt: skip
def test_what_does_not_fit_its_kind_is_refused(world: World, field: str, typed: str) -> None:
    with pytest.raises(ValidationError) as refused:
        actions.set_card_field(world.customer_a, field, typed, by=world.rep_a1)
    assert all(refused.value.messages)
    assert not CardField.objects.exists()


def test_a_value_from_a_talk_stays_in_the_words_of_the_talk(world: World) -> None:
    row = actions.set_card_field(
        world.customer_a, "annual_turnover", "大概三百万", by=world.rep_a1, source="talk"
    )
    assert row.value == "大概三百万"


@pytest.mark.parametrize(("days", "age"), [(0, ""), (90, ""), (91, "grey"), (180, "grey"), (181, "warn")])
def test_a_value_grows_old(world: World, days: int, age: str) -> None:
    row = actions.set_card_field(world.customer_a, "legal_name", "x", by=world.rep_a1)
    set_at = dt.datetime.combine(
        TODAY - dt.timedelta(days=days), dt.time(9), tzinfo=timezone.get_current_timezone()
    )
    CardField.objects.filter(pk=row.pk).update(set_at=set_at)
    found = rows_of(world)["legal_name"]
    assert (found.days, found.age) == (days, age)


def test_a_monthly_card_has_a_page_for_each_month(world: World) -> None:
    june, may = dt.date(2026, 6, 20), dt.date(2026, 5, 31)
    actions.set_card_field(world.customer_a, "month_done", "六月", by=world.rep_a1, month=june)
    actions.set_card_field(world.customer_a, "month_done", "五月", by=world.rep_a1, month=may)
    actions.set_card_field(world.customer_a, "legal_name", "x", by=world.rep_a1, month=may)
    for month, value in ((dt.date(2026, 6, 1), "六月"), (dt.date(2026, 5, 15), "五月")):
        row = rows_of(world, "monthly", month=month)["month_done"]
        assert (row.current and row.current.value, row.earlier) == (value, ())
    assert rows_of(world, "monthly", month=dt.date(2026, 4, 1))["month_done"].current is None
    assert CardField.objects.get(field="legal_name").month is None


def test_what_changed_in_a_month_stands_beside_what_was_there(world: World) -> None:
    zone = timezone.get_current_timezone()
    for month, value in ((4, "甲"), (5, "乙"), (6, "丙")):
        row = actions.set_card_field(world.customer_a, "legal_name", value, by=world.rep_a1)
        CardField.objects.filter(pk=row.pk).update(set_at=dt.datetime(2026, month, 10, tzinfo=zone))
    changes = cards.changes_in(world.customer_a, dt.date(2026, 5, 1), dt.date(2026, 6, 1))
    assert [(change.row.value, change.old) for change in changes] == [("乙", "甲")]
    assert [c.old for c in cards.changes_in(world.customer_a, dt.date(2026, 4, 1), dt.date(2026, 7, 1))] == [
        "乙",
        "甲",
        "",
    ]


# --- templates


def edited(card: str = "profile") -> list[dict[str, Any]]:
    return cards.as_data(cards.template_of(card).sections)


def test_a_firm_makes_its_own_card(world: World) -> None:
    sections = edited()
    sections[0]["fields"].append(
        {
            "key": "custom_1",
            "label": {"zh": "会员等级", "en": ""},
            "kind": "choice",
            "choices": [{"zh": "金", "en": "Gold"}],
        }
    )
    sections[0]["fields"][0]["hidden"] = True
    sections[0], sections[1] = sections[1], sections[0]
    row = cards.save_card_template(by=world.customer_department, card="profile", sections=sections)
    assert row is not None
    found = rows_of(world)
    assert "legal_name" not in found
    assert next(iter(found)) == "main_business"
    assert found["custom_1"].field.label == {"zh": "会员等级", "en": "会员等级"}
    assert actions.set_card_field(world.customer_a, "custom_1", "金", by=world.rep_a1).value == "金"
    assert cards.save_card_template(by=world.executive, card="profile", sections=edited()) is None
    assert CardTemplate.objects.count() == 1


def without_a_field(sections: list[dict[str, Any]]) -> None:
    sections[2]["fields"].pop(0)  # need, which talks fill


def doubled(sections: list[dict[str, Any]]) -> None:
    sections[0]["fields"].append(sections[1]["fields"][0])


def of_another_card(sections: list[dict[str, Any]]) -> None:
    sections[0]["fields"].append({"key": "year_goal", "label": {"zh": "x"}})


def nameless(sections: list[dict[str, Any]]) -> None:
    sections[0]["fields"][0]["label"] = {"zh": " ", "en": ""}


def without_choices(sections: list[dict[str, Any]]) -> None:
    sections[0]["fields"][0]["kind"] = "choice"


def of_no_kind(sections: list[dict[str, Any]]) -> None:
    sections[0]["fields"][0]["kind"] = "shoe"


def with_a_bad_key(sections: list[dict[str, Any]]) -> None:
    sections[0]["fields"].append({"key": "A b", "label": {"zh": "x"}})


def endless(sections: list[dict[str, Any]]) -> None:
    sections[0]["label"] = {"zh": "x" * 61}


def empty(sections: list[dict[str, Any]]) -> None:
    sections.clear()


@pytest.mark.parametrize(
    "spoil",
    [
        without_a_field,
        doubled,
        of_another_card,
        nameless,
        without_choices,
        of_no_kind,
        with_a_bad_key,
        endless,
        empty,
    ],
)
def test_templates_that_lose_or_confuse_are_refused(world: World, spoil: Any) -> None:
    sections = edited()
    spoil(sections)
    with pytest.raises(ValidationError) as refused:
        cards.save_card_template(by=world.executive, card="profile", sections=sections)
    assert all(refused.value.messages)
    assert not CardTemplate.objects.exists()


def test_only_some_may_design(world: World) -> None:
    for user in (world.rep_a1, world.manager_a, world.marketing):
        with pytest.raises(PermissionDenied):
            cards.save_card_template(by=user, card="profile", sections=edited())
    with pytest.raises(ValidationError):
        cards.save_card_template(by=world.executive, card="shoe", sections=edited())


# --- pages


def sign_in(client: Client, user: User) -> None:
    client.force_login(user)


def test_the_card_shows_source_and_age_and_plays(world: World, client: Client) -> None:
    talk = make_full_talk(world.rep_a1, customer=world.customer_a)
    evidence = {"conversation": talk.pk, "fact": 1, "quote": "三十台", "start_ms": 1000, "end_ms": 2000}
    actions.set_card_field(
        world.customer_a, "need", "三十台", by=world.rep_a1, source="talk", evidence=evidence
    )
    actions.set_card_field(world.customer_a, "legal_name", "旧名", by=world.rep_a1)
    actions.set_card_field(world.customer_a, "legal_name", "<b>新名</b>", by=world.rep_a1)
    sign_in(client, world.rep_a1)
    page = client.get(f"/customers/{world.customer_a.pk}/cards/profile/").text
    for shown in (f"/conversations/{talk.pk}/audio/", "旧名", "&lt;b&gt;新名"):
        assert shown in page
    for card in ("strategy", "monthly"):
        assert client.get(f"/customers/{world.customer_a.pk}/cards/{card}/?month=2026-13").status_code == 200
    assert client.get(f"/customers/{world.customer_a.pk}/cards/shoe/").status_code == 404
    sign_in(client, world.executive)
    page = client.get(f"/customers/{world.customer_a.pk}/cards/profile/").text
    assert "hx-post" not in page.split('id="field-legal_name"')[1].split('id="field-')[0]


def test_a_field_is_edited_in_place(world: World, client: Client) -> None:
    sign_in(client, world.rep_a1)
    address = f"/customers/{world.customer_a.pk}/cards/profile/staff/"
    headers = {"HTTP_HX_REQUEST": "true"}
    assert "<form" in client.get(address, **headers).text
    assert "<form" not in client.get(f"{address}?show=1", **headers).text
    refused = client.post(address, {"value": "viele"}, **headers)
    assert refused.status_code == 422
    assert "viele" in refused.text
    saved = client.post(address, {"value": "1,200"}, **headers)
    assert "1200" in saved.text
    # without a script: a page of its own
    page = client.get(address).text
    assert 'name="value"' in page
    assert "<html" in page
    assert "viele" in client.post(address, {"value": "viele"}).text
    assert client.post(address, {"value": "9"}).status_code == 302
    assert [row.value for row in CardField.objects.order_by("pk")] == ["1200", "9"]
    assert client.get(f"/customers/{world.customer_a.pk}/cards/profile/shoe/").status_code == 404
    assert client.get(f"/customers/{world.customer_a.pk}/cards/strategy/staff/").status_code == 404
    row = CardField.objects.latest("pk")
    client.post(f"/customers/values/{row.pk}/withdraw/")
    assert [row.value for row in CardField.objects.all()] == ["1200"]


def form_of(client: Client) -> dict[str, str]:
    """What a browser sends back of the designer's page."""
    from html.parser import HTMLParser

    class Inputs(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.sent: dict[str, str] = {}
            self.select = self.area = ""

        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            a = dict(attributes)
            name = a.get("name") or ""
            if tag == "input" and name.startswith("s") and (a.get("type") != "checkbox" or "checked" in a):
                self.sent[name] = a.get("value") or ""
            elif tag == "select":
                self.select = name
            elif tag == "option" and "selected" in a:
                self.sent[self.select] = a["value"] or ""
            elif tag == "textarea":
                self.area = name
                self.sent[name] = ""

        def handle_data(self, data: str) -> None:
            if self.area:
                self.sent[self.area] += data

        def handle_endtag(self, tag: str) -> None:
            self.area = "" if tag == "textarea" else self.area

    parser = Inputs()
    parser.feed(client.get("/customers/rules/cards/profile/").text)
    return parser.sent


def test_the_designer_keeps_what_it_is_sent_until_saved(world: World, client: Client) -> None:
    sign_in(client, world.customer_department)
    address = "/customers/rules/cards/profile/"
    sent = form_of(client)
    assert client.post(address, {**sent, "button": "save"}, follow=True).status_code == 200
    assert not CardTemplate.objects.exists()  # nothing changed, nothing saved
    page = client.post(address, {**sent, "s0.f0.zh": "登记名", "button": "down:s0.f0"}).text
    assert page.index('value="法定代表人"') < page.index('value="登记名"')
    assert not CardTemplate.objects.exists()
    assert client.post(address, {**sent, "button": "add:s0"}).text.count('name="s0.f9.zh"') == 1
    assert client.post(address, {**sent, "button": "add"}).text.count('name="s7.zh"') == 1
    for button in ("up:s0", "down:s99", "up:s0.f99", "shoe", "add:s50"):
        assert client.post(address, {**sent, "button": button}).status_code == 200
    new = {"s0.f9.zh": "会员等级", "s0.f9.kind": "choice", "s0.f9.choices": "金|Gold\n银|Silver"}
    assert client.post(address, {**sent, **new, "button": "save"}).status_code == 302
    entry = cards.template_of("profile").fields["custom_1"]
    assert (entry.label["zh"], entry.choices) == (
        "会员等级",
        ({"zh": "金", "en": "Gold"}, {"zh": "银", "en": "Silver"}),
    )
    refused = client.post(address, {**form_of(client), "s0.f0.zh": "", "s0.f0.en": "", "button": "save"})
    assert refused.status_code == 422
    assert CardTemplate.objects.count() == 1
