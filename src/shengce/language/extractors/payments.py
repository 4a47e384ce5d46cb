"""Payment promises: the customer says what he will pay, and when. 下周五先打二十万; 月底前把尾款结清."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from shengce.language import polarity
from shengce.language.clauses import Clause
from shengce.language.extractors.extractor import Earlier, Extractor, same_fields
from shengce.language.extractors.sums import Sum, numbers_in, sums_in
from shengce.language.heard import Heard, Turn, moment
from shengce.language.numerals import plain
from shengce.language.times import Time
from shengce.language.values import Fact

_DURATION = re.compile(r"[天周月](?:之内|以内|内)|到[账货](?:就|马上|后)|货一?到|到货|一到[^,。]{0,4}就")
_AFTER_EVENT = re.compile(
    r"(?:票|货|合同|验收|安装|调试|单子|报告)[^,。]{0,5}(?:到|完|过|签|好|齐|合格|收)(?:了|后|以后|之后|的话)?[^,。]{0,6}$"
)
_EVENT_REACH = 8
_FIRM = re.compile(r"一定|肯定|保证|绝对|准")
_PAID = re.compile(r"(?:付|打|汇|回|结)款|(?:付|结|还|清)清|(?:结|转|走)账|打钱|还上")
"""Words of paying that need no name of a sum beside them."""
_IN_GENERAL = re.compile(
    r"一般|通常|平时|规定|惯例|制度|每个?(?:月|次|批|季)|向来|历来|从来|都是|付款周期|账期"
)
"""Terms and habits are no promise: 我们一般月结三十天."""
_FOR_A_PRICE = re.compile(r"你们?(?:要)?给(?:我|到)[^,。]{1,8}我")

_OPEN_QUESTION = re.compile(r"什么时候|哪天|几号|啥时候|何时|怎么|多少|多久")


@dataclass(frozen=True, slots=True)
class _Promise:
    start: int
    end: int
    total: Sum | None
    due: Time | None


def find(heard: Heard, earlier: Earlier) -> Iterator[Fact]:
    for turn in heard.by("customer"):
        promises = list(_joined(_stated(heard, turn)))
        if not promises and (answer := _answered(heard, turn)):
            promises = [answer]
        for promise in promises:
            total = promise.total
            value = {
                "min": None if total is None or total.low is None else plain(total.low),
                "max": None if total is None or total.high is None else plain(total.high),
                "due": moment(promise.due),
            }
            yield heard.fact("payment_promise", value, turn, promise.start, promise.end, confidence=0.85)


def _stated(heard: Heard, turn: Turn) -> Iterator[_Promise]:
    """Clauses with a word of paying and a sum, a sum's name or a day."""
    promised = False
    for clause in turn.clauses:
        cues = [c for c in turn.labelled("payments.pay") if clause.holds(c.start) and not turn.negated(c)]
        if not cues and not promised:
            continue
        due = _due(turn, clause) or _day_before(turn, clause)
        if due is not None and _counts_from_event(turn, clause, due):
            due = None
        if unfit(turn, clause):
            continue
        if not cues:
            if promised and due is not None and turn.has("payments.money", within=clause):
                yield _Promise(clause.start, clause.end, None, due)
            continue
        sums = sums_in(turn, clause) or _after(turn, clause, cues[0].end) or _next_bare(turn, clause)
        named = (
            _names_sum(turn, clause)
            or _PAID.search(clause.text) is not None
            or any(t.has("payments.money") for t in heard.before(turn)[-1:])
        )
        total = sums[-1] if sums else None
        if (total is not None and (due or _commits(clause))) or (
            named and (due is not None or _is_settled(clause))
        ):
            promised = True
            yield _Promise(clause.start, max(clause.end, total.end if total else 0), total, due)


def _is_settled(clause: Clause) -> bool:
    """发票到了三天之内付, 一定付, 首付我先交三成: promised without a day."""
    if _DURATION.search(clause.text) or _FIRM.search(clause.text):
        return True
    return "我" in clause.text and _commits(clause)


def _names_sum(turn: Turn, clause: Clause) -> bool:
    """尾款, 货款 … in this clause or the one before."""
    position = turn.position_of(clause)
    return any(
        turn.has("payments.money", within=c) for c in turn.clauses[max(0, position - 1) : position + 1]
    )


