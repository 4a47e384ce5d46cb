"""The file of goods that strayed: opened, the other side asked and heard, decided, closed. Each step follows the one before
and leaves an entry that nobody changes.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from shengce.catalogue.models import Product
from shengce.channel.matching import matching_of, product_of
from shengce.channel.models import CaseEntry, DiversionCase, Shipment, Sighting
from shengce.channel.reach import visible_customers
from shengce.channel.typed import typed_price
from shengce.customers.models import Customer
from shengce.people.models import Role, Territory, User, record
from shengce.people.moments import past_moment, told
from shengce.people.permissions import require
from shengce.people.scope import visible
from shengce.people.typed_text import typed_text

State = DiversionCase.State
MOST_TEXT = 4000


@transaction.atomic
def open_case(
    *,
    by: User,
    text: str,
    sighting: Sighting | None = None,
    shipment: Shipment | None = None,
    suspect: Customer | None = None,
    product: Product | None = None,
    seen_in: Territory | None = None,
    at: dt.datetime | None = None,
) -> DiversionCase:
    """A case from a sighting (then its match is taken over) or by hand. ``text`` says what is suspected.

    ``shipment`` is the one that the goods came from, where the match gave several; the suspect is whom it went to. The
    case belongs to whoever saw the goods. Raises ``ValidationError`` where nothing says whom or what it is about, or the
    sighting lies in a case already. ``at`` is when it was opened, where that was earlier than now; the steps after it take one too.
    """
    moment = past_moment(at)
    require(by, "channel.edit")
    text = typed_text(text, most=MOST_TEXT)
    if sighting is not None:
        sighting = _sighting(sighting, by)
        shipment = _behind(sighting, shipment) if shipment else sighting.shipment
        product = product or product_of(sighting)
        seen_in = seen_in or sighting.territory
    else:
        _require_visible(by, shipment.customer if shipment else suspect)
    if shipment is not None:
        suspect, product = shipment.customer, product or shipment.product
    if suspect is None and product is None:
        raise ValidationError(_("Say which dealer or which product the case is about."), code="empty")
    holder = sighting.rep if sighting else (by if by.role == Role.MANAGER else None)
    case: DiversionCase = DiversionCase.objects.create(
        number=get_random_string(20),
        product=product,
        suspect=suspect,
        shipment=shipment,
        seen_in=seen_in,
        rep=holder,
        unit=sighting.unit if sighting else by.unit,
        opened_at=moment,
    )
    case.number = f"DC{timezone.localdate(moment).year}-{case.pk:04d}"
    case.save(update_fields=["number"])
    if sighting is not None:
        sighting.case = case
        sighting.save(update_fields=["case"])
    _enter(case, State.OPEN, text, by=by, at=at)
    details = {"number": case.number, "sighting": sighting and sighting.pk, **told(at)}
    record("diversion_case.opened", case, by=by, **details)
    return case


@transaction.atomic
def add_sighting(
    case: DiversionCase, sighting: Sighting, *, by: User, at: dt.datetime | None = None
) -> DiversionCase:
    """Another sighting as evidence, as long as the case is not decided."""
    row = _case(case, by, "channel.edit")
    if row.state in (State.DECIDED, State.CLOSED):
        raise ValidationError(_("The case is decided: open another one."), code="decided")
    found = _sighting(sighting, by)
    found.case = row
    found.save(update_fields=["case"])
    where = " · ".join(part for part in (found.lot, found.place) if part) or str(found.pk)
    _enter(row, row.state, _("Further sighting: %(where)s") % {"where": where}, by=by, at=at)
    record("diversion_case.sighting_added", row, by=by, sighting=found.pk, **told(at))
    return row


@transaction.atomic
def ask_statement(
    case: DiversionCase,
    *,
    by: User,
    text: str,
    answer_by: dt.date | None = None,
    at: dt.datetime | None = None,
) -> DiversionCase:
    """The other side is asked; ``text`` is what was asked, ``answer_by`` the day until which an answer is awaited."""
    row = _case(case, by, "channel.edit")
    _follow(row, State.OPEN, State.ASKED)
    if row.suspect is None:
        raise ValidationError(_("Say first which dealer the case is about."), code="suspect")
    if answer_by is not None and answer_by < timezone.localdate(past_moment(at)):
        raise ValidationError({"answer_by": _("This day has passed.")}, code="past")
    row.answer_by = answer_by
    return _step(row, State.ASKED, text, by=by, fields=["answer_by"], at=at)


@transaction.atomic
def name_suspect(case: DiversionCase, *, by: User, suspect: Customer, text: str) -> DiversionCase:
    """Say whom an open case is about, where it was opened without a dealer."""
    row = _case(case, by, "channel.edit")
    if row.state != State.OPEN or row.suspect is not None:
        raise ValidationError(_("It is settled already whom this case is about."), code="suspect")
    if suspect.kind != Customer.Kind.DEALER or not visible_customers(by).filter(pk=suspect.pk).exists():
        raise PermissionDenied(_("This customer belongs to another team."))
    row.suspect = suspect
    return _step(row, State.OPEN, text, by=by, fields=["suspect"])


@transaction.atomic
def record_statement(
    case: DiversionCase, *, by: User, text: str, at: dt.datetime | None = None
) -> DiversionCase:
    """What the other side says; where nobody answered, write that and how long one waited."""
    row = _case(case, by, "channel.edit")
    _follow(row, State.ASKED, State.ANSWERED)
    row.statement = typed_text(text, most=MOST_TEXT)
    return _step(row, State.ANSWERED, text, by=by, fields=["statement"], at=at)


@transaction.atomic
def decide_case(
    case: DiversionCase,
    *,
    by: User,
    verdict: str,
    text: str,
    penalty: Decimal | None = None,
    at: dt.datetime | None = None,
) -> DiversionCase:
    """Proven or not, with the reasons; a penalty in yuan only where it is proven.

    A manager does not decide on a dealer of his own team in another team's case: only the side that saw the goods, or
    above both.
    """
    row = _case(case, by, "channel.decide")
    _follow(row, State.ANSWERED, State.DECIDED)
    own = DiversionCase.objects.filter(visible(by, rep="rep", unit="unit"), pk=row.pk)
    if not own.exists():
        raise PermissionDenied(_("The side that saw the goods decides, or somebody above both."))
    if verdict not in DiversionCase.Verdict.values:
        raise ValidationError({"verdict": _("Say whether it is proven.")}, code="verdict")
    penalty = typed_price(penalty, field="penalty") if penalty else None
    if penalty is not None and verdict != DiversionCase.Verdict.PROVEN:
        raise ValidationError({"penalty": _("There is no penalty for what is not proven.")}, code="penalty")
    row.verdict, row.penalty, row.decided_at = verdict, penalty, past_moment(at)
    row.decision = typed_text(text, most=MOST_TEXT)
    fields = ["verdict", "penalty", "decision", "decided_at"]
    return _step(row, State.DECIDED, text, by=by, fields=fields, at=at)


@transaction.atomic
def close_case(case: DiversionCase, *, by: User, text: str, at: dt.datetime | None = None) -> DiversionCase:
    """The decision was carried out: how, and when."""
    row = _case(case, by, "channel.edit")
    _follow(row, State.DECIDED, State.CLOSED)
    row.closed_at = past_moment(at)
    return _step(row, State.CLOSED, text, by=by, fields=["closed_at"], at=at)


@transaction.atomic
def add_note(case: DiversionCase, *, by: User, text: str) -> CaseEntry:
    """Something to keep in the file, in the state it is in. A closed file stays closed."""
    row = _case(case, by, "channel.edit")
    if row.state == State.CLOSED:
        raise ValidationError(_("The case is closed."), code="closed")
    record("diversion_case.noted", row, by=by)
    return _enter(row, row.state, text, by=by)


def _case(case: DiversionCase, by: User, permission: str) -> DiversionCase:
    """The row as it is now, held against others, where the person may work on it."""
    require(by, permission)
    seen = DiversionCase.objects.visible_to(by).filter(pk=case.pk)
    row: DiversionCase | None = (
        DiversionCase.objects.select_for_update(of=("self",)).filter(pk__in=seen.values("pk")).first()
    )
    if row is None:
        raise PermissionDenied(_("This belongs to somebody outside your team."))
    return row


def _sighting(sighting: Sighting, by: User) -> Sighting:
    seen = Sighting.objects.visible_to(by).filter(pk=sighting.pk)
    row: Sighting | None = (
        Sighting.objects.select_for_update(of=("self",)).filter(pk__in=seen.values("pk")).first()
    )
    if row is None:
        raise PermissionDenied(_("This belongs to somebody outside your team."))
    if row.case is not None:
        words = _("This sighting is evidence in case %(number)s.") % {"number": row.case.number}
        raise ValidationError(words, code="in_case")
    return row


def _require_visible(by: User, suspect: Customer | None) -> None:
    if suspect is not None and not visible_customers(by).filter(pk=suspect.pk).exists():
        raise PermissionDenied(_("This customer belongs to another team."))


def _behind(sighting: Sighting, shipment: Shipment) -> Shipment:
    """The shipment where it may be behind the sighting; nobody is suspected out of the blue."""
    if shipment.pk not in {match.shipment.key for match in matching_of(sighting).matches}:
        raise ValidationError(_("These goods cannot come from this shipment."), code="shipment")
    return shipment


def _follow(row: DiversionCase, before: str, after: str) -> None:
    if row.state != before:
        words = _("“%(after)s” follows “%(before)s”; the case is in “%(now)s”.") % {
            "after": State(after).label,
            "before": State(before).label,
            "now": row.get_state_display(),
        }
        raise ValidationError(words, code="order")


def _step(
    row: DiversionCase,
    state: str,
    text: str,
    *,
    by: User,
    fields: list[str],
    at: dt.datetime | None = None,
) -> DiversionCase:
    """The next step, not before the one that it follows."""
    last = row.entries.order_by("-at", "-pk").first()
    if last is not None and past_moment(at) < last.at:
        raise ValidationError(_("The step before it was later than this moment."), code="before")
    row.state = state
    row.save(update_fields=["state", *fields])
    _enter(row, state, text, by=by, at=at)
    details = {"number": row.number, "state": state, "verdict": row.verdict, **told(at)}
    record("diversion_case.step", row, by=by, **details)
    return row


def _enter(
    row: DiversionCase, state: str, text: str, *, by: User, at: dt.datetime | None = None
) -> CaseEntry:
    words = typed_text(text, most=MOST_TEXT)
    return CaseEntry.objects.create(case=row, state=state, text=words, by=by, at=past_moment(at))
