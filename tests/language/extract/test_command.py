"""``shengce extract`` and ``shengce evaluate`` as programs: input, output, exit status."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from shengce.project.cli import main

TALK = "[00:03] 销售：请问您预算大概多少？\n\n客户: 十五万左右\nrep: 好的，我明天把方案发给您\ncustomer：行\n"
AT = ["--at", "2026-11-10T10:00:00+08:00"]


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Any:
    def give(data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    return give


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_json_of_a_dialogue(encoding: str, tmp_path: Path, capfdbinary: Any) -> None:
    file = tmp_path / "talk.txt"
    file.write_bytes(TALK.encode(encoding))
    assert main(["extract", "--json", *AT, str(file)]) == 0
    facts = json.loads(capfdbinary.readouterr().out)["facts"]
    assert [(f["kind"], f["turn"], f["speaker"]) for f in facts[:2]] == [
        ("budget", 1, "customer"),
        ("promise", 2, "rep"),
    ]
    assert facts[0]["value"] == {"min": "150000", "max": "150000"}
    assert facts[0]["quote"] == "十五万左右"
    assert facts[1]["value"]["due"]["start"] == "2026-11-11T00:00:00+08:00"
    assert set(facts[0]) == {"kind", "value", "quote", "speaker", "turn", "confidence", "extractor"}


def test_standard_input(stdin: Any, capfdbinary: Any) -> None:
    stdin("客户：霖沃才四千八\n".encode())
    assert main(["extract", "--json", *AT]) == 0
    facts = json.loads(capfdbinary.readouterr().out)["facts"]
    assert "霖沃" in [f["value"].get("name") for f in facts]  # the demonstration company's lexicon


def test_own_lexicon(tmp_path: Path, stdin: Any, capfdbinary: Any) -> None:
    lexicon = tmp_path / "lexicon.yaml"
    lexicon.write_text("competitors: [{name: 甲乙丙公司, aliases: [甲乙丙]}]\n", encoding="utf-8")
    stdin("客户：甲乙丙来过\n".encode())
    assert main(["extract", "--json", *AT, "--lexicon", str(lexicon)]) == 0
    facts = json.loads(capfdbinary.readouterr().out)["facts"]
    assert [f["value"] for f in facts] == [{"name": "甲乙丙公司"}]


@pytest.mark.parametrize("data", [b"", b"\n \n"])
def test_nothing_said_gives_no_facts(data: bytes, stdin: Any, capfdbinary: Any) -> None:
    stdin(data)
    assert main(["extract", "--json", *AT]) == 0
    assert json.loads(capfdbinary.readouterr().out) == {"facts": []}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("没有说话人的一行\n".encode(), "line 1"),
        ("客户：好\n路人甲：你好\n".encode(), "line 2: unknown speaker"),
        (b"\xff\xff\xff\x00\x01", "neither UTF-8"),
        (b"\x00" * 100, "neither UTF-8"),
        (("客户：" + "好" * 5000).encode(), "longer than"),
        (b"x" * (4 * 1024 * 1024 + 1), "larger than"),
    ],
)
def test_bad_input_is_refused_with_a_reason(data: bytes, reason: str, stdin: Any, capsys: Any) -> None:
    stdin(data)
    assert main(["extract", "--json", *AT]) == 2
    captured = capsys.readouterr()
    assert reason in captured.err
    assert captured.out == ""


def test_missing_file_and_bad_lexicon(tmp_path: Path, capsys: Any) -> None:
    assert main(["extract", str(tmp_path / "none.txt")]) == 2
    assert "can't be read" in capsys.readouterr().err
    talk, lexicon = tmp_path / "talk.txt", tmp_path / "lexicon.yaml"
    talk.write_text("客户：好\n", encoding="utf-8")
    lexicon.write_text("- 1\n", encoding="utf-8")
    assert main(["extract", "--lexicon", str(lexicon), str(talk)]) == 2


def test_evaluate_prints_scores_of_a_set(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "one.yaml").write_text(
        "- name: a\n  trade: b\n  at: '2026-11-10T10:00:00+08:00'\n  lexicon: {}\n"
        "  turns: |\n    客户：预算十五万以内\n    客户：太贵了\n"
        "  facts:\n    - [0, budget, 十五万, {max: '150000'}]\n    - [1, need, 太贵, {}]\n",
        encoding="utf-8",
    )
    assert main(["evaluate", "--set", str(tmp_path), "--data", str(tmp_path), "--series", "1", "--json"]) == 0
    tuned = json.loads(capsys.readouterr().out)["facts"]["tuned"]
    assert (tuned["budget"]["labelled"], tuned["budget"]["right"]) == (1, 1)
    assert (tuned["need"]["found"], tuned["objection"]["extra"]) == (0, 1)
    assert tuned["all"]["recall"] == 0.5


def test_evaluate_refuses_wrong_labels(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "one.yaml").write_text(
        "- name: a\n  trade: b\n  at: '2026-11-10T10:00:00+08:00'\n  lexicon: {}\n"
        "  turns: '客户：好'\n  facts: [[0, budget, 十五万, {}]]\n",
        encoding="utf-8",
    )
    assert main(["evaluate", "--set", str(tmp_path), "--data", str(tmp_path)]) == 2
    assert "does not say" in capsys.readouterr().err
    assert main(["evaluate", "--set", str(tmp_path / "none")]) == 2
