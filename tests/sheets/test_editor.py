"""The editor of kinds of paper: one section open, nothing lost on the way, nothing stored before it is saved."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.core import signing
from django.test import Client

from shengce.sheets import section_editing
from shengce.sheets.drafting import DRAFTERS
from shengce.sheets.forms_of_papers import current, read_sections, shipped
from shengce.sheets.models import PaperTemplate
from shengce.sheets.section_editing import as_stored, begun, choices_in, writes_rows
from tests.world import World

EDITOR = "/reports/kinds/weekly_plan/"


@pytest.fixture
def editor(world: World, client: Client) -> Client:
    client.force_login(world.administrator)
    return client


def fields(html: str) -> dict[str, Any]:
    """What a browser would send of the form as it stands."""
    form = html[html.index('id="paper-editor"') :]
    form = form[: form.index("</form>")]
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if (name and not ("checkbox" in tag or "radio" in tag)) or (name and "checked" in tag):
            sent.setdefault(name[1], []).append(unescape(value[1]) if value else "on")
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', body)
        sent[name] = [unescape(chosen[1])] if chosen else [""]
    return sent


def press(editor: Client, html: str, do: str, address: str = EDITOR, **typed: Any) -> Any:
    return editor.post(address, {**fields(html), **typed, "do": do})


def opened(editor: Client, key: str, address: str = EDITOR) -> str:
    return editor.get(f"{address}?open={key}").content.decode()


def keys(code: str = "weekly_plan") -> list[str]:
    return [part["key"] for part in current(code).form["sections"]]


def test_every_shipped_paper_survives_the_editor(world: World, editor: Client) -> None:
    for entry in shipped():
        template = current(entry["code"])
        again = [as_stored(part) for part in begun(template).parts]
        assert read_sections(again) == read_sections(template.form["sections"])
        address = f"/reports/kinds/{entry['code']}/"
        for part in (entry["sections"][0], entry["sections"][-1]):
            html = opened(editor, part["key"], address)
            assert press(editor, html, "save", address).status_code == 302
        assert current(entry["code"]).number == template.number  # nothing changed: no new version


def test_sections_move_and_go_without_being_saved(editor: Client) -> None:
    before = keys()
    html = press(editor, opened(editor, "goals"), "down:last").content.decode()
    html = press(editor, html, "remove:help").content.decode()
    assert keys() == before and 'aria-expanded="true"' in html and 'value="goals"' in html
    assert press(editor, html, "save").status_code == 302
    assert keys() == ["goals", "last", *before[2:-1]]


def test_what_is_typed_stays_while_buttons_are_pressed(editor: Client) -> None:
    html = press(editor, opened(editor, "goals"), "column_add", zh="本周要达到的").content.decode()
    (new,) = set(re.findall(r'name="c\.(c\d+)\.zh"', html))
    typed = {f"c.{new}.zh": "方式", f"c.{new}.en": "By", f"c.{new}.type": "choice"}
    html = press(
        editor, html, f"column_up:{new}", **typed, **{f"c.{new}.choices": "上门=Visit、电话"}
    ).content.decode()
    html = press(editor, html, "open:help").content.decode()  # another section, and back
    html = press(editor, html, "open:goals", zh="要帮助").content.decode()
    assert press(editor, html, "save").status_code == 302
    sections = {part["key"]: part for part in current("weekly_plan").form["sections"]}
    goals = sections["goals"]
    assert goals["title"]["zh"] == "本周要达到的" and sections["help"]["title"]["zh"] == "要帮助"
    assert [column["key"] for column in goals["columns"]] == ["metric", "planned", "last", new, "how"]
    assert goals["columns"][3]["choices"] == [{"zh": "上门", "en": "Visit"}, {"zh": "电话", "en": "电话"}]


def test_drafters_keep_their_order_and_bring_their_columns(editor: Client) -> None:
    daily = next(part for part in current("daily").form["sections"] if part["key"] == "talks")
    html = press(editor, opened(editor, "talks", "/reports/kinds/daily/"), "keep", "/reports/kinds/daily/")
    html = press(editor, html.content.decode(), "drafter_up:talks", "/reports/kinds/daily/").content.decode()
    assert press(editor, html, "save", "/reports/kinds/daily/").status_code == 302
    first = daily["drafters"]
    assert current("daily").form["sections"][0]["drafters"] == [first[0], first[2], first[1]]
    html = press(editor, opened(editor, "help"), "add").content.decode()
    html = press(editor, html, "keep", zh="竞品", drafter="competitors").content.decode()
    assert press(editor, html, "save").status_code == 302
    new = current("weekly_plan").form["sections"][-1]
    assert new["kind"] == "table" and new["drafters"] == ["competitors"]
    assert [column["key"] for column in new["columns"]] == [
        "competitor",
        "talks",
        "lowest",
        "highest",
        "quote",
    ]


def test_every_drafter_writes_lines_or_rows(world: World) -> None:
    drafted = {
        (name, part.get("kind", "lines"))
        for entry in shipped()
        for part in entry["sections"]
        for name in part.get("drafters", ())
    }
    assert {name for name, _kind in drafted} == set(DRAFTERS)
    assert {name for name, kind in drafted if kind == "table"} == set(writes_rows())
    assert len(drafted) == len(DRAFTERS)  # none does both


def test_a_new_paper_from_nothing(editor: Client) -> None:
    html = editor.get("/reports/kinds/new/").content.decode()
    answer = press(editor, html, "save", "/reports/kinds/new/")
    assert answer.status_code == 422 and 'role="alert"' in answer.content.decode()
    html = press(editor, html, "column_add", "/reports/kinds/new/", zh="样机", kind="table").content.decode()
    (new,) = set(re.findall(r'name="c\.(c\d+)\.zh"', html))
    typed = {f"c.{new}.zh": "客户", f"c.{new}.type": "customer", "title_zh": "样机登记", "title_en": ""}
    shown = press(editor, html, "preview", "/reports/kinds/new/", **typed).content.decode()
    assert "样机登记" in shown and not PaperTemplate.objects.filter(code="own_1").exists()
    assert press(editor, html, "save", "/reports/kinds/new/", **typed).status_code == 302
    own = current("own_1")
    assert own.title == {"zh": "样机登记", "en": "样机登记"}
    assert editor.get("/reports/kinds/own_1/blank/").status_code == 200


def test_what_is_wrong_is_said_where_it_is(editor: Client) -> None:
    html = press(editor, opened(editor, "goals"), "open:help", zh="").content.decode()
    answer = press(editor, html, "save")
    assert answer.status_code == 422
    html = answer.content.decode()
    assert fields(html)["open"] == ["goals"] and 'role="alert"' in html


@pytest.mark.parametrize(
    "more",
    [{"sections": "x"}, {"sections": ""}, {"sections": signing.dumps([], salt="another")}, {"open": "nothing"},
     {"do": "up:nothing"}, {"do": "fly"}, {"do": ""}, {"do": "column_up:nothing"}, {"do": "drafter_remove:no"},
     {"drafter": "nobody"}, {"kind": "heap"}, {"roles": "inspector"}, {"period": "century"}, {"working_days": "x"}],
)  # fmt: skip
def test_forms_that_make_no_sense_change_nothing(editor: Client, more: dict[str, Any]) -> None:
    before = current("weekly_plan")
    answer = editor.post(EDITOR, {**fields(opened(editor, "goals")), "do": "keep", **more})
    assert answer.status_code == 200
    assert current("weekly_plan") == before


def test_naughty_titles(editor: Client, naughty_strings: list[str]) -> None:
    html = opened(editor, "goals")
    for text in naughty_strings[::25]:
        assert press(editor, html, "keep", zh=text, **{"c.metric.zh": text}).status_code == 200
        assert press(editor, html, "save", zh=text, **{"c.metric.zh": text}).status_code in (302, 422)


def test_no_more_than_a_paper_holds(editor: Client) -> None:
    editing = begun(current("weekly_plan"))
    for _number in range(30):
        section_editing.carry_out(editing, "add")
        section_editing.carry_out(editing, "column_add")
    for _number in range(30):
        section_editing.carry_out(editing, "column_add")
    assert len(editing.parts) == 20 and len(editing.parts[-1]["columns"]) == 10
    assert len({part["key"] for part in editing.parts}) == 20


def test_the_daily_report_keeps_what_talks_write_into(editor: Client) -> None:
    html = opened(editor, "talks", "/reports/kinds/daily/")
    assert 'value="remove:' not in html
    html = press(editor, html, "remove:talks", "/reports/kinds/daily/").content.decode()
    assert press(editor, html, "save", "/reports/kinds/daily/").status_code == 302
    assert keys("daily")[0] == "talks"


def test_choices() -> None:
    assert choices_in(" 上门=Visit、电话 ,") == [{"zh": "上门", "en": "Visit"}, {"zh": "电话", "en": "电话"}]
    assert choices_in("") == []


def test_only_whoever_may(world: World, client: Client) -> None:
    client.force_login(world.rep_a1)
    for address in (EDITOR, "/reports/kinds/new/", f"{EDITOR}blank/"):
        assert client.get(address).status_code == 403
    assert client.post(EDITOR, {"do": "save"}).status_code == 403
