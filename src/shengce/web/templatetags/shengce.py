"""Template tags of the whole product: proofs that play, times, values of facts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import lucide
from django import template
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shengce.customers.wording import words_of as customer_words
from shengce.facts.forms import ValueField, fields_of
from shengce.facts.models import Fact
from shengce.facts.wording import describe
from shengce.facts.wording import money as money_words
from shengce.language.inspection import Label
from shengce.people.models import AuditEntry
from shengce.proposals.forms import ChangeField
from shengce.proposals.forms import fields_of as change_fields_of
from shengce.proposals.models import Proposal
from shengce.proposals.targets import words_of
from shengce.recordings.errors import reason_of
from shengce.recordings.models import Recording
from shengce.web.measure_words import MeasureRow, measure_rows

register = template.Library()

LEAD_IN_MS = 150  # token onsets are a little late: starting early never cuts the first syllable


def clock(ms: int | None) -> str:
    """Milliseconds as a person reads them: ``1:07`` or ``1:02:07``."""
    if ms is None:
        return ""
    seconds = int(ms) // 1000
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


register.filter("clock", clock)


@register.filter
def hours(ms: int | None) -> str:
    """Milliseconds as hours with one decimal."""
    return f"{(ms or 0) / 3_600_000:.1f}"


@register.filter
def percent(value: float | None) -> str:
    """A share of one as whole per cent; an absent value stays a dash."""
    return "–" if value is None else f"{value * 100:.0f}%"


def evidence_address(conversation_id: int, start_ms: int, end_ms: int) -> str:
    """The address of a passage: opens the talk at the right second."""
    page = reverse("web:conversation", args=[conversation_id])
    return f"{page}#t={max(0, start_ms - LEAD_IN_MS) / 1000:.2f}-{end_ms / 1000:.2f}"


@register.simple_tag
def play(
    conversation_id: Any,
    start_ms: Any,
    end_ms: Any,
    quote: str = "",
    where: str = "",
    label: str = "",
) -> SafeString:
    """A play button for one passage. Without JavaScript it is a link to the talk at that second."""
    if any(
        part in (None, "") for part in (conversation_id, start_ms, end_ms)
    ):  # "" is what absent parts resolve to
        return mark_safe("")
    return format_html(
        '<a class="play" href="{}" data-audio="{}" data-start="{}" data-end="{}" data-quote="{}" data-where="{}"'
        ' aria-label="{}">{}{}<span>{}</span></a>',
        evidence_address(conversation_id, start_ms, end_ms),
        reverse("web:conversation_audio", args=[conversation_id]),
        max(0, start_ms - LEAD_IN_MS),
        end_ms,
        quote,
        where,
        _play_label(clock(start_ms), quote),
        _icon("play", "go"),
        _icon("square", "stop"),
        label or clock(start_ms),
    )


def _play_label(time: str, quote: str) -> str:
    return (
        _("Play %(time)s: %(quote)s") % {"time": time, "quote": quote}
        if quote
        else _("Play %(time)s") % {"time": time}
    )


def _icon(name: str, css: str) -> SafeString:
    return mark_safe(lucide._render_icon(name, 12, aria_hidden="true", **{"class": css}))


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """The present address's query with some parameters changed; ``None`` removes one."""
    parameters: QueryDict = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None:
            parameters.pop(name, None)
        else:
            parameters[name] = str(value)
    return "?" + parameters.urlencode()


@register.filter
def get(mapping: dict[str, Any] | None, key: str) -> Any:
    """``mapping[key]``, or nothing."""
    return (mapping or {}).get(key, "")


@register.filter
def in_language(names: dict[str, str] | Label | str | None) -> str:
    """The text of ``{"zh": …, "en": …}`` in the language of the page."""
    if isinstance(names, Label):
        names = names._asdict()
    if not isinstance(names, dict):
        return str(names or "")
    first, second = ("en", "zh") if (get_language() or "").startswith("en") else ("zh", "en")
    return names.get(first) or names.get(second) or ""


@register.filter
def fact_words(fact: Fact) -> str:
    """The fact's value in words."""
    return describe(fact.kind, fact.value)


@register.filter
def fact_fields(fact: Fact) -> list[ValueField]:
    """The inputs that correct the fact."""
    return fields_of(fact)


@register.filter
def fact_kind(kind: str) -> str:
    """A kind of fact in words; a kind of an older version stays its code."""
    return str(dict(Fact.Kind.choices).get(kind, kind))


@register.filter
def deadline(due_at: dt.datetime | None) -> str:
    """The end of a half-open span as people say it: midnight is the end of the day before."""
    if due_at is None:
        return ""
    local = timezone.localtime(due_at)
    if local.time() == dt.time():
        return f"{local - dt.timedelta(days=1):%m-%d}"
    return f"{local:%m-%d %H:%M}"


@register.filter
def past(due_at: dt.datetime | None) -> bool:
    """Whether a deadline has passed."""
    return due_at is not None and due_at < timezone.now()


@register.filter
def outcome_state(state: str) -> str:
    """A criterion's state in words."""
    return {"met": _("met"), "not_met": _("not met"), "not_applicable": _("does not apply")}.get(state, state)


@register.filter
def change(now: float | None, before: float | None) -> float | None:
    """Relative change against an earlier value; nothing where one of them is absent or zero."""
    if now is None or not before:
        return None
    return float(now) / float(before) - 1


@register.filter
def signed(share: float) -> str:
    """A relative change as ``+12%`` or ``−3%``."""
    return f"{share:+.0%}".replace("-", "−")


@register.filter
def money(amount: object) -> str:
    """An amount in yuan; a dash where no sum was named."""
    return money_words(amount) or "–"


@register.filter
def proposal_words(proposal: Proposal) -> str:
    """What accepting the proposal would write."""
    return words_of(proposal)


@register.filter
def proposal_old(proposal: Proposal) -> str:
    """What stands in its place today."""
    return str(proposal.old.get("value") or "") if isinstance(proposal.old, dict) else ""


@register.filter
def proposal_fields(proposal: Proposal) -> list[ChangeField]:
    """The inputs of the proposal's form."""
    return change_fields_of(proposal)


@register.filter
def audit_words(entry: AuditEntry) -> str:
    """An audit row of a customer, a deal or a person in words; one without words shows its name."""
    if said := customer_words(entry):
        return said
    words = {
        "user.created": _("Account opened"),
        "user.updated": _("Details changed"),
        "user.moved": _("Moved to another place or role"),
        "user.password_set": _("Password set anew"),
        "user.invited": _("Invited to choose a password"),
        "user.password_chosen": _("Password chosen"),
    }
    return words.get(entry.action, entry.action)


@register.filter
def measures(values: dict[str, Any]) -> list[MeasureRow]:
    """The measures of a talk as rows."""
    return measure_rows(values)


@register.filter
def stage(code: str) -> str:
    """The stage of the sales process in words."""
    words = {
        "contact": _("First contact"),
        "needs": _("Needs"),
        "proposal": _("Proposal"),
        "negotiation": _("Negotiation"),
        "closing": _("Closing"),
        "payment": _("Payment"),
        "service": _("Service"),
    }
    return words.get(code, code)


@register.filter
def refusal(recording: Recording) -> str:
    """Why a recording could not be used, in words."""
    return reason_of(recording)
