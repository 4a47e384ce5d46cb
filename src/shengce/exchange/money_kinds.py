"""Orders, invoices and receipts: documents. One that stands there with the same words is left alone, one that differs is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shengce.exchange import cells
from shengce.exchange.customer_kinds import customer_fields, line
from shengce.exchange.kind import (
    Entry,
    Field,
    Kind,
    Values,
    by_field,
    refuse_difference,
    resolve_all,
    resolve_customer,
    resolve_with,
)
from shengce.exchange.lookup import Lookup
from shengce.exchange.product_kinds import product_field
from shengce.people.models import User
from shengce.sales import actions
from shengce.sales.models import Invoice, Order, OrderLine, Receipt
from shengce.sales.sums import checked_reference

SETTLEMENT = {
    "cash": ("货到付款", "现金", "现结", "现款", "Cash on delivery"),
    "prepaid": ("预付", "预付款", "款到发货", "Prepaid"),
    "credit": ("赊销", "账期", "月结", "信用", "Credit"),
    "acceptance": ("承兑汇票", "承兑", "银行承兑", "商业承兑", "Acceptance bill"),
}
SALES = {
    "direct": ("直销", "直营", "Direct"),
    "dealer": ("经销", "渠道", "分销", "经销商", "Through dealers"),
    "online": ("电商", "网销", "线上", "E-commerce"),
    "project": ("工程", "项目", "Project"),
}
REP_NAMES = (
    "业务员",
    "销售",
    "销售员",
    "负责人",
    "客户经理",
    "经办人",
    "rep",
    "sales representative",
    "owner",
)
SETTLEMENT_NAMES = ("结算方式", "付款方式", "支付方式", "settlement method", "payment method")
NOTE_NAMES = ("备注", "说明", "摘要", "note", "remark")


def _rep_field(of: Any) -> Field:
    return Field(
        "rep", gettext_lazy("Sales representative"), REP_NAMES, line(50), lambda row: of(row) and of(row).username,
        example="linxiao",
    )  # fmt: skip


def _settlement_field(of: Any) -> Field:
    return Field(
        "settlement_method", gettext_lazy("Settlement method"), SETTLEMENT_NAMES,
        cells.Choice(SETTLEMENT), of, example="月结",
    )  # fmt: skip


# --- orders


def _resolve_line(values: Values, lookup: Lookup) -> None:
    resolve_all(
        values,
        lambda: resolve_customer(values, lookup),
        lambda: resolve_with(values, "product", lookup.product),
        lambda: resolve_with(values, "rep", lookup.person),
        lambda: _check_amount(values),
    )


def _check_amount(values: Values) -> None:
    """A sum that the file gives must be the product of the two numbers before it: one of the three is wrong otherwise."""
    given, quantity, price = (values.get(key) for key in ("amount", "quantity", "price"))
    if given is None or quantity is None or price is None:
        return
    reckoned = (quantity * price).quantize(cells.CENT, ROUND_HALF_UP)
    if abs(reckoned - given) > cells.CENT:
        words = _("%(quantity)s × %(price)s is %(reckoned)s, but %(given)s stands here.") % {
            "quantity": f"{quantity.normalize():f}", "price": price, "reckoned": reckoned, "given": given,
        }  # fmt: skip
        raise ValidationError({"amount": ValidationError(words, code="amount")})


def check_one_order(entry: Entry) -> None:
    """The lines of one order name one customer and one day."""
    first = entry[0]
    for values in entry[1:]:
        problems = {}
        for key in ("customer", "ordered_on"):
            if values[key] != first[key]:
                problems[key] = ValidationError(
                    _("Order %(number)s has another value in its first line: %(value)s.")
                    % {"number": first["number"], "value": first[key]},
                    code="one_order",
                )
        by_field(problems)


def _find_order(entry: Entry, lookup: Lookup) -> Order | None:
    check_one_order(entry)
    standing = Order.objects.filter(number=entry[0]["number"])
    return standing.first() if standing.exists() else None  # to ask is cheaper than to read, and most are new


def _make_order(entry: Entry, lookup: Lookup) -> Sequence[Model]:
    first = entry[0]
    lines = [
        actions.OrderLineDraft(values["product"], values["quantity"], values["price"]) for values in entry
    ]
    chosen = {key: first[key] for key in ("rep", "settlement_method", "sales_method") if key in first}
    notes = dict.fromkeys(values["note"] for values in entry if "note" in values)
    order = actions.create_order(
        by=lookup.by,
        customer=first["customer"],
        ordered_on=first["ordered_on"],
        lines=lines,
        number=first["number"],
        note="；".join(notes)[:300],
        **chosen,
    )
    return [order]


def _compare_order(order: Order, entry: Entry, lookup: Lookup) -> Sequence[Model]:
    first = entry[0]
    standing = Counter(order.lines.values_list("product_id", "quantity", "price"))
    wanted = Counter((values["product"].pk, values["quantity"], values["price"]) for values in entry)
    same = order.customer_id == first["customer"].pk and order.ordered_on == first["ordered_on"]
    if not same or standing != wanted:
        raise refuse_difference(_("Order %(number)s") % {"number": order.number})
    return []


def _exported_lines(user: User) -> Iterable[OrderLine]:
    rows = OrderLine.objects.filter(order__in=Order.objects.visible_to(user))
    related = rows.select_related("order__customer", "order__rep", "product")
    return related.order_by("order__ordered_on", "order_id", "pk").iterator(chunk_size=2_000)


ORDERS = Kind(
    key="orders",
    label=gettext_lazy("Orders"),
    icon="shopping-cart",
    permission="orders.edit",
    sees="orders.see",
    model=Order,
    fields=(
        Field("number", gettext_lazy("Order number"), ("订单号", "订单编号", "单据编号", "销售单号", "单号", "order no", "order number", "order"), line(40), lambda row: row.order.number, required=True, example="SO-2026-0001"),
        *customer_fields(of=lambda row: row.order.customer),
        Field("ordered_on", gettext_lazy("Ordered on"), ("订单日期", "下单日期", "单据日期", "日期", "订货日期", "销售日期", "ordered on", "order date", "date"), cells.read_day, lambda row: row.order.ordered_on, required=True, example="2026-03-05"),
        product_field(lambda row: row.product),
        Field("quantity", gettext_lazy("Quantity"), ("数量", "订购数量", "订货数量", "销售数量", "quantity", "qty"), partial(cells.read_number, decimals=3), lambda row: row.quantity, required=True, example="12"),
        Field("price", gettext_lazy("Price, yuan"), ("单价", "含税单价", "价格", "售价", "price", "unit price"), cells.read_money, lambda row: row.price, required=True, example="3200"),
        Field("amount", gettext_lazy("Amount, yuan"), ("金额", "价税合计", "含税金额", "小计", "销售金额", "amount", "line total"), cells.read_money, lambda row: row.amount, example="38400"),
        _rep_field(lambda row: row.order.rep),
        _settlement_field(lambda row: row.order.get_settlement_method_display()),
        Field("sales_method", gettext_lazy("Sales method"), ("销售方式", "渠道", "销售渠道", "sales method", "channel"), cells.Choice(SALES), lambda row: row.order.get_sales_method_display(), example="直销"),
        Field("note", gettext_lazy("Note"), NOTE_NAMES, line(300), lambda row: row.order.note),
    ),
    resolve=_resolve_line,
    identity=lambda values: values["number"],
    find=_find_order,
    make=_make_order,
    change=_compare_order,
    exported=_exported_lines,
    group="number",
    one_of=(("customer_code", "customer"),),
    page="sales:order",
    parts=("sales.OrderLine",),
)  # fmt: skip


# --- invoices


def _resolve_invoice(values: Values, lookup: Lookup) -> None:
    def order(number: str) -> Order:
        found: Order | None = Order.objects.visible_to(lookup.by).filter(number=number).first()
        if found is None:
            raise ValidationError(_("There is no order “%(text)s”.") % {"text": number}, code="no_order")
        return found

    resolve_all(
        values,
        lambda: resolve_customer(values, lookup),
        lambda: resolve_with(values, "order", order),
        lambda: resolve_with(values, "rep", lookup.person),
    )


def _make_invoice(entry: Entry, lookup: Lookup) -> Sequence[Model]:
    (values,) = entry
    named = {key: value for key, value in values.items() if key != "customer_code"}
    return [actions.issue_invoice(by=lookup.by, **named)]


def _compare_invoice(invoice: Invoice, entry: Entry, lookup: Lookup) -> Sequence[Model]:
    (values,) = entry
    same = (
        invoice.customer_id == values["customer"].pk
        and invoice.issued_on == values["issued_on"]
        and invoice.amount == values["amount"]
    )
    if not same:
        raise refuse_difference(_("Invoice %(number)s") % {"number": invoice.number})
    return []


def _find_invoice(entry: Entry, lookup: Lookup) -> Invoice | None:
    found: Invoice | None = Invoice.objects.filter(number=entry[0]["number"]).first()
    return found


def _exported_invoices(user: User) -> Iterable[Invoice]:
    rows = Invoice.objects.visible_to(user).select_related("customer", "order", "rep")
    return rows.order_by("issued_on", "pk").iterator(chunk_size=2_000)


INVOICES = Kind(
    key="invoices",
    label=gettext_lazy("Invoices"),
    icon="file-text",
    permission="money.edit",
    sees="money.see",
    model=Invoice,
    fields=(
        Field("number", gettext_lazy("Invoice number"), ("发票号", "发票号码", "发票编号", "单据编号", "单号", "invoice no", "invoice number", "invoice"), line(40), lambda row: row.number, required=True, example="26322000000012345678"),
        *customer_fields(names=("购方名称", "购买方", "购买方名称", "客户名称", "客户", "单位名称", "公司名称", "customer", "customer name", "buyer"), of=lambda row: row.customer),
        Field("issued_on", gettext_lazy("Issued on"), ("开票日期", "发票日期", "单据日期", "日期", "issued on", "invoice date", "date"), cells.read_day, lambda row: row.issued_on, required=True, example="2026-03-05"),
        Field("amount", gettext_lazy("Amount, yuan"), ("价税合计", "发票金额", "金额", "含税金额", "应收金额", "amount", "total"), cells.read_money, lambda row: row.amount, required=True, example="38400"),
        Field("due_on", gettext_lazy("Due on"), ("到期日", "到期日期", "应收日期", "应付日期", "due on", "due date"), cells.read_day, lambda row: row.due_on, example="2026-04-04"),
        Field("order", gettext_lazy("Order number"), ("订单号", "订单编号", "销售单号", "order no", "order number"), line(40), lambda row: row.order and row.order.number),
        _rep_field(lambda row: row.rep),
    ),
    resolve=_resolve_invoice,
    identity=lambda values: values["number"],
    find=_find_invoice,
    make=_make_invoice,
    change=_compare_invoice,
    exported=_exported_invoices,
    one_of=(("customer_code", "customer"),),
    page="sales:invoice",
)  # fmt: skip


# --- receipts


def _resolve_receipt(values: Values, lookup: Lookup) -> None:
    """Money without a customer is taken too: it waits to be claimed. A name that nobody has is a fault all the same."""
    resolve_customer(values, lookup)
    if reference := values.get("bank_reference"):
        values["bank_reference"] = checked_reference(reference)  # as it is booked: spaces do not count


def _receipt_identity(values: Values) -> tuple[Any, ...]:
    """The bank's reference; without one, the same money of the same payer on the same day is taken for the same."""
    if reference := values.get("bank_reference"):
        return ("reference", reference)
    return (values.get("customer"), values["received_on"], values["amount"], values.get("payer", ""))


