"""Duplicates among 100,000 customers: seconds of the whole search, and how many of the planted ones it finds.

Two measures of quality. The labelled set (tests/customers/duplicates.yaml) holds pairs as people wrote and judged them, with
one-name-two-customers traps; a part of it was held back while the points were chosen. The made-up 100,000 hold 3,000 customers
that were entered twice in the ways in which people do that, beside chains, namesakes in other towns and shared phones.

Reference: what a list without a search has, the same name and city; it finds few of them, and takes chains for doubles.
"""

from __future__ import annotations

import random
import resource
import time
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml

from shengce.planning.duplicates import _CODES, Firm, find_pairs, judge, prepare

CUSTOMERS = 100_000
DOUBLES = 3_000
BUDGET_S = 20.0
LEAST = 0.9
LABELLED = Path(__file__).resolve().parent.parent / "tests" / "customers" / "duplicates.yaml"

_SIGNS = (
    "云海金源鑫达华丰永昌明珠天成恒信宏图润石松岭碧禾安澜远铸栖沐川九青雀江南春富贵荣泰顺和兴隆盛祥瑞康宁博雅"
    "德馨嘉禾绿洲蓝天星辰阳光东方红旗胜利飞龙凤凰锦绣前程万里长城黄河泰山北斗启明晨曦朝霞彩虹"
)
_TRADES = [
    "酒店",
    "餐饮管理",
    "商贸",
    "贸易",
    "科技",
    "信息技术",
    "机械",
    "机电设备",
    "食品",
    "建材",
    "装饰工程",
    "物流",
    "医药",
    "电子",
    "五金制品",
    "环保科技",
    "家具",
    "服饰",
    "化工",
    "汽车服务",
    "文化传媒",
    "健身",
    "实业",
    "教育咨询",
    "物业管理",
]
_FORMS = ("有限公司", "有限责任公司", "股份有限公司", "", "", "厂")
_CITIES = [
    "苏州",
    "无锡",
    "常州",
    "南通",
    "杭州",
    "宁波",
    "绍兴",
    "嘉兴",
    "湖州",
    "温州",
    "台州",
    "金华",
    "南京",
    "扬州",
    "镇江",
    "泰州",
    "盐城",
    "徐州",
    "上海",
    "合肥",
    "芜湖",
    "南昌",
    "武汉",
    "长沙",
    "广州",
    "深圳",
    "东莞",
    "佛山",
    "成都",
    "重庆",
    "西安",
    "郑州",
    "青岛",
    "济南",
    "烟台",
    "大连",
    "沈阳",
    "天津",
    "北京",
    "福州",
]
_STREETS = [
    "人民路",
    "解放路",
    "中山路",
    "建设路",
    "新华街",
    "工业大道",
    "科创路",
    "滨河路",
    "文化路",
    "长江路",
]
_CHAINS = [
    "如家酒店",
    "老百姓大药房",
    "世纪联华超市",
    "海底捞火锅",
    "绝味鸭脖",
    "格力电器专卖",
    "新华书城",
    "顺丰速运",
]


def measure() -> list[dict[str, Any]]:
    """Rows of the table of ``make bench``."""
    firms, same = customers(random.Random(20261126))
    started, began = time.process_time(), time.perf_counter()
    pairs = find_pairs(firms)
    spent, waited = time.process_time() - started, time.perf_counter() - began
    found = {frozenset((pair.one, pair.other)) for pair in pairs}
    plain = same_name_and_city(firms)
    quality = {
        name: precision_and_recall(pairs_found, same)
        for name, pairs_found in (("search", found), ("plain", plain))
    }
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = [
        {
            "name": f"duplicates, search over {CUSTOMERS:,} customers, processor time",
            "value": round(spent, 1),
            "unit": "s",
            "reference": f"{len(found):,} pairs; {waited:.1f} s on the clock; {memory:.0f} MiB at most",
            "ratio": None,
            "budget": BUDGET_S,
            "ok": spent <= BUDGET_S,
        }
    ]
    for place, measured in enumerate(("precision", "recall")):
        value, reference = quality["search"][place], quality["plain"][place]
        rows.append(
            {
                "name": f"duplicates, {measured} on {DOUBLES:,} planted ones",
                "value": round(value, 3),
                "unit": "",
                "reference": f"same name and city: {reference:.3f}",
                "ratio": round(value / reference, 2) if reference else None,
                "budget": LEAST,
                "ok": value >= LEAST,
            }
        )
    return rows + labelled()


def labelled() -> list[dict[str, Any]]:
    """Precision and recall on the pairs that people judged, and on the part that was held back."""
    entries = yaml.safe_load(LABELLED.read_text(encoding="utf-8"))
    rows = []
    for chosen, words in ((None, "all"), ("held", "held back")):
        judged = [
            (entry["same"], judge(prepare(_firm(0, entry["a"])), prepare(_firm(1, entry["b"]))).suspect)
            for entry in entries
            if chosen is None or entry["set"] == chosen
        ]
        hits = sum(same and found for same, found in judged)
        for measured, total in (
            ("precision", sum(found for _same, found in judged)),
            ("recall", sum(same for same, _found in judged)),
        ):
            value = hits / total
            rows.append(
                {
                    "name": f"duplicates, {measured} on {len(judged)} labelled pairs ({words})",
                    "value": round(value, 3),
                    "unit": "",
                    "reference": f"{hits} of {total}",
                    "ratio": None,
                    "budget": LEAST,
                    "ok": value >= LEAST,
                }
            )
    return rows


