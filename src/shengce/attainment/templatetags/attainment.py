"""Amounts and shares of plan against actual, as a page shows them."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shengce.attainment.words import shown
from shengce.customers.models import Customer
from shengce.facts.models import Fact
from shengce.targets.models import Metric

register = template.Library()


@register.filter
def amount(minor: float | str | None, metric: Metric) -> str:
    """Minor units of a metric as a person reads them; a dash for what is absent, which a template passes as empty text."""
    return shown(None if isinstance(minor, str) else minor, metric)


@register.filter
def share(value: float | None) -> str:
    """A share of one as whole per cent; a dash for none."""
    return "–" if value is None else f"{value * 100:.0f}%"


@register.filter
def cents(minor: int | None) -> str:
    """Cents as whole yuan with thousands."""
    return "–" if minor is None else f"{minor / 100:,.0f}".replace("-", "−")


@register.filter
def reason_words(reason: object) -> str:
    """Why a customer refuses, in words."""
    words = {
        "price": pgettext("objection", "Price"),
        "quality": pgettext("objection", "Quality"),
        "service": pgettext("objection", "Service"),
        "competitor": pgettext("objection", "Competitor"),
        "timing": pgettext("objection", "Not now"),
        "authority": pgettext("objection", "Cannot decide"),
        "need": pgettext("objection", "No need"),
    }
    return words.get(str(reason), pgettext("objection", "Other"))


@register.simple_tag
def task_title(kind: str, customer: Customer, about: str, fact: Fact | None = None) -> str:
    """What a task from a gap is called, in the language of whom plans it; it fits into a task's title."""
    words = {
        "ask": _("Ask %(customer)s about %(about)s"),
        "answer": _("Answer the objection of %(customer)s (%(about)s): %(what)s"),
        "follow": _("Hold %(customer)s to it (%(about)s): %(what)s"),
    }
    what = fact.quote if fact else ""
    return (words[kind] % {"customer": customer, "about": about, "what": what})[:300]


@register.filter
def yuan(value: Decimal | None) -> str:
    """A sum in yuan with thousands, cents only where there are any."""
    if value is None:
        return "–"
    text = f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.2f}"
    return text.replace("-", "−")
