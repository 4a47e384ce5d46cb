"""One writing for many: full-width figures, traditional forms and capital numerals folded to plain ones.

Every fold is one code point to one code point, so an offset into the folded text is an offset into the given one.
"""

from __future__ import annotations

import re

_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF10, 0xFF5B) if code not in (0xFF1F, 0xFF1B)}
_FULL_WIDTH |= {0x3000: " ", 0xFF0B: "+", 0xFF0D: "-", 0xFF0E: ".", 0xFF0F: "/", 0xFF05: "%", 0xFF5E: "~"}
_FULL_WIDTH |= {0xFFE5: "¥", 0xFF08: "(", 0xFF09: ")", 0x2014: "-", 0x2013: "-", 0x2212: "-", 0x301C: "~"}
_TRADITIONAL = str.maketrans(
    "點萬億兩週號個時後幾內錢塊圓圆禮間開這當單價電話轉減預費貨〇○０幣兒過來餘從鐘鍾節勞斷裡裏幫",
    "点万亿两周号个时后几内钱块元元礼间开这当单价电话转减预费货零零0币儿过来余从钟钟节劳断里里帮",
)
_PLAIN = _TRADITIONAL | _FULL_WIDTH

_CAPITALS = "壹贰貳叁叄肆伍陆陸柒捌玖拾佰仟"
_CAPITAL_SET = frozenset(_CAPITALS)
# Most sentences hold none of these: looking for one costs a tenth of translating.
_FOLDABLE = re.compile("[" + re.escape("".join(map(chr, _PLAIN)) + _CAPITALS) + "]")
_CAPITAL_VALUES = str.maketrans(_CAPITALS, "一二二三三四五六六七八九十百千")
# A lone 陆 or 伍 is a surname or part of 大陆, 队伍: capitals count only in company.
_CAPITAL_RUN = re.compile(
    rf"(?<![大登着内水队入收])(?:[{_CAPITALS}零一二两三四五六七八九幺洞拐十百千万亿\d]{{2,}}+|[{_CAPITALS}](?=[角分](?!钱)|[元圆](?:整|[{_CAPITALS}])))"
)


def fold(text: str) -> str:
    """``text`` with the same length, in plain half-width figures and simplified numerals."""
    if _FOLDABLE.search(text) is None:
        return text
    folded = text.translate(_PLAIN)
    if _CAPITAL_SET.isdisjoint(folded):
        return folded
    return _CAPITAL_RUN.sub(lambda run: run.group().translate(_CAPITAL_VALUES), folded)


# Words that hold a numeral and count nothing, unless a numeral or a weekday runs into them (十五万一台, 周一会上).
_IDIOMS = (
    "第一时间|一心一意|三心二意|七上八下|乱七八糟|五花八门|四面八方|九牛一毛|一清二楚|一五一十|三番五次|"
    "接二连三|千方百计|十万火急|一毛不拔|一分钱一分货|千载难逢|千家万户|百里挑一|独一无二|数一数二|八九不离十|十有八九|一模一样|万无一失|千万别|千万不|千万要|成千上万|"
    "一举两得|一来二去|三天两头|略知一二|一刀切|一把手|二把手|二手|四五线|二三线|三四线|一二线|一二三线|五金|"
    "万一|一下|一些|一切|一旦|一律|一致|一边|一方面|一会|一方|一线|二线|三线|一带|一流|一贯|一再|一向|一时|一度|"
    "一并|一同|一概|一一|统一|唯一|单一|之一|百货|千里|百姓|万能|万科|万达|万象|百度|千禧|十分(?:满意|感谢|重视|抱歉|欢迎|愿意|认可|看好|方便|清楚|了解|必要|重要|关键|简单|放心)|一日之计|一日三餐|百日|十足|十全|百忙"
)
_ALWAYS = "一起|一定|一直|一共|一样|一般"
_IDIOM = re.compile(rf"(?<![零一二两三四五六七八九十百千万亿几\d周期拜])(?:{_IDIOMS})(?![刻钟])|{_ALWAYS}")
_OPENING = re.compile("[" + "".join(sorted({idiom[0] for idiom in f"{_IDIOMS}|{_ALWAYS}".split("|")})) + "]")


def without_idioms(folded: str) -> str:
    """The folded text with idioms (一下, 万一, 第一时间 …) blanked, length kept."""
    pieces: list[str] = []
    done = here = 0
    while opening := _OPENING.search(folded, here):
        here = opening.start()
        if idiom := _IDIOM.match(folded, here):
            pieces += (folded[done:here], "□" * (idiom.end() - here))
            done = here = idiom.end()
        else:
            here += 1
    return "".join((*pieces, folded[done:])) if pieces else folded
