"""What is said in training: sentences from patterns of the company's world, and random dictionary words.

The patterns (templates.txt) hold the language of the demonstration talks, with slots for whatever varies. No sentence
of the talks themselves is ever given out (see :meth:`Corpus.sentence`), short everyday ones excepted.
"""

from __future__ import annotations

import importlib.util
import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import yaml

from .talks import bare, read_talks, sentences

HERE = Path(__file__).parent
DIGITS = "零一二三四五六七八九"
EVERYDAY = 6  # sentences of at most this many characters may be those of a talk: 好的再见 cannot be avoided
LONGEST = 44
OPENINGS = (
    "{ok}，",
    "{ok}。",
    "{person}，",
    "{person}，",
    "{link}，",
    "{link}",
    "{hi}，",
    "{ok}，{person}，",
    "那",
    "请问",
    "谢谢。",
    "嗯，",
)
SLOT = re.compile(r"\{(\w+)\}")
CHOICE = re.compile(r"\[([^\[\]]*)\]")


def number(value: int) -> str:
    """A whole number below a hundred million as it is said: 5600 → 五千六百, 12 → 十二."""
    if value == 0:
        return "零"
    if value >= 10_000:
        rest = value % 10_000
        gap = "零" if 0 < rest < 1000 else ""
        return number(value // 10_000) + "万" + gap + (number(rest) if rest else "")
    said, gap = "", False
    for size, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, size)
        if digit:
            said += ("零" if gap and said else "") + DIGITS[digit] + unit
            gap = False
        else:
            gap = True
    return said[1:] if said.startswith("一十") else said


def said_short(value: int) -> str:
    """A number with its last unit left out where people do so: 5600 → 五千六, 86000 → 八万六."""
    text = number(value)
    for whole, part in (("万", "千"), ("千", "百"), ("百", "十")):
        if re.fullmatch(rf".*{whole}[一二三四五六七八九]{part}", text):
            return text[:-1]
    return text


def colloquial(said: str, r: random.Random) -> str:
    """Most people say 两百 and 两千 rather than 二百 and 二千."""
    return re.sub("二(?=[百千])", "两", said) if r.random() < 0.7 else said


def digits(r: random.Random, count: int) -> str:
    return "".join("幺" if d == 1 else DIGITS[d] for d in (r.randrange(10) for _ in range(count)))


def _price(r: random.Random) -> str:
    value = r.choice(
        (
            lambda: r.randrange(10, 100) * 100,
            lambda: r.randrange(10, 100) * 100,
            lambda: r.randrange(1, 10) * 1000,
            lambda: r.randrange(10, 1000) * 10,
            lambda: r.randrange(11, 99) * 1000,
            lambda: r.randrange(1, 10) * 100,
            lambda: r.randrange(1000, 99999),
            lambda: r.randrange(1000, 2000) * 100,
        )
    )()
    said = said_short(value) if r.random() < 0.75 else number(value)
    return colloquial(said, r) + r.choice(("", "", "", "", "元", "块", "块钱"))


def _money(r: random.Random) -> str:
    value = r.choice(
        (
            r.randrange(1, 10),
            r.randrange(10, 60),
            r.randrange(10, 100),
            r.choice((5, 10, 12, 15, 20, 30, 38, 50)),
        )
    )
    said = ("两" if value == 2 else number(value)) + "万"
    return said + (r.choice(DIGITS[1:]) if r.random() < 0.2 else "")


def _count(r: random.Random) -> str:
    value = r.choice(
        (
            r.randrange(1, 9),
            r.randrange(1, 9),
            r.randrange(1, 13),
            r.randrange(1, 13),
            r.randrange(1, 100),
            r.randrange(1, 20) * 10,
            r.randrange(1, 10) * 100,
            r.randrange(1, 40) * 50,
        )
    )
    if value == 2 and r.random() < 0.85:
        return "两"
    if r.random() < 0.06:
        return r.choice(("几", "半", "十几", "二十多", "一百二十"))
    return colloquial(number(value), r)


def _weekday(r: random.Random) -> str:
    return r.choice(("周", "周", "周", "星期", "星期")) + r.choice("一二三四五六一二三四五日")


def _date(r: random.Random) -> str:
    kind = r.random()
    if kind < 0.55:
        return r.choice(("", "", "下", "下", "这", "这个", "本", "上", "这")) + _weekday(r)
    if kind < 0.72:
        month = r.choice((number(r.randrange(1, 13)) + "月", "本月", "下个月", "这个月", ""))
        return month + number(r.randrange(1, 32)) + r.choice(("号", "号", "日"))
    return r.choice(words()["day"])


