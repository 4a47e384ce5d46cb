"""Forms of orders and money. Sums are read as people type them; what may be stored is decided by the actions."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shengce.catalogue.models import Product
from shengce.people.asked import words
from shengce.people.day_input import DayInput
from shengce.people.models import User
from shengce.sales.models import CreditPolicy, SalesMethod, SettlementMethod
from shengce.sales.orders import MOST_LINES, OrderLineDraft

ROWS = 5
"""Empty lines of a new order; another five with each press of "More lines"."""
_LEFT_OUT = str.maketrans("", "", ",¥元 \u00a0")


def folded_number(text: Any) -> str:
    """A typed number without what only people read: １２，０００．５０元 → 12000.50."""
    return unicodedata.normalize("NFKC", str(text or "")).translate(_LEFT_OUT).strip()


class NumberField(forms.DecimalField):
    """A decimal number as people type it, full-width digits and thousands separators too."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = folded_number(value)[:40]
        return super().to_python(value)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "inputmode": "decimal", "autocomplete": "off"}


def sum_field(label: Any, **more: Any) -> NumberField:
    """A sum of money."""
    return NumberField(label=label, max_digits=14, decimal_places=2, **more)


class DayField(forms.DateField):
    """A day, picked or typed."""

    def __init__(self, **more: Any) -> None:
        super().__init__(widget=DayInput(), **more)


def today() -> Any:
    return timezone.localdate()


