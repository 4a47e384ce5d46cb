"""What dealers' people were taught."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shengce.channel.models import Training
from shengce.channel.trainings import MOST_PEOPLE, save_training, withdraw_training
from shengce.customers.models import Customer
from shengce.exchange import cells
from shengce.exchange.cells import Cell
from shengce.exchange.customer_kinds import NAME_NAMES, customer_fields, line
from shengce.exchange.kind import Entry, Field, Kind, Values, resolve_customer
from shengce.exchange.lookup import Lookup
from shengce.people.models import User


def _read_people(cell: Cell) -> int | None:
    """A whole number of people, from 1."""
    number = cells.read_number(cell, decimals=0)
    if number is None:
        return None
    if not Decimal(1) <= number <= MOST_PEOPLE:
        raise ValidationError(_("One to 10,000 people."), code="people")
    return int(number)


def _resolve(values: Values, lookup: Lookup) -> None:
    resolve_customer(values, lookup)
    dealer = values.get("customer")
    if isinstance(dealer, Customer) and dealer.kind != Customer.Kind.DEALER:
        raise ValidationError(
            {"customer": ValidationError(_("%(name)s is not a dealer.") % {"name": dealer}, code="no_dealer")}
        )


def _find(entry: Entry, lookup: Lookup) -> Training | None:
    """The same subject for the same dealer on the same day."""
    (values,) = entry
    found: Training | None = Training.objects.filter(
        dealer=values["customer"], held_on=values["held_on"], subject=values["subject"]
    ).first()
    return found


def _make(entry: Entry, lookup: Lookup) -> Sequence[Model]:
    (values,) = entry
    return [save_training(by=lookup.by, dealer=values["customer"], **_told(values))]


def _change(row: Training, entry: Entry, lookup: Lookup) -> Sequence[Model]:
    """What the row says otherwise is written; what it leaves empty stays, and so does the talk."""
    (values,) = entry
    stands: dict[str, Any] = {name: getattr(row, name) for name in ("people", "trainer", "note")}
    told = {**stands, **_told(values)}
    if any(told[name] != value for name, value in stands.items()):
        save_training(
            by=lookup.by, dealer=values["customer"], conversation=row.conversation, training=row, **told
        )
        row.refresh_from_db()
    return []


def _told(values: Values) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in ("customer", "customer_code")}


def _exported(user: User) -> Iterable[Training]:
    rows = Training.objects.visible_to(user).select_related("dealer")
    return rows.order_by("held_on", "pk").iterator(chunk_size=2_000)


TRAININGS = Kind(
    key="trainings",
    label=gettext_lazy("Dealers' trainings"),
    icon="graduation-cap",
    permission="channel.edit",
    sees="channel.see",
    model=Training,
    fields=(
        *customer_fields(names=("经销商", "经销商名称", *NAME_NAMES, "dealer"), of=lambda row: row.dealer),
        Field("held_on", gettext_lazy("Held on"), ("培训日期", "举办日期", "日期", "时间", "held on", "date"), cells.read_day, lambda row: row.held_on, required=True, example="2026-03-12"),
        Field("subject", gettext_lazy("Subject"), ("培训主题", "主题", "培训内容", "课程", "课程名称", "subject", "topic", "course"), line(120), lambda row: row.subject, required=True, example="滤芯更换与售后话术"),
        Field("people", gettext_lazy("Took part"), ("参训人数", "培训人数", "参加人数", "人数", "people", "attendees", "took part"), _read_people, lambda row: row.people, required=True, example="12"),
        Field("trainer", gettext_lazy("Trainer"), ("培训讲师", "讲师", "培训师", "主讲人", "trainer"), line(60), lambda row: row.trainer, required=True, example="林川"),
        Field("note", gettext_lazy("Note"), ("备注", "说明", "note", "remark"), partial(cells.read_text, most=500), lambda row: row.note),
    ),
    resolve=_resolve,
    identity=lambda values: (values["customer"], values["held_on"], values["subject"]),
    find=_find,
    make=_make,
    change=_change,
    exported=_exported,
    one_of=(("customer_code", "customer"),),
    page="channel:training",
    take_back=lambda row, by: withdraw_training(row, by=by),
)  # fmt: skip
