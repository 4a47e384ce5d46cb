"""Everything that others can see happen to a paper: begun, drafted, written, submitted, returned, reviewed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.facts.models import Fact
from shengce.people.models import User, record
from shengce.people.permissions import require
from shengce.people.typed_text import typed_text
from shengce.sheets.batches import begin_for, draft_papers
from shengce.sheets.drafted import MOST_CHARACTERS
from shengce.sheets.forms_of_papers import (
    Section,
    current,
    section_of,
    sections_for,
)
from shengce.sheets.models import DAILY, Line, Paper, PaperTemplate
from shengce.sheets.periods import period_of
from shengce.sheets.picks import Cells, read_cells
from shengce.sheets.wording import in_language

MOST_LINES = 300
EARLIEST, LATEST = dt.date(2000, 1, 1), dt.date(2100, 1, 1)
_EDITABLE = (Paper.State.DRAFT, Paper.State.RETURNED)
_Source = Line.Source


@transaction.atomic
def begin_paper(owner: User, code: str, day: dt.date) -> Paper:
    """The paper of ``owner`` about the period in which ``day`` lies; the one there is, or a new draft.

    Raises ``ValidationError`` where there is no such kind, it is not in use, or it is not his to write.
    """
    if not EARLIEST <= day < LATEST:
        raise ValidationError(_("There is no such paper."), code="template")
    standing = _standing(owner, code, day)
    if standing is not None:
        return standing
    try:
        template = current(code)
    except PaperTemplate.DoesNotExist:
        raise ValidationError(_("There is no such paper."), code="template") from None
    if not template.active or owner.role not in template.writers:
        raise ValidationError(_("This paper is not yours to write."), code="writer")
    begin_for(template, [owner], period_of(template.period, day))
    paper = _standing(owner, code, day)
    assert paper is not None
    return paper


def _standing(owner: User, code: str, day: dt.date) -> Paper | None:
    papers = Paper.objects.select_related("template").filter(owner=owner, code=code)
    return papers.filter(start_on__lte=day, end_on__gt=day).first()


def draft_paper(paper: Paper) -> Paper:
    """Bring the drafted lines up to date, as :func:`sheets.batches.draft_papers`; a submitted paper is left as it is."""
    return draft_papers([paper])[0]


def draft_daily_report(rep: User, day: dt.date) -> Paper:
    """The rep's daily sales report, brought up to date."""
    return draft_paper(begin_paper(rep, DAILY, day))


@transaction.atomic
def add_line(
    paper: Paper,
    *,
    by: User,
    section: str,
    text: str = "",
    values: Mapping[str, object] | None = None,
    as_typed: Collection[str] = (),
) -> Line:
    """A line, or a row of a table, that the writer writes by hand; it is marked so.

    ``as_typed``: columns in which a customer's name that is on no record is kept as it was typed.
    """
    row = _locked_for_writing(paper, by)
    part = _section(row, section)
    if row.lines.count() >= MOST_LINES:
        raise ValidationError(_("The report is full."), code="full")
    cells = _cells(part, values or {}, by, as_typed=as_typed)
    line = Line.objects.create(
        paper=row,
        section=section,
        position=_next_position(row, section),
        text="" if part.is_table else typed_text(text, most=MOST_CHARACTERS),
        values=cells.values,
        ties=cells.ties,
        typed=[key for key, value in cells.values.items() if value],
        source=_Source.TYPED,
    )
    record("report.line_added", row, by=by, line=line.pk)
    return line


@transaction.atomic
def add_proven_line(rep: User, day: dt.date, *, by: User, fact: Fact, section: str, text: str) -> Line:
    """A line that a fact proves, on the rep's daily report of that day; one line for one fact, it plays the passage."""
    row = _locked_for_writing(begin_paper(rep, DAILY, day), by)
    key = f"fact:{fact.pk}"
    existing = row.lines.filter(key=key).first()
    if existing is not None:
        return existing
    if key in row.removed:
        row.removed = [other for other in row.removed if other != key]
        row.save(update_fields=["removed"])
    _section(row, section)
    line = Line.objects.create(
        paper=row,
        key=key,
        section=section,
        position=_next_position(row, section),
        text=typed_text(text, most=MOST_CHARACTERS),
        source=_Source.TALK,
        fact=fact,
        conversation=fact.conversation,
        start_ms=fact.start_ms,
        end_ms=fact.end_ms,
    )
    record("report.line_added", row, by=by, line=line.pk, fact=fact.pk)
    return line


@transaction.atomic
def edit_line(
    line: Line,
    *,
    by: User,
    text: str = "",
    values: Mapping[str, object] | None = None,
    as_typed: Collection[str] = (),
) -> Line:
    """Other words for a line, or other cells of a row. It keeps its proof, and says that a person changed it."""
    row = _locked_for_writing(line.paper, by)
    part = _section(row, line.section)
    if part.is_table:
        cells = _cells(part, values or {}, by, standing=line, as_typed=as_typed)
        changed = [key for key, value in cells.values.items() if value != line.values.get(key, "")]
        if not changed:
            return line
        line.values = {**line.values, **cells.values}
        line.ties = {key: tie for key, tie in line.ties.items() if key not in changed} | cells.ties
        line.typed = sorted({*line.typed, *changed})
    else:
        words = typed_text(text, most=MOST_CHARACTERS)
        if words == line.text:
            return line
        line.text = words
    line.edited = line.source != _Source.TYPED
    line.save(update_fields=["text", "values", "ties", "typed", "edited"])
    record("report.line_edited", row, by=by, line=line.pk)
    return line


