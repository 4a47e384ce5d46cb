"""The papers of the demonstration company: as people write them, most in time, some late, some returned, some never."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from django.utils import timezone

from shengce.demo.company import found_company
from shengce.demo.papers import tell_papers
from shengce.people.models import Absence, User
from shengce.planning.periods import Span
from shengce.sheets.forms_of_papers import in_force, sections_of
from shengce.sheets.models import Line, Paper
from shengce.sheets.on_time import on_time
from shengce.sheets.periods import period_of

pytestmark = pytest.mark.django_db


def test_papers_of_past_periods(capsys: pytest.CaptureFixture[str]) -> None:
    assert tell_papers(found_company(), say=lambda words: None) == Paper.objects.count() > 150
    today = timezone.localdate()
    kinds = {template.code: template for template in in_force()}
    assert set(Paper.objects.values_list("code", flat=True)) == set(kinds)
    for paper in Paper.objects.select_related("template", "owner"):
        assert (
            paper.end_on <= period_of(paper.template.period, today).start_on
        )  # the running one is the visitor's
        assert paper.owner.role in paper.template.writers
        if paper.first_submitted_at:
            assert 8 <= timezone.localtime(paper.first_submitted_at).hour < 20

    states = Counter(Paper.objects.values_list("state", flat=True))
    assert min(states[state] for state in ("draft", "returned", "submitted", "reviewed")) > 0
    span = Span(today - dt.timedelta(days=120), today)
    weekly = on_time(User.objects.get(username="director"), span=span, code="weekly_plan").total.tally
    came = weekly.due - weekly.missing
    assert weekly.due > came > weekly.in_time > 0.6 * weekly.due

    away = Absence.objects.order_by("start_on")
    assert {one.state for one in away} == {"confirmed", "waiting"}
    excused = Paper.objects.filter(excused=True)
    assert excused and not excused.filter(first_submitted_at__isnull=False).exists()

    for row in Line.objects.filter(source="typed").select_related("paper__template"):
        section = next(part for part in sections_of(row.paper.template) if part.key == row.section)
        assert bool(row.values) == section.is_table and "{" not in str(row)
