"""Units, people and territories: what a firm brings in before anything else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy, pgettext_lazy

from shengce.exchange import cells
from shengce.exchange.customer_kinds import line
from shengce.exchange.kind import Entry, Field, Kind, Values, resolve_coming, resolve_with
from shengce.exchange.lookup import Lookup
from shengce.people import actions
from shengce.people.models import Role, Territory, Unit, User
from shengce.people.queries import visible_units, visible_users

UNIT_KINDS = {
    "company": ("公司", "总公司", "集团", "Company"),
    "region": ("大区", "区域", "分公司", "Region"),
    "office": ("办事处", "分部", "Office"),
    "team": ("小组", "团队", "组", "Team"),
    "department": ("部门", "Department"),
}
ROLES = {
    "executive": ("高管", "总经理", "销售总监", "Executive"),
    "manager": ("销售经理", "经理", "主管", "大区经理", "办事处主任", "Sales manager"),
    "rep": ("业务员", "销售代表", "销售", "Sales representative"),
    "appointment_specialist": ("约访专员", "Appointment specialist"),
    "inspector": ("质检员", "Inspector"),
    "trainer": ("培训师", "Trainer"),
    "marketing": ("营销专员", "市场部", "市场", "Marketing"),
    "customer_department": ("客户专员", "客户部", "客服", "Customer department"),
    "administrator": ("管理员", "系统管理员", "Administrator"),
}


Placed = tuple[Any, str]
"""A unit or a person, and the address of the unit above or around."""


def _addresses() -> dict[int | None, str]:
    """Unit → its names from below the firm, with slashes: what :meth:`Lookup.unit` understands whatever else has its name."""
    rows = {row.pk: row for row in Unit.objects.order_by("path")}
    found: dict[int | None, str] = {None: ""}
    for row in rows.values():
        above = [rows[int(pk)].name for pk in row.path.strip("/").split("/")]
        found[row.pk] = "/".join(above[1:] or above)
    return found


def _below(parent: Unit | None) -> Unit:
    """The parent, else the firm itself."""
    return parent or Unit.objects.get(parent__isnull=True)


# --- units


def _resolve_unit(values: Values, lookup: Lookup) -> None:
    resolve_coming(values, "parent", lookup.unit, lookup)


def _find_unit(entry: Entry, lookup: Lookup) -> Unit | None:
    (values,) = entry
    if isinstance(parent := values.get("parent"), str):  # an earlier row of this file makes it
        return None
    root = _below(None)
    if parent is None and values["name"] == root.name:
        return root
    return Unit.objects.filter(parent=parent or root, name=values["name"]).first()


def _make_unit(entry: Entry, lookup: Lookup) -> Sequence[Model]:
    (values,) = entry
    made = actions.create_unit(
        by=lookup.by,
        name=values["name"],
        kind=values.get("kind", Unit.Kind.TEAM),
        parent=_below(values.get("parent")),
    )
    lookup.forget_units()
    return [made]


def _change_unit(unit: Unit, entry: Entry, lookup: Lookup) -> Sequence[Model]:
    (values,) = entry
    if (kind := values.get("kind", unit.kind)) != unit.kind:
        actions.update_unit(unit, by=lookup.by, name=unit.name, kind=kind)
    return []


def _units(user: User) -> Iterable[Placed]:
    addresses = _addresses()
    return ((unit, addresses[unit.parent_id]) for unit in visible_units(user).order_by("path"))


UNITS = Kind(
    key="units",
    label=gettext_lazy("Units of the organisation"),
    icon="network",
    permission="people.edit",
    sees="people.see",
    model=Unit,
    fields=(
        Field("name", gettext_lazy("Unit"), ("部门", "部门名称", "单位", "组织", "机构", "名称", "unit", "name"), line(100), lambda row: row[0].name, required=True, example="苏州办事处"),
        Field("kind", gettext_lazy("Kind"), ("类型", "部门类型", "级别", "kind", "type"), cells.Choice(UNIT_KINDS), lambda row: row[0].get_kind_display(), example="办事处"),
        Field("parent", gettext_lazy("Belongs to"), ("上级部门", "上级", "上级单位", "所属", "parent", "belongs to"), line(300), lambda row: row[1], example="华东大区"),
    ),
    resolve=_resolve_unit,
    identity=lambda values: (getattr(values.get("parent"), "pk", values.get("parent")), values["name"]),
    find=_find_unit,
    make=_make_unit,
    change=_change_unit,
    exported=_units,
    coming=lambda values: {values["name"]},
)  # fmt: skip


# --- people


def _resolve_person(values: Values, lookup: Lookup) -> None:
    resolve_with(values, "unit", lookup.unit)


def _find_person(entry: Entry, lookup: Lookup) -> User | None:
    (values,) = entry
    return User.objects.select_related("unit").filter(username__iexact=values["username"]).first()


def _make_person(entry: Entry, lookup: Lookup) -> Sequence[Model]:
    """Without a password: who comes in by a table chooses his own, by an invitation."""
    (values,) = entry
    user = actions.create_user(
        by=lookup.by,
        username=values["username"],
        password=None,
        display_name=values["display_name"],
        role=values.get("role", Role.REP),
        unit=_below(values.get("unit")),
        phone=values.get("phone", ""),
        start_on=values.get("start_on"),
    )
    if values.get("is_active") is False:
        actions.update_user(
            user, by=lookup.by, display_name=user.display_name, phone=user.phone, is_active=False
        )
    return [user]


def _change_person(user: User, entry: Entry, lookup: Lookup) -> Sequence[Model]:
    """Another unit or role counts from today: what was before stays where it was."""
    (values,) = entry
    head: dict[str, Any] = {
        key: values.get(key, getattr(user, key)) for key in ("display_name", "phone", "is_active")
    }
    if any(head[key] != getattr(user, key) for key in head):
        user = actions.update_user(user, by=lookup.by, **head)
    unit, role = values.get("unit", user.unit), values.get("role", user.role)
    if (unit, role) != (user.unit, user.role):
        actions.move_user(user, by=lookup.by, unit=unit, role=role)
        user.refresh_from_db()
    return []


def _restore_person(user: User, old: Values, by: User) -> None:
    """Also a move is taken back by a move: the postings say what was."""
    head = {key: old.get(key, getattr(user, key)) for key in ("display_name", "phone", "is_active")}
    if old.keys() & head.keys():
        user = actions.update_user(user, by=by, **head)
    if old.keys() & {"unit_id", "role"}:
        unit = Unit.objects.filter(pk=old.get("unit_id", user.unit_id) or 0).first()
        actions.move_user(user, by=by, unit=unit, role=old.get("role", user.role))


def _people(user: User) -> Iterable[Placed]:
    addresses = _addresses()
    rows = visible_users(user).order_by("unit__path", "username")
    return ((person, addresses[person.unit_id]) for person in rows.iterator(chunk_size=2_000))


PEOPLE = Kind(
    key="people",
    label=gettext_lazy("People"),
    icon="users",
    permission="people.edit",
    sees="people.see",
    model=User,
    fields=(
        Field("username", gettext_lazy("User name"), ("用户名", "登录名", "账号", "帐号", "工号", "员工编号", "username", "user name", "login"), line(150), lambda row: row[0].username, required=True, example="linxiao"),
        Field("display_name", pgettext_lazy("person", "Name"), ("姓名", "名字", "员工姓名", "业务员", "name", "display name"), line(50), lambda row: row[0].display_name, required=True, example="林晓"),
        Field("role", gettext_lazy("Role"), ("角色", "岗位", "职务", "职位", "role", "position"), cells.Choice(ROLES), lambda row: row[0].get_role_display(), example="业务员"),
        Field("unit", gettext_lazy("Unit"), ("部门", "所属部门", "单位", "组织", "团队", "unit", "department"), line(300), lambda row: row[1], example="苏州办事处"),
        Field("phone", gettext_lazy("Phone"), ("手机", "手机号", "手机号码", "电话", "联系电话", "phone", "mobile"), cells.read_phone, lambda row: row[0].phone, example="13812340001"),
        Field("start_on", pgettext_lazy("person", "Since"), ("入职日期", "到岗日期", "开始日期", "since", "start"), cells.read_day, lambda row: None, example="2026-03-01"),
        Field("is_active", gettext_lazy("May sign in"), ("在职", "是否在职", "启用", "是否启用", "may sign in", "active"), cells.read_yes, lambda row: cells.text_of(row[0].is_active), example="是"),
    ),
    resolve=_resolve_person,
    identity=lambda values: values["username"].casefold(),
    find=_find_person,
    make=_make_person,
    change=_change_person,
    exported=_people,
    page="people:person",
    parts=("people.Posting",),
    restore=_restore_person,
)  # fmt: skip


# --- territories


def _resolve_territory(values: Values, lookup: Lookup) -> None:
    resolve_coming(values, "parent", lookup.territory, lookup)


def _find_territory(entry: Entry, lookup: Lookup) -> Territory | None:
    (values,) = entry
    return Territory.objects.select_related("parent").filter(name=values["name"]).first()


def _make_territory(entry: Entry, lookup: Lookup) -> Sequence[Model]:
    (values,) = entry
    made = actions.create_territory(by=lookup.by, **values)
    lookup.forget_territories()
    return [made]


def _change_territory(territory: Territory, entry: Entry, lookup: Lookup) -> Sequence[Model]:
    (values,) = entry
    standing: Values = {
        "name": territory.name, "parent": territory.parent, "places": list(territory.places),
    }  # fmt: skip
    if (wanted := standing | values) != standing:
        actions.update_territory(territory, by=lookup.by, **wanted)
        territory.refresh_from_db()
        lookup.forget_territories()
    return []


def _restore_territory(territory: Territory, old: Values, by: User) -> None:
    """The places below move with it."""
    parent = Territory.objects.filter(pk=old.get("parent_id", territory.parent_id) or 0).first()
    actions.update_territory(
        territory,
        by=by,
        name=old.get("name", territory.name),
        parent=parent,
        places=old.get("places", territory.places),
    )


TERRITORIES = Kind(
    key="territories",
    label=gettext_lazy("Territories"),
    icon="map",
    permission="territories.edit",
    sees="territories.edit",
    model=Territory,
    fields=(
        Field("name", gettext_lazy("Territory"), ("区域", "区域名称", "销售区域", "名称", "territory", "region", "name"), line(60), lambda t: t.name, required=True, example="苏州"),
        Field("parent", gettext_lazy("Belongs to"), ("上级区域", "上级", "所属大区", "parent", "belongs to"), line(60), lambda t: t.parent and t.parent.name, example="江苏"),
        Field("places", gettext_lazy("Places"), ("包含地点", "地点", "城市", "市县", "places"), partial(cells.read_names, most=60), lambda t: "、".join(map(str, t.places)), example="姑苏、吴中、昆山"),
    ),
    resolve=_resolve_territory,
    identity=lambda values: values["name"],
    find=_find_territory,
    make=_make_territory,
    change=_change_territory,
    exported=lambda user: Territory.objects.select_related("parent").order_by("path"),
    page="people:territory",
    restore=_restore_territory,
    coming=lambda values: {values["name"]},
)  # fmt: skip
