"""``shengce import`` and ``shengce export``: the engine of the page, for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from shengce.customers.models import Customer
from shengce.exchange.models import ImportJob
from shengce.project.cli import main
from tests.exchange.conftest import as_csv, as_xlsx
from tests.world import World


@pytest.fixture
def call(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: str) -> tuple[int, Any, str]:
        status = main(arguments)
        printed = capsys.readouterr()
        return status, json.loads(printed.out) if printed.out.startswith("{") else printed.out, printed.err

    return run


def test_import_and_its_json(call: Any, world: World, tmp_path: Path) -> None:
    file = tmp_path / "客户.xlsx"
    file.write_bytes(as_xlsx(("客户编号", "客户名称"), ("K1", "甲"), ("K2", "")))
    status, result, _err = call("import", "customers", str(file), "--as", "rep_a1", "--json", "--dry-run")
    assert (status, result["state"], result["made"], result["faulty_rows"]) == (1, "previewed", 1, 1)
    assert result["faults"] == [
        {
            "row": 3,
            "column": "客户名称",
            "field": "name",
            "code": "missing",
            "text": result["faults"][0]["text"],
        }
    ]
    assert result["matching"] == {"code": "客户编号", "name": "客户名称"}
    assert not ImportJob.objects.exists()
    assert not Customer.objects.filter(code="K1").exists()

    status, result, _err = call("import", "customers", str(file), "--as", "rep_a1", "--json")
    assert (status, result["state"]) == (1, "previewed")
    status, result, _err = call("import", "customers", str(file), "--as", "rep_a1", "--json", "--good-rows")
    assert (status, result["state"], result["made"], result["faulty_rows"]) == (1, "done", 1, 1)
    assert Customer.objects.get(code="K1").owner == world.rep_a1

    status, result, _err = call("import", "customers", str(file), "--as", "rep_a2", "--json", "--good-rows")
    assert (status, result["state"], result["import"]) == (0, "already", None)
    assert "林晓" in result["message"]
    assert ImportJob.objects.count() == 1


def test_mapping_sheet_and_words(call: Any, tmp_path: Path) -> None:
    file, mapping = tmp_path / "t.csv", tmp_path / "m.yaml"
    file.write_bytes(as_csv(("甲列", "乙列"), ("某客户", "苏州")))
    status, result, _err = call("import", "customers", str(file), "--as", "rep_a1", "--json")
    assert (status, result["error"]["code"], result["columns"]) == (1, "matching", ["甲列", "乙列"])
    mapping.write_text("name: 甲列\ncity: 乙列\n", encoding="utf-8")
    status, printed, _err = call(
        "import", "customers", str(file), "--as", "rep_a1", "--mapping", str(mapping), "--language", "en"
    )
    assert (status, printed) == (0, "done: 1 rows: 1 made, 0 changed, 0 unchanged, 0 faulty rows\n")
    mapping.write_text("[1, 2]", encoding="utf-8")
    assert call("import", "customers", str(file), "--as", "rep_a1", "--mapping", str(mapping))[0] == 2


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("import", "nonsense", "{file}", "--as", "rep_a1"), 2),
        (("import", "customers", "{file}", "--as", "nobody"), 2),
        (("import", "customers", "{missing}", "--as", "rep_a1"), 2),
        (("import", "products", "{file}", "--as", "rep_a1"), 2),
        (("import", "customers", "{file}", "--as", "rep_a1", "--sheet", "没有"), 1),
        (("export", "customers", "{missing}", "--as", "rep_a1"), 2),
        (("export", "nonsense", "{missing}.csv", "--as", "rep_a1"), 2),
        (("export", "customers", "{missing}.csv", "--as", "marketing"), 2),
        (("export", "customers", "{missing}/a/b.csv", "--as", "rep_a1"), 1),
    ],
)
def test_wrong_options_are_told(call: Any, tmp_path: Path, arguments: tuple[str, ...], status: int) -> None:
    file = tmp_path / "t.xlsx"
    file.write_bytes(as_xlsx(("客户名称", "城市"), ("甲", "苏州")))
    missing = str(tmp_path / "none")
    given = [part.format(file=file, missing=missing) for part in arguments]
    answer, _out, err = call(*given)
    assert answer == status
    assert err.startswith("shengce ")
    assert not ImportJob.objects.exists()


def test_export_holds_what_one_sees_and_comes_back_unchanged(call: Any, world: World, tmp_path: Path) -> None:
    for suffix in ("xlsx", "csv"):
        file = tmp_path / f"out.{suffix}"
        assert call("export", "customers", str(file), "--as", "rep_a1")[0] == 0
        status, result, _err = call("import", "customers", str(file), "--as", "rep_a1", "--json")
        assert (status, result["rows"], result["unchanged"], result["changed"]) == (0, 1, 1, 0), suffix
    sheet = load_workbook(tmp_path / "out.xlsx").active
    assert [cell.value for cell in sheet[1]][:2] == ["客户编号", "客户名称"]
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == ["云海大酒店"]
