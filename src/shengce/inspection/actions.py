"""Everything that others can see happen in inspection: score cards, scores, alerts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from shengce.facts.models import Fact
from shengce.facts.wording import describe
from shengce.inspection.models import Alert, Outcome, Score, ScoreCard, ScoreCardVersion
from shengce.language.criteria import CardError
from shengce.language.inspection import Inspection, card_from_data
from shengce.language.inspection import Outcome as JudgedOutcome
from shengce.language.values import Passage
from shengce.people.models import User, record
from shengce.people.permissions import require
from shengce.people.typed_text import typed_text
from shengce.recordings.models import Conversation

ALARMING = {Fact.Kind.COMPLAINT: Alert.Kind.COMPLAINT, Fact.Kind.DIVERSION: Alert.Kind.DIVERSION}
MAX_HITS = 100

Scored = tuple[ScoreCardVersion, Inspection]


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something to hear today, before it is a row."""

    kind: str
    key: str
    title: dict[str, str]
    quote: str
    start_ms: int
    end_ms: int


@transaction.atomic
def create_score_card(*, name: str, data: dict[str, Any], by: User) -> ScoreCardVersion:
    """A new form with its first version, which is a draft until it is published."""
    require(by, "score_cards.edit")
    words = typed_text(name, most=100)
    if ScoreCard.objects.filter(name=words).exists():
        raise ValidationError(_("There is a score card of this name already."), code="name")
    card = ScoreCard.objects.create(name=words)
    record("score_card.created", card, by=by)
    return _new_version(card, data, by)


@transaction.atomic
def publish_score_card(version: ScoreCardVersion, *, by: User) -> ScoreCardVersion:
    """From now on talks are scored with this version. A second call changes nothing."""
    require(by, "score_cards.edit")
    row = ScoreCardVersion.objects.select_for_update(of=("self",)).select_related("card").get(pk=version.pk)
    if row.published_at is None:
        _checked(row.data, row.number)
        row.published_at = timezone.now()
        row.save(update_fields=["published_at"])
        record("score_card.published", row.card, by=by, version=row.number)
    return row


def _new_version(card: ScoreCard, data: dict[str, Any], by: User) -> ScoreCardVersion:
    last = card.versions.order_by("-number").first()
    number = last.number + 1 if last else 1
    version = ScoreCardVersion.objects.create(
        card=card, number=number, data=_checked(data, number), made_by=by
    )
    record("score_card.saved", card, by=by, version=number)
    return version


def _checked(data: dict[str, Any], number: int) -> dict[str, Any]:
    """The form in its normal shape; what is wrong with it in words, with the path of the field."""
    try:
        given = {**data, "version": number} if isinstance(data, dict) else data
        return card_from_data(given).to_data()
    except CardError as error:
        raise ValidationError(str(error), code="card") from error


@transaction.atomic
def store_scores(conversation: Conversation, scored: Sequence[Scored]) -> None:
    """Make the scores of a talk those given, one for each card; running it again gives the same rows.

    A talk that is scored again loses the scores of earlier versions of the same cards.
    """
    versions = [version for version, _inspection in scored]
    stale = Score.objects.filter(conversation=conversation, version__card__in=[v.card_id for v in versions])
    stale.exclude(version__in=versions).delete()
    for version, inspection in scored:
        score, _made = Score.objects.update_or_create(
            conversation=conversation,
            version=version,
            defaults={"score": inspection.score, "fatal": inspection.fatal},
        )
        score.outcomes.all().delete()
        Outcome.objects.bulk_create(
            [_outcome(score, outcome, position) for position, outcome in enumerate(inspection.criteria)]
        )


def _outcome(score: Score, outcome: JudgedOutcome, position: int) -> Outcome:
    return Outcome(
        score=score,
        criterion=outcome.id,
        name=outcome.name._asdict(),
        section=outcome.section,
        state=outcome.state,
        points=outcome.points,
        max_points=outcome.max_points,
        fatal=outcome.fatal,
        hits=[_hit(passage) for passage in outcome.hits[:MAX_HITS]],
        position=position,
    )


