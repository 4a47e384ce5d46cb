"""Reads over score cards: what is in force, how talks fare with it, who changed it when."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Avg, Count, Q
from django.utils import timezone

from shengce.inspection.cards import fingerprint_of, key_of
from shengce.inspection.models import Outcome, Score, ScoreCard, ScoreCardVersion
from shengce.inspection.trials import MAX_SAMPLES, CriterionTrial, Tally, Trial
from shengce.inspection.wording import Words, describe_condition
from shengce.language.inspection import Criterion, Section, card_from_data
from shengce.language.inspection import ScoreCard as CardContent
from shengce.people.models import AuditEntry, User

DAYS = 30
SAMPLED_OUTCOMES = 4_000
"""Outcomes looked through for samples: bounds the work, whatever the number of criteria."""


@dataclass(slots=True)
class Use:
    """How talks of the last 30 days fared with a card."""

    talks: int = 0
    mean: float | None = None
    fatal: int = 0

    @property
    def fatal_share(self) -> float | None:
        return self.fatal / self.talks if self.talks else None


@dataclass(slots=True)
class CardLine:
    """A card in the list."""

    card: ScoreCard
    in_force: ScoreCardVersion | None
    draft: ScoreCardVersion | None
    use: Use

    @property
    def shown(self) -> ScoreCardVersion | None:
        return self.in_force or self.draft

    @property
    def criteria(self) -> int:
        return len(self.shown.data["criteria"]) if self.shown else 0

    @property
    def points(self) -> float:
        return sum(c["points"] for c in self.shown.data["criteria"]) if self.shown else 0


@dataclass(frozen=True, slots=True)
class Sample:
    """A stored hit of a criterion, to be played."""

    conversation_id: int
    state: str
    hit: dict[str, Any]


@dataclass(slots=True)
class CriterionLine:
    """A criterion as a page shows it."""

    criterion: Criterion
    key: str
    fingerprint: str
    when: Words
    applies_if: Words | None
    tally: Tally = field(default_factory=Tally)
    samples: list[Sample] = field(default_factory=list)
    trial: CriterionTrial | None = None


@dataclass(slots=True)
class SectionLines:
    """A section with its criteria."""

    section: Section
    lines: list[CriterionLine]

    @property
    def points(self) -> Any:
        return sum(line.criterion.points for line in self.lines)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """A version, and who published it."""

    version: ScoreCardVersion
    published_by: User | None


def card_list(user: User, *, with_drafts: bool) -> list[CardLine]:
    """Every card with its use in the user's scope; two queries. Drafts only for those who may edit."""
    lines = {}
    versions: dict[int, list[ScoreCardVersion]] = defaultdict(list)
    for version in ScoreCardVersion.objects.select_related("card").order_by("card__name", "-number"):
        versions[version.card_id].append(version)
    for rows in versions.values():
        in_force = next((row for row in rows if row.published_at), None)
        draft = next((row for row in rows if not row.published_at), None) if with_drafts else None
        if in_force or draft:
            lines[rows[0].card_id] = CardLine(rows[0].card, in_force, draft, Use())
    for row in (
        _recent(user)
        .values("version__card")
        .annotate(talks=Count("pk"), mean=Avg("score"), fatal_talks=Count("pk", filter=Q(fatal=True)))
    ):
        mean = None if row["mean"] is None else float(row["mean"])
        if row["version__card"] in lines:
            lines[row["version__card"]].use = Use(row["talks"], mean, row["fatal_talks"])
    return list(lines.values())


def version_in_force(card: ScoreCard) -> ScoreCardVersion | None:
    """The newest published version."""
    return card.versions.filter(published_at__isnull=False).order_by("-number").first()


def draft_of(card: ScoreCard) -> ScoreCardVersion | None:
    return card.versions.filter(published_at__isnull=True).first()