def _clock(r: random.Random) -> str:
    return (
        r.choice(words()["hour"])
        + "点"
        + r.choice(("", "", "", "", "半", "半", "一刻", "十分", "二十", "四十五"))
    )


def _time(r: random.Random) -> str:
    half = r.choice(words()["half_day"])
    return half if r.random() < 0.2 else half + _clock(r)


def _person(r: random.Random) -> str:
    if r.random() < 0.12:
        return "老" + r.choice(words()["sur"])
    return r.choice(words()["sur"]) + r.choice(words()["title"])


def _phone(r: random.Random) -> str:
    middle = "幺二三四" if r.random() < 0.4 else digits(r, 4)
    return "幺" + r.choice("三五八三七九六") + digits(r, 1) + middle + digits(r, 4)


NUMBER_SLOTS: dict[str, Callable[[random.Random], str]] = {
    "n": _count,
    "price": _price,
    "wan": _money,
    "date": _date,
    "weekday": _weekday,
    "ampm": lambda r: r.choice(("上午", "下午", "早上")),
    "time": _time,
    "clock": _clock,
    "phone": _phone,
    "person": _person,
}


@cache
def words() -> dict[str, list[str]]:
    return yaml.safe_load((HERE / "words.yaml").read_text(encoding="utf-8"))


@cache
def templates() -> tuple[str, ...]:
    lines = (HERE / "templates.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def fill(template: str, r: random.Random) -> str:
    """One sentence of a pattern: choices first, then slots."""
    while match := CHOICE.search(template):
        template = template[: match.start()] + r.choice(match[1].split("|")) + template[match.end() :]

    def slot(match: re.Match[str]) -> str:
        name = match[1]
        return NUMBER_SLOTS[name](r) if name in NUMBER_SLOTS else r.choice(words()[name])

    filled = re.sub("，+([，。？])", r"\1", SLOT.sub(slot, template))
    return filled.lstrip("，。")


def counted_words() -> Iterator[tuple[str, int]]:
    """The words of jieba's dictionary and how often each was counted; jieba itself is not imported."""
    found = importlib.util.find_spec("jieba")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("jieba, see requirements.in")
    lines = (Path(found.submodule_search_locations[0]) / "dict.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        word, count = line.split()[:2]
        yield word, int(count)


@cache
def dictionary(alphabet: frozenset[str]) -> tuple[list[str], list[float]]:
    """Words of at most four characters of this alphabet and their running weights, from jieba's dictionary."""
    found, weights, total = [], [], 0.0
    for word, count in counted_words():
        if len(word) <= 4 and count >= 20 and alphabet.issuperset(word):
            total += count**0.45
            found.append(word)
            weights.append(total)
    return found, weights


@cache
def reference_sentences() -> frozenset[str]:
    """Sentences of the demonstration talks that must not be trained on, without punctuation."""
    return frozenset(
        s for talk in read_talks() for turn in talk.turns for s in sentences(turn.text) if len(s) > EVERYDAY
    )


def holds_no_reference(text: str) -> bool:
    """Whether no such sentence occurs anywhere in the text, not even as a part of a longer sentence."""
    said = bare(text)
    return not any(reference in said for reference in reference_sentences())


class Corpus:
    """An endless stream of training texts in the characters of ``alphabet``; the same seed gives the same texts."""

    def __init__(self, seed: int, alphabet: frozenset[str], *, share_of_patterns: float = 0.75) -> None:
        self._random = random.Random(seed)
        self._alphabet = alphabet
        self._share = share_of_patterns

    def text(self) -> str:
        """One text of at most ``LONGEST`` characters with punctuation."""
        r = self._random
        if r.random() >= self._share:
            return self._salad()
        text = self.sentence()
        while r.random() < 0.4:
            longer = text + self.sentence()
            if len(longer) > LONGEST or not holds_no_reference(longer):
                break
            text = longer
        return text

    def sentence(self) -> str:
        """A sentence from a pattern; never one of the talks, never with a character outside the alphabet."""
        while True:
            sentence = self._opening() + fill(self._random.choice(templates()), self._random)
            if len(sentence) > LONGEST or not self._alphabet.issuperset(bare(sentence)):
                continue
            if holds_no_reference(sentence):
                return sentence

    def _opening(self) -> str:
        """What people put before a sentence now and then: 好的， or 孙总， or 不过."""
        return fill(self._random.choice(OPENINGS), self._random) if self._random.random() < 0.18 else ""

    def _salad(self) -> str:
        r = self._random
        vocabulary, weights = dictionary(self._alphabet)
        said = r.choices(vocabulary, cum_weights=weights, k=r.randrange(2, 7))
        return "".join(word + ("，" if r.random() < 0.06 else "") for word in said).rstrip("，") + r.choice(
            ("", "。", "？")
        )
