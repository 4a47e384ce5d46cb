"""The lexicon: what the firm's products and its competitors are called, and finding them in what was said.

Names are data: a table in the application, YAML on the command line::

    products:
      - name: 云瀑商用净水机
        aliases: [云瀑, 云瀑净水机]
    competitors:
      - name: 霖沃
        aliases: [霖沃净水]

A recogniser writes names that it does not know with other characters of the same sound, so names are found by
sound as well. With three or more characters this is safe. Names of two characters are what recognition gets wrong
most, and also what sounds like ordinary speech most often (石泉 and 是全), so for them all of this must hold:

* the toneless syllables agree exactly, without the confusions of accents;
* none of the characters heard is one of the few that carry grammar (是, 的, 一 …);
* what was heard is no common word (data/common_words.txt), and neither are the two pairs that it forms with its
  neighbours: in 很深固定 the sound of 深谷 belongs to 固定;
* no other name of the lexicon sounds the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, NamedTuple

from shengce.language.documents import DocumentError, read_document
from shengce.language.matching import Hit, Phrase, PhraseIndex
from shengce.language.pinyin import fold, han_count

MentionKind = Literal["product", "competitor"]

MAX_ENTRIES = 20_000
MAX_NAME = 60

GRAMMAR = frozenset(
    "的地得了着过吗呢吧啊呀嘛哦嗯哈哎喂么是不没在有和跟与或也都就才还又再很太最更会能要想把被给让对向从到"
    "我你您他她它这那哪谁几个些每各一二两三四五六七八九十百千万元块年月日号点分上下里外前后来去说看做用好大小多少"
)
"""Characters so frequent in any talk that they are no sign of a name that was heard wrongly."""


class LexiconError(ValueError):
    """A lexicon that can't be used; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A product or competitor: its canonical name, and what else it is called."""

    name: str
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)


class Mention(NamedTuple):
    """Characters ``[start, end)`` that name ``name`` (canonical); ``exact`` is false if only by sound."""

    kind: MentionKind
    name: str
    start: int
    end: int
    exact: bool


class Lexicon:
    """Products and competitors, compiled for finding. Immutable; build once and share.

    Names of fewer than two characters are not looked for. A name that belongs to two entries counts for the
    first, products before competitors; :meth:`from_yaml` refuses it instead.
    """

    def __init__(self, products: Iterable[Entry] = (), competitors: Iterable[Entry] = ()) -> None:
        self.products = tuple(products)
        self.competitors = tuple(competitors)
        self._owners: dict[str, tuple[MentionKind, str]] = {}
        for kind, entry, name in self._all_names():
            if len(fold(name.strip())) >= 2:
                self._owners.setdefault(fold(name.strip()), (kind, entry.name))
        self._index = PhraseIndex([Phrase(name, name, homophones=True) for name in self._owners])

    def _all_names(self) -> Iterable[tuple[MentionKind, Entry, str]]:
        for entry in self.products:
            yield from (("product", entry, name) for name in entry.names)
        for entry in self.competitors:
            yield from (("competitor", entry, name) for name in entry.names)

    @property
    def hot_words(self) -> tuple[str, ...]:
        """Every name as written, for recognisers that take hints."""
        return tuple(dict.fromkeys(name for _, _, name in self._all_names()))

    def find(self, text: str) -> list[Mention]:
        """The names in one text, in order; where they overlap, the longest wins."""
        return [mention for _, mention in self.find_all([text])]

    def find_all(self, texts: Sequence[str]) -> list[tuple[int, Mention]]:
        """The names in all texts of a talk at once, each with the number of its text."""
        candidates = [hit for hit in self._index.scan(texts) if hit.exact or _plausible(hit, texts[hit.turn])]
        chosen = _longest(self._without_doubt(candidates))
        return [
            (hit.turn, Mention(*self._owners[hit.phrase_id], hit.start, hit.end, hit.exact)) for hit in chosen
        ]

    def _without_doubt(self, hits: list[Hit]) -> list[Hit]:
        """Drop what sounds like two different names; an exact hit settles it."""
        claims: dict[tuple[int, int, int], set[tuple[str, str]]] = {}
        settled: set[tuple[int, int, int]] = set()
        for hit in hits:
            if hit.exact:
                settled.add(hit[1:4])
            else:
                claims.setdefault(hit[1:4], set()).add(self._owners[hit.phrase_id])
        return [h for h in hits if h.exact or (h[1:4] not in settled and len(claims[h[1:4]]) == 1)]

    @classmethod
    def from_yaml(cls, source: str | Path) -> Lexicon:
        """A lexicon from YAML text, or from a file where ``source`` is a path.

        Raises :class:`LexiconError` in words for anything that is not a lexicon.
        """
        try:
            data = read_document(source)
        except DocumentError as error:
            raise LexiconError(str(error)) from error
        if not isinstance(data, dict):
            raise LexiconError("a lexicon needs the lists 'products' and 'competitors'")
        unknown = sorted(str(key) for key in data.keys() - {"products", "competitors"})
        if unknown:
            raise LexiconError(f"unknown key {unknown[0]!r}; a lexicon has 'products' and 'competitors'")
        products = _entries(data.get("products"), "products")
        competitors = _entries(data.get("competitors"), "competitors")
        _refuse_shared_names(products, competitors)
        return cls(products, competitors)


