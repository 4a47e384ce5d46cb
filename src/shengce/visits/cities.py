"""Where a city lies, roughly: the file ``data/cities.txt``."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from shengce.planning.geography import Point

_ENDINGS = ("市", "地区", "盟", "自治州", "州", "县")


@lru_cache(maxsize=1)
def cities() -> dict[str, Point]:
    """Every city by its name without 市."""
    found: dict[str, Point] = {}
    text = files("shengce.visits").joinpath("data/cities.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            _province, _colon, entries = line.partition(":")
            for entry in entries.split(","):
                name, north, east = entry.split()
                found[name] = Point(float(north), float(east))
    return found


def city_of(*texts: str) -> Point | None:
    """The middle of the city that the first of ``texts`` is, or else names: 杭州, 杭州市, 杭州办事处, 浙江省杭州市余杭区."""
    known = cities()
    for text in texts:
        name = text.strip()
        if name in known:
            return known[name]
        for ending in _ENDINGS:
            if name.removesuffix(ending) in known:
                return known[name.removesuffix(ending)]
    for text in texts:
        named = [(text.find(name), -len(name), name) for name in known if name in text]
        if named:  # of 江西省吉安市 and 吉林省长春市 the city is what is named last before 市
            after = [entry for entry in named if text[entry[0] - entry[1] :].startswith("市")]
            return known[min(after or named)[2]]
    return None
