"""Everything that others can see happen to orders and money. Each subject has its own file; this is the list."""

from __future__ import annotations

from shengce.sales.credit import save_credit_policy, set_credit, suggest_credit
from shengce.sales.invoices import (
    ask_write_off,
    cancel_invoice,
    decide_write_off,
    dispute_invoice,
    end_dispute,
    issue_invoice,
)
from shengce.sales.mailing import send_mail, try_again
from shengce.sales.orders import (
    OrderLineDraft,
    approve_order,
    cancel_order,
    create_order,
    record_delivery,
    refuse_order,
)
from shengce.sales.promises import check_promises, note_payment_promise, withdraw_payment_promise
from shengce.sales.receipts import (
    allocate,
    allocate_oldest_first,
    assign_receipt,
    record_receipt,
    reverse_receipt,
    take_back_allocation,
)
from shengce.sales.statements import answer_statement, make_statement, send_dunning
from shengce.sales.sums import MOST_YUAN

__all__ = (
    "MOST_YUAN",
    "OrderLineDraft",
    "allocate",
    "allocate_oldest_first",
    "answer_statement",
    "approve_order",
    "ask_write_off",
    "assign_receipt",
    "cancel_invoice",
    "cancel_order",
    "check_promises",
    "create_order",
    "decide_write_off",
    "dispute_invoice",
    "end_dispute",
    "issue_invoice",
    "make_statement",
    "note_payment_promise",
    "record_delivery",
    "record_receipt",
    "refuse_order",
    "reverse_receipt",
    "save_credit_policy",
    "send_dunning",
    "send_mail",
    "set_credit",
    "suggest_credit",
    "take_back_allocation",
    "try_again",
    "withdraw_payment_promise",
)
