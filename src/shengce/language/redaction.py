"""Masking phone, identity card and bank card numbers, written or spoken as words, also across segments.

What counts, leaning towards masking too much: whole phone numbers (see ``phones``), any run of figures that holds
what could be a mobile number, any 11 figures from a 1; any run of 15 figures or more, named ``id_card`` or ``bank_card`` where its check figure agrees, else ``number``.
Figures may be apart by spaces, dashes and the sounds people make between them. Masked text keeps its length, so
every offset and time holds; the ends that people know numbers by stay: 138****5678, 一三八****五六七八.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Literal, NamedTuple

from shengce.language.folding import fold
from shengce.language.phones import find_phones
from shengce.speech.transcript import Segment, Transcript, Word

SensitiveKind = Literal["phone", "id_card", "bank_card", "number"]

MASK = "*"
LONG = 15
"""Fifteen figures: the shortest card numbers, and identity numbers of before 1999."""
_MOBILE = re.compile(r"1[3-9]\d{9}")
_KEPT: dict[SensitiveKind, tuple[int, int]] = {
    "phone": (3, 4),
    "id_card": (1, 1),
    "bank_card": (0, 4),
    "number": (0, 0),
}

_FIGURES = str.maketrans("零一二两三四五六七八九幺洞拐勾", "012234567891079")
_FIGURE = r"[零一二两三四五六七八九幺洞拐勾0-9]"
_BETWEEN = r"(?:[\s\-,，、.。·]|那个|然后|[嗯呃啊哦额]){0,4}"
_RUN = re.compile(rf"{_FIGURE}(?:{_BETWEEN}{_FIGURE})+(?:{_BETWEEN}[xX](?![A-Za-z]))?")
_UNIT_AFTER = re.compile(r"[十百千万亿]")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_BIRTH = re.compile(r"\d{6}(?:18|19|20)?\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]?")


class Sensitive(NamedTuple):
    """Characters ``[start, end)`` that hold a number of a person."""

    kind: SensitiveKind
    start: int
    end: int


def sensitive_spans(text: str) -> list[Sensitive]:
    """The numbers to be masked in a text, in order, none overlapping."""
    found = [found for run in _RUN.finditer(fold(text)) if (found := _in_run(run))]
    taken = [range(span.start, span.end) for span in found]
    for phone in find_phones(text):
        if not any(phone.start in span or phone.end - 1 in span for span in taken):
            found.append(Sensitive("phone", phone.start, phone.end))
    return sorted(found, key=lambda span: span.start)


def redact(text: str) -> str:
    """The text with the figures of every sensitive number masked; the length stays."""
    return _masked(text, sensitive_spans(text))


def redact_transcript(transcript: Transcript) -> Transcript:
    """The transcript masked, words too. A number that a speaker gives over several segments is found as one."""
    segments = list(transcript.segments)
    for speaker in dict.fromkeys(segment.speaker for segment in segments):
        turns = [i for i, segment in enumerate(segments) if segment.speaker == speaker]
        masked = redact("\n".join(segments[i].text.replace("\n", " ") for i in turns)).split("\n")
        for i, text in zip(turns, masked, strict=True):
            segments[i] = _with_text(segments[i], text)
    return replace(transcript, segments=tuple(segments))


def _in_run(run: re.Match[str]) -> Sensitive | None:
    figures = "".join(c for c in run.group() if re.match(rf"{_FIGURE}|[xX]", c)).translate(_FIGURES).upper()
    if _UNIT_AFTER.match(run.string, run.end()):
        return None
    if len(figures) >= LONG:
        return Sensitive(_kind(figures), run.start(), run.end())
    if _MOBILE.search(figures) or (len(figures) == 11 and figures.startswith("1")):
        return Sensitive("phone", run.start(), run.end())
    return None


def _kind(figures: str) -> SensitiveKind:
    if _is_identity(figures):
        return "id_card"
    if len(figures) <= 19 and figures.isdigit() and _luhn(figures):
        return "bank_card"
    return "number"


def _is_identity(figures: str) -> bool:
    """GB 11643: 18 characters with a check figure, or the 15 of before 1999."""
    if not _ID_BIRTH.fullmatch(figures) or len(figures) not in (15, 18):
        return False
    if len(figures) == 15:
        return True
    total = sum(int(figure) * weight for figure, weight in zip(figures, _ID_WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == figures[17]


def _luhn(figures: str) -> bool:
    total = 0
    for place, figure in enumerate(reversed(figures)):
        doubled = int(figure) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _masked(text: str, spans: Iterable[Sensitive]) -> str:
    characters = list(text)
    folded = fold(text)
    for kind, start, end in spans:
        figures = [i for i in range(start, end) if re.match(rf"{_FIGURE}|[xX]", folded[i])]
        first, last = _KEPT[kind]
        for i in figures[first : len(figures) - last]:
            characters[i] = MASK
    return "".join(characters)


def _with_text(segment: Segment, text: str) -> Segment:
    """The segment with masked text of the same length, and its words masked at the same places."""
    if text == segment.text:
        return segment
    words: list[Word] = []
    position = 0
    for word in segment.words:
        at = segment.text.find(word.text, position)
        if at < 0:
            # Its place is not known, so what it says can't be shown to be harmless.
            words.append(replace(word, text=redact(word.text)))
            continue
        position = at + len(word.text)
        words.append(replace(word, text=text[at:position]))
    return replace(segment, text=text, words=tuple(words))
