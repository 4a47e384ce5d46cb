"""``shengce evaluate``: precision and recall of extraction and normalisation on labelled sets, and the error of forecasts."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from shengce.language.scoring import crosswoz, normalisation
from shengce.language.scoring.facts import LabelError, load_dialogues, score_dialogues, table, total
from shengce.planning.forecast_trials import Score, measured, standard_trials

HELP = "measure extraction and normalisation on labelled sets, and forecasts on series"
NEEDS_DJANGO = False

_SET = Path("tests/language/labelled")
_DATA = Path("../shared/data")
_CROSSWOZ = Path("crosswoz/val.json.zip")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--set", type=Path, default=_SET, metavar="DIR", help=f"labelled dialogues; {_SET}")
    parser.add_argument(
        "--data", type=Path, default=_DATA, metavar="DIR", help=f"public sets; {_DATA}, left out where absent"
    )
    parser.add_argument(
        "--series", type=int, default=20, metavar="N", help="made series of each kind to forecast; 20"
    )
    parser.add_argument("--own", action="store_true", help="forecasts on this installation's own history too")
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
    forecasts = _forecasts(args.data, series=max(1, args.series), own=args.own)
    if args.json:
        report: dict[str, Any] = {
            name: {"all": total(s).to_json(), **{kind: score.to_json() for kind, score in s.items()}}
            for name, s in scores.items()
        }
        errors = {name: _numbers(score) for name, score in forecasts.items()}
        answer = {"facts": report, "public": public, "forecasts": errors}
        print(json.dumps(answer, ensure_ascii=False, indent=2))
        return 0
    for name, part in parts.items():
        utterances = sum(len(d.transcript.segments) for d in part)
        trades = len({d.trade for d in part})
        print(f"\nfacts, {name}: {len(part)} dialogues, {utterances} utterances, {trades} trades")
        print("\n".join(table(scores[name])))
    _print_public(public)
    _print_forecasts(forecasts)
    return 0


def _forecasts(data: Path, *, series: int, own: bool) -> dict[str, Score]:
    """Made series, the public set where it is here, and where asked the history of this installation."""
    trials = standard_trials(data, series=series)
    if own:
        import django

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shengce.project.settings")
        django.setup()
        from django.utils import timezone

        from shengce.attainment.forecast_trials import own_trials

        trials |= own_trials(timezone.localdate())
    return {name: measured(rows) for name, rows in trials.items()}


def _numbers(score: Score) -> dict[str, float | None]:
    """Without what JSON cannot say."""
    return {name: value if math.isfinite(value) else None for name, value in asdict(score).items()}


def _print_forecasts(scores: dict[str, Score]) -> None:
    print("\nforecasts: error against seasonal naive, MASE, share within the 80 % range (periods, sums)")
    for name, its in scores.items():
        none = f"  no forecast {its.none}" if its.none else ""
        print(
            f"  {name:34} tries {its.tries:4}  error {its.against_naive:.2f}  MASE {its.mase:.2f}  "
            f"covered {its.covered:.2f} {its.sums_covered:.2f}  width {its.width:.2f}{none}"
        )


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
