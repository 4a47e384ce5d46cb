"""What the words around a number say about it: that it is a price, or that it counts something else."""

from __future__ import annotations

import re

_COUNTED = re.compile(
    r"\s?(?:余|多|来|几)?(?:"
    r"个(?!月付|亿)|台|套|吨|斤|克|升|米|平(?!均|时|台)|方(?!面|案|便)|亩|辆|只(?![要有是能收算])|支(?![付持票])|双|箱|盒|袋|瓶|桶|组|"
    r"人(?!民币|家|工)|名|户|栋|颗|粒|枚|根|卷|匹|罐|杯|盏|扇|副(?!总)|幅|架|艘|株|棵|座|层|楼|间|岁|倍|度|瓦|伏|安(?!装|排|全)|秒|"
    r"天(?!猫)|周|星期|礼拜|小时|钟|分钟|点(?!击)|时(?!候)|刻|岁|级|折|股|票|次(?!日|品)|遍|趟|步|字|码|盘|床|顶|片|滴|"
    r"件(?!事)|条(?!件)|张(?!总|经理|三)|把(?![它这那钱货款他])|包(?![邮括安含送税运修月年给])|份|项(?!目)|批|期(?!间)|成(?![交本功不])|"
    r"英[尺寸里]|商家|本(?![来身月周金公年])|页|道|家(?![里装])|位|门|车|头(?![款期])|月(?![付租供薪底初结])|年(?![底前薪费终度])|号|日|回(?![款头来去扣])|"
    r"线|队|班|排|届|集|单(?![价子独位])|转(?![账给过到]|速)|分(?![期一二两三四五六七八九十几\d批开钱])|店|粉|会员|用户|客户|员工|学生|像素|公里|里(?![面头边外程])|公斤|公升|公顷|"
    r"毫|厘米|千米|千克|千瓦|立方|里程|字节|兆|g|kg|km|cm|mm|ml|pcs|℃|%|平米|平方|人次|多人|多台|个人|以上的人"
    r")",
    re.IGNORECASE,
)
SOLD_BY = (
    "台|套|吨|斤|公斤|克|升|米|平米|平方|平|方|亩|辆|条|只|支|双|箱|盒|袋|瓶|桶|组|张|把|包|份|项|批|本|件|个|位|人|户|间|床|副|片|根|卷|晚|"
    "天|年|月|季|次|趟|车|小时|课时|节课|节|公里|盘|斗|打|桌|杯|罐|扇|盏|股|度|立方|单|票|块|棵|头|页|期"
)
_PER_UNIT = re.compile(rf"\s?,?(?:钱)?(?:/|每|一)(?:{SOLD_BY})")
# 礼盒装一盒一百六十八: the unit right before the number, said with 一 or 每.
_UNIT_BEFORE = re.compile(
    rf"(?<![第那这任哪万统唯零一二两三四五六七八九十百千\d])[一每](?:{SOLD_BY})(?:[是卖要收]|只要)?$"
)
_MONEY_BEFORE = re.compile(
    r"价|预算|费|钱|成本|[定订押奖佣现礼租资]金|意向金|诚意金|保证金|违约金|首付|款|工资|薪|提成|罚|赔|补贴|返|利润|营业额|销售额|流水|金额|"
    r"优惠|便宜|贵|打折|降|涨|砍|少收|再让|让利|让价|报(?![警名考备社纸表道])|卖|收|付|打过来|付给|转账|欠|垫|结账|结算|花|投入|投资|贷|额度|租|每[台套吨斤箱件个平米条只支瓶人月年间张]|"
    r"一[台套吨斤箱件平条只支瓶桶张间晚]|[台套吨斤箱件条只支瓶]给|人均|赚|挣|成交|合同额|保险|保费|学费|买|值|多少|包[年月季]|含税|税前|税后|减|满|充|存|才|只要|月供|房贷|每次|每回|一个月|一平|总共|合计|一共|加起来|给[你您]算|再少"
)
_MONEY_AFTER = re.compile(
    r"\s?(?:以内|以下|以上|左右|上下|出头|起)?(?:就能?|能)?(?:的?(?:价|预算|费|成本|[定订押现佣]金|意向金|诚意金|保证金|违约金|首付|尾款|回款|货款|款|优惠|保底|利润)|"
    r"(?:降|涨|砍|减)[到至成]|的?(?:我们?|都)?(?:不考虑|能接受|可以接受|接受不了)|行不行|行吗|行么|可以吗|能做|能不能做|卖不卖|给不给|拿走|拿下|成交|搞定|包邮|包安装|含税|不含税|到手|打包)"
)
_NOT_MONEY_BEFORE = re.compile(
    r"产量|销量|产能|用户|粉丝|人口|里程|公里|面积|转速|寿命|播放|阅读|流量|浏览|会员|人数|件数|数量|库存|日活|月活|下载|访问|订阅|关注|点击|"
    r"跑了|走了|开了|型号|编号|单号|批号|房号|门牌|工号|尾号|分机|密码|验证码|邮编|身高|体重|年龄|功率|温度|度数|像素|分辨率|电量|次数|频次|客流|人流|出货量|总量"
)
# What still makes a sum of a number after a counted thing: 会员充三千, 面积一百平价格五十万; a mere rise does not.
_SURELY_MONEY_BEFORE = re.compile(
    r"价|预算|费|钱|成本|定金|订金|押金|首付|尾款|款|工资|薪|奖金|罚|赔|补贴|利润|营业额|销售额|流水|金额|优惠|便宜|报|卖|收|付|花|"
    r"投入|投资|贷|额度|租|赚|挣|充|买|才|只要|保费|每[人月年]|一个月"
)
# 时速一百二, 血压一百四: the quantity stands right before its number.
_MEASURED_BEFORE = re.compile(
    r"(?:时速|车速|速度|血压|[高低]压|心[率跳]|血糖|体重|[净毛载限克]重|身高|海拔|智商|马力|扭矩|电压|瓦数|亮度|湿度|零下|[长宽高厚深]度|考了?|得分|[总均]分|"
    r"[年日月]产|装机量|[天日]走)(?:是|有|到|才|都|能|在|[开跑升降涨]到|达到?|大概|大约)?$"
)
_NOT_A_SUM_BEFORE = re.compile(r"(?:第|分之|数|好几|[Vv]|型号?|[a-zA-Z]-?)$")
_NOT_A_SUM_AFTER = re.compile(r"\s?(?:%|分之|个?(?:百分)?点|[a-zA-Z]{2,}|级|系列|型)")
_FOREIGN_AFTER = re.compile(
    r"\s?(?:元|块)?(?:多|余)?(?:美元|美金|美刀|欧元|欧|港币|港元|日元|日币|韩元|韩币|英镑|卢布|泰铢|澳元|澳币|加元|新台币|台币|新币|法郎|"
    r"马来西亚令吉|令吉|林吉特|越南盾|卢比|比索|(?i:usd|eur|hkd|jpy|gbp))"
)
_FOREIGN_BEFORE = re.compile(
    r"(?:美元|美金|欧元|港币|港元|日元|英镑|新台币|台币|澳元|[$€£]|(?i:usd|eur|hkd))\s?$"
)
_CLAUSE_END = re.compile(r"[。！？!?;；\n,，、]")
_REACH = 12


