"""Everything that others can see happen to the daily report: drafted, written, submitted, returned, reviewed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shengce.facts.models import Fact
from shengce.people.models import User, record
from shengce.people.permissions import require
from shengce.people.typed_text import typed_text
from shengce.recordings.models import Conversation
from shengce.sheets.models import DailyReport, DailyReportLine

MOST_LINES = 300
MOST_CHARACTERS = 1000
_EDITABLE = (DailyReport.State.DRAFT, DailyReport.State.RETURNED)
_Section = DailyReportLine.Section
_Source = DailyReportLine.Source


@dataclass(frozen=True, slots=True)
class Drafted:
    """A line that the program writes; ``key`` finds it again at the next refresh."""

    key: str
    section: str
    position: int
    text: str
    source: str
    conversation: Conversation | None = None
    start_ms: int | None = None
    end_ms: int | None = None


@transaction.atomic
def draft_daily_report(rep: User, day: date) -> DailyReport:
    """The rep's report of the day, its drafted lines brought up to date; a submitted one is left as it is.

    Typed lines, lines whose words a person changed and lines that were taken out are left alone. Lines from accepted
    proposals are already there. A second call changes nothing.
    """
    report, _made = DailyReport.objects.get_or_create(rep=rep, day=day, defaults={"unit": rep.unit})
    report = DailyReport.objects.select_for_update(of=("self",)).get(pk=report.pk)
    if report.state not in _EDITABLE:
        return report
    talks = _talks_of_day(rep, day)
    with translation.override(settings.LANGUAGE_CODE):
        wanted = {line.key: line for line in _drafted_lines(talks) if line.key not in report.removed}
    stored = {line.key: line for line in report.lines.exclude(key="").exclude(key__startswith="fact:")}
    gone = [line.pk for key, line in stored.items() if key not in wanted and not line.edited]
    if gone:
        DailyReportLine.objects.filter(pk__in=gone).delete()
    new = [_line(report, line) for key, line in wanted.items() if key not in stored]
    DailyReportLine.objects.bulk_create(new)
    for key, line in stored.items():
        if key in wanted:
            _refresh(line, wanted[key])
    return report


def _talks_of_day(rep: User, day: date) -> list[Conversation]:
    start, end = day_bounds(day)
    talks = Conversation.objects.filter(rep=rep, started_at__gte=start, started_at__lt=end)
    return list(talks.select_related("customer").order_by("started_at", "pk")[:MOST_LINES])


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The moments of a local day, half-open."""
    zone = timezone.get_current_timezone()
    return (
        datetime.combine(day, time.min, tzinfo=zone),
        datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone),
    )


def _drafted_lines(talks: list[Conversation]) -> Iterator[Drafted]:
    if talks:
        yield Drafted("count:talks", _Section.TALKS, 0, _counted(talks), _Source.COMPUTED)
    for position, talk in enumerate(talks, start=1):
        text, start_ms, end_ms = _talk_line(talk)
        yield Drafted(f"talk:{talk.pk}", _Section.TALKS, position, text, _Source.TALK, talk, start_ms, end_ms)


def _counted(talks: list[Conversation]) -> str:
    minutes = max(1, round(sum(talk.duration_ms for talk in talks) / 60_000))
    customers = len({talk.customer_id for talk in talks if talk.customer_id is not None})
    return _("%(talks)s with %(customers)s, %(minutes)s") % {
        "talks": ngettext("%(n)d talk", "%(n)d talks", len(talks)) % {"n": len(talks)},
        "customers": ngettext("%(n)d customer", "%(n)d customers", customers) % {"n": customers},
        "minutes": ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes},
    }


def _talk_line(talk: Conversation) -> tuple[str, int, int]:
    """Words for one talk and the range to play: the first sentences of its summary, or the whole talk."""
    who = talk.customer.name if talk.customer else _("Unknown customer")
    clock = f"{timezone.localtime(talk.started_at):%H:%M}"
    lines = talk.summary.get("lines", [])[:2]
    said = "；".join(line["text"] for line in lines)
    minutes = max(1, round(talk.duration_ms / 60_000))
    length = ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    head = f"{clock} {who}（{length}）"
    text = f"{head}：{said}" if said else head
    if lines:
        return text[:MOST_CHARACTERS], lines[0]["start_ms"], lines[0]["end_ms"]
    return text[:MOST_CHARACTERS], talk.start_ms, talk.end_ms


def _line(report: DailyReport, line: Drafted) -> DailyReportLine:
    return DailyReportLine(
        report=report,
        key=line.key,
        section=line.section,
        position=line.position,
        text=line.text,
        source=line.source,
        conversation=line.conversation,
        start_ms=line.start_ms,
        end_ms=line.end_ms,
    )


def _refresh(stored: DailyReportLine, line: Drafted) -> None:
    names = (
        ["position", "start_ms", "end_ms"] if stored.edited else ["position", "start_ms", "end_ms", "text"]
    )
    changed = {name: getattr(line, name) for name in names if getattr(stored, name) != getattr(line, name)}
    if changed:
        DailyReportLine.objects.filter(pk=stored.pk).update(**changed)


