"""After-sales tickets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import partial

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext_lazy

from shengce.exchange import cells
from shengce.exchange.customer_kinds import customer_fields, line
from shengce.exchange.kind import Entry, Field, Kind, Values, resolve_all, resolve_customer, resolve_with
from shengce.exchange.lookup import Lookup
from shengce.exchange.product_kinds import PRODUCT_NAMES
from shengce.people.models import User
from shengce.service.actions import open_ticket
from shengce.service.models import Ticket

KINDS = {
    "complaint": ("投诉", "客诉", "Complaint"),
    "claim": ("索赔", "赔付", "Claim"),
    "return": ("退货", "退换货", "换货", "Return"),
    "repair": ("维修", "报修", "修理", "Repair"),
    "question": ("咨询", "问题", "Question"),
}
PRIORITIES = {
    "urgent": ("紧急", "特急", "加急", "Urgent"),
    "high": ("高", "重要", "High"),
    "normal": ("普通", "一般", "中", "正常", "Normal"),
    "low": ("低", "Low"),
}


def _resolve(values: Values, lookup: Lookup) -> None:
    resolve_all(
        values,
        lambda: resolve_customer(values, lookup),
        lambda: resolve_with(values, "product", lookup.product),
        lambda: resolve_with(values, "owner", lookup.colleague),
    )


def _day(values: Values) -> dt.date:
    moment = values.get("opened_at")
    return timezone.localtime(moment).date() if moment else timezone.localdate()


def _find(entry: Entry, lookup: Lookup) -> Ticket | None:
    """The same matter of the same customer on the same day."""
    (values,) = entry
    same = Ticket.objects.filter(customer=values["customer"], title=values["title"])
    return same.filter(opened_at__date=_day(values)).first()


def _make(entry: Entry, lookup: Lookup) -> Sequence[Model]:
    (values,) = entry
    named = {key: value for key, value in values.items() if key != "customer_code"}
    return [open_ticket(by=lookup.by, **named)]


def _leave(ticket: Ticket, entry: Entry, lookup: Lookup) -> Sequence[Model]:
    """A ticket lives on: what was done since counts, not the list it came from."""
    return []


def _exported(user: User) -> Iterable[Ticket]:
    rows = Ticket.objects.visible_to(user).select_related("customer", "product", "owner")
    return rows.order_by("opened_at", "pk").iterator(chunk_size=2_000)


TICKETS = Kind(
    key="tickets",
    label=gettext_lazy("Tickets"),
    icon="life-buoy",
    permission="tickets.edit",
    sees="tickets.see",
    model=Ticket,
    fields=(
        *customer_fields(of=lambda row: row.customer),
        Field("title", gettext_lazy("Title"), ("标题", "主题", "问题", "问题描述", "工单标题", "title", "subject"), line(200), lambda row: row.title, required=True, example="净水机漏水"),
        Field("kind", gettext_lazy("Kind"), ("类型", "工单类型", "问题类型", "类别", "kind", "type"), cells.Choice(KINDS), lambda row: row.get_kind_display(), example="维修"),
        Field("priority", gettext_lazy("Priority"), ("优先级", "紧急程度", "级别", "priority"), cells.Choice(PRIORITIES), lambda row: row.get_priority_display(), example="高"),
        Field("description", gettext_lazy("Description"), ("描述", "详细描述", "说明", "内容", "备注", "description", "details"), partial(cells.read_text, most=4_000), lambda row: row.description),
        Field("product", gettext_lazy("Product"), PRODUCT_NAMES, line(100), lambda row: row.product and row.product.name, example="清泉500"),
        Field("owner", gettext_lazy("Person in charge"), ("处理人", "负责人", "受理人", "责任人", "owner", "assignee"), line(50), lambda row: row.owner and row.owner.username),
        Field("opened_at", gettext_lazy("Opened at"), ("受理时间", "创建时间", "报修时间", "提交时间", "日期", "时间", "opened at", "created"), cells.read_moment, lambda row: row.opened_at, example="2026-03-05 09:30"),
    ),
    resolve=_resolve,
    identity=lambda values: (values["customer"], values["title"], _day(values)),
    find=_find,
    make=_make,
    change=_leave,
    exported=_exported,
    one_of=(("customer_code", "customer"),),
    page="service:ticket",
    parts=("service.TicketStep",),
)  # fmt: skip
