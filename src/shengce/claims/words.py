"""Verdicts in words, neutral in tone: what was typed and what was said, never who is to blame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from shengce.claims.models import ClaimCheck
from shengce.facts.wording import OBJECTION_REASONS, due_text, moment, money_range

Values = dict[str, Any]


def reason_words(check: ClaimCheck) -> str:
    """Why the verdict is as it is, in the language of the page."""
    words = _WORDS.get(check.reason)
    return words(check.reason_values if isinstance(check.reason_values, dict) else {}) if words else ""


def _sum(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    if value.get("unit") == "discount":
        shares = dict.fromkeys(f"{float(v) * 100:.0f}%" for v in (value.get("min"), value.get("max")) if v)
        return _("%(percent)s of the price") % {"percent": "–".join(shares)}
    return money_range(value.get("min"), value.get("max"))


def _sums(values: Values) -> str:
    return _("Typed %(typed)s, in the talk %(said)s.") % {
        "typed": _sum(values.get("typed_sum")),
        "said": _sum(values.get("said_sum")),
    } + _before(values)


def _days(values: Values) -> str:
    return _("Typed %(typed)s, in the talk %(said)s.") % {
        "typed": due_text(values.get("typed_time")),
        "said": due_text(values.get("said_time")),
    } + _before(values)


def _sums_and_days(values: Values) -> str:
    return _("Typed %(typed)s, in the talk %(said)s.") % {
        "typed": f"{_sum(values.get('typed_sum'))} · {due_text(values.get('typed_time'))}",
        "said": f"{_sum(values.get('said_sum'))} · {due_text(values.get('said_time'))}",
    } + _before(values)


def _before(values: Values) -> str:
    if not values.get("was_said_before"):
        return ""
    return " " + _("Earlier it was said otherwise; the later statement counts.")


def _names(values: Values) -> str:
    return _("Typed %(typed)s, in the talk %(said)s.") % {
        "typed": _listed(values.get("typed_names")),
        "said": _listed(values.get("said_names")),
    }


def _reasons(values: Values) -> str:
    return _("Typed %(typed)s, in the talk %(said)s.") % {
        "typed": _listed([_reason(r) for r in values.get("typed_reasons") or ()]),
        "said": _listed([_reason(r) for r in values.get("said_reasons") or ()]),
    }


def _reason(code: Any) -> str:
    return OBJECTION_REASONS.get(str(code), OBJECTION_REASONS["other"])()


def _listed(names: Any) -> str:
    return _(", ").join(str(name) for name in names or () if name)


def _at(values: Values) -> str:
    at = moment(values.get("at"))
    return f"{at:%Y-%m-%d %H:%M}" if at is not None else ""


_WORDS: dict[str, Callable[[Values], str]] = {
    "same": lambda v: _("It was said so."),
    "same_without_day": lambda v: _("It was said so, without a day."),
    "word_for_word": lambda v: _("It was said in these words."),
    "other_sum": _sums,
    "other_day": lambda v: (
        _("There is a talk on site of another day: %(at)s.") % {"at": _at(v)} if "at" in v else _days(v)
    ),
    "other_sum_and_day": _sums_and_days,
    "other_name": _names,
    "other_reason": _reasons,
    "refused": lambda v: _("In the talk the customer could not promise it."),
    "said_after_all": lambda v: _("In the talk it was said."),
    "part_not_said": lambda v: _("The talk is about it, without this sum or day."),
    "others_named": lambda v: _("Named in the talk: %(names)s.") % {"names": _listed(v.get("said_names"))},
    "nothing_said": lambda v: _("Nothing about it in %(talks)d talks.") % {"talks": int(v.get("talks") or 0)},
    "no_talk": lambda v: _("There is no recorded talk with this customer in these days."),
    "talk_on_site": lambda v: _("Talk on site: %(at)s.") % {"at": _at(v)},
    "checked_in": lambda v: _("Checked in: %(at)s.") % {"at": _at(v)},
    "checked_in_elsewhere": lambda v: _("Checked in at another place: %(at)s.") % {"at": _at(v)},
    "with_another_then": lambda v: (
        _("A talk at another customer's covers this hour: %(at)s.") % {"at": _at(v)}
    ),
    "only_by_phone": lambda v: _("There is a telephone talk of this day: %(at)s.") % {"at": _at(v)},
    "visit_recorded": lambda v: _("A visit is recorded: %(at)s.") % {"at": _at(v)},
    "no_visit_recorded": lambda v: _("No visit is recorded either."),
}
"""Code of the reason: how to say it. The codes are listed in docs/claims.md."""
CODES = tuple(_WORDS)
