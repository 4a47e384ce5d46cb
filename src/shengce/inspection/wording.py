"""Score cards in the words of the person who reads them: conditions as sentences, faults as reasons."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from shengce.language.criteria import (
    CardError,
    Combined,
    Condition,
    Measured,
    Near,
    NotSaid,
    Order,
    Said,
    Wording,
)
from shengce.speech.transcript import Role

SHARES = ("talk_ratio", "silence_share")
"""Measures that are shares of one; people read and write them in per cent."""

OF_BOTH_SIDES = ("speed", "interruptions", "questions")
"""Measures that the customer has too; the others are of the rep or of the talk."""


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence: its beginning, the phrases it lists, the exceptions, and the sentences below it."""

    text: str
    phrases: tuple[str, ...] = ()
    pattern: str = ""
    unless: str = ""
    unless_phrases: tuple[str, ...] = ()
    parts: tuple[Words, ...] = ()

    def __str__(self) -> str:
        told = "、".join(self.phrases) or self.pattern
        return self.text + told + "；".join(str(part) for part in self.parts)


MEASURES: dict[str, str | Promise] = {
    "talk_ratio": gettext_lazy("The rep's share of the talking, %"),
    "silence_share": gettext_lazy("Silence, % of the talk"),
    "longest_silence_s": gettext_lazy("Longest silence, seconds"),
    "speed": gettext_lazy("Speed of speech, characters a minute"),
    "interruptions": gettext_lazy("Interruptions"),
    "longest_monologue_s": gettext_lazy("The rep's longest monologue, seconds"),
    "questions": gettext_lazy("Questions asked"),
    "patience_s": gettext_lazy("Mean pause before the rep answers, seconds"),
}

ROLES: dict[Role | None, str | Promise] = {
    None: gettext_lazy("Someone"),
    "rep": gettext_lazy("The rep"),
    "customer": gettext_lazy("The customer"),
    "colleague": gettext_lazy("A colleague"),
    "other": gettext_lazy("Another person"),
    "unknown": gettext_lazy("An unknown person"),
}


def describe_condition(condition: Condition) -> Words:
    """A condition as a sales manager would say it."""
    match condition:
        case Said(wording, at_least, at_most):
            return _wording(wording, _said(at_least, at_most), least=at_least, most=at_most)
        case NotSaid(wording):
            return _wording(wording, _("%(who)s never says%(when)s:"))
        case Order(steps):
            parts = tuple(_wording(step, _says()) for step in steps)
            return Words(_("Said in this order:"), parts=parts)
        case Near():
            return _near(condition)
        case Measured():
            return Words(_measured(condition))
        case Combined(how, parts):
            text = {
                "all": _("All of this holds:"),
                "any": _("At least one of this holds:"),
                "none": _("None of this happens:"),
            }[how]
            return Words(text, parts=tuple(describe_condition(part) for part in parts))


def _says() -> str:
    return _("%(who)s says%(when)s:")


def _said(at_least: int, at_most: int | None) -> str:
    if at_most is None:
        return _says() if at_least == 1 else _("%(who)s says%(when)s at least %(least)s times:")
    if at_least == 0:
        return _("%(who)s says%(when)s at most %(most)s times:")
    return _("%(who)s says%(when)s %(least)s to %(most)s times:")


def _wording(wording: Wording, template: str, **params: object) -> Words:
    text = template % {"who": ROLES[wording.by], "when": _when(wording), **params}
    if wording.homophones is False:
        text += " " + _("(exactly as written)")
    elif wording.homophones:
        text += " " + _("(also words of the same sound)")
    unless = _("not where one of these stands within %(n)s characters:") % {"n": wording.unless_within}
    parts: tuple[Words, ...] = ()
    if wording.groups:
        head = _("one of these in the same sentence:")
        parts = tuple(Words(head, group) for group in wording.groups)
    return Words(
        text,
        wording.phrases,
        wording.regex or "",
        unless if wording.unless else "",
        wording.unless,
        parts,
    )


def _when(wording: Wording) -> str:
    first, last = wording.within_first_s, wording.within_last_s
    if first is not None and last is not None:
        return _(" within the first %(first)s and the last %(last)s seconds") % {
            "first": _plain(first),
            "last": _plain(last),
        }
    if first is not None:
        return _(" within the first %(first)s seconds") % {"first": _plain(first)}
    return "" if last is None else _(" within the last %(last)s seconds") % {"last": _plain(last)}