def _firm(key: int, data: dict[str, Any]) -> Firm[int]:
    phone = data.get("phone", ())
    phones = (phone,) if isinstance(phone, str) else tuple(phone)
    return Firm(key, data["name"], data.get("city", ""), phones, data.get("tax", ""), data.get("address", ""))


# --- the made-up customers


def customers(chance: random.Random) -> tuple[list[Firm[int]], set[frozenset[int]]]:
    """The firms, and which pairs of them are one."""
    firms = [_single(chance, key) for key in range(CUSTOMERS - DOUBLES)]
    same: set[frozenset[int]] = set()
    for key, original in enumerate(chance.sample(firms, DOUBLES), start=len(firms)):
        firms.append(_again(chance, key, original))
        same.add(frozenset((original.key, key)))
    return firms, same


def _single(chance: random.Random, key: int) -> Firm[int]:
    city = chance.choice(_CITIES)
    if chance.random() < 0.06:  # a shop of a chain, one taxpayer and often one hotline
        chain = chance.randrange(len(_CHAINS))
        branch = "".join(chance.choices(_SIGNS, k=2)) + chance.choice(("路店", "街店", "广场店"))
        phone = "4008001234" if chance.random() < 0.3 else _phone(chance)
        return Firm(
            key, f"{_CHAINS[chain]}（{branch}）", city, (phone,), tax_number(chain), _address(chance, city)
        )
    particular = "".join(chance.choices(_SIGNS, k=chance.choice((2, 2, 2, 3, 3))))
    lead = chance.choice(("", "", city, f"{city}市"))
    name = f"{lead}{particular}{chance.choice(_TRADES)}{chance.choice(_FORMS)}"
    phones = tuple(_phone(chance) for _number in range(chance.choice((0, 1, 1, 1, 2))))
    if chance.random() < 0.02:
        phones = (f"138000000{chance.randrange(10, 99)}",)  # a bookkeeper's
    tax = tax_number(key + 100) if chance.random() < 0.4 else ""
    return Firm(key, name, city if chance.random() < 0.9 else "", phones, tax, _address(chance, city))


def _again(chance: random.Random, key: int, firm: Firm[int]) -> Firm[int]:
    """The same firm as another person types it: shorter, with a slip, another contact; something of it is kept."""
    name = firm.name
    city = firm.city or ""
    for form in ("股份有限公司", "有限责任公司", "有限公司"):
        if name.endswith(form) and chance.random() < 0.7:
            name = name[: -len(form)]
            break
    if city and "（" not in name:
        if name.startswith(city) and chance.random() < 0.5:
            name = name.removeprefix(f"{city}市").removeprefix(city)
        elif not name.startswith(city) and chance.random() < 0.4:
            name = city + name
    if chance.random() < 0.15 and "（" not in name and len(name) > 5:
        at = chance.randrange(len(name) - 4)
        name = name[:at] + chance.choice(_SIGNS) + name[at + 1 :]
    kept_phone = firm.phones and chance.random() < 0.7
    phones = (*(firm.phones[:1] if kept_phone else ()), *((_phone(chance),) if chance.random() < 0.4 else ()))
    tax = firm.tax_number if chance.random() < 0.6 else ""
    address = firm.address if chance.random() < 0.4 else ""
    return Firm(key, name, city if chance.random() < 0.85 else "", phones, tax, address)


def _phone(chance: random.Random) -> str:
    if chance.random() < 0.7:
        return f"1{chance.choice('3578')}{chance.randrange(10**9):09}"
    return f"0{chance.choice(('512', '571', '21', '574', '25'))}{chance.randrange(2 * 10**7, 9 * 10**7)}"


def _address(chance: random.Random, city: str) -> str:
    if chance.random() < 0.4:
        return ""
    return f"{chance.choice(('', f'{city}市'))}{chance.choice(_STREETS)}{chance.randrange(1, 900)}号"


def tax_number(number: int) -> str:
    """A tax number with the right check sign (GB 32100-2015)."""
    body = f"91320500MA{number:07}"
    total = sum(_CODES.index(sign) * pow(3, place, 31) for place, sign in enumerate(body))
    return body + _CODES[(31 - total % 31) % 31]


def same_name_and_city(firms: list[Firm[int]]) -> set[frozenset[int]]:
    """The reference."""
    groups: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for firm in firms:
        groups[firm.name, firm.city].append(firm.key)
    return {frozenset(pair) for keys in groups.values() for pair in combinations(keys, 2)}


def precision_and_recall(found: set[frozenset[int]], same: set[frozenset[int]]) -> tuple[float, float]:
    hits = len(found & same)
    return (hits / len(found) if found else 0.0, hits / len(same))
