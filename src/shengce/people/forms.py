"""Forms of people and organisation."""

from __future__ import annotations

import datetime as dt
import re

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shengce.people.day_input import DayInput
from shengce.people.models import Role, Territory, Unit
from shengce.people.working_days import FIRST_YEAR, LAST_YEAR


class SignInForm(AuthenticationForm):
    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "username"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class PlaceForm(forms.Form):
    """Role and unit of a person."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    unit = forms.ModelChoiceField(label=_("Unit"), queryset=Unit.objects.all(), required=False)


class NewUserForm(PlaceForm):
    username = forms.CharField(label=_("User name"), max_length=150)
    display_name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=50)
    phone = forms.CharField(label=_("Phone"), max_length=20, required=False)
    password = forms.CharField(
        label=_("First password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    field_order = ["display_name", "username", "password", "phone", "role", "unit"]


class UserForm(forms.Form):
    display_name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=50)
    phone = forms.CharField(label=_("Phone"), max_length=20, required=False)
    is_active = forms.BooleanField(label=_("May sign in"), required=False)


class MoveForm(PlaceForm):
    on = forms.DateField(label=_("From day"), widget=DayInput())


class PasswordForm(forms.Form):
    password = forms.CharField(
        label=_("New password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Ends the person's sessions everywhere and revokes the keys in his name."),
    )


class UnitChangeForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100)
    kind = forms.ChoiceField(label=_("Kind"), choices=Unit.Kind.choices)


class UnitForm(UnitChangeForm):
    parent = forms.ModelChoiceField(label=_("Belongs to"), queryset=Unit.objects.all())


class TerritoryForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60)
    parent = forms.ModelChoiceField(label=_("Belongs to"), queryset=Territory.objects.all(), required=False)
    places = forms.CharField(
        label=_("Places"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "Provinces, cities, districts and markets that people name when they mean it, with commas between."
        ),
    )

    def clean_places(self) -> list[str]:
        return [
            place.strip() for place in re.split("[,，、;；\n]", self.cleaned_data["places"]) if place.strip()
        ]


class CalendarDayForm(forms.Form):
    day = forms.DateField(label=_("Day"), widget=DayInput())
    works = forms.TypedChoiceField(
        label=_("On this day"),
        choices=(("no", _("nobody works")), ("yes", _("people work"))),
        coerce=lambda text: text == "yes",
    )
    name = forms.CharField(label=pgettext_lazy("calendar", "Occasion"), max_length=60, required=False)

    def clean_day(self) -> dt.date:
        day: dt.date = self.cleaned_data["day"]
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise forms.ValidationError(
                _("The calendar goes from %(first)d to %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR}
            )
        return day


class TokenForm(forms.Form):
    """A new key for a program."""

    name = forms.CharField(label=_("What it is for"), max_length=60)
    expires_on = forms.DateField(
        label=_("Expires on"),
        required=False,
        widget=DayInput(),
        help_text=_("Left empty, it works until you revoke it."),
    )
