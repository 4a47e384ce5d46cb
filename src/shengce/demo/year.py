"""Twelve months of the demonstration company, told by the actions that the pages call; ``data/year.yaml`` is the script.

What was sold, paid and complained of before the talks comes first (:func:`tell_year`); what follows from the talks comes
after them (:func:`end_year`). Days count from today, and chance has a seed, so that a build can be repeated.
"""

from __future__ import annotations

import random

from django.db import transaction
from django.utils import timezone

from shengce.demo import claims, dealers, ground, market_plan, outlook, promises, tickets, trade
from shengce.demo.company import Company
from shengce.demo.script import Say, Year, read_year


def tell_year(company: Company, *, say: Say) -> Year:
    """What stood in the books before the visitor came. All or nothing."""
    script = read_year()
    year = Year(script, company.people, timezone.localdate(), random.Random(script["seed"]))
    with transaction.atomic():
        ground.lay_out(year, administrator=company.administrator)
        say(
            f"{len(year.customers)} customers in {len(year.territories)} territories, price lists and pool rules."
        )
        dealers.sign_contracts(year)
        orders = trade.trade(year)
        say(f"{orders} orders of twelve months, delivered, invoiced and paid as customers do.")
        trade.keep_credit(year)
        dealers.count_stock(year)
        say(f"{tickets.work_on_tickets(year)} service tickets.")
    return year


def end_year(year: Year, *, say: Say) -> None:
    """What follows from the talks: promises, deals, cards, cases, scores of dealers and of customers. All or nothing."""
    with transaction.atomic():
        promises.tell_promises(year)
        dealers.see_goods(year)
        dealers.train_dealers(year)
        dealers.score_dealers(year)
        outlook.look_ahead(year)
        ground.let_go(year)
        outlook.take_stock(year)
        measures = market_plan.plan_the_market(year)
        claims.type_by_hand(year)
    say("Promises judged, cases opened, deals and cards filled, customers and dealers scored.")
    say(f"{measures} measures of the market development plan, with their budget.")
