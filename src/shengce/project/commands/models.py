"""``shengce models``: list, install, import, verify and remove the speech models of this machine."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shengce.speech.models.card import FAMILY_ROLES, CardError, ModelCard
from shengce.speech.models.catalogue import CatalogueModel, catalogue
from shengce.speech.models.errors import ModelError
from shengce.speech.models.install import (
    Installation,
    OwnModel,
    import_model,
    install_model,
    remove_model,
    verify_model,
)
from shengce.speech.models.loading import load_problem
from shengce.speech.models.places import model_dirs, models_dir, resolve_model_dir

HELP = "list, install, import, verify and remove speech recognition models"
NEEDS_DJANGO = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the five actions and their options."""
    actions = parser.add_subparsers(
        dest="action", required=True, metavar="{list,install,import,verify,remove}"
    )

    listing = actions.add_parser("list", help="known and installed models")
    listing.add_argument("--json", action="store_true", help="print one JSON array")

    install = actions.add_parser("install", help="fetch a model of the catalogue; goes on where it broke off")
    install.add_argument("name", metavar="NAME")
    install.add_argument(
        "--mirror", metavar="URL", help="base address of the archives (or SHENGCE_MODEL_MIRROR)"
    )
    install.add_argument("--force", action="store_true", help="fetch again although it is installed")

    importing = actions.add_parser("import", help="take in an archive or folder that was carried here")
    importing.add_argument(
        "archive", metavar="ARCHIVE", type=Path, help=".tar.bz2, .tar.gz, .zip or a folder"
    )
    importing.add_argument("--name", default="", help="name to install it under")
    importing.add_argument("--family", choices=sorted(FAMILY_ROLES), help="the family of a model of your own")
    importing.add_argument(
        "--language", action="append", default=[], metavar="CODE", help="its language; repeatable"
    )
    importing.add_argument("--licence", default="own", help="its licence")
    importing.add_argument("--streaming", action="store_true", help="it was exported for streaming")
    importing.add_argument("--force", action="store_true", help="replace a model of the same name")

    verify = actions.add_parser("verify", help="compare installed files with their checksums")
    verify.add_argument(
        "name", nargs="?", metavar="NAME", help="one model, by name or directory; all when left out"
    )
    verify.add_argument("--load", action="store_true", help="load it too and recognise one second of silence")

    remove = actions.add_parser("remove", help="delete an installed model")
    remove.add_argument("name", metavar="NAME")
    remove.add_argument(
        "--forget", action="store_true", help="forget the recorded checksum of its archive too"
    )


def run(args: argparse.Namespace) -> int:
    """Run one action; 0 when it succeeded, 1 when it did not, 130 when it was interrupted."""
    actions: dict[str, Callable[[argparse.Namespace], int]] = {
        "list": _list,
        "install": _install,
        "import": _import,
        "verify": _verify,
        "remove": _remove,
    }
    try:
        return actions[args.action](args)
    except ModelError as error:
        _complain(error.text(_language()))
        return 1
    except KeyboardInterrupt:
        _complain(_say("Interrupted. What has arrived is kept.", "已中断，已下载的内容已保留。"))
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1


def _list(args: argparse.Namespace) -> int:
    rows = [*_known_rows(), *_own_rows()]
    if args.json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return 0
    print(_say(f"Models in {models_dir()}", f"模型目录：{models_dir()}"))
    for row in rows:
        title, note = (row["title_zh"], row["note_zh"]) if _chinese() else (row["title_en"], row["note_en"])
        print(f"\n{row['name']}  {title}".rstrip())
        facts = [_state(row["state"]), _size(row["size_bytes"]), ",".join(row["languages"]), row["family"]]
        print("   " + " | ".join(facts) + " | " + _say("licence: ", "许可：") + row["licence"])
        abilities = [_ability(key) for key in ("punctuation", "word_times", "hot_words") if row[key]]
        if abilities:
            print("   " + _say(", ", "、").join(abilities))
        if row["cer"]:
            figures = ", ".join(f"{test} {value:g} %" for test, value in row["cer"].items())
            print("   " + _say("published character error rate: ", "公布的字错误率：") + figures)
        if not row["sha256"] and row["state"] == "known":
            print("   " + _say("no published checksum", "无公开校验值"))
        if note:
            print("   " + note)
    return 0


def _known_rows() -> list[dict[str, Any]]:
    here = model_dirs()
    return [_row(model, here.get(model.name)) for model in catalogue()]


def _row(model: CatalogueModel, path: Path | None) -> dict[str, Any]:
    state = "known" if path is None else "shipped" if model.shipped else "installed"
    if path is not None and _card(path) is None:
        state = "damaged"
    return {
        "name": model.name,
        "state": state,
        "family": model.family,
        "title_zh": model.title_zh,
        "title_en": model.title_en,
        "languages": list(model.languages),
        "licence": model.licence,
        "size_bytes": _bytes_on_disk(path) if model.shipped and path else model.size_bytes,
        "sha256": model.sha256,
        "punctuation": model.punctuation,
        "word_times": model.word_times,
        "hot_words": model.hot_words,
        "cer": dict(model.cer),
        "note_zh": model.note_zh,
        "note_en": model.note_en,
        "path": str(path) if path else None,
    }


