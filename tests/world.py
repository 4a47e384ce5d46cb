"""A small company that tests share: one region, two teams, everyone who has a role, and a customer for each team."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.contrib.auth.hashers import make_password

from shengce.customers.models import Contact, Customer
from shengce.people.models import Role, Unit, User

PASSWORD = "correct-horse-battery-7"


@dataclass(frozen=True, slots=True)
class World:
    """Everybody and everything by name; team A and team B know nothing of each other."""

    company: Unit
    region: Unit
    team_a: Unit
    team_b: Unit
    manager_a: User
    manager_b: User
    rep_a1: User
    rep_a2: User
    rep_b1: User
    rep_b2: User
    inspector: User
    executive: User
    administrator: User
    marketing: User
    customer_department: User
    customer_a: Customer
    customer_b: Customer
    contact_a: Contact
    contact_b: Contact

    @property
    def users(self) -> tuple[User, ...]:
        return tuple(getattr(self, name) for name, *_ in PEOPLE)


PEOPLE: tuple[tuple[str, str, Role, str, str], ...] = (
    # user name, name, role, unit, phone
    ("manager_a", "马经理", Role.MANAGER, "team_a", "13900000001"),
    ("manager_b", "白经理", Role.MANAGER, "team_b", "13900000002"),
    ("rep_a1", "林晓", Role.REP, "team_a", "13900000011"),
    ("rep_a2", "周舟", Role.REP, "team_a", "13900000012"),
    ("rep_b1", "陈果", Role.REP, "team_b", "13900000021"),
    ("rep_b2", "吴桐", Role.REP, "team_b", "13900000022"),
    ("inspector", "甄检", Role.INSPECTOR, "company", ""),
    ("executive", "东总", Role.EXECUTIVE, "company", ""),
    ("administrator", "管理员", Role.ADMINISTRATOR, "company", ""),
    ("marketing", "石场", Role.MARKETING, "company", ""),
    ("customer_department", "柯服", Role.CUSTOMER_DEPARTMENT, "company", ""),
)


def make_world() -> World:
    """Insert the company and return it. Everyone signs in with ``PASSWORD``."""
    units = _make_units()
    people = {
        name: User.objects.create(
            username=name,
            display_name=shown,
            role=role,
            unit=units[unit],
            phone=phone,
            password=_hashed(PASSWORD),
        )
        for name, shown, role, unit, phone in PEOPLE
    }
    customers: dict[str, Customer] = {}
    contacts: dict[str, Contact] = {}
    for team, name, contact, phone in (
        ("a", "云海大酒店", "刘经理", "13812340001"),
        ("b", "松岭学校", "陈校长", "13912340002"),
    ):
        owner = people[f"rep_{team}1"]
        customers[team] = Customer.objects.create(name=name, owner=owner, unit=owner.unit)
        contacts[team] = Contact.objects.create(customer=customers[team], name=contact, phone=phone)
    return World(
        **units,
        **people,
        customer_a=customers["a"],
        customer_b=customers["b"],
        contact_a=contacts["a"],
        contact_b=contacts["b"],
    )


def make_unit(name: str, kind: str, parent: Unit | None) -> Unit:
    """One node of the tree, without the permission check of the action."""
    unit = Unit.objects.create(name=name, kind=kind, parent=parent)
    unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
    unit.save(update_fields=["path"])
    return unit


def _make_units() -> dict[str, Unit]:
    company = make_unit("澄源净水", Unit.Kind.COMPANY, None)
    region = make_unit("华东大区", Unit.Kind.REGION, company)
    return {
        "company": company,
        "region": region,
        "team_a": make_unit("苏南一组", Unit.Kind.TEAM, region),
        "team_b": make_unit("苏北二组", Unit.Kind.TEAM, region),
    }


@lru_cache
def _hashed(password: str) -> str:
    """One slow hash for everybody."""
    return make_password(password)
