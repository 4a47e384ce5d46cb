"""Targets in words: written for a rep, judged by his manager."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.people.models import Role, User, record
from shengce.people.permissions import require
from shengce.people.scope import may_act_for
from shengce.people.typed_text import typed_text
from shengce.targets.models import Metric, QualitativeTarget, TargetVersion

Judged = QualitativeTarget.Judged


@transaction.atomic
def add_qualitative(
    version: TargetVersion, *, by: User, metric: Metric, rep: User, text: str, due_on: dt.date | None = None
) -> QualitativeTarget:
    """A target in words for a rep of the own subtree."""
    require(by, "targets.edit")
    _require_over(by, rep)
    if metric.kind != Metric.Kind.QUALITATIVE:
        raise ValidationError({"metric": _("Choose a metric in words.")}, code="kind")
    if due_on is not None and due_on not in version.target_set.year.span:
        raise ValidationError({"due_on": _("The day lies outside the fiscal year.")}, code="day")
    target = QualitativeTarget.objects.create(
        version=version, metric=metric, rep=rep, unit=rep.unit, text=typed_text(text, most=500), due_on=due_on
    )
    record("targets.words_added", target, by=by, rep=rep.pk)
    return target


@transaction.atomic
def judge_qualitative(target: QualitativeTarget, *, by: User, judged: str, comment: str) -> QualitativeTarget:
    """Reached, partly, or not, with the reason; may be judged again."""
    require(by, "targets.edit")
    row = QualitativeTarget.objects.select_for_update(of=("self",)).select_related("rep").get(pk=target.pk)
    _require_over(by, row.rep)
    if judged not in Judged.values:
        raise ValidationError({"judged": _("Choose how it came out.")}, code="judged")
    old = row.judged
    row.judged, row.comment = judged, typed_text(comment, most=300, required=judged != Judged.OPEN)
    row.judged_by, row.judged_at = by, timezone.now()
    row.save()
    record("targets.words_judged", row, by=by, old=old, new=judged)
    return row


def _require_over(by: User, rep: User) -> None:
    if by.role != Role.EXECUTIVE and not may_act_for(by, rep):
        raise PermissionDenied(_("Your role does not allow this."))