class OrderForm(forms.Form):
    """The head of an order; its lines are read by :func:`read_lines`. ``reps`` are those whom one may name."""

    ordered_on = DayField(label=gettext_lazy("Ordered on"), initial=today)
    number = forms.CharField(
        label=gettext_lazy("Order number"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Empty: the next number of the day."),
    )
    rep = forms.ModelChoiceField(
        label=gettext_lazy("Rep"),
        queryset=User.objects.none(),
        required=False,
        empty_label=gettext_lazy("The owner"),
    )
    settlement_method = forms.ChoiceField(
        label=gettext_lazy("Settlement"), choices=SettlementMethod.choices, initial=SettlementMethod.CREDIT
    )
    sales_method = forms.ChoiceField(
        label=gettext_lazy("Sold"), choices=SalesMethod.choices, initial=SalesMethod.DIRECT
    )
    currency = forms.CharField(label=gettext_lazy("Currency"), max_length=3, initial="CNY")
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, reps: QuerySet[User], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["rep"].queryset = reps  # type: ignore[attr-defined]


@dataclass(slots=True)
class TypedLine:
    """One line of an order as typed, and what is wrong with it."""

    product: str = ""
    quantity: str = ""
    price: str = ""
    problem: str = ""


def typed_lines(data: QueryDict) -> list[TypedLine]:
    """The lines of the form as they came, with empty ones at the end to write on."""
    columns = [data.getlist(name)[: MOST_LINES + 1] for name in ("product", "quantity", "price")]
    length = max((len(column) for column in columns), default=0)
    padded = [column + [""] * (length - len(column)) for column in columns]
    lines = [TypedLine(*(words(cell, most=100) for cell in cells)) for cells in zip(*padded, strict=True)]
    more = ROWS if "more" in data or not lines else 0
    return lines + [TypedLine() for _ in range(more)]


def read_lines(lines: list[TypedLine]) -> list[OrderLineDraft] | None:
    """Drafts of the lines that say something; ``None`` where one is wrong, and then it says why itself."""
    names = {line.product for line in lines if line.product}
    known: dict[str, Product] = {}
    for product in Product.objects.filter(Q(name__in=names) | Q(code__in=names - {""})):
        known[product.name] = product
        known.setdefault(product.code, product)
    drafts = []
    for line in lines:
        if not (line.product or line.quantity or line.price):
            continue
        line.problem = _problem(line, known)
        if not line.problem:
            product = known[line.product]
            price = _number(line.price) if line.price else product.list_price
            drafts.append(OrderLineDraft(product, _number(line.quantity) or Decimal(0), price or Decimal(0)))
    return None if any(line.problem for line in lines) else drafts


def _problem(line: TypedLine, known: dict[str, Product]) -> str:
    if line.product not in known:
        return _("This product is not in the catalogue.")
    if _number(line.quantity) is None:
        return _("How many? Write a number.")
    if line.price and _number(line.price) is None:
        return _("The price is not a number.")
    if not line.price and known[line.product].list_price is None:
        return _("The product has no list price: write one.")
    return ""


def _number(text: str) -> Decimal | None:
    try:
        number: Decimal = NumberField().clean(text)
    except ValidationError:
        return None
    return number


class DeliveryForm(forms.Form):
    delivered_on = DayField(label=gettext_lazy("Delivered on"), initial=today)
    amount = sum_field(gettext_lazy("Worth of the goods"))
    number = forms.CharField(label=gettext_lazy("Delivery number"), max_length=40, required=False)


class InvoiceForm(forms.Form):
    issued_on = DayField(label=gettext_lazy("Issued on"), initial=today)
    due_on = DayField(
        label=gettext_lazy("Due on"),
        required=False,
        help_text=gettext_lazy("Empty: after the customer's credit days."),
    )
    amount = sum_field(gettext_lazy("Amount"))
    currency = forms.CharField(label=gettext_lazy("Currency"), max_length=3, initial="CNY")
    number = forms.CharField(
        label=gettext_lazy("Invoice number"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Empty: the next number of the day."),
    )


class ReceiptForm(forms.Form):
    received_on = DayField(label=gettext_lazy("Received on"), initial=today)
    amount = sum_field(gettext_lazy("Amount"))
    currency = forms.CharField(label=gettext_lazy("Currency"), max_length=3, initial="CNY")
    payer = forms.CharField(
        label=gettext_lazy("Payer, as the bank names him"), max_length=200, required=False
    )
    bank_reference = forms.CharField(label=gettext_lazy("Bank reference"), max_length=60, required=False)
    settlement_method = forms.ChoiceField(
        label=gettext_lazy("Settlement"), choices=SettlementMethod.choices, initial=SettlementMethod.CREDIT
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)


class ReasonForm(forms.Form):
    """Words that an act needs."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)


class WriteOffForm(ReasonForm):
    amount = sum_field(gettext_lazy("Amount"))


class CreditForm(forms.Form):
    grade = forms.CharField(label=gettext_lazy("Grade"), max_length=4, required=False)
    limit = sum_field(gettext_lazy("Credit limit, yuan"))
    days = forms.IntegerField(label=gettext_lazy("Credit days"), min_value=0, max_value=720)
    why = forms.CharField(label=gettext_lazy("Why"), max_length=300, required=False)


class PromiseForm(forms.Form):
    """What a customer said he would pay, and when: typed after a call."""

    amount = sum_field(gettext_lazy("Sum, yuan"), required=False)
    due_on = DayField(label=gettext_lazy("Pays by"))

    def clean_due_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["due_on"]
        if not timezone.localdate() <= day <= timezone.localdate() + dt.timedelta(days=730):
            raise ValidationError(_("Choose a day to come, within two years."))
        return day


class StatementForm(forms.Form):
    start_on = DayField(label=gettext_lazy("From"))
    last_on = DayField(label=gettext_lazy("Up to and including"))


class PolicyForm(forms.Form):
    """The firm's rules. Grades and levels are lines of text: plain to read, to copy and to change."""

    counts = forms.ChoiceField(
        label=gettext_lazy("What counts against the limit"), choices=CreditPolicy.Counts.choices
    )
    over_limit = forms.ChoiceField(
        label=gettext_lazy("An order over the limit"), choices=CreditPolicy.OverLimit.choices
    )
    days = forms.IntegerField(
        label=gettext_lazy("Credit days where a customer has no credit line"), min_value=0, max_value=720
    )
    grades = forms.CharField(
        label=gettext_lazy("Grades"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy(
            "One a line: grade, least points, highest limit, days. The last one begins at 0 points."
        ),
    )
    dunning = forms.CharField(
        label=gettext_lazy("Reminders"),
        max_length=9000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy(
            "One a line: days past due, a colon, the text. {customer} {number} {amount} {due_on} {days} are filled in."
        ),
    )

    @staticmethod
    def standing(policy: CreditPolicy) -> dict[str, Any]:
        """The rules in force, as the form shows them."""
        return {
            "counts": policy.counts,
            "over_limit": policy.over_limit,
            "days": policy.days,
            "grades": "\n".join(
                f"{row['grade']}, {row['least']}, {row['limit']}, {row['days']}" for row in policy.grades
            ),
            "dunning": "\n".join(f"{row['days']}: {row['text']}" for row in policy.dunning),
        }

    def clean_grades(self) -> list[dict[str, Any]]:
        rows = []
        for line in self.cleaned_data["grades"].splitlines():
            if not line.strip():
                continue
            parts = [part.strip() for part in unicodedata.normalize("NFKC", line).split(",")]
            try:
                grade, least, limit, days = parts
                row = {"grade": grade, "least": int(least), "limit": Decimal(limit), "days": int(days)}
            except (ValueError, ArithmeticError) as problem:
                raise ValidationError(
                    _("“%(line)s” is not: grade, points, limit, days."), params={"line": line}
                ) from problem
            rows.append(row)
        return rows

    def clean_dunning(self) -> list[dict[str, Any]]:
        rows = []
        for line in self.cleaned_data["dunning"].splitlines():
            if not line.strip():
                continue
            days, _colon, text = line.replace("：", ":", 1).partition(":")
            if not (days.strip().isdecimal() and len(days.strip()) < 5 and text.strip()):
                raise ValidationError(_("“%(line)s” is not: days, a colon, text."), params={"line": line})
            rows.append({"days": int(days), "text": text.strip()})
        return rows
