"""What people wrote into papers by hand: lines and rows of papers that were handed in, where they name a customer of theirs.

What one means to do is no statement about what was said, so sections that tasks and appointments are drafted into are left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import groupby

from django.db.models import Q
from django.urls import reverse

from shengce.claims.typed import Line, Typed, claims_of_lines
from shengce.customers.models import Customer
from shengce.people.models import User
from shengce.sheets.forms_of_papers import section_of
from shengce.sheets.models import Line as PaperLine
from shengce.sheets.models import Paper

LEAST_NAME = 3
"""Characters: a shorter name stands in too many sentences by chance."""
_CUSTOMER = "customer"
"""The key of a table's column that names the customer."""
_INTENTIONS = frozenset(
    ("appointments", "tasks_due", "tasks_due_next", "tasks_overdue", "next_points", "deals")
)
"""Drafters of sections that tell what one means to do."""


def typed_lines(since: dt.datetime) -> Iterator[Typed]:
    """Typed lines, and drafted ones whose words a person changed, of papers handed in since ``since``."""
    rows = (
        PaperLine.objects.filter(Q(source=PaperLine.Source.TYPED) | Q(edited=True))
        .filter(paper__submitted_at__gte=since)
        .exclude(paper__state=Paper.State.DRAFT)
        .select_related("paper__owner", "paper__template")
        .order_by("paper__owner", "pk")
    )
    for _owner, lines in groupby(rows, key=lambda row: row.paper.owner_id):
        yield from claims_of_lines(_about_customers(list(lines)))


def _about_customers(lines: list[PaperLine]) -> Iterator[Line]:
    known = _customers_of(lines[0].paper.owner)
    picked = Customer.objects.visible_to(lines[0].paper.owner).in_bulk(
        [line.ties[_CUSTOMER] for line in lines if _CUSTOMER in line.ties]
    )
    for line in lines:
        text = _text(line)
        customer = (
            picked.get(line.ties.get(_CUSTOMER))
            or known.get(str(line.values.get(_CUSTOMER, "")))
            or _named(text, known)
        )
        if customer is None or not text:
            continue
        paper = line.paper
        yield Line(
            key=str(line.pk),
            text=text,
            section=line.section,
            customer=customer,
            by=paper.owner,
            typed_at=paper.submitted_at or line.made_at,
            start_on=paper.start_on,
            end_on=paper.end_on,
            url=reverse("sheets:report", args=[paper.pk]),
        )


def _customers_of(owner: User) -> dict[str, Customer]:
    """By name; two of one name are left out, because nobody knows which is meant."""
    found: dict[str, Customer] = {}
    twice: set[str] = set()
    for customer in Customer.objects.visible_to(owner).only("pk", "name"):
        twice |= {customer.name} & found.keys()
        found[customer.name] = customer
    return {name: customer for name, customer in found.items() if name not in twice}


def _named(text: str, known: dict[str, Customer]) -> Customer | None:
    """The customer with the longest name that stands in the text."""
    named = [name for name in known if len(name) >= LEAST_NAME and name in text]
    return known[max(named, key=len)] if named else None


def _text(line: PaperLine) -> str:
    """What was written; of a row, the cells in words beside the customer: its date and numbers are those of the row itself."""
    section = section_of(line.paper.template, line.section)
    if section is not None and _INTENTIONS.intersection(section.drafters):
        return ""
    if line.text:
        return line.text
    worded = [column.key for column in section.columns if column.type == "text"] if section else []
    return "，".join(str(line.values[key]) for key in worded if key != _CUSTOMER and line.values.get(key))
