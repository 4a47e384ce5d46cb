"""The form of a kind of paper: everything in one form, so that it works without a script.

A section's columns are lines ``中文 | English | type``, those of choices ``中文 | English | choice | 甲=One、乙=Two``; a column whose Chinese title stays keeps its key, and so does a section.
An emptied title takes a section away. Keys of new ones are made here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils.translation import gettext_lazy as _

from shengce.people.models import Role
from shengce.sheets.drafting import DRAFTERS
from shengce.sheets.forms_of_papers import COLUMN_TYPES, KINDS, MOST_SECTIONS, MOST_WORKING_DAYS, WRITERS
from shengce.sheets.models import PaperTemplate, Period

DRAFTER_WORDS: dict[str, Any] = {
    "talks": _("the talks of the period"),
    "talks_on_site": _("talks at the customer's"),
    "objections": _("why customers hesitate, by reason"),
    "complaints": _("complaints heard"),
    "competitors": _("rivals named, with prices"),
    "prices_heard": _("rivals' prices heard"),
    "diversion_heard": _("hints of diversion"),
    "market_heard": _("everything heard about the market"),
    "visits": _("visits with check-in"),
    "visits_unheard": _("visits of which no talk was recorded"),
    "visits_against_line": _("visits against the fixed line"),
    "line_planned": _("whom the fixed line leads to"),
    "line_next": _("whom the fixed line leads to next"),
    "work_done": _("work done: talks, visits, appointments, tasks"),
    "quotas": _("development quotas"),
    "sightings": _("prices and goods seen"),
    "tickets_open": _("complaints and claims not solved yet"),
    "appointments": _("appointments of the period"),
    "appointments_next": _("appointments of the next period"),
    "tasks_due": _("tasks due in the period"),
    "tasks_due_next": _("tasks due in the next period"),
    "tasks_overdue": _("tasks that are overdue"),
    "next_points": _("points that the last summary set"),
    "orders": _("orders"),
    "receipts": _("money received"),
    "promises_due": _("promises to pay that fall due"),
    "promises_broken": _("promises to pay that were not kept"),
    "overdue": _("customers with overdue debts"),
    "deals": _("deals expected in the period"),
    "deals_to_close": _("deals of the coming three months"),
    "deals_next": _("deals of the next month"),
    "deals_closed": _("deals won and lost"),
    "figures": _("orders and money against the period before"),
    "targets": _("targets of the period"),
    "targets_reached": _("targets and what was reached"),
    "targets_by_line": _("sales by product line against plan"),
    "targets_by_person": _("sales by person against plan"),
    "month_so_far": _("sales and money of the month so far"),
    "forecast": _("sales forecast of three months"),
    "forecast_before": _("how well the last forecast met"),
}
"""How a firm reads the names of drafters."""

_KIND_WORDS = {"lines": _("lines of text"), "table": _("a table")}
_SPLIT = re.compile(r"\s*[|｜]\s*")
_BETWEEN = re.compile(r"[、，,;；]")


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

    def due(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"from": data["anchor"], "working_days": data["working_days"], "hour": data["hour"]}


class SectionForm(forms.Form):
    key = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    place = forms.IntegerField(
        label=_("Position in the paper"), min_value=1, max_value=MOST_SECTIONS + 1, required=False
    )
    zh = forms.CharField(label=_("Chinese title"), max_length=60, required=False)
    en = forms.CharField(label=_("English title"), max_length=60, required=False)
    kind = forms.ChoiceField(label=_("Consists of"), choices=[(kind, _KIND_WORDS[kind]) for kind in KINDS])
    columns = forms.CharField(
        label=_("Columns of the table"),
        required=False,
        max_length=4000,
        help_text=_(
            "One a line: Chinese | English | kind. Kinds: text, money, number, date, customer, product, person, unit, or choice"
            " with its values: 方式 | By | choice | 上门=Visit、电话=Phone"
        ),
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    drafters = forms.MultipleChoiceField(
        label=_("Drafted from"),
        required=False,
        choices=[(name, DRAFTER_WORDS[name]) for name in DRAFTERS],
        widget=forms.SelectMultiple(attrs={"size": 5}),
    )
    roles = forms.MultipleChoiceField(
        label=_("Only in the papers of"),
        required=False,
        choices=[(role.value, role.label) for role in WRITERS],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nothing chosen: in everybody's."),
    )
    required = forms.BooleanField(label=_("Must be filled in"), required=False)


Sections = formset_factory(SectionForm, extra=1, max_num=MOST_SECTIONS, absolute_max=MOST_SECTIONS + 5)


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


def section_rows(template: PaperTemplate | None) -> list[dict[str, Any]]:
    """The sections as the form shows them."""
    parts = template.form["sections"] if template else []
    return [
        {
            "key": part["key"],
            "place": place,
            "zh": part["title"].get("zh"),
            "en": part["title"].get("en"),
            "kind": part.get("kind", "lines"),
            "columns": "\n".join(_column_line(column) for column in part.get("columns") or ()),
            "drafters": part.get("drafters") or [],
            "roles": part.get("roles") or [],
            "required": part.get("required", False),
        }
        for place, part in enumerate(parts, start=1)
    ]


def _column_line(column: Mapping[str, Any]) -> str:
    title = column["title"]
    line = f"{title.get('zh')} | {title.get('en') or title.get('zh')} | {column.get('type', 'text')}"
    choices = [_named(choice) for choice in column.get("choices") or ()]
    return f"{line} | {'、'.join(choices)}" if choices else line


def _named(choice: Mapping[str, str]) -> str:
    zh, en = choice["zh"], choice.get("en") or choice["zh"]
    return zh if zh == en else f"{zh}={en}"


def sections_sent(rows: list[dict[str, Any]], standing: PaperTemplate | None) -> list[dict[str, Any]]:
    """The sections that the form sent, as data; what is wrong with them is said where they are saved."""
    before = {part["key"]: part for part in (standing.form["sections"] if standing else [])}
    used = set(before)
    kept = [row for row in rows if row.get("zh")]
    kept.sort(key=lambda row: row.get("place") or MOST_SECTIONS + 1)
    sections = []
    for row in kept:
        key = row["key"] if row.get("key") in before else _new_key("s", used)
        columns = _columns(row.get("columns", ""), before.get(key, {}))
        roles = {"roles": list(row["roles"])} if row.get("roles") else {}
        sections.append(
            {
                "key": key,
                "title": {"zh": row["zh"], "en": row.get("en") or row["zh"]},
                "kind": row["kind"],
                "columns": columns if row["kind"] == "table" else [],
                "drafters": list(row.get("drafters") or ()),
                "required": bool(row.get("required")),
                **roles,
                **_hint(before.get(key, {})),
            }
        )
    return sections


def _hint(before: Mapping[str, Any]) -> dict[str, Any]:
    return {"hint": before["hint"]} if before.get("hint") else {}


def _columns(text: str, before: Mapping[str, Any]) -> list[dict[str, Any]]:
    standing = {column["title"]["zh"]: column["key"] for column in before.get("columns") or ()}
    used = set(standing.values())
    columns = []
    for line in text.splitlines():
        if not line.strip():
            continue
        zh, en, kind, given, *_rest = (*_SPLIT.split(line.strip()), "", "", "")
        column = {
            "key": standing.get(zh) or _new_key("c", used),
            "title": {"zh": zh, "en": en or zh},
            "type": kind if kind in COLUMN_TYPES else "text",
        }
        if kind == "choice":
            column["choices"] = _choices(given)
        columns.append(column)
    return columns


def _choices(given: str) -> list[dict[str, str]]:
    """``上门=Visit、电话``: the words after the sign of equality are those of the English pages."""
    choices = []
    for word in filter(None, (each.strip() for each in _BETWEEN.split(given))):
        zh, _sign, en = (part.strip() for part in word.partition("="))
        choices.append({"zh": zh, "en": en or zh})
    return choices


def _new_key(letter: str, used: set[str]) -> str:
    number = next(n for n in range(1, 1000) if f"{letter}{n}" not in used)
    used.add(f"{letter}{number}")
    return f"{letter}{number}"