def _after(turn: Turn, clause: Clause, start: int) -> list[Sum]:
    """A number right after the verb is a sum: 打八千."""
    return [s for s in numbers_in(turn, clause) if 0 <= s.start - start <= 4 and s.size >= 100]


def _next_bare(turn: Turn, clause: Clause) -> list[Sum]:
    """明天给你打过去，十二万: the sum alone in the next clause."""
    position = turn.position_of(clause)
    for following in turn.clauses[position + 1 : position + 2]:
        return [
            s for s in sums_in(turn, following) if following.end - following.start - (s.end - s.start) <= 2
        ]
    return []


def _commits(clause: Clause) -> bool:
    return any(
        word in clause.text for word in ("先", "马上", "今天", "给你", "给您", "过去", "安排", "立刻", "这就")
    )


def unfit(turn: Turn, clause: Clause) -> bool:
    """Whether the clause asks, supposes, declines, or tells of terms or of money that is paid already."""
    if _FOR_A_PRICE.search(clause.text) or _IN_GENERAL.search(clause.text):
        return True
    if turn.asks(clause) or turn.supposed(clause) or turn.has("payments.not_pay", within=clause):
        return True
    done = polarity.is_done(clause.text) and not any(clause.start <= t.start < clause.end for t in turn.times)
    return done or polarity.is_past(clause.text) or polarity.declines(clause.text)


def _due(turn: Turn, clause: Clause) -> Time | None:
    times = [t for t in turn.times if clause.start <= t.start < clause.end]
    return times[-1] if times else None


def _counts_from_event(turn: Turn, clause: Clause, due: Time) -> bool:
    """票到了我们三天之内付: the days count from an event, so that no day is known."""
    before = turn.text[max(0, clause.start - _EVENT_REACH) : due.start]
    return due.text.endswith("内") and _AFTER_EVENT.search(before) is not None


def _day_before(turn: Turn, clause: Clause) -> Time | None:
    """十月十五号以前，一定付清: the clause before is nothing but the day."""
    position = turn.position_of(clause)
    for earlier in turn.clauses[max(0, position - 1) : position]:
        times = [t for t in turn.times if earlier.holds(t.start)]
        if times and not earlier.ends_sentence and times[-1].end - times[0].start >= len(earlier.text) - 2:
            return times[-1]
    return None


def _joined(promises: Iterator[_Promise]) -> Iterator[_Promise]:
    """下个月五号打，先打个七八万 is one promise: a day without a sum takes the sum that follows without a day."""
    held: _Promise | None = None
    for promise in promises:
        if held is not None and held.total is None and promise.due is None:
            held = replace(held, end=promise.end, total=promise.total)
            continue
        if held is not None:
            yield held
        held = promise
    if held is not None:
        yield held


def _answered(heard: Heard, turn: Turn) -> _Promise | None:
    """The rep asks for the money; the answer is a day, a sum, or yes to the day and sum in the question."""
    before = heard.before(turn)[-1:]
    if not before or before[0].role == "customer" or polarity.declines(turn.text):
        return None
    question = before[0]
    if not question.has("payments.asked", "payments.pay") or not _asks_for_money(question):
        return None
    for clause in turn.clauses:
        due = _due(turn, clause)
        if due is not None and not unfit(turn, clause):
            sums = sums_in(turn, clause)
            return _Promise(clause.start, clause.end, sums[-1] if sums else None, due)
    return _confirmed(question, turn)


def _asks_for_money(question: Turn) -> bool:
    if not question.has("payments.money", "payments.pay") or not question.clauses:
        return False
    return "给我个" in question.text or any(question.asks(clause) for clause in question.clauses[-2:])


def _confirmed(question: Turn, turn: Turn) -> _Promise | None:
    """定金五千您今天能付吗 — 可以: the day and sum of the question."""
    if (
        not polarity.assents(turn.text)
        or _OPEN_QUESTION.search(question.text)
        or not question.has("payments.pay")
    ):
        return None
    sums = [s for clause in question.clauses for s in sums_in(question, clause)]
    dues = list(question.times)
    if not dues:
        return None
    clause = turn.clauses[0]
    return _Promise(clause.start, clause.end, sums[-1] if len(sums) == 1 else None, dues[-1])


PAYMENT_PROMISE = Extractor("payment_promise", 3, find, same_fields)
