"""Forms of customers."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from shengce.customers.models import CardField, Customer
from shengce.people.models import User


class CustomerForm(forms.ModelForm):
    class Meta:
        model = Customer
        fields = ["name", "kind", "city", "industry"]


class ContactForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60)
    position = forms.CharField(label=_("Position"), max_length=60, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=20, required=False)


class CardForm(forms.Form):
    field = forms.ChoiceField(label=_("Field"), choices=CardField.FIELDS)
    value = forms.CharField(label=_("Value"), max_length=2000)


class HandOverForm(forms.Form):
    to = forms.ModelChoiceField(label=_("New owner"), queryset=User.objects.none())
