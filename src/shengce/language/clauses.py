"""Cutting speech into clauses. Recognisers often give no punctuation, so particles and connectives cut as well."""

from __future__ import annotations

import re
from typing import NamedTuple

_MARK = r"[,，。!！?？;；…、]+|(?<![a-z0-9])\.|\.(?![a-z0-9])"
_SPACE = r"(?<=[\u4e00-\u9fff])\s+|\s+(?=[\u4e00-\u9fff])"
_PARTICLE = r"(?<=[吗呢吧呀嘛])(?=[^,，。.!！?？;；\s])|(?<=[\u4e00-\u9fff]啊)(?=[^,，。.!！?？;；\s])"
_AFTER_LE = r"(?<=了)(?=我|您|你|咱|那|但|不过|可是|另外|还有|就是)"
_CONNECTIVE = (
    r"(?<=[\u4e00-\u9fff]{3})(?=但是|不过(?!来|去)|可是(?!说)|然后|另外|还有(?![一二两三四五六七八九十几多没])|所以"
    r"|而且|只不过|要不(?!要)|再高就|再多就|上次(?=装|那|送|买|你们))"
)
_CUT = re.compile("|".join((_MARK, _SPACE, _PARTICLE, _AFTER_LE, _CONNECTIVE)))
_SENTENCE_MARK = frozenset("。!！?？;；")


class Clause(NamedTuple):
    """Characters ``[start, end)`` of one turn, without the marks around them; ``mark`` is what follows."""

    turn: int
    start: int
    end: int
    text: str
    mark: str

    @property
    def ends_sentence(self) -> bool:
        return not _SENTENCE_MARK.isdisjoint(self.mark)

    def holds(self, start: int) -> bool:
        return self.start <= start < self.end


def split(text: str, *, turn: int = 0) -> tuple[Clause, ...]:
    """The clauses of one turn, in order. Nothing but marks and white space lies between them."""
    clauses: list[Clause] = []
    begin = 0
    for cut in _CUT.finditer(text):
        if clause := _clause(turn, text, begin, cut.start(), cut.group()):
            clauses.append(clause)
        elif clauses and cut.group():
            clauses[-1] = clauses[-1]._replace(mark=clauses[-1].mark + cut.group())
        begin = cut.end()
    if clause := _clause(turn, text, begin, len(text), ""):
        clauses.append(clause)
    return tuple(clauses)


def _clause(turn: int, text: str, start: int, end: int, mark: str) -> Clause | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Clause(turn, start, end, text[start:end], mark) if start < end else None