def _near(condition: Near) -> Words:
    if condition.within_chars is not None:
        limit = str(condition.within_chars)
        text = _("Close together in one sentence, at most %(n)s characters apart:")
        if condition.ordered:
            text = _("In this order in one sentence, at most %(n)s characters apart:")
    else:
        limit = _plain(condition.within_s or Decimal(0))
        text = _("Close together, at most %(n)s seconds apart:")
        if condition.ordered:
            text = _("In this order, at most %(n)s seconds apart:")
    parts = (_wording(condition.first, _says()), _wording(condition.second, _says()))
    return Words(text % {"n": limit}, parts=parts)


def _measured(condition: Measured) -> str:
    name = str(MEASURES[condition.measure])
    if condition.role == "customer":
        name = _("%(measure)s (customer)") % {"measure": name}
    least, most = (
        None if limit is None else _plain(limit * 100 if condition.measure in SHARES else limit)
        for limit in (condition.at_least, condition.at_most)
    )
    if least is not None and most is not None:
        return _("%(measure)s: from %(least)s to %(most)s") % {"measure": name, "least": least, "most": most}
    if least is not None:
        return _("%(measure)s: at least %(least)s") % {"measure": name, "least": least}
    return _("%(measure)s: at most %(most)s") % {"measure": name, "most": most}


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def fault_words(error: CardError) -> str:
    """What is wrong with a card, in the language of the page, with the place of the fault."""
    reason = fault_reason(error)
    if not error.path:
        return reason
    return _("At %(path)s: %(reason)s") % {"path": error.path, "reason": reason}


def fault_reason(error: CardError) -> str:
    """What is wrong, without the place."""
    try:
        return _(error.template) % error.params
    except (KeyError, TypeError, ValueError):
        return error.template


# What the language room says of cards and documents: its messages are English, for it knows no catalogue.
FAULTS: tuple[str, ...] = (
    gettext_noop("no section has the id %(id)r"),
    gettext_noop("must be more than 0 unless the criterion is fatal"),
    gettext_noop("needs when: the condition to meet"),
    gettext_noop("have %(count)d phrases; the limit is %(limit)d"),
    gettext_noop("%(id)r is there twice"),
    gettext_noop("is nested more than %(limit)d levels deep"),
    gettext_noop("must have exactly one of: %(kinds)s"),
    gettext_noop("unknown condition %(kind)r; use one of: %(kinds)s"),
    gettext_noop("a regular expression may have %(limit)d characters"),
    gettext_noop("matches the empty text; ask for at least one character"),
    gettext_noop("at_most (%(most)d) is less than at_least (%(least)d)"),
    gettext_noop("0 is always true"),
    gettext_noop("needs either within_chars or within_s"),
    gettext_noop("must be one of: %(names)s"),
    gettext_noop("needs at_least or at_most"),
    gettext_noop("at_most (%(most)s) is less than at_least (%(least)s)"),
    gettext_noop("needs exactly one of: phrases, groups, regex"),
    gettext_noop("must be a mapping of: %(keys)s"),
    gettext_noop("must be a list"),
    gettext_noop("must have %(least)d to %(most)d items"),
    gettext_noop("must be text, not %(value).40r; put it in quotes"),
    gettext_noop("must have 1 to %(most)d characters"),
    gettext_noop("must be a whole number from 0 to %(most)d"),
    gettext_noop("must be a number from %(least)d to %(most)d"),
    gettext_noop("must be true or false"),
    gettext_noop("is no valid regular expression: %(reason)s"),
    gettext_noop("needs %(key)s"),
    gettext_noop("unknown key %(key)r; use: %(keys)s"),
    gettext_noop("the text is larger than %(limit)d MiB"),
    gettext_noop("not valid YAML at line %(line)d: %(reason)s"),
    gettext_noop("not valid YAML"),
    gettext_noop("line %(line)d: aliases (*) can't be used"),
    gettext_noop("%(name)s is larger than %(limit)d MiB"),
    gettext_noop("%(name)s is not UTF-8 text"),
    gettext_noop("%(name)s can't be read: %(reason)s"),
    gettext_noop("line %(line)d: nested too deeply"),
    gettext_noop("has a character that can't be stored"),
    gettext_noop("can't be read as a score card"),
)
