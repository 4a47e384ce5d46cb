"""The written form of conditions, and clear words for what is wrong with one.

A condition is a mapping with exactly one key, its kind::

    said:        {phrases: [您好, 你好], by: rep, within_first_s: 30}
    not_said:    {regex: "保证.{0,6}最低", by: rep, unless: [不能保证], unless_within: 4}
    said:        {groups: [[质保, 保修], [两年, 三年]], at_least: 1, at_most: 3, homophones: false}
    order:       [{phrases: [预算]}, {phrases: [报价, 价格是]}]
    near:        {first: {phrases: [合同]}, second: {phrases: [签]}, within_chars: 10, ordered: true}
    measure:     {name: talk_ratio, at_least: 0.3, at_most: 0.6}
    all | any | none: [condition, condition]

The same mapping in JSON is what the application stores. Nothing is guessed: an unknown key, a wrong type or a
number out of range is refused with the path of the field.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

import re2

from shengce.language.criteria.conditions import (
    MEASURE_NAMES,
    Combined,
    Condition,
    Measured,
    Near,
    NotSaid,
    Order,
    Said,
    Wording,
)
from shengce.speech.transcript import ROLES

MAX_DEPTH = 6
MAX_PHRASE = 100
MAX_PHRASES = 20_000
MAX_REGEX = 500
MAX_PARTS = 100
MAX_COUNT = 1_000
MAX_SECONDS = 86_400
_REGEX_MEMORY = 8 * 1024 * 1024
_WORDING_KEYS = (
    "phrases",
    "groups",
    "regex",
    "by",
    "unless",
    "unless_within",
    "within_first_s",
    "within_last_s",
    "homophones",
)


class CardError(ValueError):
    """A score card or criterion that can't be used.

    ``path`` names the field (``criteria[2].when.said.phrases``); ``template`` and ``params`` are the message
    before it is filled in, for translation.
    """

    def __init__(self, path: str, template: str, **params: object) -> None:
        self.path, self.template, self.params = path, template, params
        message = template % params
        super().__init__(f"{path}: {message}" if path else message)


def condition_from_data(data: Any, path: str = "when", *, depth: int = 0) -> Condition:
    """A condition from its mapping. Raises :class:`CardError`."""
    if depth > MAX_DEPTH:
        raise CardError(path, "is nested more than %(limit)d levels deep", limit=MAX_DEPTH)
    if not isinstance(data, dict) or len(data) != 1:
        raise CardError(path, "must have exactly one of: %(kinds)s", kinds=", ".join(_KINDS))
    kind, body = next(iter(data.items()))
    inner = f"{path}.{kind}"
    if kind in ("all", "any", "none"):
        parts = as_list(body, inner, least=1, most=MAX_PARTS)
        return Combined(
            kind,
            tuple(condition_from_data(p, f"{inner}[{i}]", depth=depth + 1) for i, p in enumerate(parts)),
        )
    if not isinstance(kind, str) or kind not in _READERS:
        raise CardError(
            path, "unknown condition %(kind)r; use one of: %(kinds)s", kind=kind, kinds=", ".join(_KINDS)
        )
    return _READERS[kind](body, inner)


def condition_to_data(condition: Condition) -> dict[str, Any]:
    """The mapping of a condition, without what is left at its default; inverse of :func:`condition_from_data`."""
    match condition:
        case Said(wording, at_least, at_most):
            default = 1 if at_most is None else 0
            counts = {"at_least": None if at_least == default else at_least, "at_most": at_most}
            return {"said": _wording_to_data(wording) | _present(counts)}
        case NotSaid(wording):
            return {"not_said": _wording_to_data(wording)}
        case Order(steps):
            return {"order": [_wording_to_data(step) for step in steps]}
        case Near(first, second, within_chars, within_s, ordered):
            limits = {"within_chars": within_chars, "within_s": _number(within_s), "ordered": ordered or None}
            return {
                "near": {"first": _wording_to_data(first), "second": _wording_to_data(second)}
                | _present(limits)
            }
        case Measured(measure, at_least, at_most, role):
            limits = {"at_least": _number(at_least), "at_most": _number(at_most)}
            return {
                "measure": {"name": measure} | _present(limits | {"role": role if role != "rep" else None})
            }
        case Combined(how, parts):
            return {how: [condition_to_data(part) for part in parts]}


def compile_regex(pattern: str, path: str = "regex") -> Any:
    """An RE2 pattern (no backtracking: time grows with the text alone). Raises :class:`CardError`."""
    if len(pattern) > MAX_REGEX:
        raise CardError(path, "a regular expression may have %(limit)d characters", limit=MAX_REGEX)
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _REGEX_MEMORY
    try:
        compiled = re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0] if error.args else error
        words = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise CardError(path, "is no valid regular expression: %(reason)s", reason=words) from error
    if compiled.search("") is not None:
        raise CardError(path, "matches the empty text; ask for at least one character")
    return compiled


def _said(data: Any, path: str) -> Condition:
    body = as_mapping(data, path, (*_WORDING_KEYS, "at_least", "at_most"))
    at_most = as_whole(body.get("at_most"), f"{path}.at_most", most=MAX_COUNT)
    at_least = as_whole(body.get("at_least"), f"{path}.at_least", most=MAX_COUNT)
    if at_least is None:
        at_least = 1 if at_most is None else 0
    if at_most is not None and at_most < at_least:
        raise CardError(
            path, "at_most (%(most)d) is less than at_least (%(least)d)", most=at_most, least=at_least
        )
    if at_most is None and at_least == 0:
        raise CardError(f"{path}.at_least", "0 is always true")
    return Said(_wording(body, path), at_least, at_most)


def _not_said(data: Any, path: str) -> Condition:
    return NotSaid(_wording(as_mapping(data, path, _WORDING_KEYS), path))


def _order(data: Any, path: str) -> Condition:
    steps = as_list(data, path, least=2, most=MAX_PARTS)
    return Order(
        tuple(
            _wording(as_mapping(step, f"{path}[{i}]", _WORDING_KEYS), f"{path}[{i}]")
            for i, step in enumerate(steps)
        )
    )


def _near(data: Any, path: str) -> Condition:
    body = as_mapping(data, path, ("first", "second", "within_chars", "within_s", "ordered"))
    sides = []
    for side in ("first", "second"):
        if side not in body:
            raise CardError(path, "needs %(key)s", key=side)
        inner = f"{path}.{side}"
        sides.append(_wording(as_mapping(body[side], inner, _WORDING_KEYS), inner))
    chars = as_whole(body.get("within_chars"), f"{path}.within_chars", most=MAX_COUNT)
    seconds = as_number(body.get("within_s"), f"{path}.within_s", least=0, most=MAX_SECONDS)
    if (chars is None) == (seconds is None):
        raise CardError(path, "needs either within_chars or within_s")
    ordered = as_flag(body.get("ordered"), f"{path}.ordered")
    return Near(sides[0], sides[1], chars, seconds, bool(ordered))


def _measure(data: Any, path: str) -> Condition:
    body = as_mapping(data, path, ("name", "at_least", "at_most", "role"))
    name = body.get("name")
    if name not in MEASURE_NAMES:
        raise CardError(f"{path}.name", "must be one of: %(names)s", names=", ".join(MEASURE_NAMES))
    least = as_number(body.get("at_least"), f"{path}.at_least", least=0, most=MAX_SECONDS)
    most = as_number(body.get("at_most"), f"{path}.at_most", least=0, most=MAX_SECONDS)
    if least is None and most is None:
        raise CardError(path, "needs at_least or at_most")
    if least is not None and most is not None and most < least:
        raise CardError(path, "at_most (%(most)s) is less than at_least (%(least)s)", most=most, least=least)
    role = body.get("role", "rep")
    allowed = ("rep", "customer") if name in ("speed", "interruptions", "questions") else ("rep",)
    if role not in allowed:
        raise CardError(f"{path}.role", "must be one of: %(names)s", names=", ".join(allowed))
    return Measured(name, least, most, role)


_READERS: dict[str, Callable[[Any, str], Condition]] = {
    "said": _said,
    "not_said": _not_said,
    "order": _order,
    "near": _near,
    "measure": _measure,
}
_KINDS = (*_READERS, "all", "any", "none")


def _wording(body: dict[str, Any], path: str) -> Wording:
    given = [key for key in ("phrases", "groups", "regex") if body.get(key) is not None]
    if len(given) != 1:
        raise CardError(path, "needs exactly one of: phrases, groups, regex")
    role = body.get("by")
    if role is not None and role not in ROLES:
        raise CardError(f"{path}.by", "must be one of: %(names)s", names=", ".join(ROLES))
    groups: tuple[tuple[str, ...], ...] = ()
    if "groups" in given:
        listed = as_list(body["groups"], f"{path}.groups", least=2, most=MAX_PARTS)
        groups = tuple(_phrases(group, f"{path}.groups[{i}]") for i, group in enumerate(listed))
    regex = None
    if "regex" in given:
        regex = as_text(body["regex"], f"{path}.regex", most=MAX_REGEX)
        compile_regex(regex, f"{path}.regex")
    unless_within = as_whole(body.get("unless_within"), f"{path}.unless_within", most=MAX_COUNT)
    return Wording(
        phrases=_phrases(body["phrases"], f"{path}.phrases") if "phrases" in given else (),
        groups=groups,
        regex=regex,
        by=role,
        unless=_phrases(body["unless"], f"{path}.unless") if body.get("unless") is not None else (),
        unless_within=10 if unless_within is None else unless_within,
        within_first_s=as_number(
            body.get("within_first_s"), f"{path}.within_first_s", least=1, most=MAX_SECONDS
        ),
        within_last_s=as_number(
            body.get("within_last_s"), f"{path}.within_last_s", least=1, most=MAX_SECONDS
        ),
        homophones=as_flag(body.get("homophones"), f"{path}.homophones"),
    )


def _wording_to_data(wording: Wording) -> dict[str, Any]:
    return _present(
        {
            "phrases": list(wording.phrases) or None,
            "groups": [list(group) for group in wording.groups] or None,
            "regex": wording.regex,
            "by": wording.by,
            "unless": list(wording.unless) or None,
            "unless_within": wording.unless_within if wording.unless_within != 10 else None,
            "within_first_s": _number(wording.within_first_s),
            "within_last_s": _number(wording.within_last_s),
            "homophones": wording.homophones,
        }
    )


def _present(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value is not None}


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _phrases(data: Any, path: str) -> tuple[str, ...]:
    listed = as_list(data, path, least=1, most=MAX_PHRASES)
    phrases = (as_text(item, f"{path}[{i}]", most=MAX_PHRASE) for i, item in enumerate(listed))
    return tuple(dict.fromkeys(phrases))


def as_mapping(data: Any, path: str, keys: tuple[str, ...]) -> dict[str, Any]:
    """A mapping with none but the given keys."""
    if not isinstance(data, dict):
        raise CardError(path, "must be a mapping of: %(keys)s", keys=", ".join(keys))
    for key in data:
        if key not in keys:
            raise CardError(path, "unknown key %(key)r; use: %(keys)s", key=key, keys=", ".join(keys))
    return data


def as_list(data: Any, path: str, *, least: int, most: int) -> list[Any]:
    if not isinstance(data, list):
        raise CardError(path, "must be a list")
    if not least <= len(data) <= most:
        raise CardError(path, "must have %(least)d to %(most)d items", least=least, most=most)
    return data


def as_text(data: Any, path: str, *, most: int) -> str:
    if not isinstance(data, str):
        raise CardError(path, "must be text, not %(value).40r; put it in quotes", value=data)
    text = data.strip()
    if not 1 <= len(text) <= most:
        raise CardError(path, "must have 1 to %(most)d characters", most=most)
    return text


def as_whole(data: Any, path: str, *, most: int) -> int | None:
    """A whole number from 0, or ``None`` where it is not given."""
    if data is None:
        return None
    if not isinstance(data, int) or isinstance(data, bool) or not 0 <= data <= most:
        raise CardError(path, "must be a whole number from 0 to %(most)d", most=most)
    return data


def as_number(data: Any, path: str, *, least: int, most: int) -> Decimal | None:
    if data is None:
        return None
    try:
        value = Decimal(str(data)) if isinstance(data, int | float | str | Decimal) else None
    except InvalidOperation:
        value = None
    if value is None or isinstance(data, bool) or not value.is_finite() or not least <= value <= most:
        raise CardError(path, "must be a number from %(least)d to %(most)d", least=least, most=most)
    return value


def as_flag(data: Any, path: str) -> bool | None:
    if data is not None and not isinstance(data, bool):
        raise CardError(path, "must be true or false")
    return data
