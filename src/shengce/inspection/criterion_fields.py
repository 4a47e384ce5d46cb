"""Criteria as the plain fields of a form, and back; whatever they cannot hold stays YAML, so that nothing is lost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from shengce.inspection.card_files import as_yaml, read_yaml
from shengce.inspection.cards import new_id
from shengce.inspection.wording import OF_BOTH_SIDES, SHARES
from shengce.language.criteria import CardError, Condition, condition_from_data, condition_to_data
from shengce.language.inspection import Criterion


def criterion_data(given: dict[str, Any], identifier: str | None) -> dict[str, Any]:
    """The mapping of a criterion from a form's cleaned fields. Raises :class:`CardError` for a broken own rule."""
    zh, en = given["name_zh"], given["name_en"]
    note_zh, note_en = given["note_zh"], given["note_en"]
    data = {
        "id": identifier or new_id(en),
        "name": {"zh": zh, "en": en or zh},
        "section": given["section"],
        "points": given["points"] or 0,
        "fatal": given["fatal"],
        "when": _condition_data(given),
        "applies_if": _applies_data(given),
    }
    if note_zh or note_en:
        data["note"] = {"zh": note_zh or note_en, "en": note_en or note_zh}
    plain: dict[str, Any] = _numbers_plain(data)
    return plain


def _condition_data(given: dict[str, Any]) -> Any:
    kind = given["kind"]
    if kind == "free":
        return _free(given["rule"], "when")
    if kind == "measure":
        return _measure_data(given)
    if kind == "order":
        second = {"phrases": _split(given["then_phrases"]), "by": given["then_by"] or None}
        return {"order": [{"phrases": _split(given["phrases"]), "by": given["by"] or None}, second]}
    wording = {
        "phrases": _split(given["phrases"]),
        "by": given["by"] or None,
        "within_first_s": given["within_first_s"],
        "within_last_s": given["within_last_s"],
        "unless": _split(given["unless"]) or None,
        "unless_within": given["unless_within"],
        "homophones": {"yes": True, "no": False}.get(given["homophones"]),
    }
    if kind == "times":
        return {"said": wording | {"at_least": given["at_least"], "at_most": given["at_most"]}}
    return {kind: wording}


def _measure_data(given: dict[str, Any]) -> dict[str, Any]:
    name = given["measure"]
    least, most = given["measure_least"], given["measure_most"]
    if name in SHARES:
        least, most = (None if limit is None else limit / 100 for limit in (least, most))
    role = given["measure_role"] if name in OF_BOTH_SIDES else None
    return {"measure": {"name": name, "at_least": least, "at_most": most, "role": role or "rep"}}


def _applies_data(given: dict[str, Any]) -> Any:
    if given["applies"] == "always":
        return None
    if given["applies"] == "free":
        return _free(given["applies_rule"], "applies_if")
    return {"said": {"phrases": _split(given["applies_phrases"]), "by": given["applies_by"] or None}}


def _free(text: str, path: str) -> Any:
    try:
        data = read_yaml(text)
    except CardError as error:
        raise CardError(f"criterion.{path}", error.template, **error.params) from error
    if data is None:
        raise CardError(f"criterion.{path}", "needs when: the condition to meet")
    return data


def _split(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _numbers_plain(data: Any) -> Any:
    """Decimals of form fields as the numbers that YAML would give."""
    if isinstance(data, dict):
        return {key: _numbers_plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_numbers_plain(value) for value in data]
    if isinstance(data, Decimal):
        return int(data) if data == data.to_integral_value() else float(data)
    return data


def initial_of(criterion: Criterion) -> dict[str, Any]:
    """The fields of a criterion. A rule that they would change is shown as YAML instead."""
    note = criterion.note
    initial: dict[str, Any] = {
        "name_zh": criterion.name.zh,
        "name_en": criterion.name.en,
        "section": criterion.section,
        "points": criterion.points,
        "fatal": criterion.fatal,
        "note_zh": note.zh if note else "",
        "note_en": note.en if note else "",
    }
    return initial | _condition_initial(criterion.when) | _applies_initial(criterion.applies_if)


_EMPTY: dict[str, Any] = {
    "phrases": "", "by": "", "within_first_s": None, "within_last_s": None, "unless": "", "unless_within": 10,
    "homophones": "", "at_least": None, "at_most": None, "then_phrases": "", "then_by": "", "rule": "",
    "measure": "", "measure_least": None, "measure_most": None, "measure_role": "",
}  # fmt: skip


def _condition_initial(condition: Condition) -> dict[str, Any]:
    data = condition_to_data(condition)
    shown = _simple_initial(data)
    if shown is not None:
        filled = _EMPTY | shown
        again = _numbers_plain(_condition_data(filled))
        try:
            if condition_from_data(again) == condition:
                return filled
        except CardError:
            pass
    return {"kind": "free", "rule": as_yaml(data)}


def _simple_initial(data: dict[str, Any]) -> dict[str, Any] | None:
    """Fields for the kinds of rule that have them; the caller checks that nothing was lost."""
    kind, body = next(iter(data.items()))
    if kind in ("said", "not_said"):
        counted = "at_least" in body or "at_most" in body
        return {
            **{name: body[name] for name in ("by", "within_first_s", "within_last_s", "unless_within") if name in body},
            **{name: body[name] for name in ("at_least", "at_most") if name in body},
            "kind": "times" if counted else kind,
            "phrases": "\n".join(body.get("phrases", ())),
            "unless": "\n".join(body.get("unless", ())),
            "homophones": {True: "yes", False: "no", None: ""}[body.get("homophones")],
        }  # fmt: skip
    if kind == "order" and len(body) == 2:
        first, second = body
        return {
            "kind": "order",
            "phrases": "\n".join(first.get("phrases", ())),
            "by": first.get("by", ""),
            "then_phrases": "\n".join(second.get("phrases", ())),
            "then_by": second.get("by", ""),
        }
    if kind == "measure":
        scale = 100 if body["name"] in SHARES else 1
        limits = {
            f"measure_{at[3:]}": Decimal(str(body[at])) * scale
            for at in ("at_least", "at_most")
            if at in body
        }
        return {"kind": "measure", "measure": body["name"], "measure_role": body.get("role", "rep"), **limits}
    return None


def _applies_initial(condition: Condition | None) -> dict[str, Any]:
    if condition is None:
        return {"applies": "always"}
    data = condition_to_data(condition)
    body = data.get("said", {})
    filled = {
        "applies": "said",
        "applies_phrases": "\n".join(body.get("phrases", ())),
        "applies_by": body.get("by", ""),
    }
    try:
        if condition_from_data(_applies_data(filled)) == condition:
            return filled
    except CardError:
        pass
    return {"applies": "free", "applies_rule": as_yaml(data)}
