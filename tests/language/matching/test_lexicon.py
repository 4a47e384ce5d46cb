"""Names are found as written and as misheard; ordinary speech that sounds like a name is not one."""

from __future__ import annotations

import json
import random
import zipfile
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shengce.language.lexicon import Entry, Lexicon, LexiconError, common_words
from shengce.language.pinyin import syllable

DATA = Path(__file__).parents[3].parent / "shared" / "data"
DEMO = Lexicon.from_yaml((files("shengce.demo") / "data" / "lexicon.yaml").read_text(encoding="utf-8"))


def found(text: str, lexicon: Lexicon = DEMO) -> list[tuple[str, str, bool]]:
    return [(m.name, text[m.start : m.end], m.exact) for m in lexicon.find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("霖沃的报价更低", [("霖沃", "霖沃", True)]),
        ("你们比林沃贵", [("霖沃", "林沃", False)]),
        ("红派净水也来过", [("泓派", "红派净水", False)]),
        ("宏派和云谱哪个好", [("泓派", "宏派", False), ("云瀑商用净水机", "云谱", False)]),
        ("要两台云瀑商用净水机", [("云瀑商用净水机", "云瀑商用净水机", True)]),
        ("云铺净水鸡多少钱", [("云瀑商用净水机", "云铺净水鸡", False)]),
        ("学见直饮机怎么样", [("雪涧直饮机", "学见直饮机", False)]),
        ("实权管线机", [("石泉管线机", "实权管线机", False)]),
        ("我们是全新的", []),
        ("他有实权", []),
        ("很深固定不了", []),
        ("我派人过去", []),
        ("", []),
    ],
)
def test_known_answers(text: str, expected: list[tuple[str, str, bool]]) -> None:
    assert found(text) == expected


def test_the_kind_tells_products_from_competitors() -> None:
    assert [m.kind for m in DEMO.find("云瀑比泓派好")] == ["product", "competitor"]


def test_latin_names_match_whole_words_in_any_case() -> None:
    lexicon = Lexicon([Entry("AquaX", ("A9",))], [Entry("Mini净水")])
    assert found("你们的aquax和Ａ９", lexicon) == [("AquaX", "aquax", True), ("AquaX", "Ａ９", True)]
    assert found("A90 aquaxy", lexicon) == []
    assert found("mini进水怎么样", lexicon) == [("Mini净水", "mini进水", False)]


def test_what_sounds_like_two_names_is_neither_but_an_exact_name_settles_it() -> None:
    lexicon = Lexicon((), [Entry("泓派"), Entry("弘湃")])
    assert found("红派的机器", lexicon) == []
    assert found("弘湃的机器", lexicon) == [("弘湃", "弘湃", True)]


def test_find_all_numbers_the_texts() -> None:
    assert [(turn, m.name) for turn, m in DEMO.find_all(["你好", "霖沃", "", "年卡"])] == [
        (1, "霖沃"),
        (3, "滤芯年卡"),
    ]


@given(st.text(max_size=40))
def test_mentions_never_overlap_and_lie_in_the_text(text: str) -> None:
    mentions = DEMO.find("霖沃" + text + "云瀑净水机")
    assert mentions[0].name == "霖沃"
    ends = [m.end for m in mentions]
    assert all(m.start >= end for m, end in zip(mentions[1:], ends, strict=False))


def test_most_misheard_names_are_found() -> None:
    """Each name with one character replaced by a homophone, as a recogniser would; the figure is printed."""
    source = DATA / "homophones-zh" / "same_pinyin.txt"
    if not source.exists():
        pytest.skip(f"no test data at {source}")
    same: dict[str, str] = {}
    for line in source.read_text(encoding="utf-8").splitlines()[1:]:
        fields = line.split("\t")
        same[fields[0]] = "".join(fields[1:])
    dice = random.Random(7)
    cases = []
    for entry in (*DEMO.products, *DEMO.competitors):
        for name in entry.names:
            for at, character in enumerate(name):
                for other in same.get(character, "")[:20]:
                    if syllable(other) == syllable(character):
                        cases.append((name[:at] + other + name[at + 1 :], entry.name))
    dice.shuffle(cases)
    hits = [heard for heard, name in cases if (name, heard, False) in found(f"那个{heard}")]
    print(f"misheard names found: {len(hits)} of {len(cases)} ({len(hits) / len(cases):.1%})")
    assert len(hits) / len(cases) > 0.9


