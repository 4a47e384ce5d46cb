"""A firm brings in its units, people and territories, before anything else."""

from __future__ import annotations

import io

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import translation
from openpyxl import load_workbook

from shengce.exchange import actions, cells, work
from shengce.exchange.organisation_kinds import ROLES, UNIT_KINDS
from shengce.people.models import AuditEntry, Role, Territory, Unit, User
from tests.exchange.conftest import Give, faults
from tests.world import World

UNITS = ("部门", "类型", "上级部门")
PEOPLE = ("工号", "姓名", "岗位", "部门", "手机", "入职日期", "在职")


@pytest.fixture
def tree(world: World, bring: Give) -> World:
    bring(
        world.administrator,
        "units",
        UNITS,
        ("华东大区", "大区", ""),
        ("苏州办事处", "办事处", "华东大区"),
        ("一组", "小组", "苏州办事处"),
        ("华南大区", "大区", ""),
        ("广州办事处", "办事处", "华南大区"),
        ("一组", "小组", "华南大区/广州办事处"),
    )
    return world


def test_units_grow_below_each_other_from_one_file(tree: World, bring: Give) -> None:
    root = Unit.objects.get(parent=None)
    assert Unit.objects.get(name="华东大区").parent == root
    assert Unit.objects.get(name="苏州办事处").kind == Unit.Kind.OFFICE
    assert {unit.parent.name for unit in Unit.objects.filter(name="一组")} == {"苏州办事处", "广州办事处"}
    again = bring(
        tree.administrator, "units", UNITS, ("苏州办事处", "团队", "华东大区"), ("新组", "", "广州办事处")
    )
    assert (again.made, again.changed) == (1, 1)
    assert Unit.objects.get(name="苏州办事处").kind == Unit.Kind.TEAM
    actions.undo_import(again, by=tree.administrator)
    assert Unit.objects.get(name="苏州办事处").kind == Unit.Kind.OFFICE
    assert not Unit.objects.filter(name="新组").exists()


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        (
            "units",
            [UNITS, ("华西大区", "大区", ""), ("成都办事处", "", "华西大区"), ("一组", "", "成都办事处")],
        ),
        ("territories", [("区域", "上级区域"), ("江苏", ""), ("苏州", "江苏"), ("吴中", "苏州")]),
    ],
)
def test_a_large_file_may_name_what_its_earlier_rows_make(
    world: World, give: Give, small_is_large: None, kind: str, rows: list[tuple[str, ...]]
) -> None:
    odd = [*rows, ("丁", *rows[1][1:-1], "月球")]
    for lines, made, wrong in ((rows, 3, []), (odd, 3, [5])):
        job = actions.check_file(give(world.administrator, kind, *lines), by=world.administrator)
        assert job.state == "checking"
        while work.work_once(lambda: True):
            pass
        job.refresh_from_db()
        assert (job.state, job.made) == ("previewed", made)
        assert [row for row, _column, _code in faults(job)] == wrong
    job = actions.check_file(give(world.administrator, kind, *rows), by=world.administrator)
    while work.work_once(lambda: True):
        pass
    job = actions.run_import(job, by=world.administrator)
    while work.work_once(lambda: True):
        pass
    job.refresh_from_db()
    assert (job.state, job.made) == ("done", 3)


def test_a_unit_that_two_have_and_one_that_nobody_has(tree: World, give: Give) -> None:
    job = actions.check_file(
        give(tree.administrator, "units", UNITS, ("甲", "", "一组"), ("乙", "", "北京"), ("丙", "星球", "")),
        by=tree.administrator,
    )
    assert faults(job) == [
        (2, "上级部门", "ambiguous_unit"),
        (3, "上级部门", "no_unit"),
        (4, "类型", "choice"),
    ]


def test_people_come_in_without_a_password(tree: World, bring: Give) -> None:
    job = bring(
        tree.administrator,
        "people",
        PEOPLE,
        ("S001", "周航", "经理", "苏州办事处", "138 1234 0001", "2024-03-01", ""),
        ("S002", "吴越", "", "华东大区／苏州办事处／一组", "", "", "是"),
        ("S003", "郑和", "业务员", "广州办事处/一组", "", "", "否"),
    )
    assert (job.made, job.faulty_rows) == (3, 0)
    head, rep, gone = (User.objects.get(username=name) for name in ("S001", "S002", "S003"))
    assert (head.role, head.unit.name, head.phone) == (Role.MANAGER, "苏州办事处", "13812340001")
    assert head.postings.get().start_on.isoformat() == "2024-03-01"
    assert (rep.role, rep.unit.parent.name) == (Role.REP, "苏州办事处")
    assert not gone.is_active
    assert not any(user.has_usable_password() for user in (head, rep, gone))
    assert Client().post("/people/sign-in/", {"username": "S002", "password": "!"}).status_code == 200

    # again, with one moved: he keeps his place before, and the rest stays as it is
    again = bring(
        tree.administrator,
        "people",
        PEOPLE[:4],
        ("s001", "周航", "销售经理", "苏州办事处"),
        ("S002", "吴越", "业务员", "广州办事处"),
    )
    assert (again.made, again.changed, again.unchanged) == (0, 1, 1)
    rep.refresh_from_db()
    assert [posting.unit.name for posting in rep.postings.all()] == ["一组", "广州办事处"]
    actions.undo_import(again, by=tree.administrator)
    rep.refresh_from_db()
    assert (rep.unit.name, rep.postings.get(end_on=None).unit.name) == ("一组", "一组")


