"""The demonstration company as it stands before the first talk: organisation, people, catalogue, customers, score card."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from django.utils import timezone

from shengce.catalogue import actions as catalogue
from shengce.customers import actions as customers
from shengce.inspection import actions as inspection
from shengce.people import actions as people
from shengce.people.models import Role, Unit, User

DATA = Path(__file__).resolve().parent / "data"
PASSWORD = "shengce-demo"


@dataclass(frozen=True, slots=True)
class Company:
    """What the builder needs of it afterwards."""

    administrator: User
    people: dict[str, User]


def read_company() -> dict[str, Any]:
    """The company's own file; it is ours, so it is trusted."""
    data: dict[str, Any] = yaml.safe_load((DATA / "company.yaml").read_text(encoding="utf-8"))
    return data


def found_company() -> Company:
    """Create it by calling the actions that the pages call."""
    data = read_company()
    units = {"root": people.found_organisation(name=data["name"])}
    staff = data["people"]
    administrator = _hire(next(p for p in staff if p["role"] == Role.ADMINISTRATOR), units, by=None)
    for unit in data["units"]:
        units[unit["key"]] = people.create_unit(
            by=administrator, name=unit["name"], kind=unit["kind"], parent=units[unit["parent"]]
        )
    everyone = {administrator.username: administrator}
    for person in staff:
        if person["username"] not in everyone:
            everyone[person["username"]] = _hire(person, units, by=administrator)
    _fill_catalogue(data, by=administrator)
    for number, customer in enumerate(data["customers"]):
        _win_customer(customer, number, owner=everyone[customer["owner"]])
    card = yaml.safe_load((DATA / "score_card.yaml").read_text(encoding="utf-8"))
    version = inspection.create_score_card(name=card["name"]["zh"], data=card, by=everyone["inspector"])
    inspection.publish_score_card(version, by=everyone["inspector"])
    return Company(administrator, everyone)


def _hire(person: dict[str, Any], units: dict[str, Unit], *, by: User | None) -> User:
    return people.create_user(
        by=by,
        username=person["username"],
        password=PASSWORD,
        display_name=person["name"],
        role=person["role"],
        unit=units[person["unit"]],
        phone=person.get("phone", ""),
    )


def _fill_catalogue(data: dict[str, Any], *, by: User) -> None:
    words = yaml.safe_load((DATA / "lexicon.yaml").read_text(encoding="utf-8"))
    details = {product["name"]: product for product in data["products"]}
    for entry in words["products"]:
        product = details[entry["name"]]
        catalogue.save_product(
            by=by,
            name=entry["name"],
            aliases=entry["aliases"],
            line=product["line"],
            list_price=Decimal(product["price"]),
        )
    for entry in words["competitors"]:
        catalogue.save_competitor(by=by, name=entry["name"], aliases=entry["aliases"])


def won_at(number: int, *, buys: bool) -> dt.datetime:
    """Since when the so-manieth customer is known: before the year where he buys, some weeks where he may."""
    days = 470 + number * 53 % 900 if buys else 21 + number * 11 % 35
    day = timezone.localdate() - dt.timedelta(days=days)
    return timezone.make_aware(dt.datetime.combine(day, dt.time(9 + number % 8, number * 7 % 60)))


def _win_customer(data: dict[str, Any], number: int, *, owner: User) -> None:
    at = won_at(number, buys=data["kind"] != "prospect")
    customer = customers.create_customer(
        by=owner, name=data["name"], kind=data["kind"], city=data["city"], industry=data["industry"], at=at
    )
    for contact in data["contacts"]:
        customers.add_contact(customer, by=owner, at=at, **contact)