def _hit(passage: Passage) -> dict[str, Any]:
    return {
        "turn": passage.turn,
        "start": passage.start,
        "end": passage.end,
        "quote": passage.quote,
        "role": passage.role,
        "start_ms": passage.start_ms,
        "end_ms": passage.end_ms,
    }


@transaction.atomic
def raise_alerts(conversation: Conversation, scored: Sequence[Scored]) -> None:
    """Alerts for fatal items, complaints and diversion hints of a talk, one each, however often this runs.

    What somebody has seen stays seen, also where the talk was analysed again and the words moved a little.
    """
    wanted = {(alarm.kind, alarm.key): alarm for alarm in _alarms(conversation, scored)}
    stored = {(alert.kind, alert.key): alert for alert in conversation.alerts.all()}
    gone = [a.pk for place, a in stored.items() if place not in wanted and a.seen_at is None]
    Alert.objects.filter(pk__in=gone).delete()
    seen = [alert for alert in stored.values() if alert.seen_at is not None]
    for place, alarm in wanted.items():
        columns = {
            "title": alarm.title,
            "quote": alarm.quote,
            "start_ms": alarm.start_ms,
            "end_ms": alarm.end_ms,
        }
        if place in stored:
            Alert.objects.filter(pk=stored[place].pk).update(**columns)
        elif not any(_same_moment(alert, alarm) for alert in seen):
            Alert.objects.create(conversation=conversation, kind=alarm.kind, key=alarm.key, **columns)


def _alarms(conversation: Conversation, scored: Iterable[Scored]) -> Iterable[Alarm]:
    for version, inspection in scored:
        for outcome in inspection.criteria:
            if outcome.fatal and outcome.state == "not_met":
                yield _fatal_alarm(conversation, version, outcome)
    for fact in conversation.facts.all().standing().filter(kind__in=ALARMING):
        title = {code: _fact_title(fact, language) for code, language in (("zh", "zh-hans"), ("en", "en"))}
        yield Alarm(
            ALARMING[Fact.Kind(fact.kind)], f"fact:{fact.pk}", title, fact.quote, fact.start_ms, fact.end_ms
        )


def _fatal_alarm(conversation: Conversation, version: ScoreCardVersion, outcome: JudgedOutcome) -> Alarm:
    """Plays the first passage; where something was not said at all, the whole talk is the proof."""
    key = f"{version.card_id}:{outcome.id}"
    title = outcome.name._asdict()
    if not outcome.hits:
        return Alarm(Alert.Kind.FATAL, key, title, "", conversation.start_ms, conversation.end_ms)
    hit = outcome.hits[0]
    return Alarm(Alert.Kind.FATAL, key, title, hit.quote, hit.start_ms, hit.end_ms)


def _fact_title(fact: Fact, language: str) -> str:
    with translation.override(language):
        kind, words = str(fact.get_kind_display()), describe(fact.kind, fact.value)
        return _("%(kind)s: %(words)s") % {"kind": kind, "words": words} if words else kind


def _same_moment(alert: Alert, alarm: Alarm) -> bool:
    return alert.kind == alarm.kind and alert.start_ms < alarm.end_ms and alarm.start_ms < alert.end_ms


@transaction.atomic
def mark_alert_seen(alert: Alert, *, by: User) -> Alert:
    """Somebody has heard it. The first one counts."""
    row = Alert.objects.visible_to(by).filter(pk=alert.pk).select_for_update(of=("self",)).first()
    if row is None:
        raise PermissionDenied(_("This talk belongs to somebody outside your team."))
    if row.seen_at is None:
        row.seen_at, row.seen_by = timezone.now(), by
        row.save(update_fields=["seen_at", "seen_by"])
        record("alert.seen", row, by=by)
    return row
