"""Every change of what dealers' people were taught."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from shengce.channel.models import Training
from shengce.channel.reach import may_count_stock, visible_dealers
from shengce.channel.typed import past_day
from shengce.customers.models import Customer
from shengce.people.models import User, record
from shengce.people.permissions import require
from shengce.people.typed_text import typed_text
from shengce.recordings.models import Conversation

MOST_PEOPLE = 10_000


@transaction.atomic
def save_training(
    *,
    by: User,
    dealer: Customer,
    held_on: dt.date,
    subject: str,
    people: int,
    trainer: str,
    note: str = "",
    conversation: Conversation | None = None,
    training: Training | None = None,
) -> Training:
    """A training that was held at a dealer's, new or changed. ``conversation`` is a talk with him that ``by`` may hear.

    Raises ``ValidationError`` where a training on this subject is noted for him on this day already.
    """
    _require(by, dealer)
    past_day(held_on, field="held_on")
    if not 1 <= people <= MOST_PEOPLE:
        raise ValidationError({"people": _("One to 10,000 people.")}, code="people")
    if conversation is not None and not _heard(by, dealer, conversation):
        raise ValidationError(
            {"conversation": _("This is no talk with this dealer that you may hear.")}, code="talk"
        )
    row = training or Training(by=by)
    row.dealer, row.held_on, row.people, row.conversation = dealer, held_on, people, conversation
    row.subject = typed_text(subject, most=120)
    row.trainer = typed_text(trainer, most=60)
    row.note = typed_text(note, most=500, required=False)
    same = Training.objects.filter(dealer=dealer, held_on=held_on, subject=row.subject).exclude(pk=row.pk)
    if same.exists():
        raise ValidationError({"subject": _("This training is noted for the day already.")}, code="duplicate")
    row.save()
    record(
        "channel.training_saved", row, by=by, dealer=dealer.pk, held_on=held_on.isoformat(), about=row.subject,
        people=people, conversation=row.conversation_id,
    )  # fmt: skip
    return row


@transaction.atomic
def withdraw_training(training: Training, *, by: User) -> None:
    """Remove a training that was noted by mistake: whoever noted it does, or who keeps the channel's books."""
    _require(by, training.dealer)
    if training.by_id != by.pk:
        require(by, "channel.edit")
    record(
        "channel.training_withdrawn", training, by=by, dealer=training.dealer_id, about=training.subject,
        held_on=training.held_on.isoformat(),
    )  # fmt: skip
    training.delete()


def _require(by: User, dealer: Customer) -> None:
    if not may_count_stock(by) or not visible_dealers(by).filter(pk=dealer.pk).exists():
        raise PermissionDenied(_("This customer belongs to another team."))


def _heard(by: User, dealer: Customer, conversation: Conversation) -> bool:
    found: bool = Conversation.objects.visible_to(by).filter(pk=conversation.pk, customer=dealer).exists()
    return found
