"""HTTP of the kinds of paper: what there is, one of them with its sections, a new one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from shengce.people.models import Role
from shengce.people.permissions import require
from shengce.people.requests import SignedInRequest
from shengce.sheets.forms_of_papers import in_force, sections_of
from shengce.sheets.models import PaperTemplate
from shengce.sheets.template_editing import (
    NEW,
    PaperForm,
    Sections,
    initial_of,
    section_rows,
    sections_sent,
)
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
    standing = next((template for template in in_force() if template.code == code), None)
    if standing is None:
        raise Http404
    return _edit(request, standing)


@require_http_methods(["GET", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """A kind of paper of the firm's own."""
    require(request.user, "papers.rules")
    return _edit(request, None)


def _edit(request: SignedInRequest, standing: PaperTemplate | None) -> HttpResponse:
    sent: Any = request.POST if request.method == "POST" else None
    form = PaperForm(sent, initial=initial_of(standing) if standing else NEW)
    sections = Sections(sent, initial=section_rows(standing), prefix="s")
    if sent is not None and form.is_valid() and sections.is_valid():
        data = form.cleaned_data
        rows = [row.cleaned_data for row in sections.forms if row.cleaned_data]
        try:
            row = save_paper_template(
                by=request.user,
                code=standing.code if standing else _new_code(),
                title={"zh": data["title_zh"], "en": data["title_en"]},
                period=data["period"],
                sections=sections_sent(rows, standing),
                due=form.due(),
                writers=data["writers"],
                regular=data["regular"],
                active=data["active"],
            )
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            messages.success(request, _("Saved. Papers that were begun keep their form."))
            return redirect("sheets:template", code=row.code)
    wrong = form.errors or (sent is not None and not sections.is_valid())
    context = {"form": form, "sections": sections, "template": standing}
    return render(request, "sheets/template.html", context, status=422 if wrong else 200)


def _new_code() -> str:
    """``own_1``, ``own_2`` …: a firm names its papers by their titles."""
    taken = set(PaperTemplate.objects.values_list("code", flat=True))
    return next(f"own_{n}" for n in range(1, 10_000) if f"own_{n}" not in taken)
