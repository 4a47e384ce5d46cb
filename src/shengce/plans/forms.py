"""Forms of measures, budgets and expenses. The last day of a measure is typed as the day itself, and kept half-open."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shengce.facts.models import Fact
from shengce.people.day_input import DayInput
from shengce.people.models import Territory, Unit, User
from shengce.plans.activities import activities
from shengce.plans.models import Activity, Budget, BudgetLine, Measure
from shengce.targets.models import Metric

_DAY = dt.timedelta(days=1)


def number_field(label: Any, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=14, decimal_places=2, **more)


def day_field(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=DayInput(), **more)


class MeasureForm(forms.Form):
    title = forms.CharField(label=_("What is done"), max_length=200)
    owner = forms.ModelChoiceField(label=_("Owner"), queryset=User.objects.none())
    start_on = day_field(_("From"))
    last_on = day_field(_("Until"), help_text=_("The last day, which still counts."))
    place = forms.CharField(label=_("Place"), max_length=100, required=False)
    territory = forms.ModelChoiceField(
        label=_("Territory"), queryset=Territory.objects.none(), required=False, empty_label=_("everywhere")
    )
    means = forms.CharField(
        label=_("Means"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    metric = forms.ModelChoiceField(
        label=_("Serves the target"), queryset=Metric.objects.none(), required=False, empty_label=_("none")
    )
    expected = number_field(
        _("Expected result"),
        required=False,
        help_text=_("In yuan where the target is money, else in pieces."),
    )
    line = forms.ModelChoiceField(
        label=_("Paid from"),
        queryset=BudgetLine.objects.none(),
        required=False,
        empty_label=_("costs nothing"),
    )
    cost = number_field(_("Planned cost, yuan"), required=False, min_value=Decimal(0))
    within = forms.ModelChoiceField(
        label=_("Part of"), queryset=Measure.objects.none(), required=False, empty_label=_("stands alone")
    )

    def __init__(
        self,
        *args: Any,
        owners: QuerySet[User],
        lines: QuerySet[BudgetLine],
        wider: QuerySet[Measure],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, QuerySet[Any]] = {
            "owner": owners,
            "line": lines,
            "within": wider,
            "territory": Territory.objects.all(),
            "metric": Metric.objects.filter(active=True),
        }
        for name, rows in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        last = data.pop("last_on", None)
        if last is not None:
            data["end_on"] = last + _DAY if last < dt.date.max else last
        data["cost"] = data.get("cost") or Decimal(0)
        return data

    @staticmethod
    def initial_of(measure: Measure) -> dict[str, Any]:
        names = (
            "title",
            "owner",
            "start_on",
            "place",
            "territory",
            "means",
            "metric",
            "expected",
            "line",
            "cost",
            "within",
        )
        return {**{name: getattr(measure, name) for name in names}, "last_on": measure.last_on}


class PassageField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A passage as one remembers it: the day, the customer, the words."""

    def label_from_instance(self, obj: Any) -> str:
        talk = obj.conversation
        return f"{talk.started_at:%m-%d} {talk.customer or ''} “{obj.quote[:40]}”"


class EndForm(forms.Form):
    result = forms.CharField(
        label=_("What came of it"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    achieved = number_field(_("Result in numbers"), required=False)
    fact = PassageField(
        label=_("Proved by"), queryset=Fact.objects.none(), required=False, empty_label=_("no passage")
    )
    done = forms.TypedChoiceField(
        label=_("It was"),
        choices=(("1", pgettext_lazy("measure", "Done")), ("0", pgettext_lazy("measure", "Dropped"))),
        coerce=lambda value: value == "1",
    )

    def __init__(self, *args: Any, facts: QuerySet[Fact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["fact"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = facts


class BudgetForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Budget
        fields = ("name", "start_on", "total")
        widgets = {"start_on": DayInput()}


class TotalForm(forms.Form):
    total = number_field(_("Total, yuan"), min_value=Decimal("0.01"))


class LineForm(forms.Form):
    activity = forms.ModelChoiceField(
        label=pgettext_lazy("budget", "Activity"), queryset=Activity.objects.none()
    )
    unit = forms.ModelChoiceField(
        label=_("Department"), queryset=Unit.objects.all(), required=False, empty_label=_("the whole firm")
    )
    territory = forms.ModelChoiceField(
        label=_("Territory"), queryset=Territory.objects.all(), required=False, empty_label=_("everywhere")
    )
    amount = number_field(_("Amount, yuan"), min_value=Decimal(0))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["activity"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = activities().filter(active=True)


class ActivityForm(forms.Form):
    name = forms.CharField(label=_("Another kind of activity"), max_length=40)


class ExpenseForm(forms.Form):
    line = forms.ModelChoiceField(label=_("Paid from"), queryset=BudgetLine.objects.none())
    measure = forms.ModelChoiceField(
        label=_("For the measure"), queryset=Measure.objects.none(), required=False, empty_label=_("none")
    )
    spent_on = day_field(_("Spent on"))
    amount = number_field(_("Amount, yuan"), min_value=Decimal("0.01"))
    what = forms.CharField(label=_("What for"), max_length=200)

    def __init__(
        self, *args: Any, lines: QuerySet[BudgetLine], measures: QuerySet[Measure], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("line", lines), ("measure", measures)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows


class DecisionForm(forms.Form):
    approve = forms.TypedChoiceField(choices=(("1", ""), ("0", "")), coerce=lambda value: value == "1")
    reason = forms.CharField(max_length=300, required=False)
