"""The measures of a talk in words, each with the passages that prove it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

SHOWN = 4


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """One line: what, how much, and passages as ``{"start_ms", "end_ms", "quote"}``."""

    name: str
    shown: str
    passages: list[dict[str, Any]]


def measure_rows(measures: dict[str, Any]) -> list[MeasureRow]:
    """Rows for what could be measured; a measure that is absent has no row (see ``language.measures``)."""
    rows: list[MeasureRow] = []

    def add(name: str, shown: str, passages: Any = None) -> None:
        listed = passages if isinstance(passages, list) else [passages] if passages else []
        rows.append(MeasureRow(name, shown, listed[:SHOWN]))

    if (share := measures.get("talk_ratio")) is not None:
        add(_("Rep's share of speech"), f"{share:.0%}")
    if (share := measures.get("silence_share")) is not None:
        add(_("Silence"), f"{share:.0%}")
    if longest := measures.get("longest_silence"):
        add(_("Longest silence"), _seconds(longest), longest)
    if longest := measures.get("longest_monologue"):
        add(_("Rep's longest stretch"), _seconds(longest), longest)
    for role, name in (("rep", _("Rep's speed")), ("customer", _("Customer's speed"))):
        if speed := (measures.get("speed") or {}).get(role):
            add(name, _("%(n)d characters a minute") % {"n": round(speed)})
    asked = (measures.get("questions") or {}).get("rep")
    if asked is not None:
        add(_("Questions by the rep"), str(len(asked)), asked)
    if (cut := measures.get("interruptions")) is not None:
        add(
            _("Cut in on the customer"),
            ngettext("%(n)d time", "%(n)d times", len(cut)) % {"n": len(cut)},
            cut,
        )
    if (pause := measures.get("patience_ms")) is not None:
        add(_("Pause before answering"), _("%(n).1f s") % {"n": pause / 1000})
    return rows


def _seconds(passage: dict[str, Any]) -> str:
    return _("%(n).1f s") % {"n": (passage["end_ms"] - passage["start_ms"]) / 1000}
