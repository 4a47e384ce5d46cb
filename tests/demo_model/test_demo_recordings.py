"""The demonstration recordings, their written talks and the manifest say the same thing."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import av
import pytest
import yaml

import shengce

DATA = Path(shengce.__file__).parent / "demo" / "data"
RECORDINGS = DATA / "recordings"
TALKS = DATA / "talks"
MANIFEST: dict[str, Any] = json.loads((RECORDINGS / "manifest.json").read_text(encoding="utf-8"))
ENTRIES: list[dict[str, Any]] = MANIFEST["recordings"]
USABLE = [e for e in ENTRIES if e["flaw"] is None]
FACT_KINDS = {
    "need",
    "budget",
    "decision_maker",
    "objection",
    "competitor",
    "price",
    "product_interest",
    "promise",
    "appointment",
    "payment_promise",
    "complaint",
    "contact",
    "diversion",
    "next_step",
}
OBJECTIONS = {"price", "quality", "service", "competitor", "timing", "authority", "need", "other"}
LARGEST_BYTES = 6_000_000

names = pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e["talk"])


def read_talk(entry: dict[str, Any]) -> dict[str, Any]:
    return yaml.safe_load((TALKS / entry["talk"]).read_text(encoding="utf-8"))


def turns(talk: dict[str, Any]) -> list[tuple[str, str]]:
    return [tuple(line.split("：", 1)) for line in talk["turns"].strip().splitlines()]  # type: ignore[misc]


def decode_ms(path: Path) -> float:
    with av.open(str(path)) as file:
        return sum(1000 * frame.samples / frame.sample_rate for frame in file.decode(audio=0))


def test_manifest_lists_exactly_the_files_and_the_talks() -> None:
    assert {e["file"] for e in ENTRIES} == {p.name for p in RECORDINGS.iterdir()} - {"manifest.json"}
    assert {e["talk"] for e in ENTRIES} == {p.name for p in TALKS.iterdir()}
    assert len({e["sha256"] for e in ENTRIES}) == len(ENTRIES)


@names
def test_file_is_the_one_in_the_manifest(entry: dict[str, Any]) -> None:
    assert hashlib.sha256((RECORDINGS / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]


@names
def test_duration_is_the_one_in_the_manifest(entry: dict[str, Any]) -> None:
    path = RECORDINGS / entry["file"]
    if entry["flaw"] == "broken":
        assert entry["duration_ms"] is None
        with pytest.raises(av.FFmpegError):
            decode_ms(path)
        return
    assert decode_ms(path) == pytest.approx(entry["duration_ms"], abs=5)


def test_there_is_enough_of_every_kind_and_it_is_small() -> None:
    assert len(USABLE) >= 16
    assert all(30_000 <= e["duration_ms"] <= 240_000 for e in USABLE)
    assert sorted(e["flaw"] for e in ENTRIES if e["flaw"]) == ["broken", "short"]
    assert next(e for e in ENTRIES if e["flaw"] == "short")["duration_ms"] < 1000
    assert {(e["kind"], e["channels"]) for e in ENTRIES} == {("phone", 2), ("onsite", 1)}
    assert {Path(e["file"]).suffix for e in ENTRIES} == {".mp3", ".opus"}
    assert len({e["rep"] for e in ENTRIES}) >= 6
    assert sum((RECORDINGS / e["file"]).stat().st_size for e in ENTRIES) < LARGEST_BYTES


@names
def test_channels_are_those_of_the_sound(entry: dict[str, Any]) -> None:
    if entry["flaw"] == "broken":
        pytest.skip("nothing in it can be decoded")
    with av.open(str(RECORDINGS / entry["file"])) as file:
        assert file.streams.audio[0].layout.nb_channels == entry["channels"]


@names
def test_manifest_repeats_the_front_matter(entry: dict[str, Any]) -> None:
    talk = read_talk(entry)
    for key in (
        "file",
        "title",
        "kind",
        "rep",
        "customer",
        "contact",
        "phone",
        "direction",
        "day",
        "time",
        "facts",
    ):
        assert entry[key] == talk[key], key
    assert re.fullmatch(r"\d\d:\d\d:\d\d", talk["time"])
    assert re.fullmatch(r"1\d\d1234\d{4}", talk["phone"]), "only numbers of the form 1xx1234xxxx"


@names
def test_talk_is_complete_and_in_hanzi(entry: dict[str, Any]) -> None:
    said = turns(read_talk(entry))
    assert {who for who, _ in said} <= {"销售", "客户"}
    assert all(re.fullmatch(r"[\u4e00-\u9fff，。？！、]+", text) for _, text in said)
    if entry["flaw"] is None:
        assert len(said) >= 9


@names
def test_every_expected_fact_is_quoted_from_one_turn(entry: dict[str, Any]) -> None:
    said = turns(read_talk(entry))
    for fact in entry["facts"]:
        assert fact["kind"] in FACT_KINDS
        assert any(fact["quote"] in text for _, text in said), fact["quote"]
        if fact["kind"] == "objection":
            assert fact["value"]["reason"] in OBJECTIONS


def test_every_kind_of_fact_is_expected_somewhere_and_one_talk_has_none() -> None:
    assert {fact["kind"] for e in ENTRIES for fact in e["facts"]} == FACT_KINDS
    assert [e["talk"] for e in USABLE if not e["facts"]] == ["10-yuanzhu-small-talk.yaml"]


def test_names_of_products_and_rivals_are_those_of_the_lexicon() -> None:
    lexicon = yaml.safe_load((DATA / "lexicon.yaml").read_text(encoding="utf-8"))
    products = {p["name"] for p in lexicon["products"]}
    rivals = {c["name"] for c in lexicon["competitors"]}
    facts = [fact for e in ENTRIES for fact in e["facts"]]
    assert {f["value"]["product"] for f in facts if f["value"].get("product")} <= products
    assert {f["value"]["name"] for f in facts if f["kind"] == "competitor"} == rivals
    assert {f["value"]["of"] for f in facts if f["value"].get("of")} <= rivals


def test_the_model_can_write_every_character_that_is_said() -> None:
    tokens = (DATA / "model" / "tokens.txt").read_text(encoding="utf-8").splitlines()
    known = {line.rsplit(" ", 1)[0] for line in tokens}
    said = {c for e in ENTRIES for _, text in turns(read_talk(e)) for c in text if c not in "，。？！、"}
    assert said <= known, "".join(sorted(said - known))