def _plausible(hit: Hit, text: str) -> bool:
    """The guard for names of two characters that were found by sound; see the top of this file."""
    if hit.end - hit.start > 2:
        return True
    heard = text[hit.start : hit.end]
    if not GRAMMAR.isdisjoint(heard):
        return False
    pairs = (heard, text[hit.start - 1 : hit.start + 1], text[hit.end - 1 : hit.end + 1])
    return common_words().isdisjoint(pairs)


def _longest(hits: list[Hit]) -> list[Hit]:
    """Hits that do not overlap, the longer before the shorter, then the exact before the one by sound."""
    taken: set[tuple[int, int]] = set()
    chosen = []
    for hit in sorted(hits, key=lambda h: (h.start - h.end, not h.exact, h.turn, h.start)):
        places = {(hit.turn, i) for i in range(hit.start, hit.end)}
        if taken.isdisjoint(places):
            taken |= places
            chosen.append(hit)
    return sorted(chosen, key=lambda h: (h.turn, h.start))


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """The shipped list of common two-character words."""
    text = (files("shengce.language") / "data" / "common_words.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word for line in lines for word in line.split())


def _entries(data: Any, where: str) -> tuple[Entry, ...]:
    if data is None:
        return ()
    if not isinstance(data, list):
        raise LexiconError(f"{where}: must be a list of name and aliases")
    if len(data) > MAX_ENTRIES:
        raise LexiconError(f"{where}: more than {MAX_ENTRIES} entries")
    return tuple(_entry(item, f"{where}[{i}]") for i, item in enumerate(data))


def _entry(item: Any, where: str) -> Entry:
    if isinstance(item, str):
        return Entry(_name(item, where))
    if not isinstance(item, dict) or "name" not in item:
        raise LexiconError(f"{where}: needs a name")
    unknown = sorted(str(key) for key in item.keys() - {"name", "aliases"})
    if unknown:
        raise LexiconError(f"{where}: unknown key {unknown[0]!r}; an entry has 'name' and 'aliases'")
    name = _name(item["name"], f"{where}.name")
    aliases = item.get("aliases") or []
    if not isinstance(aliases, list):
        raise LexiconError(f"{where}.aliases: must be a list")
    checked = (_name(alias, f"{where}.aliases[{i}]") for i, alias in enumerate(aliases))
    return Entry(name, tuple(dict.fromkeys(alias for alias in checked if alias != name)))


def _name(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise LexiconError(f"{where}: must be text, not {value!r:.40}; put it in quotes")
    name = value.strip()
    if not 2 <= len(name) <= MAX_NAME:
        raise LexiconError(f"{where}: {name[:20]!r} must have 2 to {MAX_NAME} characters")
    if han_count(name) == 0 and not any(c.isalnum() for c in name):
        raise LexiconError(f"{where}: {name!r} has no letter or figure")
    return name


def _refuse_shared_names(products: tuple[Entry, ...], competitors: tuple[Entry, ...]) -> None:
    owners: dict[str, str] = {}
    for entry in (*products, *competitors):
        for name in {fold(name) for name in entry.names}:
            if name in owners:
                raise LexiconError(f"{name!r} belongs to both {owners[name]!r} and {entry.name!r}")
            owners[name] = entry.name
