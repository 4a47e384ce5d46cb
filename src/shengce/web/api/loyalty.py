"""Who buys how, what is to be expected of him, and who stays away."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from shengce.people.permissions import require
from shengce.sales import loyalty as sales
from shengce.web.api.answers import Money, Named, Page, in_pages, page
from shengce.web.api.asking import Day, Id, OneOf, Paging, Words
from shengce.web.api.door import ApiRequest

router = Router(tags=["Loyalty"])
ACTIVITIES = (*sales.Activity.values, "quiet", "risky")


class Purchases(Schema):
    """How one customer buys. ``scores``: recency, frequency, amount, 1 to 5. ``expected_*``: in the next 90 days."""

    customer: int
    name: str
    first_on: dt.date
    last_on: dt.date
    purchases: int
    turnover: Money
    scores: list[int]
    value_class: str = Field(alias="class")
    activity: str
    interval_days: float | None
    alive: float | None
    expected_orders: float | None
    expected_amount: Money | None
    at_stake: Money | None


class LoyaltyAnswer(Schema):
    """``model`` is the fitted repeat-purchase model with its check, or why there is none."""

    on: dt.date
    model: dict[str, Any]
    customers: int
    activity: dict[str, int]
    classes: dict[str, int]
    turnover: Money
    expected_orders: float | None
    expected_amount: Money | None
    at_stake: Money | None
    rows: list[Purchases]
    page: int
    page_size: int
    has_next: bool


class StandingRow(Schema):
    """``alive`` is a probability; ``at_stake`` what he used to buy in 90 days less what is expected of him."""

    customer: Named
    owner: Named | None = Field(None, alias="customer.owner")
    computed_on: dt.date
    first_on: dt.date
    last_on: dt.date
    orders: int
    amount: Money
    interval_days: float | None
    recency_score: int
    frequency_score: int
    amount_score: int
    value_class: str
    activity: str
    alive: float | None
    expected_orders: float | None
    expected_amount: Money | None
    usual_amount: Money | None
    at_stake: Money | None


class ReasonHeard(Schema):
    """Why he stays away. Quote and times only where the person may hear the talk."""

    kind: str
    text: str
    also: list[str]
    on: dt.date
    conversation: int | None
    fact: int | None
    quote: str
    start_ms: int | None
    end_ms: int | None


class WinBackRow(Schema):
    """``because``: owner, staff (the complaint is about our people) or no_owner; ``asked``: a task of this month."""

    standing: StandingRow
    silent_days: int
    reasons: list[ReasonHeard]
    caller: Named | None
    because: str
    asked: bool


class LoyaltyAsked(Paging):
    on: Day | None = Field(None, description="Today where left out; an earlier day is worked out")


class StandingsAsked(Paging):
    q: Words = ""
    activity: Annotated[str, OneOf(ACTIVITIES)] = ""
    value_class: Annotated[str, OneOf(sales.CLASSES)] = ""
    owner: Id | None = None
    sort: Annotated[str, OneOf(tuple(sales.SORTS))] = ""


@router.get("/loyalty", response=LoyaltyAnswer, summary="Repeat purchase")
def loyalty(request: ApiRequest, asked: Query[LoyaltyAsked]) -> Any:
    """Repeat-purchase figures of a day: the model, its check, sums, and one row a customer."""
    require(request.user, "customers.see")
    today = timezone.localdate()
    if asked.on is not None and asked.on > today:
        raise ValidationError(_("This day is still to come."), code="future")
    first = (asked.page - 1) * asked.page_size
    found = sales.report(request.user, on=asked.on or today, limit=asked.page_size, offset=first)
    more = first + asked.page_size < found["customers"]
    return found | in_pages(found["rows"], asked, has_next=more)


@router.get("/standings", response=Page[StandingRow], summary="How customers buy")
def standings(request: ApiRequest, asked: Query[StandingsAsked]) -> Any:
    """Customers in one's scope who ever bought, as of the last night; the largest turnover first."""
    require(request.user, "customers.see")
    return page(
        sales.standings(
            request.user,
            text=asked.q,
            activity=asked.activity,
            value_class=asked.value_class,
            owner=asked.owner,
            sort=asked.sort,
        ),
        asked,
    )


@router.get("/win-back", response=Page[WinBackRow], summary="Customers to win back")
def win_back(request: ApiRequest, asked: Query[Paging]) -> Any:
    """Customers who are dormant or lost, the largest sum at stake first, with the reasons that were heard."""
    require(request.user, "customers.see")
    today = timezone.localdate()
    rows = sales.win_back_list(request.user, today=today, page=asked.page, size=asked.page_size)
    return in_pages(rows[: asked.page_size], asked, has_next=len(rows) > asked.page_size)
