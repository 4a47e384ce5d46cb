"""One line of the tables, and the groups of people that they name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

REPS = {"rep_a1", "rep_a2", "rep_b1"}
MANAGERS = {"manager_a", "manager_b"}
SELLERS = REPS | MANAGERS
LEADERS = MANAGERS | {"executive"}
OWN = {"rep_a1", "manager_a"}  # the talk is rep_a1's
HEARERS = OWN | {"inspector", "executive"}
TALKERS = SELLERS | {"inspector", "executive"}
ADMIN = {"administrator"}
CARD_EDITORS = {"inspector", "executive"}
CLERK = {"customer_department"}
OFFICE = {"marketing"} | CLERK
EVERYBODY = TALKERS | ADMIN | OFFICE


@dataclass(frozen=True)
class Route:
    """Who gets an answer. ``None``: the method does not exist here (405 for everyone who has signed in)."""

    get: set[str] | None = None
    post: set[str] | None = None
    args: tuple[str, ...] = ()
    query: str = ""
    form: dict[str, Any] = field(default_factory=dict)
