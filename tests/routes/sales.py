"""Orders, invoices, receipts, credit, promises."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from shengce.sales import actions
from shengce.sales.models import Mail
from tests.routes.route import CLERK, LEADERS, OWN, SELLERS, Route
from tests.sales.books import allocate, day, invoice, order, promise, receipt
from tests.world import World

LOOKERS = SELLERS | {"executive"} | CLERK  # lists: each sees his own scope
SEEN = OWN | {"executive"} | CLERK  # what is rep_a1's
KEEPERS = CLERK | {"executive"}

ROUTES: dict[str, Route] = {
    "sales:orders": Route(get=LOOKERS, query="?q=云海&customer={customer}"),
    "sales:new_order": Route(get=OWN | CLERK, post=OWN | CLERK, query="?customer={customer}"),
    "sales:order_credit": Route(get=OWN | CLERK, query="?customer={customer}&product=清泉500&quantity=1"),
    "sales:order": Route(get=SEEN, args=("order",)),
    "sales:change_order": Route(post=OWN | CLERK, args=("order", "order_act")),
    "sales:approvals": Route(get=LEADERS | CLERK),
    "sales:decide_write_off": Route(post={"executive"}, args=("write_off",)),
    "sales:invoices": Route(get=LOOKERS, query="?on=2026-11-01&customer={customer}"),
    "sales:new_invoice": Route(get=CLERK, post=CLERK, query="?customer={customer}"),
    "sales:invoice": Route(get=SEEN, args=("invoice",)),
    "sales:change_invoice": Route(post=CLERK, args=("invoice", "invoice_act")),
    "sales:receipts": Route(get=LOOKERS, query="?q=云海"),
    "sales:new_receipt": Route(get=CLERK, post=CLERK),
    "sales:receipt": Route(get=SEEN, args=("receipt",)),
    "sales:change_receipt": Route(post=CLERK, args=("receipt", "receipt_act")),
    "sales:take_back": Route(post=CLERK, args=("allocation",)),
    "sales:credit": Route(get=SEEN, args=("customer",)),
    "sales:set_credit": Route(post=KEEPERS, args=("customer",)),
    "sales:new_statement": Route(post=CLERK, args=("customer",)),
    "sales:note_promise": Route(post=OWN | CLERK, args=("customer",)),
    "sales:rules": Route(get=KEEPERS, post=KEEPERS),
    "sales:calls": Route(get=LOOKERS),
    "sales:statements": Route(get=LOOKERS, query="?customer={customer}"),
    "sales:statement": Route(get=SEEN, args=("statement",)),
    "sales:answer_statement": Route(post=CLERK, args=("statement",)),
    "sales:dunning": Route(get=LOOKERS, post=CLERK),
    "sales:reminder": Route(get=SEEN, args=("reminder",)),
    "sales:mail_reminder": Route(post=CLERK, args=("reminder",)),
    "sales:mail_statement": Route(post=CLERK, args=("statement",)),
    "sales:mail_again": Route(post=CLERK, args=("mail",)),
    "web:receivables": Route(get=LOOKERS, query="?by=customer&customer={customer}"),
    "web:promises": Route(get=LOOKERS, query="?customer={customer}"),
}


def things(world: World) -> dict[str, Any]:
    """What the addresses of this table name: it belongs to rep_a1 and his customer."""
    clerk = world.customer_department
    late, money = invoice(world, 500, due=20), receipt(world, 100, payer="云海大酒店")
    made = allocate(world, money, late, 40)
    sent = actions.send_dunning(late, by=clerk)
    asked = actions.ask_write_off(late, by=clerk, amount=Decimal(5), reason="云海大酒店")
    promise(world, 100, made=5, due=1)
    account = actions.make_statement(world.customer_a, by=clerk, start_on=day(90), end_on=day(-1))
    letter = Mail.objects.create(
        statement=account, to="liu@example.com", subject="对账单", by=clerk, state="failed"
    )
    return {
        "mail": letter.pk,
        "order": order(world, note="云海大酒店").pk,
        "order_act": "cancel",
        "invoice": late.pk,
        "invoice_act": "end-dispute",
        "receipt": money.pk,
        "receipt_act": "oldest",
        "allocation": made.pk,
        "write_off": asked.pk,
        "statement": account.pk,
        "reminder": sent.pk,
    }