def _own_rows() -> list[dict[str, Any]]:
    known = {model.name for model in catalogue()}
    rows: list[dict[str, Any]] = []
    for name, path in model_dirs().items():
        if name in known:
            continue
        card = _card(path)
        rows.append(
            {
                "name": name,
                "state": "installed" if card else "damaged",
                "family": card.family if card else "",
                "title_zh": "自有模型",
                "title_en": "Model of your own",
                "languages": list(card.languages) if card else [],
                "licence": card.licence if card else "",
                "size_bytes": _bytes_on_disk(path),
                "sha256": None,
                "punctuation": False,
                "word_times": False,
                "hot_words": bool(card and card.hot_words),
                "cer": {},
                "note_zh": card.note_zh if card else "",
                "note_en": card.note_en if card else "",
                "path": str(path),
            }
        )
    return rows


def _card(path: Path) -> ModelCard | None:
    try:
        return ModelCard.read(path)
    except CardError:
        return None


def _bytes_on_disk(path: Path) -> int:
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def _install(args: argparse.Namespace) -> int:
    shipped = any(model.name == args.name and model.shipped for model in catalogue())
    if shipped:
        print(ModelError("shipped", name=args.name).text(_language()))
        return 0
    bar = _Bar(args.name)
    try:
        done = install_model(
            args.name, mirror=args.mirror, force=args.force, progress=bar.show, on_wait=_waiting(args.name)
        )
    finally:
        bar.close()
    if done.already:
        print(_say(f"{done.name} is installed and whole.", f"{done.name} 已安装且完好。"))
        return 0
    _report(done)
    return 0


def _import(args: argparse.Namespace) -> int:
    own = None
    if args.family:
        languages = tuple(args.language) or ("zh",)
        own = OwnModel(
            family=args.family,
            name=args.name,
            languages=languages,
            licence=args.licence,
            streaming=args.streaming,
        )
    done = import_model(
        args.archive, own=own, name=args.name, force=args.force, on_wait=_waiting(args.archive.name)
    )
    _report(done)
    return 0


def _report(done: Installation) -> None:
    print(_say(f"{done.name} is installed in {done.path}", f"{done.name} 已安装到 {done.path}"))
    if not done.checked and done.sha256:
        print(
            _say(
                "No checksum was known beforehand, so this one was recorded and later installs are compared with it: "
                f"{done.sha256}",
                f"此前没有已知的校验值，现已记录，以后安装时将与之比对：{done.sha256}",
            )
        )
    print(_say(f"To use it: SHENGCE_MODEL={done.name}", f"使用方法：设置 SHENGCE_MODEL={done.name}"))


def _verify(args: argparse.Namespace) -> int:
    chosen = {args.name: resolve_model_dir(args.name)} if args.name else model_dirs()
    bad = 0
    for name, path in chosen.items():
        problems = verify_model(path)
        if not problems and args.load and (problem := load_problem(path)):
            problems = [ModelError("does_not_load", name=name, reason=problem).text(_language())]
        if problems:
            bad += 1
            _complain(f"{name}: " + "; ".join(problems))
        else:
            loaded = _say(", loads and recognises", "，可以加载并识别") if args.load else ""
            print(f"{name}: " + _say("all files are as installed", "全部文件完好") + loaded)
    return 1 if bad else 0


def _remove(args: argparse.Namespace) -> int:
    remove_model(args.name, forget=args.forget)
    print(_say(f"{args.name} is removed.", f"{args.name} 已删除。"))
    return 0


class _Bar:
    """Progress on one line of a terminal; on a pipe one line for each tenth."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.terminal = sys.stderr.isatty()
        self.last = -1

    def show(self, done: int, total: int | None) -> None:
        """Hook of the download: bytes on disk and the total, where that is known."""
        step = done * 100 // total if total else done // 1_000_000
        if step == self.last or (not self.terminal and step // 10 == self.last // 10):
            return
        self.last = step
        amount = f"{done / 1e6:.1f} / {total / 1e6:.1f} MB  {step} %" if total else f"{done / 1e6:.1f} MB"
        end = "" if self.terminal else "\n"
        print(
            f"{chr(13) if self.terminal else ''}{self.name}  {amount}", end=end, file=sys.stderr, flush=True
        )

    def close(self) -> None:
        """End the line, so that what follows begins on its own."""
        if self.terminal and self.last >= 0:
            print(file=sys.stderr)


def _waiting(name: str) -> Callable[[], None]:
    words = _say(
        f"Another process is installing {name}; waiting for it.", f"另一个进程正在安装 {name}，等待其完成。"
    )
    return lambda: _complain(words)


def _language() -> str:
    for key in ("SHENGCE_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(key):
            return value
    return "en"


def _chinese() -> bool:
    return _language().lower().startswith("zh")


def _say(english: str, chinese: str) -> str:
    return chinese if _chinese() else english


def _state(state: str) -> str:
    words = {
        "known": ("not installed", "未安装"),
        "installed": ("installed", "已安装"),
        "shipped": ("shipped with the program", "随程序提供"),
        "damaged": ("damaged", "已损坏"),
    }
    return _say(*words[state])


def _ability(key: str) -> str:
    words = {
        "punctuation": ("punctuation", "自带标点"),
        "word_times": ("word times", "字级时间"),
        "hot_words": ("hot words", "支持热词"),
    }
    return _say(*words[key])


def _size(size_bytes: int | None) -> str:
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes else _say("size unknown", "大小未知")


def _complain(text: str) -> None:
    print(text, file=sys.stderr)
