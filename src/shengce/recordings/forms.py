"""Forms of recordings: the list's filter, the upload's choice, and whose recording it is."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from shengce.customers.models import Customer
from shengce.people.asked import day
from shengce.people.models import User
from shengce.people.queries import visible_reps
from shengce.recordings.models import Recording
from shengce.recordings.queries import SORTS, Filter

MOST_NAMES = 500
EARLIEST = dt.date(1990, 1, 1)


class FilterForm(forms.Form):
    """The address of the list; what is not valid counts as not asked."""

    q = forms.CharField(required=False, max_length=100)
    status = forms.ChoiceField(required=False, choices=[("", ""), *Recording.Status.choices])
    rep = forms.ModelChoiceField(required=False, queryset=User.objects.none())
    sort = forms.ChoiceField(
        required=False, choices=[(f"{sign}{key}", "") for key in SORTS for sign in ("", "-")]
    )

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data)
        self.fields["rep"].queryset = visible_reps(user)  # type: ignore[attr-defined]

    @property
    def asked(self) -> Filter:
        """The valid part of what was asked."""
        self.is_valid()
        data = self.cleaned_data
        rep: User | None = data.get("rep")
        return Filter(
            status=data.get("status", ""),
            rep=rep.pk if rep else None,
            text=data.get("q", ""),
            start_on=day(self.data.get("from")),
            end_on=day(self.data.get("to")),
            sort=data.get("sort") or "-received",
        )


class RepForm(forms.Form):
    """On whose behalf files are uploaded; empty: as the file names and lists say."""

    rep = forms.ModelChoiceField(
        label=_("Sales representative"), queryset=User.objects.none(), required=False
    )

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data)
        self.fields["rep"].queryset = visible_reps(user)  # type: ignore[attr-defined]


class LinkForm(RepForm):
    """Whose recording it is, with whom, when and how."""

    customer = forms.CharField(label=_("Customer"), max_length=200, required=False)
    started_at = forms.DateTimeField(
        label=_("Begun at"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    direction = forms.ChoiceField(label=_("Kind"), choices=Recording.Direction.choices, required=False)

    def __init__(self, data: Any = None, *, user: User, recording: Recording) -> None:
        super().__init__(data, user=user)
        self.fields["rep"].empty_label = "–"  # type: ignore[attr-defined]
        self._customers = Customer.objects.visible_to(user)
        self.fields["customer"].widget.attrs.update(list="customer-names", autocomplete="off")
        self.initial = {
            "rep": recording.rep_id,
            "customer": recording.customer.name if recording.customer else "",
            "started_at": recording.started_at,
            "direction": recording.direction,
        }

    @property
    def names(self) -> list[str]:
        """Customers to choose from while typing."""
        return list(self._customers.order_by("name").values_list("name", flat=True)[:MOST_NAMES])

    def clean_started_at(self) -> dt.datetime | None:
        moment: dt.datetime | None = self.cleaned_data["started_at"]
        if moment is not None and not EARLIEST <= moment.date() < dt.date(2200, 1, 1):
            raise ValidationError(_("There was no such talk on this day."))
        return moment

    def clean_customer(self) -> Customer | None:
        """The customer of exactly this name, or the only one whose name contains it."""
        typed = self.cleaned_data["customer"].strip()
        if not typed:
            return None
        for condition in ({"name": typed}, {"name__icontains": typed}):
            found = list(self._customers.filter(**condition)[:2])
            if len(found) == 1:
                return found[0]
            if found:
                raise ValidationError(_("Several customers have this name; type more of it."))
        raise ValidationError(_("There is no customer of this name in your list."))
