"""A grid of targets goes out as a workbook, is filled in, and comes back: what changes, what does not, and in which words."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from shengce.catalogue.models import ProductLine
from shengce.people.models import User
from shengce.targets.cells import Cell
from shengce.targets.editing import lock_cell, type_figure
from shengce.targets.metrics import built_in
from shengce.targets.models import TargetEdit, TargetRow, TargetVersion
from shengce.targets.queries import planned, total
from shengce.targets.versions import create_target_set
from tests.world import World

pytestmark = pytest.mark.django_db
CARRIED = re.compile(r'name="carried" value="([^"]+)"')


@pytest.fixture
def version(world: World) -> TargetVersion:
    """Two product lines, four reps, every cell filled unevenly."""
    start = timezone.localdate().replace(month=1, day=1)
    version = create_target_set(by=world.executive, name="今年目标", start_on=start)
    sales, amount = built_in("sales"), 0
    for line in (ProductLine.objects.create(name="整机"), ProductLine.objects.create(name="滤芯")):
        for rep in (world.rep_a1, world.rep_a2, world.rep_b1, world.rep_b2):
            amount += 123_457_89
            cell = Cell({"rep": rep.pk, "product_line": line.pk})
            type_figure(version, sales, cell, by=world.executive, total=amount)
    version.refresh_from_db()
    return version


class Desk:
    """One person with a spreadsheet."""

    def __init__(self, client: Client, version: TargetVersion, user: User) -> None:
        self.client, self.version = client, version
        client.force_login(user)

    def download(self, query: str = "") -> Workbook:
        response = self.client.get(reverse("targets:xlsx", args=[self.version.pk]) + query)
        assert response.status_code == 200
        return load_workbook(io.BytesIO(b"".join(response.streaming_content)))

    def give(
        self, content: Workbook | bytes, *, query: str = "", name: str = "目标.xlsx", unit: str = "yuan"
    ) -> Any:
        if isinstance(content, Workbook):
            into = io.BytesIO()
            content.save(into)
            content = into.getvalue()
        file = SimpleUploadedFile(name, content)
        address = reverse("exchange:grid", args=[self.version.pk]) + query
        return self.client.post(address, {"file": file, "unit": unit}, headers={"accept-language": "zh-hans"})

    def take_over(self, looked: Any) -> str:
        found = CARRIED.search(looked.content.decode())
        assert found, "nothing to take over"
        address = reverse("exchange:take_over", args=[self.version.pk])
        response = self.client.post(address, {"carried": found[1]}, follow=True)
        assert response.status_code == 200
        return response.content.decode()

    def sums(self, **more: Any) -> dict[Any, Any]:
        return planned(self.version, "sales", by=("rep", "product_line"), user=None, **more)


@pytest.fixture
def desk(client: Client, version: TargetVersion) -> Callable[[User], Desk]:
    return lambda user: Desk(client, version, user)


def row_of(book: Workbook, name: str) -> int:
    sheet = book.worksheets[0]
    return next(cell.row for cell in sheet["B"] if cell.value == name)


QUERIES = [
    f"?rows={rows}&cols={columns}"
    for rows in ("unit", "rep", "product_line", "customer", "sales_method")
    for columns in ("month", "quarter", "week", "product_line", "rep", "settlement_method")
    if rows != columns
]


@pytest.mark.parametrize("query", QUERIES)
def test_what_comes_back_unchanged_changes_nothing(world: World, desk: Any, query: str) -> None:
    person = desk(world.executive)
    looked = person.give(person.download(query))
    assert looked.status_code == 200
    filled = looked.context["filled"]
    assert (filled.changes, filled.refusals, filled.follows, filled.notes) == ([], [], [], [])
    assert "carried" not in looked.content.decode()


@pytest.mark.parametrize("seed", range(6))
def test_any_edits_of_cells_that_do_not_overlap_come_out_to_the_cent(
    world: World, desk: Any, seed: int
) -> None:
    chance = random.Random(seed)
    person = desk(world.executive)
    query = chance.choice(
        ["?rows=unit&cols=month", "?rows=rep&cols=product_line", "?rows=product_line&cols=quarter"]
    )
    before = person.sums()
    book = person.download(query)
    sheet = book.worksheets[0]
    rows = [
        row
        for row in range(2, sheet.max_row + 1)
        if ".rep-" in sheet.cell(row, 1).value or "rows=unit" not in query
    ]
    rows = [row for row in rows if sheet.cell(row, 1).value != "all"]
    wanted, difference = {}, 0
    width = sheet.max_column - 3
    for _times in range(chance.randint(1, 25)):
        cell = sheet.cell(chance.choice(rows), 3 + chance.randrange(width - 1))
        place = sheet.cell(cell.row, 1).value, sheet.cell(1, cell.column).value
        if place not in wanted:
            wanted[place] = chance.randint(0, 90_000_000_00)
            difference += wanted[place] - round(float(cell.value) * 100)
            cell.value = wanted[place] / 100
    looked = person.give(book)
    filled = looked.context["filled"]
    assert not filled.refusals and not filled.follows
    assert filled.after - filled.before == difference
    person.take_over(looked)
    heads, *lines = person.download(query).worksheets[0].iter_rows(values_only=True)
    now = {(line[0], head): line[place] for line in lines for place, head in enumerate(heads)}
    assert {place: round(float(now[place]) * 100) for place in wanted} == wanted
    assert sum(total(person.sums())) == sum(total(before)) + difference
    person.client.post(reverse("targets:change", args=[person.version.pk, "undo"]))
    assert person.sums() == before


def test_a_sum_is_spread_and_where_parts_were_changed_too_the_parts_count(world: World, desk: Any) -> None:
    person = desk(world.executive)
    book = person.download()
    sheet, last = book.worksheets[0], book.worksheets[0].max_column - 1
    team_a, team_b = (row_of(book, unit.name) for unit in (world.team_a, world.team_b))
    sheet.cell(team_b, last).value = 1_000_000.01  # the sum of a team: spread
    sheet.cell(team_a, 3).value = 500_000  # January of a team, and of one of its reps
    sheet.cell(row_of(book, "林晓"), 3).value = 7_000.5
    looked = person.give(book)
    filled = looked.context["filled"]
    assert {(c.place.row, c.new) for c in filled.changes} == {
        (world.team_b.name, 1_000_000_01),
        ("林晓", 7_000_50),
    }
    (follows,) = filled.follows
    assert follows.place.row == world.team_a.name
    person.take_over(looked)
    by_rep = planned(person.version, "sales", by=("rep",), user=None)
    assert by_rep[(world.rep_a1.pk,)][0] == 7_000_50
    assert sum(sum(by_rep[(rep.pk,)]) for rep in (world.rep_b1, world.rep_b2)) == 1_000_000_01
    becomes = by_rep[(world.rep_a1.pk,)][0] + by_rep[(world.rep_a2.pk,)][0]
    assert f"{becomes / 100:,.2f}" in follows.reason


def test_each_line_says_why_it_is_not_taken_over(world: World, desk: Any) -> None:
    person = desk(world.executive)
    version, sales = person.version, built_in("sales")
    lock_cell(version, sales, Cell({"rep": world.rep_a2.pk}, (0,)), by=world.executive, locked=True)
    book = person.download()
    sheet = book.worksheets[0]
    row = row_of(book, "林晓")
    for column, value in enumerate(["很多", -5, "#REF!", "=A1*2", True, None, "12箱"], start=3):
        sheet.cell(row, column).value = value
    sheet.cell(row_of(book, "周舟"), 3).value = 9
    sheet.cell(row_of(book, "周舟"), 4).value = 1e30
    sheet.append(["", "无此人", 100])
    type_figure(version, sales, Cell({"rep": world.rep_b1.pk}, (2,)), by=world.executive, total=77_00)
    sheet.cell(row_of(book, "陈果"), 5).value = 88
    looked = person.give(book)
    filled = looked.context["filled"]
    assert not filled.changes
    reasons = {(each.place.row, each.place.column): each.reason for each in filled.refusals}
    assert len(reasons) == 11
    assert "锁" in reasons["周舟", "1月"]
    assert "77" in reasons["陈果", "3月"]
    assert "无此人" in looked.content.decode()
    page = looked.content.decode()
    for each in filled.refusals:
        assert each.reason and each.reason in page.replace("&quot;", '"').replace("&#x27;", "'")


def test_too_much_below_a_lock_is_refused_and_the_rest_goes_on(world: World, desk: Any) -> None:
    person = desk(world.executive)
    cell = Cell({"rep": world.rep_a2.pk}, (0,))
    lock_cell(person.version, built_in("sales"), cell, by=world.executive, locked=True)
    book = person.download()
    book.worksheets[0].cell(row_of(book, world.team_a.name), 3).value = 1
    book.worksheets[0].cell(row_of(book, "陈果"), 3).value = 1
    filled = (looked := person.give(book)).context["filled"]
    assert [change.place.row for change in filled.changes] == ["陈果"]
    assert [each.place.row for each in filled.refusals] == [world.team_a.name]
    person.take_over(looked)


def test_what_another_changed_after_looking_changes_nothing(world: World, desk: Any) -> None:
    person = desk(world.executive)
    book = person.download()
    book.worksheets[0].cell(row_of(book, "林晓"), 3).value = 1
    book.worksheets[0].cell(row_of(book, "周舟"), 3).value = 1
    looked = person.give(book)
    cell = Cell({"rep": world.rep_a1.pk}, (0,))
    type_figure(person.version, built_in("sales"), cell, by=world.manager_a, total=77_00)
    before = person.sums()
    assert "message error" in person.take_over(looked)
    assert person.sums() == before


def test_rows_may_be_sorted_and_left_out(world: World, desk: Any) -> None:
    person = desk(world.executive)
    book = person.download("?rows=rep")
    sheet = book.worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    sheet.delete_rows(2, sheet.max_row)
    rows = sorted((row for row in rows if row[1] != "周舟"), key=lambda row: str(row[1]), reverse=True)
    for row in rows:
        if row[1] == "吴桐":
            row[2] = 321
        sheet.append(row)
    filled = person.give(book).context["filled"]
    assert [(change.place.row, change.new) for change in filled.changes] == [("吴桐", 321_00)]
    assert not filled.refusals


@pytest.mark.parametrize(("unit", "scale"), [("yuan", 1), ("wan", 10_000)])
def test_a_table_made_by_hand(world: World, desk: Any, unit: str, scale: int) -> None:
    person = desk(world.executive)
    text = "业务员,1月,2026-02,备注\n林晓,12,13.5,好\n周舟,,20\n谁,1,2\n合计,99,99\n"
    looked = person.give(text.encode("gb18030"), query="?rows=rep", name="手工.csv", unit=unit)
    filled = looked.context["filled"]
    changes = {(change.place.row, change.place.column): change.new for change in filled.changes}
    assert changes == {
        ("林晓", "1月"): 12_00 * scale,
        ("林晓", "2026-02"): 13_50 * scale,
        ("周舟", "2026-02"): 20_00 * scale,
    }
    assert [each.place.row for each in filled.refusals] == ["谁"]
    assert any("备注" in note for note in filled.notes) and len(filled.notes) == 2
    person.take_over(looked)
    assert person.client.get(reverse("targets:grid", args=[person.version.pk])).status_code == 200
    assert planned(person.version, "sales", by=("rep",), user=None)[(world.rep_a1.pk,)][0] == 12_00 * scale


def test_by_hand_where_nothing_is_yet(world: World, desk: Any) -> None:
    person = desk(world.executive)
    TargetRow.objects.all().delete()
    text = "组织,1月,2月,合计\n林晓,12,13,\n周舟,,,120\n"
    looked = person.give(text.encode(), name="t.csv")
    assert looked.context["filled"].after == 145_00
    person.take_over(looked)
    rows = planned(person.version, "sales", by=("rep",), user=None)
    assert (
        rows[(world.rep_a1.pk,)] == (12_00, 13_00, *(0,) * 10) and rows[(world.rep_a2.pk,)] == (10_00,) * 12
    )
    assert TargetRow.objects.count() == 2
    assert TargetEdit.objects.first().act == TargetEdit.Act.IMPORTED


def test_two_of_one_name_need_the_downloaded_file(world: World, desk: Any) -> None:
    User.objects.filter(pk=world.rep_b1.pk).update(display_name="林晓")
    person = desk(world.executive)
    filled = person.give("a,1月\n林晓,5\n".encode(), query="?rows=rep", name="t.csv").context["filled"]
    assert not filled.changes and len(filled.refusals) == 1


def test_a_manager_fills_in_only_his_own(world: World, desk: Any) -> None:
    everything = desk(world.executive).download()
    everything.worksheets[0].cell(row_of(everything, "陈果"), 3).value = 1
    everything.worksheets[0].cell(row_of(everything, "林晓"), 3).value = 2
    person = desk(world.manager_a)
    filled = (looked := person.give(everything)).context["filled"]
    assert [change.place.row for change in filled.changes] == ["林晓"]
    assert any(each.place.row == "陈果" for each in filled.refusals)
    before = planned(person.version, "sales", by=("rep",), user=None)
    person.take_over(looked)
    after = planned(person.version, "sales", by=("rep",), user=None)
    assert after[(world.rep_a1.pk,)][0] == 2_00
    assert after[(world.rep_b1.pk,)] == before[(world.rep_b1.pk,)]


def test_nobody_takes_over_what_another_looked_at(world: World, desk: Any) -> None:
    person = desk(world.executive)
    book = person.download()
    book.worksheets[0].cell(row_of(book, "林晓"), 3).value = 1
    looked, before = person.give(book), person.sums()
    other = desk(world.manager_a)
    other.take_over(looked)
    for carried in ("", "x:y", CARRIED.search(looked.content.decode())[1][:-3]):  # type: ignore[index]
        address = reverse("exchange:take_over", args=[person.version.pk])
        assert other.client.post(address, {"carried": carried}).status_code == 302
    assert person.sums() == before


def test_a_file_of_other_targets_is_refused(world: World, desk: Any) -> None:
    person = desk(world.executive)
    book = person.download()
    person.version = create_target_set(
        by=world.executive, name="明年", start_on=timezone.localdate().replace(year=2030, month=1, day=1)
    )
    looked = person.give(book)
    assert looked.status_code == 422 and "今年目标" in looked.content.decode()


def damaged(book: Workbook, how: str) -> Workbook | bytes:
    """A workbook somebody was at."""
    sheet, hidden = book.worksheets[0], book["shengce_grid"]
    if how == "no keys":
        sheet.delete_cols(1)
    elif how == "other query":
        hidden["B4"] = "?metric=visits&rows=nonsense"
    elif how == "nonsense":
        for row in hidden.iter_rows(min_row=2):
            for cell in row:
                cell.value = "☃" * 40
    elif how == "no tokens":
        hidden.delete_rows(7)
    elif how == "empty":
        return b""
    elif how == "no table":
        return b"\x00\x01\x02" * 99
    elif how == "no rows":
        sheet.delete_rows(2, 99)
    elif how == "password":
        return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(900)
    return book


@pytest.mark.parametrize(
    "how", ["no keys", "other query", "nonsense", "no tokens", "empty", "no table", "no rows", "password"]
)
def test_damaged_files_are_refused_in_words_or_read_by_names(world: World, desk: Any, how: str) -> None:
    person = desk(world.executive)
    before = person.sums()
    looked = person.give(damaged(person.download(), how))
    assert looked.status_code in (200, 422)
    if looked.status_code == 422:
        assert looked.context["form"].errors
    assert person.sums() == before


def test_a_closed_version_stays(world: World, desk: Any) -> None:
    person = desk(world.executive)
    book = person.download()
    book.worksheets[0].cell(row_of(book, "林晓"), 3).value = 1
    looked, before = person.give(book), person.sums()
    TargetVersion.objects.filter(pk=person.version.pk).update(state="approved")
    person.take_over(looked)
    assert person.sums() == before
    assert "carried" not in person.give(book).content.decode()


def test_counts_are_whole(world: World, desk: Any) -> None:
    person = desk(world.executive)
    cell = Cell({"rep": world.rep_a1.pk})
    type_figure(person.version, built_in("visits"), cell, by=world.executive, total=120)
    book = person.download("?metric=visits")
    book.worksheets[0].cell(row_of(book, "林晓"), 3).value = 11.5
    book.worksheets[0].cell(row_of(book, "林晓"), 4).value = 11
    filled = person.give(book, query="?metric=visits").context["filled"]
    assert [change.new for change in filled.changes] == [11]
    assert len(filled.refusals) == 1


def test_it_stands_under_targets(world: World, version: TargetVersion, client: Client) -> None:
    client.force_login(world.executive)
    page = client.get(reverse("exchange:grid", args=[version.pk])).content.decode()
    current = re.findall(r'<a href="([^"]+)" aria-current="page"', page)
    assert current and set(current) == {reverse("targets:list")}
    page = client.get(reverse("exchange:home")).content.decode()
    assert reverse("exchange:home") in re.findall(r'<a href="([^"]+)" aria-current="page"', page)