def test_taking_people_back_leaves_those_who_were_here(tree: World, bring: Give) -> None:
    job = bring(
        tree.administrator,
        "people",
        PEOPLE[:4],
        ("S001", "周航", "经理", "苏州办事处"),
        ("S002", "吴越", "", "苏州办事处"),
    )
    was_here = User.objects.get(username="S002")
    was_here.set_password("a-password-of-his-own")
    was_here.save()
    actions.undo_import(job, by=tree.administrator)
    assert not User.objects.filter(username="S001").exists()
    assert User.objects.filter(username="S002").exists()


def test_what_is_wrong_in_a_row_of_people(tree: World, give: Give) -> None:
    job = actions.check_file(
        give(
            tree.administrator,
            "people",
            PEOPLE,
            ("", "无名", "", "", "", "", ""),
            ("S 5", "空格", "", "", "", "", ""),
            ("S6", "角色", "国王", "", "", "", ""),
            ("S7", "电话", "", "", "12", "", ""),
            ("S8", "部门", "", "月球", "", "", ""),
            ("rep_a1", "自己人", "", "", "", "", "大概"),
        ),
        by=tree.administrator,
    )
    assert [(row, column) for row, column, _code in faults(job)] == [
        (2, "工号"),
        (3, "工号"),
        (4, "岗位"),
        (5, "手机"),
        (6, "部门"),
        (7, "在职"),
    ]


def test_territories_with_their_places(world: World, bring: Give) -> None:
    job = bring(
        world.administrator,
        "territories",
        ("区域", "上级区域", "包含地点"),
        ("江苏", "", "江苏省"),
        ("苏州", "江苏", "姑苏、吴中；昆山"),
    )
    assert job.made == 2
    place = Territory.objects.get(name="苏州")
    assert (place.parent.name, place.places) == ("江苏", ["姑苏", "吴中", "昆山"])
    moved = bring(world.administrator, "territories", ("区域", "上级区域"), ("华东", ""), ("苏州", "华东"))
    assert (moved.made, moved.changed) == (1, 1)
    place.refresh_from_db()
    assert place.path.startswith(f"/{place.parent_id}/")
    actions.undo_import(moved, by=world.administrator)
    place.refresh_from_db()
    assert (place.parent.name, place.path) == ("江苏", f"/{place.parent_id}/{place.pk}/")


def test_only_who_keeps_the_organisation_brings_people(world: World, give: Give) -> None:
    with pytest.raises(PermissionDenied):
        give(world.executive, "people", PEOPLE, ("S001", "周航", "", "", "", "", ""))


@pytest.mark.parametrize("kind", ["units", "people", "territories"])
def test_what_goes_out_comes_back_unchanged(
    tree: World, bring: Give, give: Give, client: Client, kind: str
) -> None:
    if kind == "territories":
        bring(
            tree.administrator,
            kind,
            ("区域", "上级区域", "地点"),
            ("江苏", "", "江苏省"),
            ("苏州", "江苏", "姑苏"),
        )
    client.force_login(tree.administrator)
    answer = client.get(f"/exchange/export/{kind}.xlsx")
    rows = list(
        load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active.iter_rows(values_only=True)
    )
    job = actions.check_file(give(tree.administrator, kind, *rows), by=tree.administrator)
    assert faults(job) == []
    job = bring(tree.administrator, kind, *rows, again=True)
    assert (job.made, job.changed, job.faulty_rows) == (0, 0, 0)
    assert job.unchanged == len(rows) - 1
    assert AuditEntry.objects.filter(action="user.moved").count() == 0


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_role_and_kind_of_unit_is_understood_by_the_word_that_pages_show(language: str) -> None:
    with translation.override(language):
        assert [role for role in Role if cells.Choice(ROLES)(role.label) != role] == []
        assert [kind for kind in Unit.Kind if cells.Choice(UNIT_KINDS)(kind.label) != kind] == []
