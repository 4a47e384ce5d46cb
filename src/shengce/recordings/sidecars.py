"""Lists that travel with recordings: CSV or JSON that says for each file who called whom and when.

Tolerant of encodings (UTF-8 with or without mark, GB18030, UTF-16), delimiters and column names in Chinese and
English; strict about one thing: there must be a column with file names, else :class:`Refused` says what was found.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import PurePosixPath
from typing import Any

from shengce.people.phone_numbers import normalise_phone
from shengce.recordings.filenames import DIRECTIONS
from shengce.recordings.hints import Hints
from shengce.recordings.moments import moment_of_text
from shengce.recordings.refusal import Refused

MOST_BYTES = 8_000_000
MOST_ROWS = 200_000
MOST_RAW_CHARACTERS = 200
EXTENSIONS = (".csv", ".tsv", ".json")

COLUMNS: dict[str, tuple[str, ...]] = {
    "file": (
        "file", "filename", "recording", "recordingfile", "recordfile", "audio", "audiofile", "path", "name", "wav",
        "文件", "文件名", "文件名称", "录音", "录音文件", "录音文件名", "录音名", "录音名称", "音频", "音频文件", "文件路径", "录音地址",
    ),
    "phone": (
        "phone", "phonenumber", "number", "mobile", "tel", "telephone", "customerphone", "customernumber",
        "号码", "电话", "电话号码", "手机", "手机号", "手机号码", "客户电话", "客户号码", "客户手机", "客户手机号", "对方号码", "联系电话",
    ),
    "caller": (
        "caller", "callerid", "callernumber", "from", "src", "source", "calling", "主叫", "主叫号码", "主叫方", "来电号码",
    ),
    "callee": ("callee", "called", "calleenumber", "callednumber", "to", "dst", "destination", "被叫", "被叫号码", "被叫方"),
    "direction": (
        "direction", "calldirection", "type", "calltype", "inout", "呼叫方向", "方向", "通话方向", "呼叫类型", "通话类型", "呼入呼出",
    ),
    "started_at": (
        "startedat", "start", "starttime", "datetime", "timestamp", "calldate", "calltime", "begin", "begintime", "at",
        "开始时间", "通话开始时间", "呼叫时间", "通话时间", "录音时间", "拨打时间", "起始时间", "时间", "日期时间",
    ),
    "date": ("date", "day", "日期", "通话日期", "录音日期"),
    "rep": (
        "rep", "agent", "user", "username", "operator", "employee", "sales", "salesperson", "salesrep", "owner", "agentid",
        "坐席", "座席", "坐席工号", "坐席姓名", "工号", "业务员", "销售", "销售员", "员工", "员工姓名", "员工工号", "姓名", "客服", "顾问", "负责人",
    ),
    "own_number": ("extension", "ext", "agentphone", "repphone", "分机", "分机号", "坐席号码", "坐席分机", "业务员电话", "本机号码"),
    "customer": ("customer", "customername", "company", "account", "client", "客户", "客户名", "客户名称", "公司", "公司名称", "单位"),
    "contact": ("contact", "contactname", "联系人", "联系人姓名", "客户姓名"),
}  # fmt: skip
"""What a column may be called, folded: small letters, no spaces, no ``_ - . ( )``."""

WAYS: dict[str, str] = {
    **{word: way for word, way in DIRECTIONS.items() if word not in ("0", "1")},
    "打入": "in", "拨入": "in", "被叫": "in", "已接": "in", "已接来电": "in", "呼入电话": "in", "i": "in", "incomingcall": "in",
    "打出": "out", "拨打": "out", "主叫": "out", "外呼": "out", "呼出电话": "out", "已拨电话": "out", "o": "out", "outgoingcall": "out",
    "现场": "onsite", "面谈": "onsite", "拜访": "onsite", "onsite": "onsite", "visit": "onsite",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sidecar:
    """Rows by file name. ``whole`` is set when a JSON object without file name speaks of the file it is named after."""

    name: str
    rows: dict[str, Hints] = field(default_factory=dict)
    whole: Hints | None = None

    def hints_for(self, file: str) -> Hints:
        """What the list says of a file; its folder is compared where the list writes folders, else only its name."""
        path = _key(file)
        base = path.rpartition("/")[2]
        if path in self.rows:
            return self.rows[path]
        if base in self.rows:
            return self.rows[base]
        if self.whole is not None:
            # call.json or call.wav.json speaks of call.wav
            own = _stem(_key(self.name).rpartition("/")[2])
            return self.whole if own in (base, _stem(base)) else Hints()
        return self.rows.get(_stem(base), Hints())


def is_sidecar(name: str) -> bool:
    """Whether a file is a list, by its name."""
    return name.lower().endswith(EXTENSIONS)


def read_sidecar(data: bytes, *, name: str, zone: tzinfo) -> Sidecar:
    """Read a list. Raises ``Refused`` with a ``sidecar_…`` code that says what is wrong with it."""
    if len(data) > MOST_BYTES:
        raise Refused("sidecar_large", limit_mb=MOST_BYTES // 1_000_000)
    text = _decode(data)
    if name.lower().endswith(".json"):
        rows: list[Mapping[str, Any]] = _json_rows(text)
    else:
        rows = _csv_rows(text)
    if not rows:
        raise Refused("sidecar_empty")
    return _sidecar(name, rows[:MOST_ROWS], zone)


def _sidecar(name: str, rows: list[Mapping[str, Any]], zone: tzinfo) -> Sidecar:
    found = list(dict.fromkeys(str(column) for row in rows[:100] for column in row))
    columns = {column: meaning for column in found if (meaning := _meaning(column))}
    meanings = set(columns.values())
    if not meanings - {"file"}:
        raise Refused(
            "sidecar_useless", found=_shown(found), needed=_names_of(*(m for m in COLUMNS if m != "file"))
        )
    if "file" not in meanings:
        if len(rows) == 1 and name.lower().endswith(".json"):
            return Sidecar(name, whole=_hints(rows[0], columns, zone))
        raise Refused("sidecar_columns", found=_shown(found), needed=_names_of("file", most=6))
    result: dict[str, Hints] = {}
    for row in rows:
        parts = _parts(row, columns)
        file = _key(parts.get("file", ""))
        if not file:
            continue
        hints = _hints(row, columns, zone)
        result[file] = hints
        base = file.rpartition("/")[2]
        result.setdefault(base, hints)
        if "." not in base:
            result.setdefault(_stem(base), hints)
    if not result:
        raise Refused("sidecar_empty")
    return Sidecar(name, result)


def _hints(row: Mapping[str, Any], columns: dict[str, str], zone: tzinfo) -> Hints:
    parts = _parts(row, columns)
    direction = WAYS.get(_fold(parts.get("direction", "")), "")
    caller, callee = (normalise_phone(parts.get(side, "")) for side in ("caller", "callee"))
    phone = normalise_phone(parts.get("phone", ""))
    own = normalise_phone(parts.get("own_number", ""))
    if not phone and direction in ("in", "out") and (caller or callee):
        phone, ours = (callee, caller) if direction == "out" else (caller, callee)
        own = own or ours
    return Hints(
        phone=phone,
        caller=caller,
        callee=callee,
        own_number=own,
        direction=direction,
        started_at=_moment(parts, zone),
        rep=parts.get("rep", ""),
        customer=parts.get("customer", ""),
        contact=parts.get("contact", ""),
        pattern="sidecar",
        raw={_clip(k): _clip(v) for k, v in list(row.items())[:60] if v not in (None, "")},
    )


def _moment(parts: dict[str, str], zone: tzinfo) -> Any:
    start, day = parts.get("started_at", ""), parts.get("date", "")
    for text in (start, f"{day} {start}" if day and start else "", day):
        if text and (found := moment_of_text(text, zone)):
            return found
    return None


def _parts(row: Mapping[str, Any], columns: dict[str, str]) -> dict[str, str]:
    parts: dict[str, str] = {}
    for column, meaning in columns.items():
        value = row.get(column)
        if meaning not in parts and isinstance(value, (str, int, float)) and str(value).strip():
            text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
            # A spreadsheet keeps a long number as text by ="138…" or by a mark in front of it.
            parts[meaning] = _clip(re.sub(r'^="?(.*?)"?$', r"\1", text.strip()).lstrip("'`"))
    return parts


def _csv_rows(text: str) -> list[Mapping[str, Any]]:
    head = text[:4000].splitlines()[0] if text.strip() else ""
    delimiter = max(",;\t，|", key=head.count)
    if delimiter == "，":
        text, delimiter = text.replace("，", ","), ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[Mapping[str, Any]] = []
    header: list[str] | None = None
    try:
        for line in reader:
            if not any(cell.strip() for cell in line):
                continue
            if header is None:
                header = [cell.strip() for cell in line]
            elif len(rows) < MOST_ROWS:
                rows.append(dict(zip(header, line, strict=False)))
    except csv.Error:
        if not rows:
            raise Refused("sidecar_empty") from None
    if header and not rows:
        rows = [dict.fromkeys(header, "")] if not any(_meaning(column) for column in header) else []
    return rows


def _json_rows(text: str) -> list[Mapping[str, Any]]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused("sidecar_json", line=getattr(error, "lineno", "?")) from None
    if isinstance(data, dict):
        inner = [v for v in data.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
        if len(inner) == 1:
            data = inner[0]
        elif data and all(isinstance(v, dict) for v in data.values()):
            data = [{"file": key} | value for key, value in data.items()]
        else:
            data = [data]
    return [row for row in _listed(data) if row]


def _listed(data: Any) -> Iterable[Mapping[str, Any]]:
    return (row for row in data if isinstance(row, dict)) if isinstance(data, list) else ()


def _decode(data: bytes) -> str:
    encodings = ["utf-8-sig", "gb18030"]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            return data.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    raise Refused("sidecar_encoding")


def _meaning(column: str) -> str:
    folded = _fold(column)
    return next((meaning for meaning, names in COLUMNS.items() if folded in names), "")


def _fold(text: str) -> str:
    return re.sub(r"[\s_\-.()（）:：/]", "", unicodedata.normalize("NFKC", text)).lower()


def _key(file: str) -> str:
    path = unicodedata.normalize("NFC", file).replace("\\", "/").strip().lower()
    return str(PurePosixPath(path)).lstrip("/") if path else ""


def _stem(base: str) -> str:
    stem, dot, extension = base.rpartition(".")
    return stem if dot and len(extension) <= 5 else base


def _clip(value: Any) -> str:
    return re.sub("[\x00-\x1f\ud800-\udfff]", " ", str(value)).strip()[:MOST_RAW_CHARACTERS]


def _shown(names: list[str]) -> str:
    return "、".join(_clip(name)[:30] or "–" for name in names[:12]) or "–"


def _names_of(*meanings: str, most: int = 2) -> str:
    chosen = [
        name
        for meaning in meanings
        for name in (*COLUMNS[meaning][:1], *_chinese(COLUMNS[meaning])[: most - 1])
    ]
    return "、".join(chosen)


def _chinese(names: tuple[str, ...]) -> list[str]:
    return [name for name in names if not name.isascii()]
