"""What was typed beside what was said."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from ninja import Query, Router, Schema

from shengce.claims import queries
from shengce.claims.models import ClaimCheck
from shengce.claims.words import reason_words
from shengce.people.permissions import require
from shengce.people.queries import visible_units
from shengce.web.api.answers import Named, Page, Passage, page
from shengce.web.api.asking import Between, Id, OneOf, Words
from shengce.web.api.door import ApiRequest
from shengce.web.templatetags.shengce import evidence_address

router = Router(tags=["Typed and said"])


class ClaimRow(Schema):
    """A statement that somebody typed. ``reason`` is a code, ``words`` says it in the language asked for; both are empty where the
    deciding talk is not yours to hear, and ``passages`` then too. ``answer`` is the manager's.
    """

    id: int
    verdict: str
    kind: str
    text: str
    source: str
    url: str
    customer: Named
    typed_by: Named | None
    unit: Named | None
    typed_at: dt.datetime
    reason: str
    words: str
    passages: list[Passage]
    answer: str
    answer_note: str
    answered_by: Named | None
    answered_at: dt.datetime | None


class ClaimsAsked(Between):
    """The days are those of typing."""

    q: Words = ""
    verdict: Annotated[str, OneOf(ClaimCheck.Verdict.values)] = ""
    kind: Annotated[str, OneOf(ClaimCheck.Kind.values)] = ""
    source: Annotated[str, OneOf(ClaimCheck.Source.values)] = ""
    state: Annotated[str, OneOf(queries.STATES)] = ""
    rep: Id | None = None
    unit: Id | None = None
    customer: Id | None = None
    sort: Annotated[str, OneOf(queries.SORTS)] = ""


@router.get("/claims", response=Page[ClaimRow], summary="Typed and said")
def claims(request: ApiRequest, asked: Query[ClaimsAsked]) -> Any:
    """What one typed, what one's people typed; without an answer first. A unit finds those below it too."""
    require(request.user, "claims.see")
    wanted = queries.Asked(
        verdict=asked.verdict,
        kind=asked.kind,
        source=asked.source,
        state=asked.state,
        rep=asked.rep,
        customer=asked.customer,
        text=asked.q,
        start_on=asked.from_,
        end_on=asked.to + dt.timedelta(days=1) if asked.to else None,
        sort=asked.sort,
    )
    found = queries.checks(request.user, wanted)
    if asked.unit is not None:
        unit = visible_units(request.user).filter(pk=asked.unit).first()
        found = found.filter(unit__path__startswith=unit.path) if unit else found.none()
    answer = page(found.select_related("customer", "typed_by", "unit", "answered_by"), asked)
    _add_passages(request, answer["rows"])
    return answer


def _add_passages(request: ApiRequest, rows: list[Any]) -> None:
    heard = queries.passages(request.user, rows)
    for row in rows:
        facts = heard.get(row.pk, [])
        hidden = row.pk in heard and not facts
        row.words = "" if hidden else reason_words(row)
        row.reason = "" if hidden else row.reason
        row.passages = [
            {
                "conversation": fact.conversation_id, "fact": fact.pk, "quote": fact.quote, "start_ms": fact.start_ms,
                "end_ms": fact.end_ms, "url": evidence_address(fact.conversation_id, fact.start_ms, fact.end_ms),
            }
            for fact in facts
        ]  # fmt: skip
