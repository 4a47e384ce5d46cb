"""Lots that were shipped, and stock that dealers report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import partial

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shengce.channel.contracts import Counted, report_stock
from shengce.channel.models import Shipment, StockReport
from shengce.channel.shipments import record_shipment, withdraw_shipment
from shengce.channel.typed import typed_range
from shengce.customers.models import Customer
from shengce.exchange import cells
from shengce.exchange.cells import Cell
from shengce.exchange.customer_kinds import NAME_NAMES, customer_fields, line
from shengce.exchange.kind import (
    Entry,
    Field,
    Kind,
    Values,
    refuse_difference,
    resolve_all,
    resolve_customer,
    resolve_with,
)
from shengce.exchange.lookup import Lookup
from shengce.exchange.product_kinds import product_field
from shengce.people.models import User


def _resolve(values: Values, lookup: Lookup) -> None:
    resolve_all(
        values,
        lambda: resolve_customer(values, lookup),
        lambda: resolve_with(values, "product", lookup.product),
        lambda: resolve_with(values, "territory", lookup.territory),
    )


# --- shipments


def _read_lot(cell: Cell) -> str | None:
    """A lot, a first serial number, or a whole range in one cell: ``A-0100~A-0199``."""
    text = cells.read_line(cell, most=130)
    return " ~ ".join(part for part in typed_range(text)[:2] if part) if text else None


def _read_last(cell: Cell) -> str | None:
    return cells.read_line(cell, most=60) or None


def _resolve_shipment(values: Values, lookup: Lookup) -> None:
    """``lot`` and ``lot_to`` as they are stored; a range that says how many it is needs no quantity."""
    resolve_all(values, lambda: _resolve(values, lookup), lambda: _resolve_range(values))


def _resolve_range(values: Values) -> None:
    if not isinstance(values.get("lot"), str):
        return
    values["lot"], values["lot_to"], numbers = typed_range(values["lot"], values.get("lot_to", ""))
    if "quantity" not in values:
        if numbers is None:
            raise ValidationError({"quantity": _("The quantity must be more than 0.")}, code="quantity")
        values["quantity"] = Decimal(numbers.count)


def _find_shipment(entry: Entry, lookup: Lookup) -> Shipment | None:
    (values,) = entry
    found: Shipment | None = Shipment.objects.filter(
        lot=values["lot"], customer=values["customer"], shipped_on=values["shipped_on"]
    ).first()
    return found


def _make_shipment(entry: Entry, lookup: Lookup) -> Sequence[Model]:
    (values,) = entry
    named = {key: value for key, value in values.items() if key != "customer_code"}
    return [record_shipment(by=lookup.by, **named)]


def _compare_shipment(shipment: Shipment, entry: Entry, lookup: Lookup) -> Sequence[Model]:
    (values,) = entry
    here = (shipment.product_id, shipment.quantity, shipment.lot_to)
    if here != (values["product"].pk, values["quantity"], values["lot_to"]):
        raise refuse_difference(_("The shipment of lot %(lot)s") % {"lot": shipment.label})
    return []


def _exported_shipments(user: User) -> Iterable[Shipment]:
    rows = Shipment.objects.visible_to(user).select_related("product", "customer", "territory")
    return rows.order_by("shipped_on", "pk").iterator(chunk_size=2_000)


SHIPMENTS = Kind(
    key="shipments",
    label=gettext_lazy("Lots shipped"),
    icon="truck",
    permission="channel.edit",
    sees="channel.see",
    model=Shipment,
    fields=(
        Field("lot", gettext_lazy("Lot"), ("批号", "批次", "批次号", "序列号", "条码", "物流码", "起始序列号", "开始序列号", "起始号", "起号", "lot", "batch", "serial number"), _read_lot, lambda row: row.lot, required=True, example="QQ500-260301"),
        Field("lot_to", gettext_lazy("Last serial number"), ("终止序列号", "截止序列号", "结束序列号", "终止号", "止号", "末号", "lot to", "last serial number", "serial to"), _read_last, lambda row: row.lot_to, example=""),
        product_field(lambda row: row.product),
        *customer_fields(names=(*NAME_NAMES, "收货单位", "收货客户", "经销商", "dealer"), of=lambda row: row.customer),
        Field("shipped_on", gettext_lazy("Shipped on"), ("发货日期", "出库日期", "日期", "shipped on", "ship date", "date"), cells.read_day, lambda row: row.shipped_on, required=True, example="2026-03-06"),
        Field("quantity", gettext_lazy("Quantity"), ("数量", "发货数量", "出库数量", "quantity", "qty"), partial(cells.read_number, decimals=3), lambda row: row.quantity, example="40"),
        Field("territory", gettext_lazy("Territory"), ("区域", "销售区域", "授权区域", "territory", "region"), line(60), lambda row: row.territory and row.territory.name),
    ),
    resolve=_resolve_shipment,
    identity=lambda values: (values["lot"], values["customer"], values["shipped_on"]),
    find=_find_shipment,
    make=_make_shipment,
    change=_compare_shipment,
    exported=_exported_shipments,
    one_of=(("customer_code", "customer"),),
    take_back=lambda row, by: withdraw_shipment(row, by=by),
)  # fmt: skip


# --- stock


def _resolve_stock(values: Values, lookup: Lookup) -> None:
    _resolve(values, lookup)
    dealer = values.get("customer")
    if isinstance(dealer, Customer) and dealer.kind != Customer.Kind.DEALER:
        raise ValidationError(
            {"customer": ValidationError(_("%(name)s is not a dealer.") % {"name": dealer}, code="no_dealer")}
        )


def _find_stock(entry: Entry, lookup: Lookup) -> StockReport | None:
    (values,) = entry
    found: StockReport | None = StockReport.objects.filter(
        dealer=values["customer"], product=values["product"], reported_on=values["reported_on"]
    ).first()
    return found


def _report(entry: Entry, lookup: Lookup) -> Sequence[Model]:
    (values,) = entry
    return report_stock(
        by=lookup.by,
        dealer=values["customer"],
        reported_on=values["reported_on"],
        lines=[Counted(values["product"], values["stock"], values.get("sold"))],
    )


def _change_stock(row: StockReport, entry: Entry, lookup: Lookup) -> Sequence[Model]:
    (values,) = entry
    sold = values.get("sold", row.sold)
    if (row.stock, row.sold) != (values["stock"], sold):
        _report([{**values, "sold": sold}], lookup)
        row.refresh_from_db()
    return []


def _exported_stock(user: User) -> Iterable[StockReport]:
    rows = StockReport.objects.visible_to(user).select_related("dealer", "product")
    return rows.order_by("reported_on", "pk").iterator(chunk_size=2_000)


STOCK_REPORTS = Kind(
    key="stock_reports",
    label=gettext_lazy("Dealers' stock"),
    icon="warehouse",
    permission="channel.edit",
    sees="channel.see",
    model=StockReport,
    fields=(
        *customer_fields(names=("经销商", "经销商名称", *NAME_NAMES, "dealer"), of=lambda row: row.dealer),
        product_field(lambda row: row.product),
        Field("reported_on", gettext_lazy("Reported on"), ("盘点日期", "上报日期", "库存日期", "日期", "reported on", "date"), cells.read_day, lambda row: row.reported_on, required=True, example="2026-03-31"),
        Field("stock", gettext_lazy("Stock"), ("库存", "库存数量", "期末库存", "结存", "stock", "on hand"), partial(cells.read_number, decimals=3), lambda row: row.stock, required=True, example="36"),
        Field("sold", gettext_lazy("Sold on"), ("销量", "出货数量", "终端销量", "动销", "销售数量", "sold", "sell-out"), partial(cells.read_number, decimals=3), lambda row: row.sold, example="14"),
    ),
    resolve=_resolve_stock,
    identity=lambda values: (values["customer"], values["product"], values["reported_on"]),
    find=_find_stock,
    make=_report,
    change=_change_stock,
    exported=_exported_stock,
    one_of=(("customer_code", "customer"),),
)  # fmt: skip
