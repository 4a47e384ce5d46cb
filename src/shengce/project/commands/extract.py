"""``shengce extract``: a written dialogue in, facts out. No database, no network."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime, timedelta, timezone
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from shengce.language.dialogue import (
    MAX_BYTES,
    DialogueError,
    parse_dialogue,
    read_dialogue,
    read_dialogue_file,
)
from shengce.language.extract import extract_facts
from shengce.language.lexicon import Lexicon, LexiconError
from shengce.language.values import Fact

HELP = "find the facts in a written dialogue"
NEEDS_DJANGO = False

_CHINA = timezone(timedelta(hours=8))
"""A moment without an offset is meant in Chinese time."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        nargs="?",
        type=Path,
        metavar="FILE",
        help="one utterance a line, '销售：…' or '客户：…'; standard input if absent or -",
    )
    parser.add_argument("--json", action="store_true", help="print {facts: […]} as JSON")
    parser.add_argument("--at", type=_moment, metavar="ISO", help="the moment of the talk; now if absent")
    parser.add_argument(
        "--lexicon",
        type=Path,
        metavar="FILE",
        help="YAML with products and competitors; the demonstration company's if absent",
    )


def run(args: argparse.Namespace) -> int:
    """0 where the dialogue could be read, 2 where it or the lexicon is wrong."""
    try:
        transcript = parse_dialogue(_text(args.file))
        lexicon = _lexicon(args.lexicon)
    except (DialogueError, LexiconError) as error:
        print(f"shengce extract: {error}", file=sys.stderr)
        return 2
    at = args.at or datetime.now(_CHINA)
    facts = extract_facts(transcript, at=at, lexicon=lexicon)
    if args.json:
        _write(json.dumps({"facts": [fact_json(fact) for fact in facts]}, ensure_ascii=False, indent=2))
    else:
        for fact in facts:
            value = json.dumps(fact.value, ensure_ascii=False)
            _write(f"{fact.passage.turn}\t{fact.passage.role}\t{fact.kind}\t{fact.passage.quote}\t{value}")
    return 0


def fact_json(fact: Fact) -> dict[str, Any]:
    """The shape of docs/cli.md: as in ``process``, with ``turn`` in place of times."""
    return {
        "kind": fact.kind,
        "value": fact.value,
        "quote": fact.passage.quote,
        "speaker": fact.passage.role,
        "turn": fact.passage.turn,
        "confidence": fact.confidence,
        "extractor": fact.extractor,
    }


def _text(file: Path | None) -> str:
    if file is None or str(file) == "-":
        return read_dialogue(sys.stdin.buffer.read(MAX_BYTES + 1))
    return read_dialogue_file(file)


def _lexicon(file: Path | None) -> Lexicon:
    if file is not None:
        return Lexicon.from_yaml(file)
    with as_file(files("shengce.demo") / "data" / "lexicon.yaml") as shipped:
        return Lexicon.from_yaml(shipped)


def _write(line: str) -> None:
    """One line in UTF-8 whatever the terminal says; a lone surrogate becomes a question mark."""
    sys.stdout.buffer.write(line.encode("utf-8", errors="replace") + b"\n")
    sys.stdout.buffer.flush()


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"not an ISO 8601 moment: {text!r}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=_CHINA)
