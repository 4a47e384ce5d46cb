"""``shengce evaluate``: precision and recall of extraction and normalisation, on labelled sets."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import yaml

from shengce.language.scoring import crosswoz, normalisation
from shengce.language.scoring.facts import LabelError, load_dialogues, score_dialogues, table, total

HELP = "measure extraction and normalisation on labelled sets"
NEEDS_DJANGO = False

_SET = Path("tests/language/labelled")
_DATA = Path("../shared/data")
_CROSSWOZ = Path("crosswoz/val.json.zip")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--set", type=Path, default=_SET, metavar="DIR", help=f"labelled dialogues; {_SET}")
    parser.add_argument(
        "--data", type=Path, default=_DATA, metavar="DIR", help=f"public sets; {_DATA}, left out where absent"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    """0 where something could be measured, 2 where the labelled set is absent or wrong."""
    if not args.set.is_dir():
        print(f"shengce evaluate: no folder {args.set}; name one with --set", file=sys.stderr)
        return 2
    try:
        dialogues = load_dialogues(args.set)
    except (LabelError, ValueError, KeyError, TypeError, OSError, yaml.YAMLError) as error:
        print(f"shengce evaluate: {args.set}: {error}", file=sys.stderr)
        return 2
    if not dialogues:
        print(f"shengce evaluate: there are no labelled dialogues (*.yaml) in {args.set}", file=sys.stderr)
        return 2
    parts = {
        "tuned": [d for d in dialogues if not d.held_out],
        "held_out": [d for d in dialogues if d.held_out],
    }
    scores = {name: score_dialogues(part) for name, part in parts.items()}
    public = _public(args.data)
    if args.json:
        report: dict[str, Any] = {
            name: {"all": total(s).to_json(), **{kind: score.to_json() for kind, score in s.items()}}
            for name, s in scores.items()
        }
        print(json.dumps({"facts": report, "public": public}, ensure_ascii=False, indent=2))
        return 0
    for name, part in parts.items():
        utterances = sum(len(d.transcript.segments) for d in part)
        trades = len({d.trade for d in part})
        print(f"\nfacts, {name}: {len(part)} dialogues, {utterances} utterances, {trades} trades")
        print("\n".join(table(scores[name])))
    _print_public(public)
    return 0


def _public(folder: Path) -> dict[str, Any]:
    """Scores on the public sets that are on this machine."""
    result: dict[str, Any] = {}
    if (folder / _CROSSWOZ).is_file():
        result["crosswoz"] = crosswoz.score(folder / _CROSSWOZ)
    if found := normalisation.score(folder):
        result["normalisation"] = {
            name: {key: value for key, value in counts.items() if key != "misses"}
            for name, counts in found.items()
        }
    return result


def _print_public(public: dict[str, Any]) -> None:
    for name, sets in public.items():
        print(f"\n{name}")
        for part, counts in sets.items():
            print(f"  {part:28}" + "  ".join(f"{key} {value}" for key, value in counts.items()))
