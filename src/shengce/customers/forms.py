"""Forms of customers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shengce.customers.models import CardField, Customer
from shengce.people.models import User


class CustomerForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=Customer.Kind.choices)
    city = forms.CharField(label=_("City"), max_length=60, required=False)
    industry = forms.CharField(label=_("Industry"), max_length=60, required=False)


class ContactForm(forms.Form):
    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=60)
    position = forms.CharField(label=_("Position"), max_length=60, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=20, required=False)


class CardForm(forms.Form):
    field = forms.ChoiceField(label=_("Field"), choices=CardField.FIELDS)
    value = forms.CharField(label=_("Value"), max_length=2000)


class HandOverForm(forms.Form):
    """Who takes the customer; ``reps`` are those whom the person may choose."""

    to = forms.ModelChoiceField(label=_("New owner"), queryset=User.objects.none())

    def __init__(self, *args: Any, reps: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"] = forms.ModelChoiceField(label=_("New owner"), queryset=reps)
