"""Everything that comes in and goes out in tables, in the order in which a firm that starts needs it."""

from __future__ import annotations

from shengce.exchange.channel_kinds import SHIPMENTS, STOCK_REPORTS
from shengce.exchange.customer_kinds import CONTACTS, CUSTOMERS
from shengce.exchange.kind import Kind
from shengce.exchange.money_kinds import INVOICES, ORDERS, RECEIPTS
from shengce.exchange.organisation_kinds import PEOPLE, TERRITORIES, UNITS
from shengce.exchange.product_kinds import COSTS, PRICES, PRODUCTS
from shengce.exchange.ticket_kinds import TICKETS
from shengce.exchange.training_kinds import TRAININGS
from shengce.people.models import User
from shengce.people.permissions import may

KINDS: tuple[Kind, ...] = (
    UNITS,
    PEOPLE,
    TERRITORIES,
    CUSTOMERS,
    CONTACTS,
    PRODUCTS,
    PRICES,
    COSTS,
    ORDERS,
    INVOICES,
    RECEIPTS,
    SHIPMENTS,
    STOCK_REPORTS,
    TRAININGS,
    TICKETS,
)


def kind_of(key: str) -> Kind:
    """The kind of this key. Raises ``KeyError``."""
    for kind in KINDS:
        if kind.key == key:
            return kind
    raise KeyError(key)


def importable(user: User) -> list[Kind]:
    """Kinds that the person may bring in."""
    return [kind for kind in KINDS if may(user, "exchange.use") and may(user, kind.permission)]


def exportable(user: User) -> list[Kind]:
    """Kinds that the person may take out, as far as he sees them."""
    return [kind for kind in KINDS if may(user, "exchange.use") and may(user, kind.sees)]
