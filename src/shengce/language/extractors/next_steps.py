"""Next steps: one side proposes what to do, the other says yes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shengce.language import polarity
from shengce.language.clauses import Clause
from shengce.language.extractors.extractor import Earlier, Extractor, claimed, same_text
from shengce.language.extractors.promises import due_in, spoken_text
from shengce.language.heard import Heard, Turn, moment
from shengce.language.questions import is_question
from shengce.language.values import Fact

_TOGETHER = re.compile(
    r"要不(?!然|要)|咱们?|我们(?:先|就|约|一起|再)|(?:您|你)(?:先|就先|再)|下一步|接下来|建议|那(?:我|就)|我(?:先|再|就)|这样"
)
_REQUEST = re.compile(r"(?:您|你)(?:先|就先)?把?[^,。]{0,16}(?:发|寄|送|给|出|做|报|拿|带)")
_FIRST = re.compile(r"先|下一步|接下来|把")
"""With one of these any act is a step: 先试一个月, 把合同走一下流程."""
_ACCEPTED = re.compile(
    r"^[好行那嗯]?(?:就)?(?:[听按照依](?:您|你)(?:的|说的)|都行|没意见|没异议|(?:这样)?也[行好]|[走来发寄](?:吧|过来吧)|先这样|这样(?:挺|也|最)?好|辛苦|麻烦(?:您|你)了|拜托)"
)
_SOON = re.compile(r"一会儿?|等会|待会|晚上|回头|稍后|晚点|下班前")
_VAGUE = re.compile(r"改天|哪天|有空|有机会|上次")
_PUT_OFF = re.compile(r"到时候(?:再)?看|再说|再看|看情况|看看吧|怎么说|不过|但是")
"""A yes that is taken back at once: 嗯，到时候看吧."""
_LEAVING = re.compile(r"再见|拜拜|先走了|慢走")
_CONFIRMED = re.compile(r"见$|等您|我记下")


def find(heard: Heard, earlier: Earlier) -> Iterator[Fact]:
    for turn in heard.turns:
        answers = heard.after(turn)
        if not answers or _LEAVING.search(turn.text) or not _agrees(answers[0]):
            continue
        clauses = [c for c in turn.clauses if _proposes(heard, turn, c, earlier)]
        if not clauses:
            continue
        clause = next((c for c in clauses if due_in(turn, c)), clauses[0])
        value = {"text": spoken_text(turn, clause), "due": moment(due_in(turn, clause))}
        yield heard.fact("next_step", value, turn, clause.start, clause.end, confidence=0.65)


def _agrees(answer: Turn) -> bool:
    if not answer.clauses or polarity.declines(answer.clauses[0].text):
        return False
    if any(_PUT_OFF.match(c.text) for c in answer.clauses[1:2]):
        return False
    if polarity.assents(answer.text) or _ACCEPTED.match(answer.text):
        return True
    return answer.clauses[0].text.endswith(("可以", "没问题", "也好", "也行"))


def _proposes(heard: Heard, turn: Turn, clause: Clause, earlier: Earlier) -> bool:
    promised = claimed(earlier, turn.index, clause.start, clause.end, "promise")
    met = claimed(earlier, turn.index, clause.start, clause.end, "appointment")
    countered = met and _counters(heard, turn)
    if not (promised or countered or turn.has("next_steps.act", within=clause)):
        return False
    if _CONFIRMED.search(clause.text) or _VAGUE.search(clause.text):
        return False
    if turn.supposed(clause) or polarity.is_past(clause.text) or polarity.is_done(clause.text):
        return False
    if claimed(earlier, turn.index, clause.start, clause.end, "payment_promise", "price", "objection"):
        return False
    position = turn.position_of(clause)
    lead = turn.clauses[position - 1].text if position else ""
    together = _TOGETHER.search(clause.text) is not None or (
        len(lead) <= 10 and _TOGETHER.search(lead) is not None
    )
    dated = due_in(turn, clause) is not None or _SOON.search(clause.text) is not None
    if promised:
        return True
    if met:
        meets = turn.has("appointments.meet", within=clause) and len(clause.text) >= 8
        return meets or countered
    acts = (
        dated or _FIRST.search(clause.text) or turn.has("promises.verb", "appointments.meet", within=clause)
    )
    return together and bool(acts) and not _idle(turn, clause)


def _counters(heard: Heard, turn: Turn) -> bool:
    """Another time than the one just proposed: what is agreed in the end."""
    return any(
        t.times and t.has("appointments.asked", "appointments.moved") for t in heard.before(turn)[-1:]
    ) and (turn.has("appointments.moved") or len({t.begin for t in turn.times}) > 1)


def _idle(turn: Turn, clause: Clause) -> bool:
    """A question that proposes nothing: 那您需要多少."""
    proposing = turn.has("appointments.asked", within=clause) or re.search(r"一起|约|先", clause.text)
    return turn.asks(clause) and not proposing and is_question(clause.text)


NEXT_STEP = Extractor("next_step", 3, find, same_text)
