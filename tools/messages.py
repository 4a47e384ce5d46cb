"""Translations without system tools at run time.

python tools/messages.py compile   every .po → .mo (pure Python; part of make setup)
python tools/messages.py update    collect new texts into the .po files (needs GNU gettext)
python tools/messages.py check     every text is translated, and (with GNU gettext) none is missing
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "shengce"
LANGUAGE = "zh_Hans"
CATALOGUE = Path("locale") / LANGUAGE / "LC_MESSAGES" / "django.po"


def rooms() -> list[Path]:
    """Rooms that can hold texts for users: Django applications."""
    return sorted(p.parent for p in PACKAGE.glob("*/apps.py"))


def compile_all() -> int:
    for room in rooms():
        source = room / CATALOGUE
        if source.exists():
            polib.pofile(str(source)).save_as_mofile(str(source.with_suffix(".mo")))
    return 0


def collect(room: Path) -> None:
    """Run Django's makemessages inside ``room``."""
    (room / "locale").mkdir(exist_ok=True)
    command = ["-m", "django", "makemessages", "-l", LANGUAGE, "--no-location", "--no-wrap", "-v", "0"]
    subprocess.run([sys.executable, *command], cwd=room, check=True)


def update_all() -> int:
    for room in rooms():
        collect(room)
        catalogue = room / CATALOGUE
        if catalogue.exists() and not len(polib.pofile(str(catalogue))):
            shutil.rmtree(room / "locale")
        elif not any((room / "locale").iterdir()):
            (room / "locale").rmdir()
    return 0


def untranslated(room: Path) -> list[str]:
    source = room / CATALOGUE
    if not source.exists():
        return []
    catalogue = polib.pofile(str(source))
    return [e.msgid for e in catalogue if not e.obsolete and ("fuzzy" in e.flags or not e.translated())]


def missing(room: Path) -> list[str]:
    """Texts in the code that the committed catalogue does not know."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / room.name
        shutil.copytree(room, copy, ignore=shutil.ignore_patterns("__pycache__", "data", "*.mo"))
        collect(copy)
        fresh = copy / CATALOGUE
        if not fresh.exists():
            return []
        wanted = {(e.msgctxt, e.msgid) for e in polib.pofile(str(fresh)) if not e.obsolete}
    source = room / CATALOGUE
    known = {(e.msgctxt, e.msgid) for e in polib.pofile(str(source))} if source.exists() else set()
    return sorted(msgid for context, msgid in wanted - known)


def check_all() -> int:
    faults = 0
    can_collect = shutil.which("xgettext") is not None
    if not can_collect:
        print("messages: GNU gettext is not installed: texts missing from the catalogues were not looked for")
    for room in rooms():
        for kind, texts in (
            ("not translated", untranslated(room)),
            ("not in the catalogue", missing(room) if can_collect else []),
        ):
            for text in texts:
                print(f"{room.name}: {kind}: {text}")
                faults += 1
    print(f"messages: {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    commands = {"compile": compile_all, "update": update_all, "check": check_all}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    sys.exit(commands[sys.argv[1]]())
