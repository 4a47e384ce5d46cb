"""Customers and contacts."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shengce.customers import actions
from shengce.customers.models import SEES_ALL_CUSTOMERS, Contact, Customer
from shengce.exchange import cells
from shengce.exchange.kind import (
    Entry,
    Field,
    Kind,
    Values,
    resolve_all,
    resolve_customer,
    resolve_with,
)
from shengce.exchange.lookup import Lookup
from shengce.people.models import User
from shengce.people.scope import may_act_for

KINDS = {
    "end_customer": ("终端客户", "最终客户", "直销客户", "终端", "End customer"),
    "dealer": ("经销商", "渠道", "代理商", "分销商", "Dealer"),
    "prospect": ("潜在客户", "意向客户", "潜客", "线索", "Prospect"),
}
LEVELS = {
    "first": ("一批", "一级", "一级经销商", "一批商", "First-level dealer"),
    "second": ("二批", "二级", "二级经销商", "二批商", "Second-level dealer"),
    "retail": ("零售", "零售商", "门店", "三级", "Retailer"),
}
CODE_NAMES = ("客户编号", "客户编码", "客户代码", "客户号", "customer no", "customer number", "customer code")
NAME_NAMES = (
    "客户名称", "客户", "客户全称", "单位名称", "公司名称", "企业名称", "往来单位", "购货单位", "customer",
    "customer name", "company",
)  # fmt: skip
HEAD = (
    "name", "kind", "city", "industry", "code", "level", "tax_number", "phone", "address", "territory",
    "supplied_by", "value_class",
)  # fmt: skip


def line(most: int) -> Any:
    """A reader of one line of text."""
    return partial(cells.read_line, most=most)


def customer_fields(*, names: Sequence[str] = NAME_NAMES, of: Any) -> tuple[Field, Field]:
    """The two columns by which other things name their customer; ``of`` gives him for an export."""
    return (
        Field(
            "customer_code", gettext_lazy("Customer number"), (*CODE_NAMES, "税号", "tax number"), line(40),
            lambda row: of(row).code if of(row) else None, example="K0001",
        ),
        Field(
            "customer", gettext_lazy("Customer name"), tuple(names), line(200),
            lambda row: of(row).name if of(row) else None, example="云海大酒店有限公司",
        ),
    )  # fmt: skip


# --- customers


def _resolve(values: Values, lookup: Lookup) -> None:
    def supplier(text: str) -> Customer | None:
        found = lookup.customer_or_none(code=text)
        if found is None and text not in lookup.coming:
            raise ValidationError(
                _("There is no customer “%(text)s” among those that you see.") % {"text": text},
                code="no_customer",
            )
        return found

    resolve_all(
        values,
        lambda: resolve_with(values, "territory", lookup.territory),
        lambda: resolve_with(values, "supplied_by", supplier),
        lambda: resolve_with(values, "owner", partial(_owner, lookup)),
    )


def _owner(lookup: Lookup, text: str) -> User:
    person = lookup.person(text)
    if lookup.by.role not in SEES_ALL_CUSTOMERS and not may_act_for(lookup.by, person):
        raise ValidationError(
            _("You cannot give customers to %(name)s: he is in another team.") % {"name": person},
            code="owner",
        )
    return person


def _identity(values: Values) -> Hashable | None:
    return values.get("code") or values.get("tax_number") or values.get("name")


def _find(entry: Entry, lookup: Lookup) -> Customer | None:
    """By number, else tax number, else the only one of this name, unless their numbers say that they are two."""
    (values,) = entry
    for key in ("code", "tax_number"):
        for pk in lookup.directory.named(key, values.get(key, "")):
            if (found := lookup.read(pk)) is not None:
                return found
    same = [pk for pk in lookup.directory.named("name", values["name"]) if not _are_two(lookup, pk, values)]
    if len(same) > 1:
        words = _("%(count)d customers are called “%(text)s”: write the customer number or tax number.")
        words %= {"count": len(same), "text": values["name"]}
        raise ValidationError({"name": ValidationError(words, code="ambiguous_customer")})
    return lookup.read(same[0]) if same else None


def _are_two(lookup: Lookup, pk: int, values: Values) -> bool:
    standing = lookup.directory.names_of(pk)
    return any(
        values.get(key) and standing[key] and values[key] != standing[key] for key in ("code", "tax_number")
    )


def _make(entry: Entry, lookup: Lookup) -> Sequence[Model]:
    (values,) = entry
    head = {key: values[key] for key in HEAD if key in values}
    customer = actions.create_customer(by=lookup.by, owner=values.get("owner"), **{"kind": "prospect"} | head)
    lookup.learn(customer)
    return [customer, *_contact_of(customer, values, lookup)]


def _change(customer: Customer, entry: Entry, lookup: Lookup) -> Sequence[Model]:
    (values,) = entry
    head = {key: values[key] for key in HEAD if key in values and values[key] != getattr(customer, key)}
    if head:
        actions.update_customer(customer, by=lookup.by, **head)
        lookup.learn(customer)
    made = _contact_of(customer, values, lookup)
    owner = values.get("owner")
    if owner is not None and owner.pk != customer.owner_id:
        actions.hand_over(customer, by=lookup.by, to=owner)
    return made


def _contact_of(customer: Customer, values: Values, lookup: Lookup) -> list[Model]:
    """The person that the row names, unless he is there already."""
    name = values.get("contact")
    if not name or customer.contacts.filter(name=name).exists():
        return []
    return [
        actions.add_contact(
            customer, by=lookup.by, name=name, phone=values.get("contact_phone") or values.get("phone", "")
        )
    ]


def _exported(user: User) -> Iterable[Customer]:
    rows = Customer.objects.visible_to(user).select_related("territory", "supplied_by", "owner")
    return rows.order_by("pk").iterator(chunk_size=2_000)


CUSTOMERS = Kind(
    key="customers",
    label=gettext_lazy("Customers"),
    icon="building-2",
    permission="customers.edit",
    sees="customers.see",
    model=Customer,
    fields=(
        Field("code", gettext_lazy("Customer number"), (*CODE_NAMES, "编号", "编码", "代码", "code", "no"), line(40), lambda c: c.code, example="K0001"),
        Field("name", gettext_lazy("Customer name"), (*NAME_NAMES, "名称", "name", "客户简称"), line(200), lambda c: c.name, required=True, example="云海大酒店有限公司"),
        Field("kind", gettext_lazy("Kind"), ("客户类型", "类型", "客户类别", "客户性质", "kind", "type"), cells.Choice(KINDS), lambda c: c.get_kind_display(), example="终端客户"),
        Field("level", gettext_lazy("Dealer level"), ("经销商级别", "渠道级别", "级别", "层级", "dealer level", "level"), cells.Choice(LEVELS), lambda c: c.get_level_display() if c.level else None),
        Field("tax_number", gettext_lazy("Tax number"), ("税号", "统一社会信用代码", "信用代码", "纳税人识别号", "tax number", "tax no"), line(30), lambda c: c.tax_number, example="91320500MA1A2B3C4D"),
        Field("phone", gettext_lazy("Main phone"), ("电话", "公司电话", "联系电话", "总机", "电话号码", "固定电话", "phone", "tel", "telephone", "main phone"), cells.read_phone, lambda c: c.phone, example="0512-8888 6666"),
        Field("city", gettext_lazy("City"), ("城市", "所在城市", "地级市", "市", "city"), line(60), lambda c: c.city, example="苏州"),
        Field("address", gettext_lazy("Address"), ("地址", "详细地址", "公司地址", "收货地址", "address"), line(200), lambda c: c.address, example="工业园区星湖街 1 号"),
        Field("industry", gettext_lazy("Industry"), ("行业", "所属行业", "industry"), line(60), lambda c: c.industry, example="酒店"),
        Field("territory", gettext_lazy("Territory"), ("区域", "销售区域", "所属区域", "大区", "territory", "region"), line(60), lambda c: c.territory and c.territory.name),
        Field("supplied_by", gettext_lazy("Supplied by"), ("上级经销商", "供货经销商", "上级客户", "供货商", "supplied by"), line(200), lambda c: c.supplied_by and (c.supplied_by.code or c.supplied_by.name)),
        Field("value_class", gettext_lazy("Class"), ("客户等级", "客户分级", "等级", "ABC分类", "class", "grade"), line(1), lambda c: c.value_class, example="A"),
        Field("owner", gettext_lazy("Sales representative"), ("业务员", "负责人", "客户经理", "销售", "销售员", "跟进人", "所属业务员", "owner", "rep", "sales representative"), line(50), lambda c: c.owner and c.owner.username, example="linxiao"),
        Field("contact", gettext_lazy("Contact"), ("联系人", "联系人姓名", "contact", "contact name"), line(60), lambda c: None, example="刘经理"),
        Field("contact_phone", gettext_lazy("Contact's phone"), ("联系人电话", "联系人手机", "手机", "手机号", "手机号码", "mobile", "contact phone"), cells.read_phone, lambda c: None, example="13812340001"),
    ),
    resolve=_resolve,
    identity=_identity,
    find=_find,
    make=_make,
    change=_change,
    exported=_exported,
    page="web:customer",
    coming=lambda values: {values.get("code", ""), values["name"]},  # a later row's supplier
)  # fmt: skip


# --- contacts

CONTACT_FIELDS = ("name", "position", "phone", "email")


def _find_contact(entry: Entry, lookup: Lookup) -> Contact | None:
    """The same phone at the same customer, else the same name there."""
    (values,) = entry
    there = Contact.objects.filter(customer=values["customer"]).select_related("customer").order_by("pk")
    if phone := values.get("phone"):
        found = there.filter(phone=phone, name=values["name"]).first() or there.filter(phone=phone).first()
        if found is not None:
            return found
    same = there.filter(name=values["name"])
    if phone:  # two people may have one name
        same = same.filter(phone="")
    return same.first()


def _make_contact(entry: Entry, lookup: Lookup) -> Sequence[Model]:
    (values,) = entry
    details = {key: values[key] for key in CONTACT_FIELDS if key in values}
    return [actions.add_contact(values["customer"], by=lookup.by, **details)]


def _change_contact(contact: Contact, entry: Entry, lookup: Lookup) -> Sequence[Model]:
    (values,) = entry
    standing = {key: getattr(contact, key) for key in CONTACT_FIELDS}
    wanted = standing | {key: values[key] for key in standing if key in values}
    if wanted != standing:
        actions.update_contact(contact, by=lookup.by, **wanted)
    return []


def _exported_contacts(user: User) -> Iterable[Contact]:
    rows = Contact.objects.filter(customer__in=Customer.objects.visible_to(user)).select_related("customer")
    return rows.order_by("pk").iterator(chunk_size=2_000)


CONTACTS = Kind(
    key="contacts",
    label=gettext_lazy("Contacts"),
    icon="contact",
    permission="customers.edit",
    sees="customers.see",
    model=Contact,
    fields=(
        *customer_fields(of=lambda c: c.customer),
        Field("name", gettext_lazy("Contact"), ("联系人", "姓名", "联系人姓名", "名字", "contact", "name", "contact name"), line(60), lambda c: c.name, required=True, example="刘经理"),
        Field("position", gettext_lazy("Position"), ("职位", "职务", "岗位", "position", "title"), line(60), lambda c: c.position, example="采购经理"),
        Field("phone", gettext_lazy("Phone"), ("电话", "手机", "手机号", "手机号码", "联系电话", "联系人电话", "phone", "mobile", "tel"), cells.read_phone, lambda c: c.phone, example="13812340001"),
        Field("email", gettext_lazy("E-mail"), ("邮箱", "电子邮箱", "电子邮件", "email", "e-mail", "mail"), line(254), lambda c: c.email, example="liu@example.com"),
    ),
    resolve=resolve_customer,
    identity=lambda values: (values["customer"], values.get("phone") or values["name"]),
    find=_find_contact,
    make=_make_contact,
    change=_change_contact,
    exported=_exported_contacts,
    one_of=(("customer_code", "customer"),),
)  # fmt: skip