def _find_receipt(entry: Entry, lookup: Lookup) -> Receipt | None:
    (values,) = entry
    standing = Receipt.objects.filter(reversed_at__isnull=True)
    if reference := values.get("bank_reference"):
        found: Receipt | None = standing.filter(bank_reference=reference).first()
    else:
        found = standing.filter(
            bank_reference="",
            customer=values.get("customer"),
            received_on=values["received_on"],
            amount=values["amount"],
            payer=values.get("payer", ""),
        ).first()
    return found


def _make_receipt(entry: Entry, lookup: Lookup) -> Sequence[Model]:
    (values,) = entry
    named = {key: value for key, value in values.items() if key != "customer_code"}
    return [actions.record_receipt(by=lookup.by, **named)]


def _compare_receipt(receipt: Receipt, entry: Entry, lookup: Lookup) -> Sequence[Model]:
    (values,) = entry
    customer = values.get("customer")
    same = receipt.received_on == values["received_on"] and receipt.amount == values["amount"]
    if not same or (customer and receipt.customer_id not in (None, customer.pk)):
        raise refuse_difference(
            _("A receipt with the bank reference %(reference)s") % {"reference": receipt.bank_reference}
        )
    return []


def _exported_receipts(user: User) -> Iterable[Receipt]:
    rows = Receipt.objects.visible_to(user).filter(reversed_at__isnull=True).select_related("customer", "rep")
    return rows.order_by("received_on", "pk").iterator(chunk_size=2_000)