@transaction.atomic
def remove_line(line: Line, *, by: User) -> None:
    """Take a line out; a drafted one stays out when the draft is refreshed."""
    row = _locked_for_writing(line.paper, by)
    record("report.line_removed", row, by=by, line=line.pk, text=str(line)[:MOST_CHARACTERS])
    if line.key and line.key not in row.removed:
        row.removed = [*row.removed, line.key]
        row.save(update_fields=["removed"])
    line.delete()


@transaction.atomic
def restore_lines(paper: Paper, *, by: User) -> Paper:
    """Put back what was taken out of the draft, as it would be drafted now. Nothing was taken out: nothing changes."""
    row = _locked_for_writing(paper, by)
    if row.removed:
        record("report.lines_restored", row, by=by, keys=row.removed)
        row.removed = []
        row.save(update_fields=["removed"])
    return draft_paper(row)


@transaction.atomic
def withdraw_line(line: Line, *, by: User) -> None:
    """Undo :func:`add_proven_line`: the line goes and may be added again."""
    row = _locked_for_writing(line.paper, by)
    record("report.line_withdrawn", row, by=by, line=line.pk, text=line.text)
    line.delete()


@transaction.atomic
def submit_paper(paper: Paper, *, by: User, at: dt.datetime | None = None) -> Paper:
    """Hand it in. From now on nobody changes its lines, and they keep playing. ``at``: when, where that is not now."""
    row = _locked_for_writing(paper, by)
    if not row.lines.exists():
        raise ValidationError(_("The report is empty. Write at least one line."), code="empty")
    filled = set(row.lines.values_list("section", flat=True))
    for section in sections_for(row.template, row.owner.role):
        if section.required and section.key not in filled:
            raise ValidationError(
                _("“%(section)s” is still empty."),
                params={"section": in_language(section.title)},
                code="required",
            )
    now = timezone.now()
    row.state, row.submitted_at = Paper.State.SUBMITTED, min(at or now, now)
    row.first_submitted_at = row.first_submitted_at or row.submitted_at
    row.unit = row.owner.unit
    row.save(update_fields=["state", "submitted_at", "first_submitted_at", "unit"])
    record("report.submitted", row, by=by, code=row.code, day=row.start_on.isoformat())
    return row


@transaction.atomic
def return_paper(paper: Paper, *, by: User, comment: str) -> Paper:
    """Give it back to the writer, who can change and submit it again. A reason is needed."""
    words = typed_text(comment, most=2000)
    return _review(paper, Paper.State.RETURNED, by=by, comment=words)


@transaction.atomic
def review_paper(paper: Paper, *, by: User, comment: str = "") -> Paper:
    """Read and accepted; a comment is welcome."""
    words = typed_text(comment, most=2000, required=False)
    return _review(paper, Paper.State.REVIEWED, by=by, comment=words)


def _review(paper: Paper, state: str, *, by: User, comment: str) -> Paper:
    require(by, "reports.review")
    row = Paper.objects.visible_to(by).filter(pk=paper.pk).select_for_update(of=("self",)).first()
    if row is None or row.owner_id == by.pk:
        raise PermissionDenied(_("This report belongs to somebody outside your team."))
    if row.state != Paper.State.SUBMITTED:
        raise ValidationError(_("Only a submitted report can be reviewed or returned."), code="state")
    row.state, row.comment = state, comment
    row.reviewed_at, row.reviewed_by = timezone.now(), by
    row.save(update_fields=["state", "comment", "reviewed_at", "reviewed_by"])
    record(f"report.{state}", row, by=by, code=row.code, day=row.start_on.isoformat())
    return row


def _locked_for_writing(paper: Paper, by: User) -> Paper:
    """The paper, locked, where its own writer may change it now."""
    require(by, "papers.write")
    row = (
        Paper.objects.select_related("owner__unit", "template")
        .select_for_update(of=("self",))
        .get(pk=paper.pk)
    )
    if row.owner_id != by.pk:
        raise PermissionDenied(_("Only its writer changes this report."))
    if row.state not in _EDITABLE:
        raise ValidationError(
            _("This report was submitted. Your manager can return it to you for changes."), code="state"
        )
    return row


def _section(paper: Paper, key: str) -> Section:
    part = section_of(paper.template, key)
    if part is None:
        raise ValidationError(_("There is no such section in this paper."), code="section")
    return part


def _cells(
    part: Section,
    values: Mapping[str, object],
    by: User,
    *,
    standing: Line | None = None,
    as_typed: Collection[str] = (),
) -> Cells:
    """The cells of a row, each checked by its column. A row without any says nothing. Raises ``ValidationError``."""
    cells = read_cells(part, values, by=by, standing=standing, as_typed=as_typed)
    if part.is_table and not any(cells.values.values()):
        raise ValidationError(_("Please write something."), code="empty")
    return cells


def _next_position(paper: Paper, section: str) -> int:
    last = paper.lines.filter(section=section).order_by("-position").first()
    return last.position + 1 if last else MOST_LINES
