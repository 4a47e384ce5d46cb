"""The pages of imports and exports, as a person uses them."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from shengce.customers.models import Customer
from shengce.exchange import actions, running
from shengce.exchange.kinds import KINDS, importable
from shengce.exchange.matching import match_by_name
from shengce.exchange.models import ImportJob
from shengce.people.models import AuditEntry
from tests.conftest import SHARED_DATA
from tests.exchange.conftest import Give, as_csv, as_xlsx
from tests.world import World


@pytest.fixture
def rep(client: Client, world: World) -> Client:
    client.force_login(world.rep_a1)
    return client


def send(client: Client, content: bytes, *, kind: str = "customers", name: str = "客户.csv") -> Any:
    return client.post(
        "/exchange/upload/", {"kind": kind, "file": SimpleUploadedFile(name, content)}, follow=True
    )


def body(answer: Any) -> str:
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode("utf-8-sig")


def test_from_upload_to_undo(rep: Client) -> None:
    page = send(
        rep, as_csv(("客户编号", "客户名称", "电话"), ("K1", "新客户", "051288886666"), ("K2", "坏的", "abc"))
    )
    text = body(page)
    job = ImportJob.objects.get()
    assert page.redirect_chain[-1][0] == f"/exchange/{job.pk}/"
    assert "新客户" in text
    assert "电话号码" in text
    assert "导入正确的 1 行" in text, text
    faulty = body(rep.get(f"/exchange/{job.pk}/faults.csv"))
    assert list(csv.reader(io.StringIO(faulty))) == [
        ["客户编号", "客户名称", "电话", "文件中的行号", "问题"],
        ["K2", "坏的", "abc", "3", f"电话: {job.faults.get().text}"],
    ]
    done = body(rep.post(f"/exchange/{job.pk}/run/", {"good_only": "1"}, follow=True))
    customer = Customer.objects.get(code="K1")
    assert f'href="/customers/{customer.pk}/"' in done and "已于" in done
    undone = body(rep.post(f"/exchange/{job.pk}/undo/", follow=True))
    assert "已撤销" in undone
    assert not Customer.objects.filter(code="K1").exists()
    assert rep.post(f"/exchange/{job.pk}/discard/", follow=True).redirect_chain[-1][0] == "/exchange/"
    assert not ImportJob.objects.exists()


def test_unknown_columns_are_matched_by_hand(rep: Client) -> None:
    page = body(send(rep, as_csv(("甲列", "乙列"), ("某客户", "苏州"))))
    job = ImportJob.objects.get()
    assert "每一列是什么" in page and "某客户" in page
    wrong = rep.post(f"/exchange/{job.pk}/columns/", {"city": "乙列"})
    assert wrong.status_code == 422 and "客户名称" in body(wrong)
    assert rep.post(f"/exchange/{job.pk}/columns/", {"name": "没有的列"}).status_code == 422
    page = body(rep.post(f"/exchange/{job.pk}/columns/", {"name": "甲列", "city": "乙列"}, follow=True))
    assert "导入全部 1 行" in page
    again = body(rep.get(f"/exchange/{job.pk}/?columns=1"))
    assert '<option value="甲列" selected>' in again


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空"),
        (b"PK\x03\x04", "损坏"),
        (b"\x00\x01\x02" * 100, "不是表格"),
        (as_csv(("客户名称",)), "没有数据行"),
    ],
)
def test_files_that_cannot_be_used_are_refused_in_words(rep: Client, content: bytes, words: str) -> None:
    answer = send(rep, content)
    assert answer.status_code == 422
    assert words in body(answer)
    assert not ImportJob.objects.exists()


def test_nonsense_is_no_500(rep: Client, give: Give, world: World) -> None:
    assert rep.post("/exchange/upload/", {"kind": "nonsense"}).status_code == 422
    job = give(world.rep_a1, "customers", ("客户名称",), ("甲",))
    for address in (
        "/exchange/999999999999999999/", f"/exchange/{job.pk}/faults.exe", "/exchange/export/nonsense.csv",
        "/exchange/export/customers.exe", "/exchange/template/nonsense.xlsx",
    ):  # fmt: skip
        assert rep.get(address).status_code == 404, address
    assert rep.get("/exchange/?page=x&of=%00&state=nonsense&sort=nonsense&kind=%00").status_code == 200
    assert rep.get(f"/exchange/{job.pk}/?page=99999999999999999999&rows=-1").status_code == 200
    for what, data in (("run", {}), ("undo", {}), ("sheet", {"sheet": "\x00没有"})):
        assert rep.post(f"/exchange/{job.pk}/{what}/", data).status_code == 302, what
    assert rep.post("/exchange/99999999999999999999999/run/").status_code == 404


def test_the_same_file_says_when_it_was_imported(rep: Client) -> None:
    content = as_csv(("客户名称",), ("甲",))
    send(rep, content)
    rep.post(f"/exchange/{ImportJob.objects.get().pk}/run/")
    page = body(send(rep, content))
    assert "林晓 已于" in page and "仍然再次导入" in page
    job = ImportJob.objects.latest("pk")
    refused = body(rep.post(f"/exchange/{job.pk}/run/", follow=True))
    assert "导入过此文件" in refused
    rep.post(f"/exchange/{job.pk}/run/", {"again": "1"})
    assert Customer.objects.filter(name="甲").count() == 1


def test_progress_of_a_large_file(rep: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (running, actions):
        monkeypatch.setattr(module, "AT_ONCE", 1)
    page = body(send(rep, as_csv(("客户名称",), ("甲",), ("乙",))))
    job = ImportJob.objects.get()
    assert f'hx-get="/exchange/{job.pk}/progress/"' in page and "0 / 2" in page
    assert rep.get(f"/exchange/{job.pk}/progress/", headers={"HX-Request": "true"}).status_code == 200
    ImportJob.objects.update(state="previewed")
    assert rep.get(f"/exchange/{job.pk}/progress/", headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_others_see_nothing_of_it(client: Client, world: World, give: Give) -> None:
    job = give(world.rep_a1, "customers", ("客户名称",), ("暗号",))
    for who in (world.rep_a2, world.manager_a, world.executive, world.rep_b1):
        client.force_login(who)
        assert client.get(f"/exchange/{job.pk}/").status_code == 404
        assert client.get(f"/exchange/{job.pk}/faults.csv").status_code == 404
        assert "t.csv" not in body(client.get("/exchange/"))
    client.force_login(world.inspector)
    assert client.get("/exchange/").status_code == 403


def test_templates_are_understood(client: Client, world: World) -> None:
    for kind in KINDS:
        who = next(user for user in world.users if kind in importable(user))
        client.force_login(who)
        for language in ("zh-hans", "en"):
            client.post("/i18n/setlang/", {"language": language})
            sheet = load_workbook(
                io.BytesIO(b"".join(client.get(f"/exchange/template/{kind.key}.xlsx").streaming_content))
            ).active
            heads = [cell.value for cell in sheet[1]]
            matching = match_by_name(kind, heads)
            assert [matching.get(field.key) for field in kind.fields] == heads, (kind.key, language)


PAYLOADS = SHARED_DATA / "formula-injection" / "payloads.txt"


def test_exports_neutralise_formulas_and_come_back_as_they_were(client: Client, world: World) -> None:
    payloads = [text for text in PAYLOADS.read_text(encoding="utf-8").split("\n") if text]
    assert len(payloads) > 8
    for text in payloads:
        Customer.objects.create(name=text, industry=text[:60], owner=world.rep_a1, unit=world.team_a)
    client.force_login(world.rep_a1)
    rows = list(csv.reader(io.StringIO(body(client.get("/exchange/export/customers.csv")))))
    sheet = load_workbook(
        io.BytesIO(b"".join(client.get("/exchange/export/customers.xlsx").streaming_content))
    ).active
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row if cell.value is not None]
    assert not any(cell.data_type == "f" for cell in cells)
    for shown in ([row[1] for row in rows[1:]], [row[1].value for row in sheet.iter_rows(min_row=2)]):
        for text in payloads:
            usable = text in ("-100", "+86 138 0000 0000") or not text.startswith(
                ("=", "+", "-", "@", "\t", "\r", "＝")
            )
            assert (text if usable else "'" + text) in shown
    assert AuditEntry.objects.filter(action="table.exported", by=world.rep_a1).count() == 2


def test_everybody_exports_what_he_sees_only(client: Client, world: World) -> None:
    expected = {"rep_a1": {"云海大酒店"}, "rep_b1": {"松岭学校"}, "executive": {"云海大酒店", "松岭学校"}}
    for name, seen in expected.items():
        client.force_login(getattr(world, name))
        rows = list(csv.DictReader(io.StringIO(body(client.get("/exchange/export/customers.csv")))))
        assert {row["客户名称"] for row in rows} == seen
        for kind in KINDS:
            assert client.get(f"/exchange/export/{kind.key}.xlsx").status_code in (200, 404)
    client.force_login(world.marketing)
    assert client.get("/exchange/export/customers.csv").status_code == 404
    assert client.get("/exchange/export/products.csv").status_code == 200


def test_the_list_is_filtered_sorted_and_exported(rep: Client, world: World, bring: Give, give: Give) -> None:
    bring(world.rep_a1, "customers", ("客户名称",), ("甲",))
    give(world.rep_a1, "contacts", ("客户", "联系人"), ("甲", "乙"))
    assert body(rep.get("/exchange/")).count('class="title wrap-any"') == 2
    assert body(rep.get("/exchange/?of=contacts")).count('class="title wrap-any"') == 1
    assert body(rep.get("/exchange/?state=done&sort=-rows")).count('class="title wrap-any"') == 1
    listed = list(csv.reader(io.StringIO(body(rep.get("/exchange/imports.csv?state=done")))))
    assert len(listed) == 2 and listed[1][:2] == ["t.csv", "客户"]


def test_the_list_costs_the_same_however_long(rep: Client, world: World, give: Give) -> None:
    costs = []
    for start in (0, 3):
        for number in range(start, start + 3):
            give(world.rep_a1, "customers", ("客户名称",), (f"客户{number}",))
        with CaptureQueriesContext(connection) as queries:
            assert rep.get("/exchange/").status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 5


def test_a_page_of_faults_costs_the_same_however_many(rep: Client, world: World, give: Give) -> None:
    costs = []
    for number in (3, 60):
        job = give(
            world.rep_a1, "customers", ("客户名称", "电话"), *((f"客户{n}", "abc") for n in range(number))
        )
        actions.check_file(job, by=world.rep_a1)
        with CaptureQueriesContext(connection) as queries:
            answer = rep.get(f"/exchange/{job.pk}/")
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 10
    assert "page=2#faults" in body(answer)


def test_an_old_workbook_with_a_title_is_read_on_the_page(rep: Client) -> None:
    content = as_xlsx(
        ("2026年客户名册",), (), ("客户名称", "城市", "客户类型"), ("甲", "苏州", "经销商"), ("合计", 1)
    )
    page = body(send(rep, content, name="名册.xlsx"))
    assert "表头在第 3 行" in page and "已略过 1 行合计" in page and "导入全部 1 行" in page
