"""Products, prices and costs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy

from shengce.catalogue.actions import save_product
from shengce.catalogue.costs import save_cost
from shengce.catalogue.models import Price, Product, ProductCost
from shengce.catalogue.prices import save_price
from shengce.exchange import cells
from shengce.exchange.customer_kinds import line
from shengce.exchange.kind import Entry, Field, Kind, Values, resolve_all, resolve_with
from shengce.exchange.lookup import Lookup
from shengce.people.models import User

PRODUCT_NAMES = (
    "产品", "产品名称", "商品", "商品名称", "品名", "货品", "货品名称", "物料名称", "产品编码", "产品编号", "产品代码",
    "商品编码", "物料编码", "货号", "product", "product name", "product code", "item", "sku",
)  # fmt: skip
"""What files call the column that says which product: a name or a code."""


def product_field(of: Any) -> Field:
    """The column that names a product; ``of`` gives it for an export."""
    return Field(
        "product", gettext_lazy("Product"), PRODUCT_NAMES, line(100),
        lambda row: of(row) and of(row).name, required=True, example="清泉500",
    )  # fmt: skip


# --- products


def _nothing_to_resolve(values: Values, lookup: Lookup) -> None:
    return None


def _find(entry: Entry, lookup: Lookup) -> Product | None:
    (values,) = entry
    if code := values.get("code"):
        found = Product.objects.select_related("line").filter(code=code).first()
        if found is not None:
            return found
    return Product.objects.select_related("line").filter(name=values["name"]).first()


def _make(entry: Entry, lookup: Lookup) -> Sequence[Model]:
    (values,) = entry
    return [save_product(by=lookup.by, **values)]


def _change(product: Product, entry: Entry, lookup: Lookup) -> Sequence[Model]:
    (values,) = entry
    standing: Values = {
        "name": product.name, "aliases": list(product.aliases), "line": product.line.name if product.line else "",
        "list_price": product.list_price, "active": product.active, "code": product.code, "measure": product.measure,
    }  # fmt: skip
    wanted = standing | values
    if wanted != standing:
        save_product(by=lookup.by, product=product, **wanted)
    return []


def _exported(user: User) -> Iterable[Product]:
    return Product.objects.select_related("line").order_by("pk").iterator(chunk_size=2_000)


PRODUCTS = Kind(
    key="products",
    label=gettext_lazy("Products"),
    icon="package",
    permission="catalogue.edit",
    sees="catalogue.see",
    model=Product,
    fields=(
        Field("code", gettext_lazy("Product code"), ("产品编码", "产品编号", "产品代码", "商品编码", "物料编码", "货号", "编码", "编号", "product code", "code", "sku"), line(40), lambda p: p.code, example="QQ500"),
        Field("name", gettext_lazy("Product"), ("产品名称", "产品", "商品名称", "品名", "货品名称", "物料名称", "名称", "product", "product name", "name"), line(100), lambda p: p.name, required=True, example="清泉500"),
        Field("line", gettext_lazy("Product line"), ("品种", "产品线", "产品系列", "系列", "品类", "产品类别", "product line", "line", "category"), line(100), lambda p: p.line and p.line.name, example="商用净水"),
        Field("measure", gettext_lazy("Unit of measure"), ("单位", "计量单位", "unit", "measure", "unit of measure"), line(10), lambda p: p.measure, example="台"),
        Field("list_price", gettext_lazy("List price, yuan"), ("标价", "目录价", "单价", "价格", "零售价", "list price", "price"), cells.read_money, lambda p: p.list_price, example="3800"),
        Field("aliases", gettext_lazy("Other names"), ("别名", "其他叫法", "俗称", "简称", "other names", "aliases"), partial(cells.read_names, most=100), lambda p: "；".join(a for a in p.aliases if isinstance(a, str)), example="清泉五百"),
        Field("active", gettext_lazy("On sale"), ("在售", "是否在售", "是否启用", "状态", "on sale", "active"), cells.read_yes, lambda p: cells.text_of(p.active), example="是"),
    ),
    resolve=_nothing_to_resolve,
    identity=lambda values: values.get("code") or values["name"],
    find=_find,
    make=_make,
    change=_change,
    exported=_exported,
    page="catalogue:product",
)  # fmt: skip


# --- prices


def _resolve_price(values: Values, lookup: Lookup) -> None:
    resolve_all(
        values,
        lambda: resolve_with(values, "product", lookup.product),
        lambda: resolve_with(values, "tier", lookup.tier),
    )


def _find_price(entry: Entry, lookup: Lookup) -> Price | None:
    (values,) = entry
    return Price.objects.filter(
        product=values["product"], tier=values["tier"], start_on=values["start_on"]
    ).first()


def _save_price(entry: Entry, lookup: Lookup) -> Sequence[Model]:
    (values,) = entry
    return [save_price(by=lookup.by, **values)]


def _neighbours(entry: Entry) -> Iterable[Price]:
    """The prices of the product in the tier: the action shortens or continues the one before."""
    (values,) = entry
    return Price.objects.filter(product=values["product"], tier=values["tier"])


def _change_price(price: Price, entry: Entry, lookup: Lookup) -> Sequence[Model]:
    (values,) = entry
    standing = {"amount": price.amount, "floor": price.floor, "end_on": price.end_on}
    wanted = standing | {key: values[key] for key in standing if key in values}
    if wanted != standing:
        save_price(by=lookup.by, **{**values, **wanted})
        price.refresh_from_db()
    return []


def _exported_prices(user: User) -> Iterable[Price]:
    rows = Price.objects.select_related("product", "tier")
    return rows.order_by("product__name", "tier__position", "start_on").iterator(chunk_size=2_000)


PRICES = Kind(
    key="prices",
    label=gettext_lazy("Prices"),
    icon="tag",
    permission="prices.edit",
    sees="catalogue.see",
    model=Price,
    fields=(
        product_field(lambda p: p.product),
        Field("tier", gettext_lazy("Price tier"), ("价格档", "价格等级", "价格类型", "客户等级", "档次", "price tier", "tier"), line(40), lambda p: p.tier.name, required=True, example="一批价"),
        Field("amount", gettext_lazy("Price"), ("价格", "单价", "含税价", "执行价", "price", "amount"), cells.read_money, lambda p: p.amount, required=True, example="3200"),
        Field("floor", gettext_lazy("Floor price"), ("底价", "最低价", "限价", "floor price", "floor"), cells.read_money, lambda p: p.floor, example="3000"),
        Field("start_on", gettext_lazy("Valid from"), ("生效日期", "开始日期", "起始日期", "执行日期", "valid from", "start"), cells.read_day, lambda p: p.start_on, required=True, example="2026-01-01"),
        Field("end_on", gettext_lazy("Valid until before"), ("失效日期", "到期日期", "结束日期", "截止日期", "valid until before", "end"), cells.read_day, lambda p: p.end_on),
    ),
    resolve=_resolve_price,
    identity=lambda values: (values["product"], values["tier"], values["start_on"]),
    find=_find_price,
    make=_save_price,
    change=_change_price,
    exported=_exported_prices,
    around=_neighbours,
)  # fmt: skip


# --- costs


def _resolve_cost(values: Values, lookup: Lookup) -> None:
    resolve_all(values, lambda: resolve_with(values, "product", lookup.product))


def _find_cost(entry: Entry, lookup: Lookup) -> ProductCost | None:
    (values,) = entry
    return ProductCost.objects.filter(product=values["product"], start_on=values["start_on"]).first()


def _save_cost(entry: Entry, lookup: Lookup) -> Sequence[Model]:
    (values,) = entry
    return [save_cost(by=lookup.by, **values)]


def _change_cost(cost: ProductCost, entry: Entry, lookup: Lookup) -> Sequence[Model]:
    (values,) = entry
    if values["amount"] != cost.amount:
        save_cost(by=lookup.by, **values)
        cost.refresh_from_db()
    return []


def _exported_costs(user: User) -> Iterable[ProductCost]:
    rows = ProductCost.objects.select_related("product").order_by("product__name", "start_on")
    return rows.iterator(chunk_size=2_000)


COSTS = Kind(
    key="costs",
    label=gettext_lazy("Unit costs"),
    icon="calculator",
    permission="costs.edit",
    sees="costs.see",
    model=ProductCost,
    fields=(
        product_field(lambda c: c.product),
        Field("amount", gettext_lazy("Unit cost, yuan"), ("成本", "成本价", "单位成本", "进价", "采购价", "标准成本", "cost", "unit cost"), cells.read_money, lambda c: c.amount, required=True, example="2100"),
        Field("start_on", gettext_lazy("Valid from"), ("生效日期", "开始日期", "起始日期", "执行日期", "valid from", "start"), cells.read_day, lambda c: c.start_on, required=True, example="2026-01-01"),
    ),
    resolve=_resolve_cost,
    identity=lambda values: (values["product"], values["start_on"]),
    find=_find_cost,
    make=_save_cost,
    change=_change_cost,
    exported=_exported_costs,
)  # fmt: skip
