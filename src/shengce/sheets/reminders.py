"""Papers are begun by the program for everybody who has to write them, so that what is missing can be seen and counted,
and drafted before they fall due, so that whoever opens one finds it written.
"""

from __future__ import annotations

import datetime as dt

from shengce.people.working_days import working_calendar
from shengce.sheets.batches import begin_for, draft_papers
from shengce.sheets.forms_of_papers import in_force
from shengce.sheets.models import Paper, Period
from shengce.sheets.periods import period_of
from shengce.sheets.queries import writers_of


def open_papers(*, today: dt.date) -> int:
    """Begin the paper of the running period of every regular kind for each of its writers; how many were begun.

    Days on which nobody works have no paper of their own. Again: nothing.
    """
    calendar = working_calendar()
    templates = [
        template
        for template in in_force()
        if template.active and template.regular and (template.period != Period.DAY or calendar.works(today))
    ]
    return sum(
        begin_for(template, list(writers_of([template])), period_of(template.period, today))
        for template in templates
    )


DRAFTED_AHEAD = dt.timedelta(hours=24)


def draft_due(*, now: dt.datetime) -> int:
    """Draft what falls due within a day and has no line yet, in batches; how many papers got lines. Again: nothing."""
    waiting = Paper.objects.filter(
        state=Paper.State.DRAFT, excused=False, due_at__gte=now, due_at__lt=now + DRAFTED_AHEAD, lines=None
    )
    ids = [paper.pk for paper in draft_papers(waiting)]
    return Paper.objects.filter(pk__in=ids, lines__isnull=False).distinct().count()