@transaction.atomic
def add_line(report: DailyReport, *, by: User, section: str, text: str) -> DailyReportLine:
    """A line that the rep writes by hand; it is marked so."""
    report = _locked_for_writing(report, by)
    if section not in _Section.values:
        raise ValidationError(_("There is no such section in the daily report."), code="section")
    if report.lines.count() >= MOST_LINES:
        raise ValidationError(_("The report is full."), code="full")
    line = DailyReportLine.objects.create(
        report=report,
        section=section,
        position=_next_position(report, section),
        text=typed_text(text, most=MOST_CHARACTERS),
        source=_Source.TYPED,
    )
    record("report.line_added", report, by=by, line=line.pk)
    return line


@transaction.atomic
def add_proven_line(
    rep: User, day: date, *, by: User, fact: Fact, section: str, text: str
) -> DailyReportLine:
    """A line that a fact proves, on the rep's report of that day; one line for one fact, it plays the passage."""
    report, _made = DailyReport.objects.get_or_create(rep=rep, day=day, defaults={"unit": rep.unit})
    report = _locked_for_writing(report, by)
    key = f"fact:{fact.pk}"
    existing = report.lines.filter(key=key).first()
    if existing is not None:
        return existing
    if key in report.removed:
        report.removed = [other for other in report.removed if other != key]
        report.save(update_fields=["removed"])
    line = DailyReportLine.objects.create(
        report=report,
        key=key,
        section=section,
        position=_next_position(report, section),
        text=typed_text(text, most=MOST_CHARACTERS),
        source=_Source.TALK,
        fact=fact,
        conversation=fact.conversation,
        start_ms=fact.start_ms,
        end_ms=fact.end_ms,
    )
    record("report.line_added", report, by=by, line=line.pk, fact=fact.pk)
    return line


@transaction.atomic
def edit_line(line: DailyReportLine, *, by: User, text: str) -> DailyReportLine:
    """Other words for a line. It keeps its proof, and says that a person changed it."""
    report = _locked_for_writing(line.report, by)
    words = typed_text(text, most=MOST_CHARACTERS)
    if words != line.text:
        line.text = words
        line.edited = line.source != _Source.TYPED
        line.save(update_fields=["text", "edited"])
        record("report.line_edited", report, by=by, line=line.pk)
    return line


@transaction.atomic
def remove_line(line: DailyReportLine, *, by: User) -> None:
    """Take a line out; a drafted one stays out when the draft is refreshed."""
    report = _locked_for_writing(line.report, by)
    record("report.line_removed", report, by=by, line=line.pk, text=line.text)
    if line.key and line.key not in report.removed:
        report.removed = [*report.removed, line.key]
        report.save(update_fields=["removed"])
    line.delete()


@transaction.atomic
def withdraw_line(line: DailyReportLine, *, by: User) -> None:
    """Undo :func:`add_proven_line`: the line goes and may be added again."""
    report = _locked_for_writing(line.report, by)
    record("report.line_withdrawn", report, by=by, line=line.pk, text=line.text)
    line.delete()


@transaction.atomic
def submit_daily_report(report: DailyReport, *, by: User) -> DailyReport:
    """Hand the report in. From now on nobody changes its lines, and they keep playing."""
    report = _locked_for_writing(report, by)
    if not report.lines.exists():
        raise ValidationError(_("The report is empty. Write at least one line."), code="empty")
    report.state, report.submitted_at = DailyReport.State.SUBMITTED, timezone.now()
    report.unit = report.rep.unit
    report.save(update_fields=["state", "submitted_at", "unit"])
    record("report.submitted", report, by=by, day=report.day.isoformat())
    return report


@transaction.atomic
def return_daily_report(report: DailyReport, *, by: User, comment: str) -> DailyReport:
    """Give it back to the rep, who can change and submit it again. A reason is needed."""
    words = typed_text(comment, most=2000)
    return _review(report, DailyReport.State.RETURNED, by=by, comment=words)


@transaction.atomic
def review_daily_report(report: DailyReport, *, by: User, comment: str = "") -> DailyReport:
    """Read and accepted; a comment is welcome."""
    words = typed_text(comment, most=2000, required=False)
    return _review(report, DailyReport.State.REVIEWED, by=by, comment=words)


def _review(report: DailyReport, state: str, *, by: User, comment: str) -> DailyReport:
    require(by, "reports.review")
    visible = DailyReport.objects.visible_to(by).filter(pk=report.pk)
    row = visible.select_for_update(of=("self",)).first()
    if row is None or row.rep_id == by.pk:
        raise PermissionDenied(_("This report belongs to somebody outside your team."))
    if row.state != DailyReport.State.SUBMITTED:
        raise ValidationError(_("Only a submitted report can be reviewed or returned."), code="state")
    row.state, row.comment = state, comment
    row.reviewed_at, row.reviewed_by = timezone.now(), by
    row.save(update_fields=["state", "comment", "reviewed_at", "reviewed_by"])
    record(f"report.{state}", row, by=by, day=row.day.isoformat())
    return row


def _locked_for_writing(report: DailyReport, by: User) -> DailyReport:
    """The report, locked, where its own rep may change it now."""
    require(by, "reports.write")
    row = DailyReport.objects.select_related("rep__unit").select_for_update(of=("self",)).get(pk=report.pk)
    if row.rep_id != by.pk:
        raise PermissionDenied(_("Only the rep writes this report."))
    if row.state not in _EDITABLE:
        raise ValidationError(
            _("This report was submitted. Your manager can return it to you for changes."), code="state"
        )
    return row


def _next_position(report: DailyReport, section: str) -> int:
    last = report.lines.filter(section=section).order_by("-position").first()
    return last.position + 1 if last else MOST_LINES
