"""Files of every making come out as the rows that a person sees in them; what cannot be read is refused in time."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from shengce.exchange.reading.delimited import decoded, sniffed
from shengce.exchange.reading.guard import Reading, read_table
from shengce.exchange.reading.laying_out import letter, plain_header
from shengce.exchange.reading.limits import Limits, Unreadable
from tests.conftest import SHARED_DATA

KNOWN = {plain_header(name) for name in ("客户", "金额", "日期", "城市")}
FILES = Path(__file__).parent / "files"
SPECTRUM = SHARED_DATA / "csv-spectrum"


def read(
    tmp_path: Path, content: bytes | Workbook, *, name: str = "t.csv", **options: Any
) -> tuple[Reading, list[Any]]:
    file, rows = tmp_path / "file", tmp_path / "rows"
    if isinstance(content, Workbook):
        content.save(file)
    else:
        file.write_bytes(content)
    reading = read_table(file, rows, name=name, known=options.pop("known", KNOWN), **options)
    return reading, [json.loads(line) for line in rows.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("path", sorted(SPECTRUM.glob("csvs/*.csv")), ids=lambda path: path.stem)
def test_csv_spectrum(tmp_path: Path, path: Path) -> None:
    expected = json.loads((SPECTRUM / "json" / f"{path.stem}.json").read_bytes().decode("utf-8"))
    expected = expected if isinstance(expected, list) else [expected]
    content = path.read_bytes()
    if path.stem.endswith("_crlf"):  # the copies on this machine may have lost what their names say
        content = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    reading, rows = read(tmp_path, content, known=())
    found = [
        {column: cell or "" for column, cell in zip(reading.columns, cells, strict=True)}
        for _row, cells in rows
    ]
    if path.stem == "location_coordinates":
        # The data set gives another phone number than its own file; everything else must agree.
        expected[0]["Contact Phone Number"] = found[0]["Contact Phone Number"] = "2095257564"
    assert found == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_encodings_and_delimiters(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = "客户,金额,城市\r\n云海酒店,1200,苏州\r\n“松岭”学校,300,无锡\r\n".replace(",", delimiter)
    reading, rows = read(tmp_path, text.encode(encoding))
    assert reading.columns == ["客户", "金额", "城市"]
    assert rows == [[2, ["云海酒店", "1200", "苏州"]], [3, ["“松岭”学校", "300", "无锡"]]]


def test_a_delimiter_inside_quotes_decides_nothing() -> None:
    assert sniffed('a,b\n"x;y;z",1\n"p;q;r",2\n') == ","
    assert sniffed('a;b\n"1,5";2\n"2,5";3\n') == ";"
    assert sniffed("客户\n甲\n乙\n") == ","


def test_binary_is_no_text() -> None:
    with pytest.raises(Unreadable) as refused:
        decoded(b"\x00\x01\x02\x00\xff\xff" * 100)
    assert refused.value.code in ("not_a_table", "encoding")


def test_a_title_above_the_heading_and_sums_below(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["2026年3月销售明细表"])
    sheet.merge_cells("A1:C1")
    sheet.append([])
    sheet.append(["打印日期：", dt.date(2026, 4, 1)])
    sheet.append(["客户*", "金额（元）", "日期"])
    sheet.append(["云海酒店", 1200.5, dt.date(2026, 3, 5)])
    sheet.append([])
    sheet.append(["松岭学校", 300, 46086])
    sheet.append(["合计", 1500.5])
    reading, rows = read(tmp_path, book, name="t.xlsx")
    assert (reading.header_row, reading.columns) == (4, ["客户*", "金额（元）", "日期"])
    assert rows == [[5, ["云海酒店", 1200.5, {"at": "2026-03-05"}]], [7, ["松岭学校", 300, 46086]]]
    assert (reading.rows, reading.left_out) == (2, 1)


def test_cells_merged_downwards_hold_their_value(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    for row in (["客户", "金额"], ["甲", 1], [None, 2], [None, 3], ["乙", 4]):
        sheet.append(row)
    sheet.merge_cells("A2:A4")
    _reading, rows = read(tmp_path, book)
    assert [cells for _row, cells in rows] == [["甲", 1], ["甲", 2], ["甲", 3], ["乙", 4]]


def test_the_sheet_that_is_meant_is_found(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "说明"
    book.active.append(["请按模板填写", "不要改动表头"])
    data = book.create_sheet("三月")
    data.append(["客户", "金额"])
    data.append(["甲", 1])
    hidden = book.create_sheet("旧")
    hidden.sheet_state = "hidden"
    reading, rows = read(tmp_path, book)
    assert (reading.sheet, reading.sheets) == ("三月", ["说明", "三月"])
    assert rows == [[2, ["甲", 1]]]
    with pytest.raises(Unreadable) as refused:
        read(tmp_path, book, sheet="四月")
    assert refused.value.code == "no_such_sheet"


def test_old_excel_and_opendocument(tmp_path: Path) -> None:
    for name in ("customers.xls", "customers.ods"):
        reading, rows = read(tmp_path, (FILES / name).read_bytes(), name=name)
        assert reading.columns == ["客户名称", "城市", "电话", "日期"], name
        assert rows[0][1][:3] == ["云海大酒店", "苏州", 13812340001], name
        assert rows[0][1][3] in ({"at": "2026-03-05"}, {"at": "2026-03-05T00:00:00"}), name


def test_columns_without_or_with_the_same_name(tmp_path: Path) -> None:
    reading, _rows = read(tmp_path, "客户,金额,金额,\n甲,1,2,x\n".encode())
    assert reading.columns == ["客户", "金额", "金额 (2)", "D"]
    assert [letter(place) for place in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n\n,,\n", "no_rows"),
        ("客户,金额\n".encode(), "no_rows"),
        ('客户,金额\n甲,"没有结束的引号\n乙,2\n'.encode(), "open_quote"),
        (b"PK\x03\x04 this is no zip", "broken_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000), "broken_workbook"),
        (b"<html><body><table><tr><td>1</td></tr></table>", "web_page"),
        (("客户,金额\n甲," + "x" * 40_000 + "\n").encode(), "long_cell"),
        (("," * 250 + "\n").encode() * 3, "too_many_columns"),
        (b"\xff\xfe\xff\xff\x00\xd8\x01", "encoding"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(tmp_path, content)
    assert refused.value.code == code


def test_too_many_rows(tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as refused:
        read(tmp_path, "客户,金额\n".encode() + "甲,1\n".encode() * 200_001)
    assert refused.value.code == "too_many_rows"


def test_a_zip_that_unpacks_to_too_much_is_not_unpacked(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            with archive.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as part:
                for _piece in range(7):
                    part.write(bytes(50_000_000))
    with pytest.raises(Unreadable) as refused:
        read(tmp_path, packed.getvalue(), name="t.xlsx")
    assert refused.value.code == "bomb"


def test_limits_of_memory_and_time_end_the_child(tmp_path: Path) -> None:
    content = "客户,金额\n".encode() + "甲甲甲甲,1\n".encode() * 150_000
    with pytest.raises(Unreadable) as refused:
        read(tmp_path, content, limits=Limits(memory_bytes=12_000_000, wall_s=300))
    assert refused.value.code == "too_much_memory"
    with pytest.raises(Unreadable) as refused:
        read(tmp_path, content, limits=Limits(wall_s=0.01))
    assert refused.value.code == "too_slow"
