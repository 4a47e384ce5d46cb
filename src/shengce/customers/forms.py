"""Forms of customers, contacts, deals, the pool and cards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import QuerySet
from django.urls import reverse_lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shengce.customers.actions import CLASSES
from shengce.customers.activity import ACTIVITIES
from shengce.customers.deals import OPEN
from shengce.customers.models import CardField, Customer, Deal
from shengce.customers.queries import named_customer
from shengce.people.day_input import DayInput
from shengce.people.models import Territory, User

_ANY = ("", "–")
_CLASSES = [_ANY, *((letter, letter) for letter in CLASSES)]


def carry_out(form: forms.Form, action: Callable[[], Any]) -> Any:
    """The action's result, or nothing with its reasons beside the fields they belong to."""
    try:
        return action()
    except ValidationError as problem:
        by_field = (
            problem.message_dict if hasattr(problem, "error_dict") else {NON_FIELD_ERRORS: problem.messages}
        )
        for field, reasons in by_field.items():
            form.add_error(field if field in form.fields else None, reasons)
        return None


class NamedCustomerField(forms.CharField):
    """A customer by name or number, completed while one types; 100,000 of them fit into no list."""

    def __init__(self, *, kind: str = "", **options: Any) -> None:
        super().__init__(max_length=200, **options)
        self.kind = kind
        self.user: User | None = None
        self.widget.attrs |= {
            "autocomplete": "off",
            "list": "customer-names",
            "hx-get": format_lazy("{}?kind={}", reverse_lazy("customers:names"), kind),
            "hx-trigger": "input changed delay:250ms",
            "hx-target": "#customer-names",
        }

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text or self.user is None:
            return None
        return named_customer(self.user, text.strip(), kind=self.kind)


class CustomerForm(forms.Form):
    """The head of a customer. ``user`` is who fills it in: whom he may name depends on it."""

    name = forms.CharField(label=_("Name"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=Customer.Kind.choices)
    level = forms.ChoiceField(
        label=_("Dealer level"), choices=[_ANY, *Customer.Level.choices], required=False
    )
    code = forms.CharField(label=_("Customer number"), max_length=40, required=False)
    value_class = forms.ChoiceField(label=_("Class"), choices=_CLASSES, required=False)
    city = forms.CharField(label=_("City"), max_length=60, required=False)
    industry = forms.CharField(label=_("Industry"), max_length=60, required=False)
    territory = forms.ModelChoiceField(
        label=_("Territory"), queryset=Territory.objects.all(), required=False, empty_label="–"
    )
    phone = forms.CharField(label=_("Main phone"), max_length=30, required=False)
    tax_number = forms.CharField(label=_("Tax number"), max_length=30, required=False)
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    supplied_by = NamedCustomerField(
        label=_("Supplied by"),
        kind=Customer.Kind.DEALER,
        required=False,
        help_text=_("The dealer that he buys from: name or number."),
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["supplied_by"].user = user  # type: ignore[attr-defined]


class NewCustomerForm(CustomerForm):
    """``sellers`` are those to whom the person may give the customer; empty keeps him."""

    owner = forms.ModelChoiceField(
        label=_("Owner"), queryset=User.objects.none(), required=False, empty_label="–"
    )
    sure = forms.BooleanField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, sellers: QuerySet[User], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["owner"].queryset = sellers  # type: ignore[attr-defined]


class ContactForm(forms.Form):
    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=60)
    position = forms.CharField(label=_("Position"), max_length=60, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=20, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)


class CardForm(forms.Form):
    """A value for one of the fields that talks fill; the whole cards have a page of their own."""

    field = forms.ChoiceField(label=_("Field"), choices=CardField.FIELDS)
    value = forms.CharField(label=_("Value"), max_length=2000)


class HandOverForm(forms.Form):
    """Who takes the customer; ``reps`` are those whom the person may choose."""

    to = forms.ModelChoiceField(label=_("New owner"), queryset=User.objects.none())
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, reps: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"] = forms.ModelChoiceField(label=_("New owner"), queryset=reps)


class DealForm(forms.Form):
    """What a deal says; the stage is chosen only for a new one."""

    name = forms.CharField(label=_("Deal"), max_length=200)
    amount = forms.DecimalField(
        label=_("Amount (yuan)"), max_digits=14, decimal_places=2, min_value=0, required=False
    )
    expected_on = forms.DateField(label=_("Expected on"), widget=DayInput(), required=False)
    next_step = forms.CharField(label=_("Next step"), max_length=300, required=False)
    next_step_on = forms.DateField(label=_("Next step on"), widget=DayInput(), required=False)


class NewDealForm(DealForm):
    customer = NamedCustomerField(label=_("Customer"), help_text=_("Name or number."))
    stage = forms.ChoiceField(label=_("Stage"), choices=[(stage.value, stage.label) for stage in OPEN])
    field_order = ["customer", "name", "stage"]

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["customer"].user = user  # type: ignore[attr-defined]


class MoveDealForm(forms.Form):
    stage = forms.ChoiceField(label=_("Stage"), choices=Deal.Stage.choices)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)


class PoolRuleForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[("", _("Any kind")), *Customer.Kind.choices], required=False
    )
    value_class = forms.ChoiceField(
        label=_("Class"), choices=[("", _("Any class")), *_CLASSES[1:]], required=False
    )
    idle_days = forms.IntegerField(
        label=_("Days without activity"),
        min_value=1,
        max_value=3650,
        help_text=_("Counted from the last activity, change of owner, or the day it was added."),
    )
    counts = forms.MultipleChoiceField(
        label=_("What counts as activity"),
        choices=[(key, words) for key, words, _column in ACTIVITIES],
        initial=[key for key, _words, _column in ACTIVITIES],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("An open deal counts as long as it is open; an order that was cancelled does not."),
    )
    daily_cap = forms.IntegerField(
        label=_("Most that one person takes a day"), min_value=0, max_value=1000, initial=5
    )
    keep_away_days = forms.IntegerField(
        label=_("Days before the one who lost it may take it back"), min_value=0, max_value=3650, initial=0
    )
    active = forms.BooleanField(label=_("In force"), required=False, initial=True)


class OtherCustomerForm(forms.Form):
    """The second of two customers that may be one."""

    other = NamedCustomerField(label=_("The other entry"), help_text=_("Name or number."))

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["other"].user = user  # type: ignore[attr-defined]
