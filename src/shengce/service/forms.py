"""Forms of tickets: one for each thing that can be done."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from shengce.catalogue.models import Product
from shengce.people.models import User
from shengce.service.models import Kind, Priority, Ticket

SATISFACTION = (
    ("", _("Did not say")),
    (5, _("5 – very content")),
    (4, _("4 – content")),
    (3, _("3 – so-so")),
    (2, _("2 – not content")),
    (1, _("1 – angry")),
)


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A person with his role, so that one knows whom one gives it to."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj} · {obj.get_role_display()}"


class TicketForm(forms.Form):
    title = forms.CharField(label=_("What it is about"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices)
    priority = forms.ChoiceField(label=_("Priority"), choices=Priority.choices, initial=Priority.NORMAL)
    product = forms.ModelChoiceField(
        label=_("Product"), queryset=Product.objects.none(), required=False, empty_label=_("no product named")
    )
    owner = PersonField(
        label=_("Given to"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Nobody yet: into the queue"),
    )
    description = forms.CharField(
        label=_("Description"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )

    def __init__(self, *args: Any, owners: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose_from(self, "owner", owners)
        _choose_from(self, "product", Product.objects.filter(active=True).order_by("name"))


class AssignForm(forms.Form):
    owner = PersonField(
        label=_("Person"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Nobody: back into the queue"),
    )

    def __init__(self, *args: Any, owners: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose_from(self, "owner", owners)


class StepForm(forms.Form):
    text = forms.CharField(
        label=_("What was done, what was said"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    state = forms.ChoiceField(
        label=_("The ticket is then"),
        choices=[
            (Ticket.State.WORKING, Ticket.State.WORKING.label),
            (Ticket.State.WAITING, Ticket.State.WAITING.label),
        ],
    )


class SolveForm(forms.Form):
    cause = forms.CharField(
        label=_("Cause"),
        max_length=200,
        help_text=_("In words used before, where they fit: causes are counted by product."),
        widget=forms.TextInput(attrs={"list": "causes", "autocomplete": "off"}),
    )
    cost = forms.DecimalField(
        label=_("Cost, yuan"), max_digits=12, decimal_places=2, min_value=0, required=False
    )
    text = forms.CharField(
        label=_("How it was solved"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class CloseForm(forms.Form):
    satisfaction = forms.TypedChoiceField(
        label=_("How content is the customer?"),
        choices=SATISFACTION,
        coerce=int,
        empty_value=None,
        required=False,
    )
    feedback = forms.CharField(
        label=_("In his words"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class ReopenForm(forms.Form):
    reason = forms.CharField(
        label=_("Why it is not solved"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )


class WithdrawForm(forms.Form):
    """Nothing to fill in."""


class RuleForm(forms.Form):
    answer_hours = forms.IntegerField(label=_("Answer"), min_value=1, max_value=2000)
    solve_hours = forms.IntegerField(label=_("Solve"), min_value=1, max_value=2000)


def _choose_from(form: forms.Form, name: str, rows: QuerySet[Any]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows
