"""Forms of the room."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shengce.customers.models import Customer
from shengce.people.day_input import DayInput
from shengce.people.models import Unit, User
from shengce.visits.quotas import MEASURES

WEEKDAYS = (
    ("0", _("Mon")), ("1", _("Tue")), ("2", _("Wed")), ("3", _("Thu")), ("4", _("Fri")), ("5", _("Sat")), ("6", _("Sun")),
)  # fmt: skip
FREQUENCIES = ((1, _("every week")), (2, _("every 2 weeks")), (4, _("every 4 weeks")), (0, _("not at all")))


class WeekdaysField(forms.MultipleChoiceField):
    """Weekdays as a string of digits."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=WEEKDAYS, **options)

    def clean(self, value: Any) -> str:
        return "".join(super().clean(value))


def _clock(label: Any, *, required: bool) -> forms.TimeField:
    return forms.TimeField(
        label=label, required=required, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )


def _degrees(label: Any, most: int, *, required: bool = False) -> forms.FloatField:
    return forms.FloatField(
        label=label,
        min_value=-most,
        max_value=most,
        required=required,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )


class PlaceForm(forms.Form):
    """``sure`` is asked only where the place is unlikely. Degrees up to 180, so that swapped ones are told as such."""

    latitude = _degrees(_("Latitude"), 180)
    longitude = _degrees(_("Longitude"), 180)
    opens_at = _clock(_("Visits from"), required=False)
    closes_at = _clock(_("Visits until"), required=False)
    weekdays = WeekdaysField(label=_("Only on these weekdays"), required=False)
    sure = forms.BooleanField(label=_("The place is right all the same"), required=False)


class BaseForm(forms.Form):
    name = forms.CharField(label=_("The day begins and ends at"), max_length=100)
    latitude = _degrees(_("Latitude"), 180, required=True)
    longitude = _degrees(_("Longitude"), 180, required=True)
    starts_at = _clock(_("First way at"), required=True)
    minutes = forms.IntegerField(label=_("Length of the day, minutes"), min_value=60, max_value=840)
    weekdays = WeekdaysField(label=_("On these weekdays"))


class RuleForm(forms.Form):
    every_weeks = forms.TypedChoiceField(label=_("Visited"), choices=FREQUENCIES, coerce=int)
    minutes = forms.IntegerField(label=_("Minutes"), min_value=5, max_value=480)


class CheckInForm(forms.Form):
    """What the device says about the place comes along unseen, and may be nothing."""

    customer = forms.ModelChoiceField(queryset=Customer.objects.none())
    latitude = _degrees("", 90)
    longitude = _degrees("", 180)
    accuracy = forms.FloatField(required=False)
    note = forms.CharField(max_length=300, required=False)

    def __init__(self, *args: Any, customers: QuerySet[Customer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose_from(self, "customer", customers)


class AddStopForm(forms.Form):
    customer = forms.ModelChoiceField(queryset=Customer.objects.none())
    day = forms.DateField()

    def __init__(self, *args: Any, customers: QuerySet[Customer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose_from(self, "customer", customers)


class LeaveForm(forms.Form):
    """``at``: the time of the day on which he came, where he says it afterwards."""

    note = forms.CharField(max_length=300, required=False)
    at = forms.TimeField(required=False)


class AppointmentForm(forms.Form):
    owner = forms.ModelChoiceField(label=_("Rep"), queryset=User.objects.none())
    customer = forms.ModelChoiceField(label=_("Customer"), queryset=Customer.objects.none())
    start_at = forms.DateTimeField(
        label=_("When"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    minutes = forms.IntegerField(label=_("Minutes"), min_value=5, max_value=1440, initial=60)
    place = forms.CharField(label=_("Where"), max_length=200, required=False)
    confirmed = forms.BooleanField(label=_("The customer said yes"), required=False)

    def __init__(
        self, *args: Any, owners: QuerySet[User], customers: QuerySet[Customer], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        _choose_from(self, "owner", owners)
        _choose_from(self, "customer", customers)

    def values(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        minutes = data.pop("minutes")
        return {**data, "end_at": data["start_at"] + dt.timedelta(minutes=minutes)}


class MoveForm(forms.Form):
    start_at = forms.DateTimeField(
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    note = forms.CharField(max_length=200, required=False)


class NoteForm(forms.Form):
    note = forms.CharField(max_length=200, required=False)


class TaskForm(forms.Form):
    title = forms.CharField(label=_("What is to be done"), max_length=300)
    owner = forms.ModelChoiceField(label=_("By whom"), queryset=User.objects.none())
    customer = forms.ModelChoiceField(
        label=_("Customer"), queryset=Customer.objects.none(), required=False, empty_label=_("no customer")
    )
    due_at = forms.DateTimeField(
        label=_("Until"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(
        self, *args: Any, owners: QuerySet[User], customers: QuerySet[Customer], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        _choose_from(self, "owner", owners)
        _choose_from(self, "customer", customers)

    def clean_due_at(self) -> dt.datetime | None:
        due_at: dt.datetime | None = self.cleaned_data["due_at"]
        if due_at is not None and due_at <= timezone.now():
            raise forms.ValidationError(_("This moment has passed already."))
        return due_at


class QuotaForm(forms.Form):
    measure = forms.ChoiceField(label=_("What is counted"), choices=[(m.key, m.label) for m in MEASURES])
    name = forms.CharField(
        label=_("Name"), max_length=60, required=False, help_text=_("Empty: what is counted is its name.")
    )
    least = forms.IntegerField(
        label=_("At least, a month"),
        min_value=0,
        max_value=10_000,
        help_text=_("0: it does not hold for these people."),
    )
    most = forms.IntegerField(label=_("Up to"), min_value=0, max_value=10_000, required=False)
    unit = forms.ModelChoiceField(
        label=_("For this unit and all below"),
        queryset=Unit.objects.none(),
        required=False,
        empty_label=_("everybody"),
    )
    rep = forms.ModelChoiceField(
        label=_("Only for this person"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("everybody"),
    )
    start_on = forms.DateField(label=_("From the month of"), widget=DayInput())

    def __init__(self, *args: Any, units: QuerySet[Unit], reps: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose_from(self, "unit", units)
        _choose_from(self, "rep", reps)


def _choose_from(form: forms.Form, name: str, rows: QuerySet[Any]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows
