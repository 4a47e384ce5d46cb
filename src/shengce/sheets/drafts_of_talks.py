"""What talks write into papers: who was talked to, what was refused, complained of, heard about rivals and the market."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from shengce.facts.models import Fact
from shengce.recordings.models import Conversation
from shengce.sheets.drafted import MOST_CHARACTERS, Desk, Drafted, is_of_rep, moments, of_fact, span_of, tied
from shengce.sheets.drafts_of_trade import product_in
from shengce.sheets.models import Paper

MOST_TALKS = 300
MOST_FACTS = 400
_MARKET = ("competitor", "price", "diversion")


def talks(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """How many talks with how many customers, then each with the first sentences of its summary."""
    found = _talks(paper, desk)
    if found:
        asked: dict[str, Any] = {"from": paper.start_on.isoformat(), "to": paper.last_on.isoformat()}
        if is_of_rep(paper):
            asked["rep"] = paper.owner_id
        link = f"{reverse('web:conversations')}?{urlencode(asked)}"
        yield Drafted("count:talks", text=_counted(found), link=link)
    for talk in found:
        yield _talk_line(talk)


def _talks(paper: Paper, desk: Desk, **which: str) -> list[Conversation]:
    def rows() -> QuerySet[Conversation]:
        start, end = moments(span_of(paper))
        found = Conversation.objects.filter(started_at__gte=start, started_at__lt=end, **which)
        return found.select_related("customer").order_by("started_at", "pk")

    name = ("talks", span_of(paper), *which.values())
    return desk.own(paper, name, rows, "rep", most=MOST_TALKS)


def _counted(found: list[Conversation]) -> str:
    minutes = max(1, round(sum(talk.duration_ms for talk in found) / 60_000))
    customers = len({talk.customer_id for talk in found if talk.customer_id is not None})
    return _("%(talks)s with %(customers)s, %(minutes)s") % {
        "talks": ngettext("%(n)d talk", "%(n)d talks", len(found)) % {"n": len(found)},
        "customers": ngettext("%(n)d customer", "%(n)d customers", customers) % {"n": customers},
        "minutes": ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes},
    }


def _talk_line(talk: Conversation) -> Drafted:
    """Words for one talk and the range to play: the first sentences of its summary, or the whole talk."""
    lines = talk.summary.get("lines", [])[:2]
    said = "；".join(line["text"] for line in lines)
    minutes = max(1, round(talk.duration_ms / 60_000))
    length = ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    head = f"{timezone.localtime(talk.started_at):%H:%M} {_who(talk)}（{length}）"
    start_ms, end_ms = (lines[0]["start_ms"], lines[0]["end_ms"]) if lines else (talk.start_ms, talk.end_ms)
    text = f"{head}：{said}" if said else head
    return Drafted(
        f"talk:{talk.pk}", text=text[:MOST_CHARACTERS], conversation=talk, start_ms=start_ms, end_ms=end_ms
    )


def _who(talk: Conversation) -> str:
    return talk.customer.name if talk.customer else _("Unknown customer")


def talks_on_site(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """Rows of the talks that were held at the customer's."""
    for talk in _talks(paper, desk, direction="onsite"):
        lines = talk.summary.get("lines", [])[:2]
        yield Drafted(
            f"talk:{talk.pk}",
            values={
                "day": timezone.localdate(talk.started_at).isoformat(),
                "customer": _who(talk),
                "place": talk.customer.city if talk.customer else "",
                "seen": "；".join(line["text"] for line in lines),
            },
            ties=tied(customer=talk.customer_id),
            conversation=talk,
            start_ms=lines[0]["start_ms"] if lines else talk.start_ms,
            end_ms=lines[0]["end_ms"] if lines else talk.end_ms,
        )


def _facts(paper: Paper, desk: Desk, *kinds: str) -> list[Fact]:
    def rows() -> QuerySet[Fact]:
        start, end = moments(span_of(paper))
        found = Fact.objects.standing().filter(
            kind__in=kinds, conversation__started_at__gte=start, conversation__started_at__lt=end
        )
        related = found.select_related("conversation__customer")
        return related.order_by("conversation__started_at", "start_ms", "pk")

    name = ("facts", span_of(paper), *kinds)
    return desk.own(paper, name, rows, "conversation__rep", most=MOST_FACTS)


