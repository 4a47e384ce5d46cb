"""``shengce process FILE…``: sound in; transcript, facts and inspection out. No database, no network."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shengce.speech.errors import WARNINGS, AudioError

if TYPE_CHECKING:
    from shengce.language.inspection import ScoreCard
    from shengce.language.lexicon import Lexicon
    from shengce.language.values import Fact
    from shengce.speech.recognise import Recogniser, Recognition
    from shengce.speech.transcript import Segment, Transcript

HELP = "recognise recordings and print what was said, the facts and the score"
NEEDS_DJANGO = False

CHINA = timezone(timedelta(hours=8))
"""A moment without an offset is meant in Chinese time."""

DEMO = Path(__file__).resolve().parents[2] / "demo" / "data"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="recordings of any common kind")
    parser.add_argument("--json", action="store_true", help="one JSON object a line for each file")
    parser.add_argument(
        "--at", metavar="ISO", help="the moment of the talk; default: when the file was last changed"
    )
    parser.add_argument("--lexicon", type=Path, metavar="FILE", help="YAML with products and competitors")
    parser.add_argument("--card", type=Path, metavar="FILE", help="YAML score card")
    parser.add_argument(
        "--model",
        metavar="NAME",
        help="name or folder of the speech model; default: SHENGCE_MODEL, else the demonstration one",
    )


def run(args: argparse.Namespace) -> int:
    """0 where every file could be used, 1 where one could not, 2 where an option is wrong."""
    from shengce.language.inspection import load_card
    from shengce.language.lexicon import Lexicon
    from shengce.speech.models.errors import ModelError
    from shengce.speech.models.places import resolve_model_dir
    from shengce.speech.recognise import Recogniser

    try:
        model_dir = resolve_model_dir(args.model or os.environ.get("SHENGCE_MODEL"))
        at = _moment(args.at) if args.at else None
        lexicon = Lexicon.from_yaml(args.lexicon or DEMO / "lexicon.yaml")
        card = load_card(args.card or DEMO / "score_card.yaml")
    except (ValueError, OSError, ModelError) as error:
        print(f"shengce process: {error}", file=sys.stderr)
        return 2
    failed = False
    with Recogniser(model_dir=model_dir) as recogniser:
        for name in args.files:
            outcome = process_file(Path(name), recogniser=recogniser, at=at, lexicon=lexicon, card=card)
            failed = failed or "error" in outcome
            print(
                json.dumps(outcome, ensure_ascii=not _is_utf8()) if args.json else as_text(outcome),
                flush=True,
            )
    return 1 if failed else 0


def process_file(
    path: Path, *, recogniser: Recogniser, at: datetime | None, lexicon: Lexicon, card: ScoreCard
) -> dict[str, Any]:
    """The object of docs/cli.md for one file; ``{file, error}`` where it cannot be used."""
    name = str(path).encode("utf-8", "replace").decode("utf-8")
    try:
        recognition = recogniser.recognise(path, hot_words=lexicon.hot_words)
    except AudioError as error:
        return {"file": name, "error": {"code": error.code, "message": error.message}}
    return {"file": name} | describe(recognition, at=at or _changed_at(path), lexicon=lexicon, card=card)


def describe(recognition: Recognition, *, at: datetime, lexicon: Lexicon, card: ScoreCard) -> dict[str, Any]:
    """What one recognised talk says and is worth, as JSON values."""
    from shengce.language.extract import extract_facts
    from shengce.language.inspection import inspect
    from shengce.language.roles import with_guessed_roles

    started = time.perf_counter()
    # Voices in one channel have no roles yet; here nobody will assign them by hand.
    transcript = with_guessed_roles(recognition.transcript)
    facts = extract_facts(transcript, at=at, lexicon=lexicon)
    inspection = inspect(transcript, card)
    language_ms = round((time.perf_counter() - started) * 1000)
    return {
        "sha256": recognition.sha256,
        "duration_ms": transcript.duration_ms,
        "channels": transcript.channels,
        "engine": transcript.engine,
        "warnings": [{"code": code, "message": WARNINGS[code]} for code in recognition.warnings],
        "segments": [_segment(segment) for segment in transcript.segments],
        "facts": [_fact(fact, transcript) for fact in facts],
        "inspection": inspection.to_json(),
        "timings_ms": {**recognition.timings_ms, "language": language_ms},
    }


def as_text(outcome: dict[str, Any]) -> str:
    """The same for people."""
    if "error" in outcome:
        return f"{outcome['file']}: {outcome['error']['message']}\n"
    lines = [f"{outcome['file']}  {_clock(outcome['duration_ms'])}  {outcome['engine']}"]
    lines += [f"  ! {warning['message']}" for warning in outcome["warnings"]]
    for segment in outcome["segments"]:
        who = segment["role"] if segment["role"] != "unknown" else segment["speaker"]
        lines.append(f"  [{_clock(segment['start_ms'])}] {who}: {segment['text']}")
    for fact in outcome["facts"]:
        value = json.dumps(fact["value"], ensure_ascii=False)
        lines.append(f"  {fact['kind']} {value} [{_clock(fact['start_ms'])}] “{fact['quote']}”")
    inspection = outcome["inspection"]
    score = "–" if inspection["score"] is None else inspection["score"]
    lines.append(f"  {inspection['score_card']}: {score}{'  FATAL' if inspection['fatal'] else ''}")
    return "\n".join(lines) + "\n"


def _segment(segment: Segment) -> dict[str, Any]:
    return {
        "speaker": segment.speaker,
        "role": segment.role,
        "start_ms": segment.start_ms,
        "end_ms": segment.end_ms,
        "text": segment.text,
        "words": [{"text": w.text, "start_ms": w.start_ms, "end_ms": w.end_ms} for w in segment.words],
    }


def _fact(fact: Fact, transcript: Transcript) -> dict[str, Any]:
    passage = fact.passage
    return {
        "kind": fact.kind,
        "value": fact.value,
        "quote": passage.quote,
        "speaker": transcript.segments[passage.turn].speaker,
        "role": passage.role,
        "start_ms": passage.start_ms,
        "end_ms": passage.end_ms,
        "confidence": fact.confidence,
        "extractor": fact.extractor,
    }


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"--at {text!r} is no moment in ISO 8601, such as 2026-11-24T10:00+08:00") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=CHINA)


def _changed_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).astimezone(CHINA)


def _clock(milliseconds: int) -> str:
    minutes, seconds = divmod(milliseconds // 1000, 60)
    return f"{minutes:02d}:{seconds:02d}"


def _is_utf8() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
