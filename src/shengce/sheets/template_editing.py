"""The form of a kind of paper: who writes it, about what stretch of time, by when. Its sections: :mod:`sheets.section_editing`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shengce.people.models import Role
from shengce.sheets.forms_of_papers import MOST_WORKING_DAYS, WRITERS
from shengce.sheets.models import PaperTemplate, Period


class PaperForm(forms.Form):
    title_zh = forms.CharField(label=_("Chinese title"), max_length=60)
    title_en = forms.CharField(label=_("English title"), max_length=60, required=False)
    period = forms.ChoiceField(label=_("Period"), choices=Period.choices)
    writers = forms.MultipleChoiceField(
        label=_("Who writes it"),
        choices=[(role.value, role.label) for role in WRITERS],
        widget=forms.CheckboxSelectMultiple,
    )
    anchor = forms.ChoiceField(
        label=_("Due, counted from"),
        choices=(("start", _("the first day of the period")), ("end", _("the last day of the period"))),
    )
    working_days = forms.IntegerField(label=_("Working days later"), min_value=0, max_value=MOST_WORKING_DAYS)
    hour = forms.IntegerField(label=_("By the hour"), min_value=0, max_value=23)
    regular = forms.BooleanField(label=_("Expected every period"), required=False)
    active = forms.BooleanField(label=_("In use"), required=False)

    @classmethod
    def as_sent(cls, post: QueryDict) -> dict[str, Any]:
        """What was sent, to be shown again without a judgement."""
        sent: dict[str, Any] = {name: post.get(name) for name in cls.base_fields}
        return sent | {"writers": post.getlist("writers")}

    def due(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"from": data["anchor"], "working_days": data["working_days"], "hour": data["hour"]}


def initial_of(template: PaperTemplate) -> dict[str, Any]:
    due = template.due
    return {
        "title_zh": template.title.get("zh"),
        "title_en": template.title.get("en"),
        "period": template.period,
        "writers": template.writers,
        "anchor": due.get("from"),
        "working_days": due.get("working_days"),
        "hour": due.get("hour"),
        "regular": template.regular,
        "active": template.active,
    }


NEW = {"period": Period.MONTH, "writers": [Role.REP], "anchor": "end", "working_days": 2, "hour": 18,
       "regular": True, "active": True}  # fmt: skip

COLUMN_WORDS: dict[str, Any] = {
    "text": pgettext_lazy("column", "Words"),
    "number": pgettext_lazy("column", "Number"),
    "money": pgettext_lazy("column", "Money"),
    "date": pgettext_lazy("column", "Day"),
    "choice": pgettext_lazy("column", "Choice"),
    "customer": pgettext_lazy("column", "Customer"),
    "product": pgettext_lazy("column", "Product"),
    "person": pgettext_lazy("column", "Person"),
    "unit": pgettext_lazy("column", "Unit"),
}
"""How the kinds of columns are called."""