def objections(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """By reason, the reason that was given most often first; each in the customer's words."""
    by_reason: dict[str, list[Fact]] = defaultdict(list)
    for fact in _facts(paper, desk, "objection"):
        by_reason[str(fact.value.get("reason") or "other")].append(fact)
    for reason, facts in sorted(by_reason.items(), key=lambda item: -len(item[1])):
        for fact in facts:
            words = {"reason": _reason(reason), "customer": _who(fact.conversation), "quote": fact.quote}
            yield of_fact(fact, text=_("%(reason)s: %(customer)s: “%(quote)s”") % words)


def _reason(code: str) -> str:
    return {
        "price": _("Price"),
        "quality": _("Quality"),
        "service": _("Service"),
        "competitor": _("Competitor"),
        "timing": _("Timing"),
        "authority": _("Not his to decide"),
        "need": _("No need"),
    }.get(code, _("Other"))


def complaints(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    for fact in _facts(paper, desk, "complaint"):
        yield _quoted(fact)


def prices_heard(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """What rivals ask, in the customers' words."""
    for fact in _facts(paper, desk, "price"):
        if fact.value.get("of") == "competitor":
            yield _quoted(fact)


def diversion_heard(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    for fact in _facts(paper, desk, "diversion"):
        yield _quoted(fact)


def _quoted(fact: Fact) -> Drafted:
    words = {"customer": _who(fact.conversation), "quote": fact.quote}
    return of_fact(fact, text=_("%(customer)s: “%(quote)s”") % words)


def competitors(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """A row a rival: how often named, its lowest and highest price in the talks that name it, the newest words."""
    named: dict[str, list[Fact]] = defaultdict(list)
    prices: dict[int, list[Decimal]] = defaultdict(list)
    for fact in _facts(paper, desk, "competitor", "price"):
        if fact.kind == "competitor":
            named[str(fact.value.get("name") or "")].append(fact)
        elif fact.value.get("of") == "competitor":
            prices[fact.conversation_id] += _sums(fact)
    for name, facts in sorted(named.items(), key=lambda item: (-len(item[1]), item[0])):
        talks_with_it = {fact.conversation_id for fact in facts}
        asked = [price for talk in talks_with_it for price in prices[talk]]
        newest = facts[-1]
        values = {
            "competitor": name,
            "talks": str(len(talks_with_it)),
            "lowest": f"{min(asked):f}" if asked else "",
            "highest": f"{max(asked):f}" if asked else "",
            "quote": newest.quote,
        }
        yield of_fact(newest, key=f"rival:{name}"[:60], values=values)


def _sums(fact: Fact) -> list[Decimal]:
    found = []
    for name in ("min", "max"):
        try:
            found.append(Decimal(str(fact.value.get(name))).normalize())
        except InvalidOperation:
            continue
    return [price for price in found if price.is_finite()]


def market_heard(paper: Paper, desk: Desk) -> Iterator[Drafted]:
    """Rows of what was said about rivals, their prices and goods from elsewhere; one for one passage."""
    heard = [
        fact
        for fact in _facts(paper, desk, *_MARKET)
        if fact.kind != "price" or fact.value.get("of") == "competitor"
    ]
    for fact in _once(heard):
        product = product_in(fact.quote, desk)
        yield of_fact(
            fact,
            values={
                "day": timezone.localdate(fact.conversation.started_at).isoformat(),
                "customer": _who(fact.conversation),
                "what": _kind(fact.kind),
                "said": fact.quote[:500],
                "product": product[1] if product else "",
                "source": _("Customer"),
            },
            ties=tied(customer=fact.conversation.customer_id, product=product[0] if product else None),
        )


def _once(facts: list[Fact]) -> list[Fact]:
    """A passage that tells of several things stands once, as what tells most: goods from elsewhere, then a price, then a name."""
    best: dict[tuple[int, str], Fact] = {}
    for fact in facts:
        passage = (fact.conversation_id, fact.quote)
        if passage not in best or _MARKET.index(fact.kind) > _MARKET.index(best[passage].kind):
            best[passage] = fact
    chosen = {fact.pk for fact in best.values()}
    return [fact for fact in facts if fact.pk in chosen]


def _kind(code: str) -> str:
    """As the register sorts what it hears."""
    return {
        "competitor": pgettext("market register", "Rival"),
        "price": pgettext("market register", "Price"),
        "diversion": pgettext("market register", "Diversion"),
    }[code]
