"""How a firm changes a kind of paper, or adds one: always a new version, so that papers begun keep their form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from shengce.people.models import User, record
from shengce.people.permissions import require
from shengce.people.typed_text import typed_text
from shengce.sheets.forms_of_papers import read_due, read_sections, read_writers
from shengce.sheets.models import DAILY, PaperTemplate, Period

MOST_PAPERS = 60


@transaction.atomic
def save_paper_template(
    *,
    by: User,
    code: str,
    title: Mapping[str, str],
    period: str,
    sections: Any,
    due: Mapping[str, Any],
    writers: Iterable[str],
    regular: bool = True,
    active: bool = True,
) -> PaperTemplate:
    """A new version of the kind ``code``, or a new kind. Nothing changed: the standing version.

    Raises ``ValidationError`` in words. The daily report keeps its sections' keys: what is heard is written there.
    """
    require(by, "papers.rules")
    words = {
        "zh": typed_text(title.get("zh"), most=60),
        "en": typed_text(title.get("en"), most=60, required=False),
    }
    words["en"] = words["en"] or words["zh"]
    if period not in Period.values:
        raise ValidationError(_("Choose a period."), code="period")
    read_due(due)
    parts = read_sections(sections)
    standing = PaperTemplate.objects.select_for_update().filter(code=code).order_by("-number").first()
    if standing is None and PaperTemplate.objects.values("code").distinct().count() >= MOST_PAPERS:
        raise ValidationError(
            _("There are %(most)d kinds of paper already.") % {"most": MOST_PAPERS}, code="most"
        )
    if standing is not None and standing.papers.exists() and standing.period != period:
        raise ValidationError(_("Papers of this kind were written already: its period stays."), code="period")
    if code == DAILY and standing is not None:
        known = {part["key"] for part in standing.form["sections"]}
        if missing := known - {part.key for part in parts}:
            raise ValidationError(
                _("The daily report needs its section “%(key)s”: talks write into it.")
                % {"key": min(missing)},
                code="daily",
            )
    columns = {
        "title": words,
        "period": period,
        "form": {"sections": sections},
        "due": dict(due),
        "writers": read_writers(writers),
        "regular": regular,
        "active": active,
    }
    if standing is not None and parts == read_sections(standing.form["sections"]):
        then = {name: getattr(standing, name) for name in columns}
        then |= {"writers": read_writers(standing.writers), "form": columns["form"]}
        if then == columns:
            return standing
    row = PaperTemplate.objects.create(
        code=code,
        number=standing.number + 1 if standing else 1,
        position=standing.position if standing else PaperTemplate.objects.count(),
        made_by=by,
        **columns,
    )
    record("paper.template_saved", row, by=by, code=code, number=row.number)
    return row
