"""HTTP of the kinds of paper: what there is, one of them with its sections, a new one, and how it looks when it is empty."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from shengce.people.models import Role
from shengce.people.permissions import require
from shengce.people.requests import SignedInRequest
from shengce.sheets import section_editing
from shengce.sheets.drafter_words import DRAFTER_WORDS
from shengce.sheets.forms_of_papers import (
    MOST_COLUMNS,
    WRITERS,
    Section,
    in_force,
    read_sections,
    sections_of,
)
from shengce.sheets.models import PaperTemplate, Period
from shengce.sheets.section_editing import Editing
from shengce.sheets.template_editing import COLUMN_WORDS, NEW, PaperForm, initial_of
from shengce.sheets.templates_of_papers import save_paper_template


@require_GET
def kinds(request: SignedInRequest) -> HttpResponse:
    """All kinds of paper in their newest version."""
    require(request.user, "papers.rules")
    rows = [
        {
            "template": template,
            "writers": [str(Role(role).label) for role in template.writers if role in Role.values],
            "sections": sections_of(template),
        }
        for template in in_force()
    ]
    return render(request, "sheets/templates.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
def edit(request: SignedInRequest, code: str) -> HttpResponse:
    """Change a kind of paper; papers that were begun keep the form they have."""
    require(request.user, "papers.rules")
    return _edit(request, _standing(code))


@require_http_methods(["GET", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """A kind of paper of the firm's own."""
    require(request.user, "papers.rules")
    return _edit(request, None)


@require_GET
def blank(request: SignedInRequest, code: str) -> HttpResponse:
    """The paper with nothing in it, to look at and to print."""
    require(request.user, "papers.rules")
    standing = _standing(code)
    looks = _looks(standing.title, standing.period, sections_of(standing))
    return render(request, "sheets/blank.html", looks | {"template": standing})


def _standing(code: str) -> PaperTemplate:
    standing = next((template for template in in_force() if template.code == code), None)
    if standing is None:
        raise Http404
    return standing


def _edit(request: SignedInRequest, standing: PaperTemplate | None) -> HttpResponse:
    if request.method != "POST":
        form = PaperForm(initial=initial_of(standing) if standing else NEW)
        editing = section_editing.begun(standing, open_key=request.GET.get("open", ""))
        return _page(request, standing, form, editing)
    editing = section_editing.sent(request.POST, standing)
    do = request.POST.get("do", "")
    if do == "save":
        return _save(request, standing, editing)
    section_editing.carry_out(editing, do)
    form = PaperForm(initial=PaperForm.as_sent(request.POST))
    if do == "preview":
        return render(request, "sheets/blank.html", _preview(form, editing) | {"template": standing})
    return _page(request, standing, form, editing)


def _save(request: SignedInRequest, standing: PaperTemplate | None, editing: Editing) -> HttpResponse:
    form = PaperForm(request.POST)
    try:
        editing.read()
        if form.is_valid():
            data = form.cleaned_data
            row = save_paper_template(
                by=request.user,
                code=standing.code if standing else _new_code(),
                title={"zh": data["title_zh"], "en": data["title_en"]},
                period=data["period"],
                sections=[section_editing.as_stored(part) for part in editing.parts],
                due=form.due(),
                writers=data["writers"],
                regular=data["regular"],
                active=data["active"],
            )
            messages.success(request, _("Saved. Papers that were begun keep their form."))
            opened = f"?{urlencode({'open': editing.open})}" if editing.opened else ""
            return redirect(f"{reverse('sheets:template', args=[row.code])}{opened}")
    except ValidationError as problem:
        if not editing.wrong:
            form.add_error(None, problem)
    return _page(request, standing, form, editing, status=422)


def _page(
    request: SignedInRequest,
    standing: PaperTemplate | None,
    form: PaperForm,
    editing: Editing,
    *,
    status: int = 200,
) -> HttpResponse:
    opened = editing.opened
    context: dict[str, Any] = {
        "form": form,
        "editing": editing,
        "template": standing,
        "is_unsaved": request.method == "POST",
        "is_wrong": status == 422 and bool(form.errors),
        "parts": [_folded(part) for part in editing.parts],
        "to_add": section_editing.drafters_to_add(opened) if opened else [],
        "chosen": [(name, DRAFTER_WORDS[name]) for name in opened["drafters"]] if opened else [],
        "may_add_column": opened is not None and len(opened["columns"]) < MOST_COLUMNS,
        "types": list(COLUMN_WORDS.items()),
        "roles": [(role.value, role.label) for role in WRITERS],
    }
    name = "sheets/editor.html" if request.htmx else "sheets/template.html"
    return render(request, name, context | _preview(form, editing), status=status)


def _folded(part: dict[str, Any]) -> dict[str, Any]:
    """A section in one line."""
    return {
        "part": part,
        "title": {"zh": part["zh"], "en": part["en"]},
        "is_table": part["kind"] == "table",
        "roles": [str(Role(role).label) for role in part["roles"]],
    }


def _preview(form: PaperForm, editing: Editing) -> dict[str, Any]:
    """The paper as it would be, without the sections that can't be read yet."""
    sections: list[Section] = []
    for part in editing.parts:
        try:
            sections += read_sections([section_editing.as_stored(part)])
        except ValidationError:
            continue
    title = {"zh": str(form["title_zh"].value() or ""), "en": str(form["title_en"].value() or "")}
    return _looks(title, str(form["period"].value() or ""), sections)


def _looks(title: dict[str, str], period: str, sections: Any) -> dict[str, Any]:
    shown = [
        (
            section,
            [DRAFTER_WORDS[name] for name in section.drafters if name in DRAFTER_WORDS],
            [str(Role(role).label) for role in section.roles],
        )
        for section in sections
    ]
    known = dict(Period.choices)
    return {"looks": {"title": title, "period": known.get(period, ""), "sections": shown}}


def _new_code() -> str:
    """``own_1``, ``own_2`` …: a firm names its papers by their titles."""
    taken = set(PaperTemplate.objects.values_list("code", flat=True))
    return next(f"own_{n}" for n in range(1, 10_000) if f"own_{n}" not in taken)