RECEIPTS = Kind(
    key="receipts",
    label=gettext_lazy("Receipts"),
    icon="banknote",
    permission="money.edit",
    sees="money.see",
    model=Receipt,
    fields=(
        Field("received_on", gettext_lazy("Received on"), ("收款日期", "回款日期", "到账日期", "交易日期", "交易时间", "入账日期", "日期", "received on", "date"), cells.read_day, lambda row: row.received_on, required=True, example="2026-03-20"),
        Field("amount", gettext_lazy("Amount, yuan"), ("收款金额", "回款金额", "到账金额", "金额", "贷方金额", "收入金额", "贷方发生额", "amount"), cells.read_money, lambda row: row.amount, required=True, example="20000"),
        *customer_fields(of=lambda row: row.customer),
        Field("bank_reference", gettext_lazy("Bank reference"), ("流水号", "银行流水号", "交易流水号", "交易流水", "凭证号", "bank reference", "reference"), line(60), lambda row: row.bank_reference, example="202603200001"),
        Field("payer", gettext_lazy("Payer"), ("付款人", "付款方", "付款单位", "对方户名", "对方名称", "对方账户名称", "payer"), line(200), lambda row: row.payer, example="云海大酒店有限公司"),
        _settlement_field(lambda row: row.get_settlement_method_display()),
        Field("note", gettext_lazy("Note"), (*NOTE_NAMES, "附言", "用途"), line(300), lambda row: row.note),
    ),
    resolve=_resolve_receipt,
    identity=_receipt_identity,
    find=_find_receipt,
    make=_make_receipt,
    change=_compare_receipt,
    exported=_exported_receipts,
    page="sales:receipt",
)  # fmt: skip