def test_ordinary_talk_holds_few_names_by_sound() -> None:
    """Two-character names made of characters that brands like, in talk about other things."""
    source = DATA / "crosswoz" / "val.json.zip"
    if not source.exists():
        pytest.skip(f"no test data at {source}")
    talks = json.loads(zipfile.ZipFile(source).read("val.json"))
    texts = [message["content"] for talk in talks.values() for message in talk["messages"]]
    liked = "云瀑雪涧石泉深谷霖沃泓派澜晨瑞丰泰恒卓诺凯迪锐驰蓝盾徽鼎盛博雅智安优科美度康源清润泽禾"
    dice = random.Random(1)
    names = {dice.choice(liked) + dice.choice(liked) for _ in range(300)}
    mentions = [m for _, m in Lexicon((), map(Entry, sorted(names))).find_all(texts) if not m.exact]
    print(f"{len(names)} names, {len(texts)} utterances: {len(mentions)} false mentions by sound")
    assert len(mentions) / len(texts) < 0.02
    assert DEMO.find_all(texts) == []


def test_the_word_list_has_two_character_words_only() -> None:
    assert len(common_words()) > 1000
    assert {len(word) for word in common_words()} == {2}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "needs the lists"),
        ("[]", "needs the lists"),
        ("products: [{name: A1}]\nrivals: []", "unknown key 'rivals'"),
        ("products: 云瀑", "products: must be a list"),
        ("products: [{aliases: [云瀑]}]", r"products\[0\]: needs a name"),
        ("products: [{name: 云}]", r"products\[0\].name: '云' must have 2 to 60"),
        ("products: [{name: 云瀑, aliases: 云}]", r"products\[0\].aliases: must be a list"),
        ("products: [{name: 云瀑, aliases: [3]}]", r"aliases\[0\]: must be text, not 3"),
        ("products: [{name: 云瀑, alias: [雪涧]}]", "unknown key 'alias'"),
        ("products: [{name: '！！'}]", "has no letter"),
        (
            "products: [云瀑]\ncompetitors: [霖沃, {name: 泓派, aliases: [云瀑]}]",
            "belongs to both '云瀑' and '泓派'",
        ),
        ("products: [", "not valid YAML at line"),
        ("a: !!python/object/apply:os.system [ls]", "not valid YAML"),
        ("[" * 1_000_000, "nested too deeply"),
        ("products: &a [云瀑]\ncompetitors: *a", "line 2: aliases"),
        ("a: " + "1" * 5000, "not valid YAML"),
        ("products: [\ud800]", "not valid YAML"),
        ("x" * 3_000_000, "larger than 2 MiB"),
    ],
)
def test_a_bad_lexicon_says_where_and_why(text: str, message: str) -> None:
    with pytest.raises(LexiconError, match=message):
        Lexicon.from_yaml(text)


def test_a_bad_file_says_why(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match=r"none\.yaml can't be read"):
        Lexicon.from_yaml(tmp_path / "none.yaml")
    (tmp_path / "gbk.yaml").write_bytes("products: [云瀑]".encode("gbk"))
    with pytest.raises(LexiconError, match="not UTF-8"):
        Lexicon.from_yaml(tmp_path / "gbk.yaml")


def test_naughty_strings_as_names_and_as_talk() -> None:
    source = next((DATA / "naughty-strings").glob("*.json"), None) if DATA.exists() else None
    if source is None:
        pytest.skip(f"no test data at {DATA / 'naughty-strings'}")
    strings = [s for s in json.loads(source.read_text(encoding="utf-8")) if isinstance(s, str)]
    assert strings
    lexicon = Lexicon([Entry(s, (s,)) for s in strings], [Entry("霖沃")])
    for text in [*strings, "\ud800霖沃\uffff\ue000"]:
        for mention in lexicon.find(text):
            assert 0 <= mention.start < mention.end <= len(text)
    assert found("\ud800霖沃\uffff\ue000", lexicon)[0][0] == "霖沃"


def test_thousands_of_entries() -> None:
    entries = [Entry(f"产品{chr(0x4E00 + i)}{chr(0x5E00 + i)}") for i in range(2000)]
    lexicon = Lexicon(entries)
    assert [m.name for m in lexicon.find("要" + entries[1234].name)] == [entries[1234].name]
