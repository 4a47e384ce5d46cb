"""Forms of sets, versions, people and words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from shengce.people.day_input import DayInput
from shengce.people.models import User
from shengce.targets.models import Metric, QualitativeTarget


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=DayInput(), **more)


class SetForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100)
    start_on = _day(_("The fiscal year begins on"), help_text=_("The first of any month."))


class RatioForm(forms.Form):
    sprint = forms.DecimalField(
        label=_("Sprint, % of the target"), min_value=100, max_value=500, decimal_places=2
    )
    challenge = forms.DecimalField(
        label=_("Challenge, % of the target"), min_value=100, max_value=500, decimal_places=2
    )


class AdjustForm(forms.Form):
    note = forms.CharField(label=_("Why the targets are adjusted"), max_length=300)


class HandOverForm(forms.Form):
    rep = forms.ModelChoiceField(label=_("From"), queryset=User.objects.none())
    to = forms.ModelChoiceField(label=_("To"), queryset=User.objects.none())
    on = _day(_("From this day on"))

    def __init__(self, *args: Any, givers: QuerySet[User], takers: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("rep", givers), ("to", takers)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows


class WordsForm(forms.Form):
    metric = forms.ModelChoiceField(label=_("Metric"), queryset=Metric.objects.none())
    rep = forms.ModelChoiceField(label=_("Representative"), queryset=User.objects.none())
    text = forms.CharField(
        label=_("What is to be reached"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    due_on = _day(_("Until"), required=False)

    def __init__(self, *args: Any, reps: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rep, metric = self.fields["rep"], self.fields["metric"]
        assert isinstance(rep, forms.ModelChoiceField) and isinstance(metric, forms.ModelChoiceField)
        rep.queryset = reps
        metric.queryset = Metric.objects.filter(kind=Metric.Kind.QUALITATIVE, active=True)


class JudgeForm(forms.Form):
    judged = forms.ChoiceField(label=_("How it came out"), choices=QualitativeTarget.Judged.choices)
    comment = forms.CharField(label=_("Reason"), max_length=300, required=False)


class MetricForm(forms.Form):
    code = forms.SlugField(
        label=_("Code"), max_length=40, help_text=_("Small letters, digits and _; it stays for good.")
    )
    name = forms.CharField(label=_("Name"), max_length=60)
    kind = forms.ChoiceField(label=_("Kind"), choices=Metric.Kind.choices)
    unit = forms.CharField(label=_("Unit of measure"), max_length=10, required=False)


class FigureForm(forms.Form):
    """What one says to a figure: the figure as text, so that 120万 is understood, and why."""

    figure = forms.CharField(
        label=_("Figure for the year"),
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        help_text=_("In yuan, or as 120万."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
