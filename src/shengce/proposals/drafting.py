"""What a fact becomes on a form: words in the firm's language, values that need no language.

The words are made from the fact each time they are shown, so an open proposal reads in the reader's language; what is
accepted is written in the firm's (``LANGUAGE_CODE``), because a report is read by many.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.catalogue.queries import current_lexicon
from shengce.facts.models import Fact
from shengce.facts.values import moment_of, plain_number
from shengce.facts.wording import COMPLAINT_SUBJECTS, OBJECTION_REASONS, describe
from shengce.language.lexicon import Mention
from shengce.recordings.models import Conversation, Transcript
from shengce.service.models import Kind, Priority

Values = dict[str, Any]


def line_text(fact: Fact) -> str:
    """One line of a report in the active language: 客户承诺12月4日付款200,000元."""
    return _LINES[fact.kind](fact)


def signal_text(fact: Fact) -> str:
    """The same words serve the market register."""
    return line_text(fact)


def card_text(fact: Fact) -> str:
    """A value for the customer's card; where the value says nothing, the quote does."""
    return describe(fact.kind, fact.value) or fact.quote


def ticket_text(new: Values) -> str:
    """What a ticket would say: 投诉 · 高 · 云瀑商用净水机 · 机器又漏水了."""
    kind = dict(Kind.choices).get(str(new.get("kind")), "")
    priority = dict(Priority.choices).get(str(new.get("priority")), "")
    return " · ".join(str(part) for part in (kind, priority, new.get("product"), new.get("title")) if part)


def named_product(fact: Fact) -> str | None:
    """The one product that the passage names, else the one that the whole talk names; ``None`` where it is not one."""
    named = _products_of(fact.conversation)
    here = {
        mention.name
        for turn, mention in named
        if turn == fact.turn and mention.start < fact.char_end and fact.char_start < mention.end
    }
    found = here or {mention.name for _turn, mention in named}
    return found.pop() if len(found) == 1 else None


def _products_of(conversation: Conversation) -> list[tuple[int, Mention]]:
    """Where a talk names our products. Kept on the object, as Django keeps relations: asked for each fact of one talk."""
    kept: list[tuple[int, Mention]] | None = conversation.__dict__.get("_named_products")
    if kept is None:
        transcript = Transcript.objects.filter(conversation=conversation).first()
        said = [segment.text for segment in transcript.spoken.segments] if transcript else []
        kept = [found for found in current_lexicon().find_all(said) if found[1].kind == "product"]
        conversation.__dict__["_named_products"] = kept
    return kept


def due_day(period: Values | None) -> date | None:
    """The last day of a half-open period, in local time; the first where the end is open."""
    start, end = bounds(period)
    if end is not None:
        return timezone.localtime(end - timedelta(microseconds=1)).date()
    return timezone.localtime(start).date() if start is not None else None


def due_moment(period: Values | None) -> datetime | None:
    """When a thing that is due in the period is late: its end, or its start where the end is open."""
    start, end = bounds(period)
    return end or start


def bounds(period: Values | None) -> tuple[datetime | None, datetime | None]:
    period = period if isinstance(period, dict) else {}
    return moment_of(period.get("start")), moment_of(period.get("end"))


def least_amount(value: Values) -> Decimal | None:
    """The cautious reading of 七八万: what is surely meant. A discount is no sum."""
    if value.get("unit") == "discount":
        return None
    low, high = plain_number(value.get("min")), plain_number(value.get("max"))
    return low if low is not None else high


def _payment_line(fact: Fact) -> str:
    amount, day = least_amount(fact.value), due_day(fact.value.get("due"))
    if amount is not None and day is not None:
        return _("Customer promised to pay %(amount)s by %(day)s") % {
            "amount": yuan(amount),
            "day": day_text(day),
        }
    if amount is not None:
        return _("Customer promised to pay %(amount)s") % {"amount": yuan(amount)}
    if day is not None:
        return _("Customer promised to pay by %(day)s") % {"day": day_text(day)}
    return _("Customer promised to pay: “%(quote)s”") % {"quote": fact.quote}


def _appointment_line(fact: Fact) -> str:
    start = moment_of(fact.value.get("start"))
    when = moment_text(start) if start is not None else fact.quote
    place = fact.value.get("place")
    if place:
        return _("Appointment on %(when)s at %(place)s") % {"when": when, "place": place}
    return _("Appointment on %(when)s") % {"when": when}


def _step_line(fact: Fact) -> str:
    text, day = fact.value.get("text") or fact.quote, due_day(fact.value.get("due"))
    if day is None:
        return _("Next step: %(text)s") % {"text": text}
    return _("Next step by %(day)s: %(text)s") % {"text": text, "day": day_text(day)}


def _complaint_line(fact: Fact) -> str:
    about = COMPLAINT_SUBJECTS.get(fact.value.get("about", ""), COMPLAINT_SUBJECTS["other"])()
    return _("Complaint (%(about)s): “%(quote)s”") % {"about": about, "quote": fact.quote}


def _objection_line(fact: Fact) -> str:
    reason = OBJECTION_REASONS.get(fact.value.get("reason", ""), OBJECTION_REASONS["other"])()
    return _("Objection (%(reason)s): “%(quote)s”") % {"reason": reason, "quote": fact.quote}


def _competitor_line(fact: Fact) -> str:
    return _("Competitor %(name)s: “%(quote)s”") % {
        "name": fact.value.get("name") or "?",
        "quote": fact.quote,
    }


def _price_line(fact: Fact) -> str:
    amount = describe(fact.kind, fact.value)
    return _("Competitor's price: %(amount)s, “%(quote)s”") % {"amount": amount, "quote": fact.quote}


def _diversion_line(fact: Fact) -> str:
    known = describe(fact.kind, fact.value)
    if not known:
        return _("Diversion hint: “%(quote)s”") % {"quote": fact.quote}
    return _("Diversion hint: %(known)s, “%(quote)s”") % {"known": known, "quote": fact.quote}


_LINES: dict[str, Callable[[Fact], str]] = {
    "payment_promise": _payment_line,
    "appointment": _appointment_line,
    "next_step": _step_line,
    "promise": _step_line,
    "complaint": _complaint_line,
    "objection": _objection_line,
    "competitor": _competitor_line,
    "price": _price_line,
    "diversion": _diversion_line,
}


def yuan(amount: Decimal) -> str:
    """``200,000 yuan`` or 200,000元."""
    number = f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"
    return _("%(number)s yuan") % {"number": number}


def day_text(day: date) -> str:
    return _("%(month)d-%(day)02d") % {"month": day.month, "day": day.day}


def moment_text(moment: datetime) -> str:
    local = timezone.localtime(moment)
    if (local.hour, local.minute) == (0, 0):
        return day_text(local.date())
    return f"{day_text(local.date())} {local:%H:%M}"
