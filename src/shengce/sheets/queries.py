"""Questions about daily reports that many rows answer."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, Q, QuerySet

from shengce.people.models import User
from shengce.sheets.models import DailyReport, DailyReportLine


def reports_to_read(user: User) -> QuerySet[DailyReport]:
    """Submitted reports of other people in one's scope, the oldest day first, with the number of lines that play."""
    proven = Count("lines", filter=Q(lines__source=DailyReportLine.Source.TALK))
    waiting = DailyReport.objects.visible_to(user).filter(state=DailyReport.State.SUBMITTED).exclude(rep=user)
    annotated = waiting.annotate(line_count=Count("lines"), proven_count=proven)
    return annotated.select_related("rep", "unit").order_by("day", "submitted_at")


def reports_of(user: User, *, start_on: date, end_on: date) -> QuerySet[DailyReport]:
    """Reports of one's scope in ``[start_on, end_on)``, newest day first; drafts only of oneself."""
    reports = DailyReport.objects.visible_to(user).filter(day__gte=start_on, day__lt=end_on)
    own_or_handed_in = Q(rep=user) | ~Q(state=DailyReport.State.DRAFT)
    return (
        reports.filter(own_or_handed_in).select_related("rep", "unit", "reviewed_by").order_by("-day", "rep")
    )


def lines_of(report: DailyReport) -> list[DailyReportLine]:
    """The lines in order, with what they play."""
    order = {section: place for place, section in enumerate(DailyReportLine.Section.values)}
    lines = report.lines.select_related("fact", "conversation__customer")
    return sorted(lines, key=lambda line: (order[line.section], line.position, line.pk))
