"""Translations without system tools at run time.

python tools/messages.py compile   every .po → .mo (pure Python; part of make setup)
python tools/messages.py update [ROOM …]   collect new texts into the .po files (needs GNU gettext)
python tools/messages.py check     every text is translated, and (with GNU gettext) none is missing
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "shengce"
LANGUAGE = "zh_Hans"
CATALOGUE = Path("locale") / LANGUAGE / "LC_MESSAGES" / "django.po"
HEADER = {
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Language": LANGUAGE,
    "Plural-Forms": "nplurals=1; plural=0;",
}
PLACEHOLDER = re.compile(r"%\(\w+\)|\{\w+\}")


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
    # Without settings: Django would then start with the room itself on its path, whose modules hide those of Python.
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    subprocess.run([sys.executable, *command], cwd=room, check=True, env=environment)
    if (room / CATALOGUE).exists():
        tidy(room / CATALOGUE)


def tidy(path: Path) -> None:
    """Leave in a catalogue only what people write: no dates that change with every run, no guessed or dead texts."""
    catalogue = polib.pofile(str(path), wrapwidth=0)
    catalogue.header, catalogue.metadata, catalogue.metadata_is_fuzzy = "", dict(HEADER), False
    for entry in catalogue.obsolete_entries():
        catalogue.remove(entry)
    for entry in catalogue.fuzzy_entries():
        entry.flags.remove("fuzzy")
        entry.msgstr, entry.msgstr_plural = "", dict.fromkeys(entry.msgstr_plural, "")
        entry.previous_msgid = entry.previous_msgctxt = entry.previous_msgid_plural = None
    catalogue.save()


def update(*names: str) -> int:
    for room in (room for room in rooms() if not names or room.name in names):
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


def changed_placeholders(room: Path) -> list[str]:
    """Texts whose translation names other placeholders than the text: such a page would fail or lose a value."""
    source = room / CATALOGUE
    if not source.exists():
        return []
    return [
        e.msgid
        for e in polib.pofile(str(source))
        for translation in (e.msgstr_plural.values() if e.msgid_plural else (e.msgstr,))
        if translation and set(PLACEHOLDER.findall(translation)) != set(PLACEHOLDER.findall(e.msgid))
    ]


def check_all() -> int:
    faults = 0
    can_collect = shutil.which("xgettext") is not None
    if not can_collect:
        print("messages: GNU gettext is not installed: texts missing from the catalogues were not looked for")
    for room in rooms():
        for kind, texts in (
            ("not translated", untranslated(room)),
            ("other placeholders in the translation", changed_placeholders(room)),
            ("not in the catalogue", missing(room) if can_collect else []),
        ):
            for text in texts:
                print(f"{room.name}: {kind}: {text}")
                faults += 1
    print(f"messages: {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    commands = {"compile": compile_all, "update": update, "check": check_all}
    chosen, *names = sys.argv[1:] or [""]
    if chosen not in commands or (names and chosen != "update"):
        sys.exit(__doc__)
    sys.exit(commands[chosen](*names))
