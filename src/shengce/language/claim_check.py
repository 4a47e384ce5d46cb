"""Whether what a person typed is what was said: agrees, contradicts, or not mentioned, with the facts that decide.

Only what was said (or a visit that was recorded) can contradict; silence never does. Of several statements about one matter
the later counts. Statements of other customers and from outside the days of the claim are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from shengce.language.claim_standing import matter_of, replaces, span_of, standing_of
from shengce.language.claim_tolerance import (
    interval_of,
    matter_share,
    range_of,
    same_matter,
    same_name,
    same_person,
    same_sum,
    same_time,
)
from shengce.language.claim_values import (
    CheckIn,
    Claim,
    Finding,
    Interval,
    Reason,
    Said,
    Stated,
    Talk,
    Verdict,
)
from shengce.language.claim_visits import check_visit
from shengce.language.folding import fold
from shengce.language.numerals import plain

_NO_MARK = re.compile(r"[^\w]+")
_SHORTEST_QUOTE = 4
"""Characters from which a typed text that stands word for word in a quote is that quote."""
_WILL_NOT_PAY = re.compile(
    r"(?:不|没法|无法|不能|不会|没钱|拿不出)(?:再|先|马上|按时)?[^,，。]{0,4}?(?:付|打|汇|结|还(?!有))|付不了|付不出"
)
_ASKS_LESS = re.compile(r"优惠|便宜[一点些]|少[一点些]|打折|折扣|让[一点]|降[一点]")
_SIGNED = re.compile(r"签了|定了|订了|买了")
_IN_USE = re.compile(r"在用|用的|一直用|现在用|用着|用了|合作|供应商|签了")

SUBJECTS: dict[str, tuple[str, ...]] = {
    "price": ("price",),
    "payment_promise": ("payment_promise",),
    "promise": ("promise", "next_step"),
    "appointment": ("appointment", "next_step"),
    "reason_lost": ("objection", "complaint", "competitor"),
    "competitor": ("competitor",),
    "budget": ("budget",),
    "decider": ("decision_maker",),
    "visit": (),
    "other": (
        "need",
        "product_interest",
        "objection",
        "complaint",
        "promise",
        "next_step",
        "competitor",
        "contact",
        "diversion",
        "budget",
        "price",
        "decision_maker",
        "appointment",
        "payment_promise",
    ),
}
"""Kind of claim: the kinds of facts that can prove it."""


def check_claim(
    claim: Claim,
    *,
    said: Iterable[Said],
    talks: Sequence[Talk] = (),
    check_ins: Sequence[CheckIn] = (),
) -> Finding:
    """The verdict on one claim. What belongs to other customers or other days may be given too; it is left out here.

    ``talks`` say whether there was anything to hear at all, and prove visits together with ``check_ins``.
    """
    if claim.stated.kind == "visit":
        return check_visit(claim, talks=talks, check_ins=check_ins)
    told = sorted(
        (
            fact
            for fact in said
            if fact.customer == claim.customer and claim.start_on <= _day(fact.at, claim) < claim.end_on
        ),
        key=lambda fact: (fact.at, fact.place),
    )
    heard = {fact.talk for fact in told} | {
        talk.at
        for talk in talks
        if talk.customer == claim.customer and claim.start_on <= _day(talk.at, claim) < claim.end_on
    }
    if not heard:
        return Finding("not_mentioned", Reason("no_talk"))
    relevant = [fact for fact in told if fact.kind in SUBJECTS[claim.stated.kind]]
    standing = standing_of(relevant)
    if (quote := _verbatim(claim.stated.text, standing)) is not None:
        return Finding("agrees", Reason("word_for_word"), (quote.ref,))
    finding = _CHECKS[claim.stated.kind](claim.stated, standing, relevant) if relevant else None
    return finding or Finding(
        "not_mentioned", Reason("nothing_said", {"talks": _talks_of(claim, talks, told)})
    )


def _day(moment: datetime, claim: Claim) -> date:
    return moment.astimezone(claim.at.tzinfo).date()


def _talks_of(claim: Claim, talks: Sequence[Talk], told: list[Said]) -> int:
    recorded = [
        talk
        for talk in talks
        if talk.customer == claim.customer and claim.start_on <= _day(talk.at, claim) < claim.end_on
    ]
    return max(len(recorded), len({fact.talk for fact in told}))


def _verbatim(text: str, told: list[Said]) -> Said | None:
    typed = _NO_MARK.sub("", fold(text))
    for fact in reversed(told):
        if len(typed) >= _SHORTEST_QUOTE and typed == _NO_MARK.sub("", fold(fact.quote)):
            return fact
    return None


# --- sums and days


def _check_payment(stated: Stated, told: list[Said], all_told: list[Said]) -> Finding | None:
    refused = [fact for fact in told if _WILL_NOT_PAY.search(fact.quote)]
    promised = [fact for fact in told if fact not in refused]
    if stated.denied:
        return _denied_against(promised, refused)
    agreeing = [fact for fact in promised if not _payment_differences(stated, fact)]
    if agreeing:
        best = max(agreeing, key=lambda fact: _payment_parts(stated, fact))
        if not _payment_parts(stated, best) and (stated.when or stated.low or stated.high):
            return Finding("not_mentioned", Reason("part_not_said"), (best.ref,))
        return Finding("agrees", Reason("same"), (best.ref,))
    if promised:
        nearest = min(reversed(promised), key=lambda fact: len(_payment_differences(stated, fact)))
        return _differs(_payment_differences(stated, nearest), stated, nearest, told, all_told)
    if refused:
        return Finding("contradicts", Reason("refused"), (refused[-1].ref,))
    return None


def _denied_against(positive: list[Said], negative: list[Said]) -> Finding | None:
    """A typed "it is not so" against what was said."""
    if positive and (
        not negative or (positive[-1].at, positive[-1].place) > (negative[-1].at, negative[-1].place)
    ):
        return Finding("contradicts", Reason("said_after_all"), (positive[-1].ref,))
    return Finding("agrees", Reason("same"), (negative[-1].ref,)) if negative else None


def _payment_parts(stated: Stated, fact: Said) -> int:
    """How many parts the two have in common to compare."""
    has_sum = range_of(fact.value) is not None and (stated.low is not None or stated.high is not None)
    has_day = interval_of(fact.value.get("due")) is not None and stated.when is not None
    return int(has_sum) + int(has_day)


def _payment_differences(stated: Stated, fact: Said) -> list[str]:
    differences = []
    total, due = range_of(fact.value), interval_of(fact.value.get("due"))
    stated_sum = (stated.low, stated.high)
    if total and any(stated_sum) and fact.value.get("unit") != "discount" and not same_sum(stated_sum, total):
        differences.append("sum")
    if due and stated.when and not same_time(stated.when, due):
        differences.append("day")
    return differences


def _differs(
    differences: list[str], stated: Stated, fact: Said, told: list[Said], all_told: list[Said]
) -> Finding:
    """A contradiction in some parts, with what was typed and what was said of each; and the statement that was replaced."""
    values: dict[str, Any] = {}
    if "sum" in differences:
        values["typed_sum"] = _sum_values((stated.low, stated.high), stated.unit)
        values["said_sum"] = _sum_values(
            range_of(fact.value) or (None, None), str(fact.value.get("unit") or "yuan")
        )
    if "day" in differences:
        values["typed_time"] = _time_values(stated.when)
        values["said_time"] = _time_values(span_of(fact) or interval_of(fact.value.get("due")))
    earlier = [other for other in all_told if other not in told and replaces(fact, other)]
    code = "_and_".join(differences)
    if earlier:
        values["was_said_before"] = True
    return Finding(
        "contradicts", Reason(f"other_{code}", values), (fact.ref, *(f.ref for f in reversed(earlier)))
    )


def _sum_values(pair: Any, unit: str) -> dict[str, str | None]:
    low, high = (None if part is None else plain(part) for part in pair)
    return {"min": low, "max": high, "unit": unit}


def _time_values(interval: Interval | None) -> dict[str, str | None]:
    start, end = interval or (None, None)
    return {
        "start": start.isoformat() if start is not None else None,
        "end": end.isoformat() if end is not None else None,
    }


def _check_price(stated: Stated, told: list[Said], all_told: list[Said]) -> Finding | None:
    if stated.low is None and stated.high is None:
        return None
    about = [fact for fact in told if _price_of_same(stated, fact)]
    if not about:
        return None
    for fact in reversed(about):
        if same_sum((stated.low, stated.high), range_of(fact.value) or (None, None), unit=stated.unit):
            return Finding("agrees", Reason("same"), (fact.ref,))
    known = [fact for fact in about if stated.owner is None or fact.value.get("of") == stated.owner]
    if not known:
        return None  # a price of whom nobody said
    return _differs(["sum"], stated, known[-1], told, all_told)


def _price_of_same(stated: Stated, fact: Said) -> bool:
    value = fact.value
    if (value.get("unit") or "yuan") != stated.unit or range_of(value) is None:
        return False
    if stated.owner and value.get("of") and value["of"] != stated.owner:
        return False
    return not (stated.product and value.get("product") and not same_name(stated.product, value["product"]))


def _check_budget(stated: Stated, told: list[Said], all_told: list[Said]) -> Finding | None:
    if stated.denied and stated.low is None and stated.high is None:
        return _denied_against(told, [])
    if stated.low is None and stated.high is None:
        return None
    last = told[-1]
    total = range_of(last.value)
    if total is None:
        return None
    if same_sum((stated.low, stated.high), total):
        return Finding("agrees", Reason("same"), (last.ref,))
    return _differs(["sum"], stated, last, told, all_told)


def _check_appointment(stated: Stated, told: list[Said], all_told: list[Said]) -> Finding | None:
    appointments = [fact for fact in told if fact.kind == "appointment"]
    if stated.denied:
        return _denied_against(appointments, [])
    if stated.when is None:
        return Finding("agrees", Reason("same"), (appointments[-1].ref,)) if appointments else None
    for fact in (*reversed(appointments), *(f for f in reversed(told) if f.kind != "appointment")):
        span = span_of(fact)
        about = fact.kind == "appointment" or matter_share(stated.text, matter_of(fact)) > 0
        if about and span is not None and same_time(stated.when, span):
            return Finding("agrees", Reason("same"), (fact.ref,))
    timed = [fact for fact in appointments if span_of(fact) is not None]
    return _differs(["day"], stated, timed[-1], told, all_told) if timed else None


# --- undertakings


def _check_promise(stated: Stated, told: list[Said], all_told: list[Said]) -> Finding | None:
    about = [fact for fact in told if same_matter(stated.text, matter_of(fact))]
    if not about:
        return None
    best = max(about, key=lambda fact: (matter_share(stated.text, matter_of(fact)), fact.at, fact.place))
    if stated.denied:
        return Finding("contradicts", Reason("said_after_all"), (best.ref,))
    due = interval_of(best.value.get("due"))
    if stated.when is None:
        return Finding("agrees", Reason("same"), (best.ref,))
    if due is None:
        return Finding("agrees", Reason("same_without_day"), (best.ref,))
    for fact in sorted(about, key=lambda f: -matter_share(stated.text, matter_of(f))):
        other = interval_of(fact.value.get("due"))
        if other is not None and same_time(stated.when, other):
            return Finding("agrees", Reason("same"), (fact.ref,))
    return _differs(["day"], stated, best, told, all_told)


# --- names and reasons


def _check_reason(stated: Stated, told: list[Said], all_told: list[Said]) -> Finding | None:
    spoken = {reason: fact for fact in told for reason in _reasons_of(fact)}
    for reason in stated.reasons:
        if reason in spoken:
            verdict: Verdict = "contradicts" if stated.denied else "agrees"
            return Finding(
                verdict, Reason("said_after_all" if stated.denied else "same"), (spoken[reason].ref,)
            )
    rivals = [fact for fact in told if fact.kind == "competitor"]
    named = [f for f in rivals if any(same_name(name, str(f.value.get("name"))) for name in stated.names)]
    if named and not stated.denied:
        return Finding("agrees", Reason("same"), (named[-1].ref,))
    if stated.denied or not stated.reasons or stated.reasons == ("other",):
        return None
    if "competitor" in stated.reasons and rivals and not stated.names:
        return Finding("agrees", Reason("same"), (rivals[-1].ref,))
    clear = {reason: fact for reason, fact in spoken.items() if _is_clear(reason, fact)}
    if not clear:
        return None
    values = {"typed_reasons": list(stated.reasons), "said_reasons": list(clear)}
    last = max(clear.values(), key=lambda fact: (fact.at, fact.place))
    rest = [fact.ref for fact in clear.values() if fact is not last]
    return Finding("contradicts", Reason("other_reason", values), (last.ref, *rest))


def _is_clear(reason: str, fact: Said) -> bool:
    """Whether a reason that was said speaks against another: to ask for a rebate, or to have a supplier, does not."""
    if reason == "competitor":
        return _SIGNED.search(fact.quote) is not None
    return reason != "other" and _ASKS_LESS.search(fact.quote) is None


def _reasons_of(fact: Said) -> tuple[str, ...]:
    if fact.kind == "objection":
        return (str(fact.value.get("reason") or "other"),)
    if fact.kind == "complaint":
        about = {"product": "quality", "service": "service", "delivery": "other", "staff": "service"}
        return (about.get(str(fact.value.get("about")), "other"),)
    return ()


def _check_competitor(stated: Stated, told: list[Said], all_told: list[Said]) -> Finding | None:
    if stated.denied and not stated.names:
        return _denied_against(told, [])
    named = [
        fact
        for fact in told
        if any(same_name(name, str(fact.value.get("name"))) for name in stated.names)
        or (len(str(fact.value.get("name") or "")) >= 2 and str(fact.value["name"]) in stated.text)
    ]
    if named:
        return Finding("agrees", Reason("same"), (named[-1].ref,))
    in_use = [fact for fact in told if _IN_USE.search(fact.quote)]
    if in_use:
        values = {
            "typed_names": list(stated.names) or [stated.text],
            "said_names": [in_use[-1].value.get("name")],
        }
        return Finding("contradicts", Reason("other_name", values), (in_use[-1].ref,))
    others = list(dict.fromkeys(str(fact.value.get("name")) for fact in told))
    return Finding("not_mentioned", Reason("others_named", {"said_names": others}), (told[-1].ref,))


def _check_decider(stated: Stated, told: list[Said], all_told: list[Said]) -> Finding | None:
    answers = [
        (fact, [same_person(name, str(fact.value.get("who") or "")) for name in stated.names])
        for fact in reversed(told)
    ]
    for fact, same in answers:
        if True in same:
            if stated.denied:
                return Finding("contradicts", Reason("said_after_all"), (fact.ref,))
            return Finding("agrees", Reason("same"), (fact.ref,))
    if stated.denied:
        return None
    for fact, same in answers:
        if same and all(part is False for part in same):
            values = {"typed_names": list(stated.names), "said_names": [fact.value.get("who")]}
            return Finding("contradicts", Reason("other_name", values), (fact.ref,))
    return None


def _check_other(stated: Stated, told: list[Said], all_told: list[Said]) -> Finding | None:
    best = max(told, key=lambda fact: matter_share(stated.text, matter_of(fact)))
    if matter_share(stated.text, matter_of(best)) >= 0.5:
        return Finding("agrees", Reason("same"), (best.ref,))
    return None


_CHECKS: dict[str, Callable[[Stated, list[Said], list[Said]], Finding | None]] = {
    "price": _check_price,
    "payment_promise": _check_payment,
    "promise": _check_promise,
    "appointment": _check_appointment,
    "reason_lost": _check_reason,
    "competitor": _check_competitor,
    "budget": _check_budget,
    "decider": _check_decider,
    "other": _check_other,
}
