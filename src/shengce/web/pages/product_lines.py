"""The tree of product lines with what lies in each and what it sold this year: added, renamed, moved, closed.

The tree belongs to the catalogue; the page stands here because the catalogue knows no sales.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shengce.attainment.outlook import year_of
from shengce.attainment.queries import actuals
from shengce.catalogue import lines as actions
from shengce.catalogue.forms import LineForm
from shengce.catalogue.models import Product, ProductLine
from shengce.people.asked import whole_number
from shengce.people.models import User
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest
from shengce.people.table_files import FORMATS, table_response
from shengce.planning.periods import FiscalYear, Span
from shengce.targets.queries import approved_version
from shengce.targets.trees import rolled_up


@dataclass(frozen=True, slots=True)
class Branch:
    """A line with all below it: products that are sold, and yuan. ``sold`` and ``before`` are ``None`` where one may not know."""

    line: ProductLine
    products: int
    sold: Decimal | None
    before: Decimal | None
    has_lines: bool


def _branches(user: User) -> list[Branch]:
    """All lines in the order of the tree. Four queries."""
    lines = _in_order(ProductLine.objects.select_related("parent"))
    paths = {line.pk: line.path for line in lines}
    counts = Product.objects.filter(active=True, line__isnull=False).order_by().values_list("line")
    products = rolled_up({line: (n,) for line, n in counts.annotate(n=Count("pk"))}, paths)
    sold, before = _sold(user, paths)
    parents = {line.parent_id for line in lines}
    return [
        Branch(
            line,
            products.get(line.pk, (0,))[0],
            _yuan(sold, line),
            _yuan(before, line),
            line.pk in parents,
        )
        for line in lines
    ]


def _in_order(lines: Iterable[ProductLine]) -> list[ProductLine]:
    """Depth first, by name among brothers."""
    below: dict[int | None, list[ProductLine]] = {}
    for line in lines:
        below.setdefault(line.parent_id, []).append(line)

    def walk(parent: int | None) -> Iterable[ProductLine]:
        for line in sorted(below.get(parent, ()), key=lambda one: (not one.active, one.name)):
            yield line
            yield from walk(line.pk)

    return list(walk(None))


def _sold(user: User, paths: dict[int, str]) -> tuple[Any, Any]:
    """The fiscal year until today, as plan against actual counts it, and the same days of the year before."""
    if not may(user, "targets.see"):
        return None, None
    today = timezone.localdate()
    year = _year(today)
    days = today - year.start_on + dt.timedelta(days=1)
    answer = []
    for span in (
        Span(year.start_on, year.start_on + days),
        Span(year.previous.start_on, year.previous.start_on + days),
    ):
        sums = actuals("sales", by=("product_line",), span=span, user=user)
        answer.append(rolled_up({key[0]: (amount,) for key, amount in sums.items()}, paths))
    return answer[0], answer[1]


def _year(today: dt.date) -> FiscalYear:
    return year_of(approved_version(today), today)


def _yuan(sums: Mapping[Any, tuple[int, ...]] | None, line: ProductLine) -> Decimal | None:
    return None if sums is None else Decimal(sums.get(line.pk, (0,))[0]).scaleb(-2)


@require_GET
def product_lines(request: SignedInRequest) -> HttpResponseBase:
    """The tree."""
    require(request.user, "catalogue.see")
    branches = _branches(request.user)
    closed = "closed" in request.GET
    shown = [branch for branch in branches if closed or branch.line.active]
    context = {
        "branches": shown,
        "closed": closed,
        "closed_count": sum(not branch.line.active for branch in branches),
        "without": Product.objects.filter(active=True, line__isnull=True).count(),
        "may_edit": may(request.user, "catalogue.edit"),
        "may_see_sales": may(request.user, "targets.see"),
        "since": _year(timezone.localdate()).start_on,
    }
    return render(request, "web/product_lines.html", context)


@require_GET
def product_lines_file(request: SignedInRequest, file_format: str) -> HttpResponseBase:
    """The tree as a table, with the whole path of each line."""
    require(request.user, "catalogue.see")
    if file_format not in FORMATS:
        raise Http404
    branches = _branches(request.user)
    names = {branch.line.pk: branch.line.name for branch in branches}
    money = may(request.user, "targets.see")
    heads = [_("Product line"), _("Path"), _("Products"), _("In use")]
    heads += [_("Sold this fiscal year, yuan"), _("Same days last year, yuan")] if money else []
    rows = (
        [
            branch.line.name,
            " / ".join(names[int(part)] for part in branch.line.path.split("/") if part),
            branch.products,
            _("yes") if branch.line.active else _("no"),
            *((branch.sold, branch.before) if money else ()),
        ]
        for branch in branches
    )
    return table_response(rows, heads, name=_("Product lines"), file_format=file_format)


@require_http_methods(["GET", "POST"])
def product_line(request: SignedInRequest, pk: int | None = None) -> HttpResponse:
    """One line: its name, where it lies, and its products; or a new one."""
    require(request.user, "catalogue.edit" if pk is None or request.method == "POST" else "catalogue.see")
    line = get_object_or_404(ProductLine.objects.select_related("parent"), pk=pk) if pk is not None else None
    standing: dict[str, Any] = {"parent": whole_number(request.GET.get("parent"))}
    if line is not None:
        standing = {"name": line.name, "parent": line.parent_id}
    form = LineForm(request.POST or None, initial=standing, line=line)
    if request.method == "POST" and form.is_valid():
        try:
            saved = actions.save_line(by=request.user, line=line, **form.cleaned_data)
        except ValidationError as problem:
            _add_errors(form, problem)
        else:
            messages.success(request, _("Saved: %(name)s.") % {"name": saved})
            return redirect("web:product_lines")
    context = {
        "form": form,
        "line": line,
        "heading": line or pgettext("catalogue", "New product line"),
        "products": Product.objects.filter(line__path__startswith=line.path)
        .select_related("line")
        .order_by("-active", "name")
        if line
        else [],
        "may_edit": may(request.user, "catalogue.edit"),
    }
    return render(request, "web/product_line.html", context, status=422 if form.errors else 200)


@require_POST
def change_product_line(request: SignedInRequest, pk: int, what: str) -> HttpResponse:
    """Close a line, or open it again."""
    require(request.user, "catalogue.edit")
    line = get_object_or_404(ProductLine, pk=pk)
    try:
        if what == "close":
            actions.close_line(line, by=request.user)
            messages.success(
                request, _("%(name)s is closed. What was sold and planned in it stays.") % {"name": line}
            )
        else:
            actions.open_line(line, by=request.user)
            messages.success(request, _("%(name)s is in use again.") % {"name": line})
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect("web:product_line", pk=pk)
    return redirect("web:product_lines")


def _add_errors(form: LineForm, problem: ValidationError) -> None:
    reasons = problem.message_dict if hasattr(problem, "error_dict") else {"name": problem.messages}
    for field, words in reasons.items():
        form.add_error(field if field in form.fields else None, words)
