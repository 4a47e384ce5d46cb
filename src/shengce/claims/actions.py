"""Everything that happens to a check: it is made and made again, it disappears with what was typed, a manager answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.catalogue.queries import current_lexicon
from shengce.claims.evidence import Evidence, evidence_for
from shengce.claims.models import ClaimCheck
from shengce.claims.sources import SOURCES, WATCHED
from shengce.claims.typed import Typed
from shengce.language.claim_check import check_claim as compare
from shengce.language.claim_reading import read_claims
from shengce.language.claim_values import CheckIn, Claim, Finding, Stated
from shengce.language.lexicon import Lexicon
from shengce.people.models import Role, User, record
from shengce.people.permissions import require
from shengce.people.scope import may_act_for
from shengce.people.typed_text import typed_text

LOOK_BACK = dt.timedelta(days=45)
"""What was typed longer ago is left as it was found: talks that come in later no longer belong to it."""
AT_ONCE = 500


def check_claim(typed: Typed, *, by: User | None, check_ins: Iterable[CheckIn] = ()) -> list[ClaimCheck]:
    """Compare one typed text with what was said, and keep the result; the checks of its statements in order.

    Run again it changes only what came out otherwise. ``by`` is who asked, empty where the program did by itself. A text that
    is no statement, or whose only statement is a remark that no talk bears out, has no check.
    """
    if by is not None:
        _require_scope(by, typed.typed_by)
    _changed, rows = _check(typed, evidence_for([typed], check_ins), current_lexicon(), by)
    return rows


def check_typed(rows: Sequence[Typed], *, by: User | None = None, check_ins: Sequence[CheckIn] = ()) -> int:
    """Check many typed texts; how many checks are new or came out otherwise."""
    lexicon, changed = current_lexicon(), 0
    for place in range(0, len(rows), AT_ONCE):
        some = rows[place : place + AT_ONCE]
        evidence = evidence_for(some, check_ins)
        for typed in some:
            changed += _check(typed, evidence, lexicon, by)[0]
    return changed


def check_recent(*, now: dt.datetime, check_ins: Sequence[CheckIn] = ()) -> int:
    """Check all that was typed of late, again where talks may have come in since. How many checks changed or went."""
    since = now - LOOK_BACK
    rows = [typed for source in SOURCES for typed in source(since)]
    return check_typed(rows, check_ins=check_ins) + _forget_withdrawn(rows, since)


@transaction.atomic
def _forget_withdrawn(rows: Sequence[Typed], since: dt.datetime) -> int:
    """Checks of values that were taken back or typed anew, unless a manager has answered."""
    known = {(str(row.source), row.source_id) for row in rows}
    recent = ClaimCheck.objects.filter(source__in=WATCHED, typed_at__gte=since, answer="")
    gone = [
        pk
        for pk, source, source_id in recent.values_list("pk", "source", "source_id")
        if (source, source_id) not in known
    ]
    ClaimCheck.objects.filter(pk__in=gone, answer="").delete()
    return len(gone)


@transaction.atomic
def note_heard(check: ClaimCheck, *, by: User, answer: str, note: str = "") -> ClaimCheck:
    """What the manager made of it: as said in the talk, talked over, or the record is wrong. It may be answered anew.

    Nobody answers for himself, except an executive, above whom there is nobody.
    """
    require(by, "claims.answer")
    row = ClaimCheck.objects.select_for_update(of=("self",)).get(pk=check.pk)
    if not ClaimCheck.objects.visible_to(by).filter(pk=row.pk).exists():
        raise PermissionDenied(_("This belongs to another team."))
    if not may_answer_for(by, row):
        raise PermissionDenied(_("What you typed yourself, your manager answers."))
    if answer not in ClaimCheck.Answer.values:
        raise ValidationError(_("Choose one of the answers."), code="answer")
    words = typed_text(note, most=300, required=False)
    if (row.answer, row.answer_note) == (answer, words):
        return row
    row.answer, row.answer_note, row.answered_by, row.answered_at = answer, words, by, timezone.now()
    row.save(update_fields=["answer", "answer_note", "answered_by", "answered_at"])
    record("claim.heard", row, by=by, answer=answer, note=words, verdict=row.verdict)
    return row


def may_answer_for(by: User, check: ClaimCheck) -> bool:
    """Nobody answers for himself, except an executive."""
    return check.typed_by_id != by.pk or by.role == Role.EXECUTIVE


def _require_scope(by: User, typed_by: User | None) -> None:
    require(by, "claims.see")
    if typed_by is None or (by.role != Role.EXECUTIVE and not may_act_for(by, typed_by)):
        raise PermissionDenied(_("This belongs to another team."))


# --- one text


@transaction.atomic
def _check(
    typed: Typed, evidence: Evidence, lexicon: Lexicon, by: User | None
) -> tuple[int, list[ClaimCheck]]:
    rows, changed = [], 0
    for number, stated in enumerate(_statements(typed, lexicon)):
        finding = _compare(typed, stated, evidence)
        if stated.kind == "other" and finding.verdict != "agrees":
            continue  # a remark that no talk bears out is no claim
        row, is_new = _keep(typed, number, stated, finding, by)
        rows.append(row)
        changed += is_new
    left = ClaimCheck.objects.filter(source=typed.source, source_id=typed.source_id, answer="")
    left.exclude(pk__in=[row.pk for row in rows]).delete()
    return changed, rows


def _statements(typed: Typed, lexicon: Lexicon) -> Iterator[Stated]:
    if typed.stated is not None:
        yield typed.stated
        return
    at = timezone.localtime(typed.typed_at)
    for stated in read_claims(typed.text, at=at, lexicon=lexicon, kind=typed.kind):
        own = typed.owner is not None and stated.kind == "price"
        yield replace(stated, owner=typed.owner) if own else stated


def _compare(typed: Typed, stated: Stated, evidence: Evidence) -> Finding:
    about_a_visit = stated.kind == "visit"
    claim = Claim(
        stated,
        customer=typed.customer.pk,
        at=timezone.localtime(typed.typed_at),
        start_on=typed.start_on if about_a_visit else typed.first_on,
        end_on=typed.end_on,
        rep=typed.typed_by.pk if typed.typed_by is not None else None,
    )
    return compare(
        claim,
        said=evidence.said.get(typed.customer.pk, ()),
        talks=evidence.talks_for(typed),
        check_ins=evidence.check_ins.get(typed.customer.pk, ()),
    )


def _keep(
    typed: Typed, number: int, stated: Stated, finding: Finding, by: User | None
) -> tuple[ClaimCheck, bool]:
    """Write what came out. An answer stays while text and verdict stay; what comes out otherwise is open again."""
    place: dict[str, Any] = {"source": typed.source, "source_id": typed.source_id, "number": number}
    old = ClaimCheck.objects.select_for_update(of=("self",)).filter(**place).first()
    facts = [fact for fact in finding.facts if isinstance(fact, int)]
    found = {
        "url": typed.url,
        "kind": stated.kind,
        "text": stated.text,
        "customer_id": typed.customer.pk,
        "typed_by": typed.typed_by,
        "unit_id": typed.typed_by.unit_id if typed.typed_by is not None else None,
        "typed_at": typed.typed_at,
        "start_on": typed.start_on if stated.kind == "visit" else typed.first_on,
        "end_on": typed.end_on,
        "verdict": finding.verdict,
        "reason": finding.reason.code,
        "reason_values": finding.reason.values,
    }
    if old is not None:
        same = all(getattr(old, name) == value for name, value in found.items() if name != "unit_id")
        if same and set(old.facts.values_list("pk", flat=True)) == set(facts):
            return old, False
        if (old.text, old.verdict) != (stated.text, finding.verdict):
            found |= {"answer": "", "answer_note": "", "answered_by": None, "answered_at": None}
        else:
            found["unit_id"] = old.unit_id  # where he stood when he typed it
    row, _made = ClaimCheck.objects.update_or_create(**place, defaults=found | {"checked_at": timezone.now()})
    row.facts.set(facts)
    record("claim.checked", row, by=by, verdict=row.verdict, reason=row.reason)
    return row, True