def counts_something(folded: str, end: int) -> bool:
    """Whether a measure word or counted thing follows: 三万台, 十五万人, 二十万吨."""
    return _COUNTED.match(folded, end) is not None


def per_unit_follows(folded: str, end: int) -> bool:
    """Whether the price is given by the piece: 一百二一台, 三千八/吨, 五块每斤."""
    return _PER_UNIT.match(folded, end) is not None


def speaks_of_money(folded: str, start: int, end: int) -> bool:
    """Whether the same clause speaks of a price close by: 报价三千八, 三千八行不行."""
    before = _clause_before(folded, start)
    return bool(
        _MONEY_BEFORE.search(before) or _UNIT_BEFORE.search(before) or _MONEY_AFTER.match(folded, end)
    )


def is_not_a_sum(folded: str, start: int, end: int) -> bool:
    """Ordinals, fractions, percentages, model names, and numbers that a word before calls a count."""
    if _NOT_A_SUM_BEFORE.search(folded[max(0, start - 3) : start]) or _NOT_A_SUM_AFTER.match(folded, end):
        return True
    before = _clause_before(folded, start)
    if _MEASURED_BEFORE.search(before):
        return True
    counted = _NOT_MONEY_BEFORE.search(before)
    return counted is not None and _SURELY_MONEY_BEFORE.search(before, counted.end()) is None


def is_foreign(folded: str, start: int, end: int) -> bool:
    """Whether another currency is named: only yuan are reported."""
    return bool(
        _FOREIGN_AFTER.match(folded, end) or _FOREIGN_BEFORE.search(folded[max(0, start - 6) : start])
    )


def _clause_before(folded: str, start: int) -> str:
    window = folded[max(0, start - _REACH) : start]
    return _CLAUSE_END.split(window)[-1]
