"""Marks inside a turn's text: where facts and hits were found, each playable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters ``[start, end)`` of one turn, what they mean, and when they sound."""

    start: int
    end: int
    label: str
    start_ms: int
    end_ms: int
    fatal: bool = False


def marked(text: str, marks: Iterable[Mark]) -> SafeString:
    """The escaped text with its marks; overlapping marks become one, so that a page is never striped.

    A merged mark plays from the first start to the last end and carries all labels.
    """
    parts: list[SafeString] = []
    position = 0
    for mark in _merged(marks, len(text)):
        parts.append(escape(text[position : mark.start]))
        parts.append(
            format_html(
                '<mark class="{}" data-start="{}" data-end="{}" title="{}">{}</mark>',
                "fatal" if mark.fatal else "",
                mark.start_ms,
                mark.end_ms,
                mark.label,
                text[mark.start : mark.end],
            )
        )
        position = mark.end
    parts.append(escape(text[position:]))
    return mark_safe("".join(parts))


def _merged(marks: Iterable[Mark], length: int) -> list[Mark]:
    merged: list[Mark] = []
    for mark in sorted(marks, key=lambda m: (m.start, m.end)):
        start, end = max(0, mark.start), min(length, mark.end)
        if start >= end:
            continue
        last = merged[-1] if merged else None
        if last is None or start >= last.end:
            merged.append(Mark(start, end, mark.label, mark.start_ms, mark.end_ms, mark.fatal))
            continue
        labels = last.label if mark.label in last.label.split(" · ") else f"{last.label} · {mark.label}"
        merged[-1] = Mark(
            last.start,
            max(last.end, end),
            labels,
            min(last.start_ms, mark.start_ms),
            max(last.end_ms, mark.end_ms),
            last.fatal or mark.fatal,
        )
    return merged
