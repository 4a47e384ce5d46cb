"""Titles of papers, sections and columns in the reader's language, for files and programs; pages use ``in_language``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language

from shengce.sheets.models import Paper, PaperTemplate, Period


def in_language(title: Mapping[str, str]) -> str:
    """The title in the language of this moment; Chinese where there is none."""
    chosen = "zh" if (get_language() or "zh").startswith("zh") else "en"
    return title.get(chosen) or title.get("zh") or ""


def title_of(template: PaperTemplate) -> str:
    return in_language(template.title) or template.code


def period_words(paper: Paper) -> str:
    """The period: a day, a month, or the first and the last day."""
    kind: Any = paper.template.period
    if kind == Period.MONTH:
        return f"{paper.start_on:%Y-%m}"
    if kind == Period.DAY:
        return date_format(paper.start_on, "Y-m-d")
    return f"{paper.start_on:%Y-%m-%d} – {paper.last_on:%m-%d}"


def choice_in_words(value: str, choices: Sequence[Mapping[str, str]]) -> str:
    """The chosen value in the reader's language; a value that is no choice any more as it was written."""
    return next((in_language(choice) for choice in choices if choice["zh"] == value), value)
