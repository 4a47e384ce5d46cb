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
# Only where nothing is punctuated: an opening yes or no ends, and a new subject or topic begins.
_OPENING = (
    r"(?:(?<=^好的)|(?<=^没问题)|(?<=^没关系)|(?<=^可以的)|(?<=^嗯嗯)|(?<=^太好了)|(?<=^不好意思)|(?<=^您放心)|(?<=^你放心)"
    r"|(?<=^嗯)|(?<=^哦)|(?<=^是的)|(?<=^对的)|(?<=^放心吧))(?=[\u4e00-\u9fff])"
)
_SUBJECT = (
    r"(?<=[\u4e00-\u9fff]{4})(?<![给跟和帮找到在对向比从是让请把等替为诉系问发送寄打转见陪与看叫由归得要听怕求按如果的就但而那说信嫌没不下示])"
    r"(?=我们?(?![国的家])|您(?![的家])|你们?(?![的家])|咱们?|他们(?!的))"
)
_TOPIC = (
    r"(?<=[\u4e00-\u9fff]{4})(?<![的个你们这那和把批在到给师人事他她我您])"
    r"(?=那(?:我|就|您|你|咱)|剩下的|余款|尾款|原价|现价|价格(?!上|单)|预算(?!内|里|范)|售后(?!服|部)|发票(?!抬)|一共|总共|要不(?!要)|到时候|比如|主要(?!问)"
    r"|其实|最后(?!一)|(?:这|下)(?:个)?(?:周|星期|礼拜)[一二三四五六日天末]|明天|后天|谢谢|再见|改(?:到|成)|哦不|不对)"
)
_LOOSE = re.compile("|".join((_OPENING, _SUBJECT, _TOPIC)))
_LOOSE_FROM = 12
"""Characters from which an utterance without any mark is cut at these places too."""
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
    for cut in _cuts(text):
        if clause := _clause(turn, text, begin, cut.start(), cut.group()):
            clauses.append(clause)
        elif clauses and cut.group():
            clauses[-1] = clauses[-1]._replace(mark=clauses[-1].mark + cut.group())
        begin = cut.end()
    if clause := _clause(turn, text, begin, len(text), ""):
        clauses.append(clause)
    return tuple(clauses)


def _cuts(text: str) -> list[re.Match[str]]:
    cuts = list(_CUT.finditer(text))
    if len(text) >= _LOOSE_FROM and not any(cut.group().strip() for cut in cuts):
        cuts = sorted((*cuts, *_LOOSE.finditer(text)), key=lambda cut: cut.span())
    return cuts


def _clause(turn: int, text: str, start: int, end: int, mark: str) -> Clause | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Clause(turn, start, end, text[start:end], mark) if start < end else None
