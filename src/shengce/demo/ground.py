"""Where and to whom the demonstration company sells: territories, price lists, customers, the public pool."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from shengce.catalogue import actions as catalogue
from shengce.catalogue import prices
from shengce.catalogue.costs import save_cost
from shengce.catalogue.models import Product
from shengce.customers import actions as customers
from shengce.customers.models import Customer
from shengce.customers.pool import release_customer, save_pool_rule
from shengce.demo.company import won_at
from shengce.demo.script import Row, Year
from shengce.people.actions import create_territory
from shengce.people.models import User

LEGAL = {"dealer": "商贸有限公司", "end_customer": "有限公司", "prospect": "有限公司"}


def lay_out(year: Year, *, administrator: User) -> None:
    """Everything that stands before the first order."""
    for name, above, places in year.script["territories"]:
        year.territories[name] = create_territory(
            by=administrator, name=name, parent=year.territories[above] if above else None, places=places
        )
    _set_prices(year)
    for number, (name, row) in enumerate(year.script["known"].items(), 1):
        _complete(year, name, row, number)
    for number, row in enumerate(year.script["customers"], len(year.customers) + 1):
        _win(year, row, number)
    for rule in year.script["pool"]["rules"]:
        save_pool_rule(by=year.credit, **rule)


def _set_prices(year: Year) -> None:
    by, script = year.people["marketing"], year.script["prices"]
    since = year.day(-script["since"])
    changed = year.day(-script["changed"]).replace(day=1)
    for position, (name, holds_for) in enumerate(script["tiers"]):
        year.tiers[holds_for] = prices.save_tier(by=by, name=name, holds_for=holds_for, position=position)
    for name, row in script["products"].items():
        product = year.products[name] = _measured(Product.objects.get(name=name), row["measure"], by)
        for holds_for, tier in year.tiers.items():
            before, after, floor = (Decimal(value) for value in row[holds_for])
            steps = [(since, before)] if before == after else [(since, before), (changed, after)]
            for start_on, amount in steps:
                lowest = min(floor, amount)
                prices.save_price(
                    by=by, product=product, tier=tier, amount=amount, floor=lowest, start_on=start_on
                )
    for role, most in script["authority"].items():
        prices.save_authority(by=by, role=role, most=Decimal(most))
    for name, steps in script["costs"].items():
        for days, cost in steps:
            save_cost(
                by=year.credit, product=year.products[name], amount=Decimal(cost), start_on=year.day(-days)
            )


def _measured(product: Product, measure: str, by: User) -> Product:
    return catalogue.save_product(
        by=by,
        product=product,
        name=product.name,
        aliases=product.aliases,
        line=product.line.name if product.line else "",
        list_price=product.list_price,
        measure=measure,
    )


def _complete(year: Year, name: str, row: Row, number: int) -> None:
    """A customer of the talks gets number, place and habits."""
    customer = Customer.objects.select_related("owner").get(name=name)
    assert customer.owner is not None
    head = _head(year, row | {"city": customer.city}, number)
    at = customer.created_at
    year.customers[name] = customers.update_customer(customer, by=customer.owner, at=at, **head)
    year.habits[name] = row


def _win(year: Year, row: Row, number: int) -> None:
    owner = year.people[row["owner"]]
    head = _head(year, row, number)
    contact, position = row["contact"]
    phone = f"1391234{number + 100:04d}"
    if like := row.get("like"):
        other = year.customers[like]
        if row["shares"] == "tax_number":
            head["tax_number"] = other.tax_number
        else:
            phone = other.contacts.get().phone
    if seller := row.get("supplied_by"):
        head["supplied_by"] = year.customers[seller]
    at = won_at(number, buys="buys" in row)
    customer = customers.create_customer(
        by=owner,
        name=row["name"],
        kind=row["kind"],
        city=row["city"],
        industry=row["industry"],
        at=at,
        **head,
    )
    customers.add_contact(customer, by=owner, name=contact, position=position, phone=phone, at=at)
    key = str(row.get("key", row["name"]))
    year.customers[key], year.habits[key] = customer, row


def _head(year: Year, row: Row, number: int) -> Row:
    """Number, place and made-up tax number; the office of the tax number is that of no real town."""
    town: str = row["city"]
    territory: str = row.get("territory", town)
    return {
        "code": code_of(number),
        "level": row.get("level", ""),
        "tax_number": "" if row.get("like") else f"91{990000 + number}MA{number * 7919 % 10**7:07d}X",
        "address": row.get("address", f"{town}市{'东西南北'[number % 4]}里路{number * 3 + 5}号"),
        "territory": year.territories[territory],
    }


def code_of(number: int) -> str:
    """The number of the so-manieth customer."""
    return f"KH{number:04d}"


def price_of(year: Year, customer: Customer, product: str, day: dt.date) -> Decimal:
    """What the product costs this customer on a day, as the script says it; the pages read the same from the tables."""
    script = year.script["prices"]
    tier = customer.level if customer.kind == Customer.Kind.DEALER else "end_customer"
    before, after, _floor = script["products"][product][tier]
    return Decimal(after if day >= year.day(-script["changed"]).replace(day=1) else before)


def let_go(year: Year) -> None:
    """Customers who changed hands, and those whom nobody looks after any more."""
    pool = year.script["pool"]
    for name, (day, to, reason) in pool["handed_over"].items():
        customer = Customer.objects.get(pk=year.customers[name].pk)
        leader = year.people["manager_fang" if to == "rep_zhou" else "manager_qiu"]
        customers.hand_over(
            customer, by=leader, to=year.people[to], reason=reason, at=year.moment(year.day(day), 17)
        )
    for name, (day, reason) in pool["released"].items():
        customer = Customer.objects.select_related("owner").get(pk=year.customers[name].pk)
        assert customer.owner is not None
        at = year.moment(year.day(day), 16, 30)
        release_customer(customer, by=customer.owner, reason=reason, at=at)
