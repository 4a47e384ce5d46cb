"""Which clauses of spoken Mandarin ask something. Works with and without punctuation.

Rules, in order: a question mark asks; 吗, A-not-A (是不是, 有没有) and most final 呢 ask; a question word (什么,
多少, 哪里 …) asks unless it is used as an indefinite (没什么, 好几个, 不管什么) or inside a statement of the speaker
about what he knows or will show (我跟您说怎么用).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_CLAUSE = re.compile(r"[^，,。.！!？?；;\n]+[，,。.！!？?；;\n]?")
_FINAL = re.compile(r"(吗|(?<![什这那要怎多])么)[啊呀哈呢]?$")
_FINAL_NE = re.compile(r"呢[啊呀]?$")
_NO_QUESTION_NE = re.compile(r"着呢|还没|还在|正在|才.*呢|可.*呢|[这那]个呢|^其实|^然后|^所以")
_A_NOT_A = re.compile(
    r"([^\W不没])[不没]\1|有没有|可不可以|方不方便|需不需要|知不知道|愿不愿意|合不合适|满不满意"
)
_WORD = re.compile(
    r"什么|怎么|怎样|为啥|为何|多少|多久|多大|多长|多高|多远|几[个台家层年天点号月次套人口位间平楼栋升吨]"
    r"|哪[里儿个家些种款位边一]|谁|如何|咋|啥"
)
_INDEFINITE = re.compile(
    r"(没|没有|不|不太)(什么|怎么|怎样|多少|多久|多大|多长|几|啥|咋)|(什么|怎么|怎样|多少|谁|哪[里个家种]|啥)(都|也)"
    r"|什么的|(好|这|那|前|后|十|近|过|头|上|下|就|没|每|隔)几|几十|几百|几千|几万|(不管|无论|随便|不论|任何)"
    r"|多多少少|怎么着|谁知道|不怎么"
)
_STATEMENT = re.compile(
    r"我(们)?(也)?(就)?(知道|明白|清楚|了解|来|给您|给你|跟您|跟你|和您|帮您|告诉您|告诉你|不知道|不清楚)"
)


def question_spans(text: str) -> Iterator[tuple[int, int]]:
    """``[start, end)`` of every clause of ``text`` that asks, the question mark included."""
    for clause in _CLAUSE.finditer(text):
        if is_question(clause.group()):
            yield clause.span()


def is_question(clause: str) -> bool:
    """Whether one clause asks."""
    body = clause.strip()
    if body.endswith(("？", "?")):
        return len(body) > 1
    body = body.rstrip("，,。.！!；; \n")
    if len(body) < 2:
        return False
    if _FINAL.search(body) or _A_NOT_A.search(body):
        return True
    if _WORD.search(body):
        return not (_INDEFINITE.search(body) or _STATEMENT.search(body))
    return bool(_FINAL_NE.search(body)) and not _NO_QUESTION_NE.search(body)
