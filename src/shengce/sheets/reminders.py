"""Papers are begun by the program for everybody who has to write them, so that what is missing can be seen and counted."""

from __future__ import annotations

import datetime as dt

from shengce.people.working_days import working_calendar
from shengce.planning.working_time import Calendar
from shengce.sheets.forms_of_papers import due_rule_of, in_force
from shengce.sheets.models import Paper, PaperTemplate, Period
from shengce.sheets.periods import due_moment, period_of
from shengce.sheets.queries import writers_of

BATCH = 500


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
    return sum(_open(template, today, calendar) for template in templates)


def _open(template: PaperTemplate, today: dt.date, calendar: Calendar) -> int:
    span = period_of(template.period, today)
    due = due_moment(span, due_rule_of(template), calendar)
    there = set(
        Paper.objects.filter(code=template.code, start_on=span.start_on).values_list("owner", flat=True)
    )
    new = [
        Paper(
            template=template,
            code=template.code,
            owner=writer,
            unit=writer.unit,
            start_on=span.start_on,
            end_on=span.end_on,
            due_at=due,
        )
        for writer in writers_of([template])
        if writer.pk not in there
    ]
    Paper.objects.bulk_create(new, batch_size=BATCH, ignore_conflicts=True)
    return len(new)
