"""The JSON API, and the keys that open it."""

from __future__ import annotations

from typing import Any

from shengce.people.tokens import create_token
from tests.routes.channel import CATALOGUE, OF_TEAM, SEERS
from tests.routes.route import CLERK, EVERYBODY, HEARERS, OWN, SELLERS, TALKERS, Route
from tests.routes.sales import LOOKERS, SEEN
from tests.world import World

TEAM = OWN | {"executive"} | CLERK
RELEASED = SELLERS | {"executive"} | CLERK

ROUTES: dict[str, Route] = {
    "api:api-root": Route(get=EVERYBODY),
    "api:openapi-json": Route(get=EVERYBODY),
    "api:openapi-view": Route(get=EVERYBODY),
    "api:customers": Route(get=RELEASED, query="?q=云海"),
    "api:public_pool": Route(get=SELLERS),
    "api:claims": Route(get=SELLERS | {"executive"}, query="?customer={customer}"),
    "api:customer": Route(get=TEAM, args=("customer",)),
    "api:contacts": Route(get=TEAM, args=("customer",)),
    "api:deals": Route(get=RELEASED, query="?customer={customer}"),
    "api:orders": Route(get=LOOKERS, query="?customer={customer}"),
    "api:order": Route(get=SEEN, args=("order",)),
    "api:invoices": Route(get=LOOKERS, query="?customer={customer}"),
    "api:receipts": Route(get=LOOKERS, query="?customer={customer}"),
    "api:promises": Route(get=LOOKERS, query="?customer={customer}"),
    "api:ageing_on": Route(get=LOOKERS, query="?customer={customer}"),
    "api:statement": Route(get=SEEN, query="?customer={customer}&start=2026-01-01&end=2027-01-01"),
    "api:receivables": Route(get=SEEN, args=("customer",)),
    "api:calls": Route(get=LOOKERS),
    "api:allocations": Route(get=LOOKERS, query="?customer={customer}"),
    "api:write_offs": Route(get=LOOKERS, query="?customer={customer}"),
    "api:credit_lines": Route(get=LOOKERS, query="?customer={customer}"),
    "api:made_statements": Route(get=LOOKERS, query="?customer={customer}"),
    "api:reminders": Route(get=LOOKERS, query="?customer={customer}"),
    "api:loyalty": Route(get=RELEASED),
    "api:standings": Route(get=RELEASED),
    "api:win_back": Route(get=RELEASED),
    "api:attainment": Route(get=SELLERS | {"executive", "marketing"}, query="?metric=sales&by=customer"),
    "api:prices": Route(get=CATALOGUE),
    "api:price_cases": Route(get=SEERS),
    "api:sightings": Route(get=SEERS),
    "api:diversion_cases": Route(get=SEERS),
    "api:diversion_case": Route(get=OF_TEAM, args=("case",)),
    "api:diversion_figures": Route(get=SEERS),
    "api:shipments": Route(get=SEERS, query="?lot=A1203"),
    "api:contracts": Route(get=SEERS),
    "api:dealers": Route(get=SEERS),
    "api:dealer": Route(get=OF_TEAM, args=("dealer",)),
    "api:trainings": Route(get=SEERS, query="?dealer={dealer}"),
    "api:stock_reports": Route(get=SEERS),
    "api:tickets": Route(get=RELEASED),
    "api:ticket": Route(get=TEAM, args=("ticket",)),
    "api:ticket_statistics": Route(get=RELEASED),
    "api:papers": Route(get=TALKERS | {"marketing"}),
    "api:paper": Route(get=OWN | {"executive"}, args=("report",)),
    "api:conversations": Route(get=TALKERS | CLERK, query="?customer={customer}"),
    "api:conversation": Route(get=HEARERS | CLERK, args=("talk",)),
    "api:facts": Route(get=TALKERS | CLERK, query="?kind=objection"),
    "people:tokens": Route(get=EVERYBODY, post=EVERYBODY),
    "people:revoke_token": Route(post={"rep_a1"}, args=("token",)),
}


def things(world: World) -> dict[str, Any]:
    """A key of rep_a1."""
    token, _secret = create_token(by=world.rep_a1, name="暗号九七")
    return {"token": token.pk}