def sections_of(content: CardContent, trial: Trial | None = None) -> list[SectionLines]:
    """The card as a page shows it, with the trial's result beside each criterion where there is one."""
    tried = {row.criterion.id: row for row in trial.criteria} if trial else {}
    lines: dict[str, list[CriterionLine]] = {section.id: [] for section in content.sections}
    for criterion in content.criteria:
        condition = criterion.applies_if
        lines[criterion.section].append(
            CriterionLine(
                criterion,
                key_of(criterion.id),
                fingerprint_of(criterion),
                describe_condition(criterion.when),
                None if condition is None else describe_condition(condition),
                trial=tried.get(criterion.id),
            )
        )
    return [SectionLines(section, lines[section.id]) for section in content.sections]


def add_use(user: User, version: ScoreCardVersion, sections: Iterable[SectionLines]) -> Use:
    """Fill in how often each criterion was met lately, with samples; three queries. Returns the whole card's use.

    Outcomes of earlier versions count where the criterion's rule was the same as now.
    """
    lines = {line.criterion.id: line for section in sections for line in section.lines}
    scores = _recent(user).filter(version__card=version.card_id)
    whole = scores.aggregate(
        talks=Count("pk"), mean=Avg("score"), fatal_talks=Count("pk", filter=Q(fatal=True))
    )
    same = _same_rules(version, lines)
    counted = Outcome.objects.filter(score__in=scores.values("pk"))
    for number, criterion, state, count in (
        counted.values_list("score__version", "criterion", "state").annotate(n=Count("pk")).order_by()
    ):
        if criterion in same.get(number, ()):
            tally = lines[criterion].tally
            tally.met += count if state == "met" else 0
            tally.judged += count if state != "not_applicable" else 0
    _add_samples(scores, same, lines)
    mean = None if whole["mean"] is None else float(whole["mean"])
    return Use(whole["talks"], mean, whole["fatal_talks"])


def _recent(user: User) -> Any:
    since = timezone.now() - dt.timedelta(days=DAYS)
    return Score.objects.visible_to(user).filter(conversation__started_at__gte=since)


def _same_rules(version: ScoreCardVersion, lines: dict[str, CriterionLine]) -> dict[int, set[str]]:
    """For each version of the card, the criteria whose rule is that of ``version``."""
    same = {}
    for other in ScoreCardVersion.objects.filter(card=version.card_id, published_at__isnull=False):
        rules = {c.id: (c.when, c.applies_if) for c in card_from_data(other.data).criteria}
        same[other.pk] = {
            identifier
            for identifier, line in lines.items()
            if rules.get(identifier) == (line.criterion.when, line.criterion.applies_if)
        }
    return same


def _add_samples(scores: Any, same: dict[int, set[str]], lines: dict[str, CriterionLine]) -> None:
    """The newest hits of each criterion among so many talks that the work stays bounded."""
    most = max(20, SAMPLED_OUTCOMES // max(1, len(lines)))
    newest = list(scores.order_by("-conversation__started_at").values_list("pk", flat=True)[:most])
    rows = Outcome.objects.filter(score__in=newest).exclude(hits=[]).order_by("-score", "position")
    wanted = ("score__version", "criterion", "state", "hits", "score__conversation")
    for number, criterion, state, hits, conversation in rows.values_list(*wanted)[:SAMPLED_OUTCOMES]:
        if criterion in same.get(number, ()) and len(lines[criterion].samples) < MAX_SAMPLES:
            lines[criterion].samples.append(Sample(conversation, state, hits[0]))


def history_of(card: ScoreCard) -> list[HistoryLine]:
    """Published versions, newest first, and who published each."""
    entries = AuditEntry.objects.filter(
        subject_type="inspection.scorecard", subject_id=card.pk, action="score_card.published"
    ).select_related("by")
    publishers = {entry.details.get("version"): entry.by for entry in entries}
    versions = card.versions.filter(published_at__isnull=False).select_related("made_by").order_by("-number")
    return [HistoryLine(version, publishers.get(version.number)) for version in versions]
