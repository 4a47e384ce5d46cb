"""What holds for every claim, whatever was typed and said."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from shengce.language.claim_check import check_claim
from shengce.language.claim_reading import read_claims
from shengce.language.claim_tolerance import same_sum
from shengce.language.claim_values import CLAIM_KINDS, Claim, Said, Stated, Talk
from shengce.language.values import FACT_KINDS
from tests.language.claims.cases import cases, lexicon

AT = datetime(2026, 3, 18, 18, 0, tzinfo=timezone(timedelta(hours=8)))
FACTS = [fact for case in cases("labelled") for fact in case.said]
KIND_OF = {"decision_maker": "decider", "objection": "reason_lost"}

sums = st.decimals(min_value=1, max_value=10**9, places=2)
texts = st.text(
    alphabet="客户答应下周五付20万报价元预算没有不决策人是王总拜访约了承诺寄样品竞品霖沃，。 -?", max_size=40
)


def _claim(stated: Stated, customer: str = "this one") -> Claim:
    return Claim(stated, customer, AT, date(2000, 1, 1), date(2100, 1, 1), rep="rep")


@given(st.sampled_from(FACTS))
def test_the_own_quote_of_a_fact_is_never_a_contradiction(fact):
    kind = KIND_OF.get(fact.kind, fact.kind)
    for chosen in (None, kind if kind in CLAIM_KINDS else "other"):
        for stated in read_claims(fact.quote, at=fact.at, lexicon=lexicon(), kind=chosen):
            claim = _claim(stated, fact.customer)
            assert check_claim(claim, said=[fact]).verdict != "contradicts", (stated, fact)


@given(st.sampled_from(FACTS), st.lists(st.sampled_from(FACTS), max_size=4))
def test_nor_beside_other_facts_unless_a_later_one_replaced_it(fact, others):
    kind = KIND_OF.get(fact.kind, fact.kind)
    whole = Stated(kind=kind if kind in CLAIM_KINDS else "other", text=fact.quote, denied=True)
    earlier = [other for other in others if (other.at, other.place) < (fact.at, fact.place)]
    assert check_claim(_claim(whole, fact.customer), said=[*earlier, fact]).verdict != "contradicts"


@settings(max_examples=60, deadline=None)
@given(texts, st.sampled_from([None, *CLAIM_KINDS]))
def test_silence_never_contradicts_and_nothing_breaks(text, kind):
    for stated in read_claims(text, at=AT, lexicon=lexicon(), kind=kind):
        assert check_claim(_claim(stated), said=[]).verdict == "not_mentioned"
        phone = Talk("this one", AT, AT + timedelta(minutes=5), False, rep="rep")
        assert check_claim(_claim(stated), said=[], talks=[phone]).verdict == "not_mentioned"
        check_claim(_claim(stated), said=FACTS)


@given(texts, st.sampled_from(FACT_KINDS))
def test_facts_of_others_are_not_looked_at(text, kind):
    for stated in read_claims(text, at=AT, lexicon=lexicon()):
        others = [Said(1, kind, {"min": "1", "max": "2", "reason": "price"}, text, "another", AT)]
        assert check_claim(_claim(stated), said=others).verdict == "not_mentioned"


@given(st.sampled_from(FACT_KINDS), st.sampled_from(CLAIM_KINDS))
def test_facts_without_values_break_nothing(kind, claimed):
    stated = Stated(kind=claimed, text="客户答应下周五付20万", names=("王总",), reasons=("price",))
    for value in ({}, {"due": None}, {"due": "?"}, {"min": "NaN", "max": None}, {"start": "x", "end": 3}):
        check_claim(_claim(stated), said=[Said(1, kind, value, "", "this one", AT)])


@given(sums, sums)
def test_same_sum_is_symmetric_and_holds_itself(one, other):
    assert same_sum((one, one), (one, one))
    assert same_sum((one, one), (other, other)) == same_sum((other, other), (one, one))
