"""HTTP of budgets: all of them, one with its lines, one line with its expenses, what waits for a decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shengce.people.asked import page_number, whole_number
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest
from shengce.people.table_files import table_response
from shengce.plans import queries, spending
from shengce.plans.activities import activities
from shengce.plans.forms import ActivityForm, BudgetForm, DecisionForm, ExpenseForm, LineForm, TotalForm
from shengce.plans.models import Budget, BudgetLine, Expense, Measure

GROUPINGS = ("activity", "unit", "territory")
PAGE_SIZE = 40


@require_http_methods(["GET", "POST"])
def budgets(request: SignedInRequest) -> HttpResponse:
    """The budgets of all years, and a new one."""
    require(request.user, "budgets.see")
    if request.method == "POST":
        require(request.user, "budgets.edit")
    start = timezone.localdate().replace(month=1, day=1)
    form = BudgetForm(request.POST if request.method == "POST" else None, initial={"start_on": start})
    if request.method == "POST" and form.is_valid():
        try:
            made = spending.create_budget(by=request.user, **form.cleaned_data)
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            return redirect("plans:budget", pk=made.pk)
    context = {
        "budgets": Budget.objects.select_related("approved_by"),
        "form": form,
        "activities": activities(),
        "activity_form": ActivityForm(),
        "may_edit": may(request.user, "budgets.edit"),
    }
    return render(request, "plans/budgets.html", context, status=422 if form.errors else 200)


@require_POST
def add_activity(request: SignedInRequest) -> HttpResponse:
    require(request.user, "budgets.edit")
    form = ActivityForm(request.POST)
    if form.is_valid():
        try:
            spending.save_activity(by=request.user, name=form.cleaned_data["name"])
        except ValidationError as problem:
            messages.error(request, " ".join(problem.messages))
    return redirect("plans:budgets")


@require_GET
def budget(request: SignedInRequest, pk: int) -> HttpResponse:
    """How the money is distributed, what of it is spent, and what a result cost."""
    require(request.user, "budgets.see")
    return _page(request, get_object_or_404(Budget, pk=pk))


def _page(request: SignedInRequest, row: Budget, *, failed: forms.Form | None = None) -> HttpResponse:
    user = request.user
    lines = queries.standings(user, row)
    by = request.GET.get("by", "activity")
    by = by if by in GROUPINGS else "activity"
    given = sum((each.line.amount for each in lines), queries.ZERO)
    spent = sum((each.spent for each in lines), queries.ZERO)
    whole = may(user, "budgets.edit")
    context = {
        "budget": row,
        "lines": lines,
        "given": given,
        "spent": spent,
        "waiting": sum((each.waiting for each in lines), queries.ZERO),
        "bound": sum((each.bound for each in lines), queries.ZERO),
        "reserve": row.total - given if whole else None,
        "by": by,
        "groups": queries.totals(lines, by=by),
        "results": queries.cost_of_results(user, row),
        "may_edit": whole,
        "line_form": failed if isinstance(failed, LineForm) else LineForm(),
        "total_form": failed if isinstance(failed, TotalForm) else TotalForm(initial={"total": row.total}),
    }
    return render(request, "plans/budget.html", context, status=422 if failed else 200)


@require_GET
def export(request: SignedInRequest, pk: int) -> HttpResponseBase:
    require(request.user, "budgets.see")
    row = get_object_or_404(Budget, pk=pk)
    columns = [
        pgettext("budget", "Activity"), _("Department"), _("Territory"), _("Amount, yuan"), _("Spent, yuan"), _("Waiting, yuan"),
        _("Still planned, yuan"), _("Left, yuan"),
    ]  # fmt: skip
    rows = (
        [
            str(each.line.activity), str(each.line.unit or ""), str(each.line.territory or ""), each.line.amount,
            each.spent, each.waiting, each.bound, each.left,
        ]
        for each in queries.standings(request.user, row)
    )  # fmt: skip
    return table_response(rows, columns, name=f"budget-{row.pk}", file_format="xlsx")


@require_POST
def set_line(request: SignedInRequest, pk: int) -> HttpResponse:
    return _change(request, pk, LineForm(request.POST), spending.set_line)


@require_POST
def set_total(request: SignedInRequest, pk: int) -> HttpResponse:
    return _change(request, pk, TotalForm(request.POST), spending.set_total)


@require_POST
def spread(request: SignedInRequest, pk: int) -> HttpResponse:
    return _change(request, pk, forms.Form(request.POST), spending.spread_reserve)


@require_POST
def approve(request: SignedInRequest, pk: int) -> HttpResponse:
    return _change(request, pk, forms.Form(request.POST), spending.approve_budget)


def _change(request: SignedInRequest, pk: int, form: forms.Form, action: Callable[..., Any]) -> HttpResponse:
    require(request.user, "budgets.edit")
    row = get_object_or_404(Budget, pk=pk)
    if form.is_valid():
        try:
            action(row, by=request.user, **form.cleaned_data)
        except ValidationError as problem:
            if not form.fields:
                messages.error(request, " ".join(problem.messages))
                return redirect("plans:budget", pk=row.pk)
            form.add_error(None, problem)
        else:
            messages.success(request, _("Saved."))
            return redirect("plans:budget", pk=row.pk)
    return _page(request, row, failed=form)


@require_GET
def line(request: SignedInRequest, pk: int) -> HttpResponse:
    """One line: its measures and its expenses."""
    require(request.user, "budgets.see")
    rows = BudgetLine.objects.visible_to(request.user).select_related(
        "budget", "activity", "unit", "territory"
    )
    row = get_object_or_404(rows, pk=pk)
    visible = Measure.objects.visible_to(request.user).filter(line=row)
    context = {
        "standing": queries.standing(row),
        "measures": queries.with_spent(visible).order_by("start_on", "pk"),
        "expenses": row.expenses.select_related("claimed_by", "decided_by", "measure"),
        "may_spend": may(request.user, "budgets.spend"),
    }
    return render(request, "plans/line.html", context)


@require_GET
def expenses(request: SignedInRequest) -> HttpResponse:
    """Expenses that wait, one's own and those to decide on; and the decided ones."""
    require(request.user, "budgets.spend")
    user = request.user
    rows = Expense.objects.visible_to(user).select_related(
        "line__activity", "line__unit", "line__territory", "claimed_by", "decided_by", "measure"
    )
    state = request.GET.get("state", Expense.State.WAITING)
    if state in Expense.State.values:
        rows = rows.filter(state=state)
    page = Paginator(rows, PAGE_SIZE).get_page(page_number(request.GET.get("page")))
    context = {
        "page": page,
        "state": state,
        "states": Expense.State.choices,
        "may_decide": may(user, "budgets.approve"),
    }
    return render(request, "plans/expenses.html", context)


@require_http_methods(["GET", "POST"])
def claim(request: SignedInRequest) -> HttpResponse:
    """Write down what was spent."""
    require(request.user, "budgets.spend")
    user = request.user
    begun = {
        "spent_on": timezone.localdate(),
        "line": whole_number(request.GET.get("line")),
        "measure": whole_number(request.GET.get("measure")),
    }
    form = ExpenseForm(
        request.POST if request.method == "POST" else None,
        initial=begun,
        lines=queries.lines_to_spend_from(user).filter(budget__state=Budget.State.APPROVED),
        measures=Measure.objects.visible_to(user).order_by("-start_on", "pk"),
    )
    if form.is_valid():
        try:
            spending.claim_expense(by=user, **form.cleaned_data)
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            messages.success(request, _("It waits for approval."))
            return redirect("plans:expenses")
    return render(request, "plans/claim.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def decide(request: SignedInRequest, pk: int) -> HttpResponse:
    require(request.user, "budgets.approve")
    row = get_object_or_404(Expense.objects.visible_to(request.user), pk=pk)
    form = DecisionForm(request.POST)
    if form.is_valid():
        try:
            spending.decide_expense(row, by=request.user, **form.cleaned_data)
        except ValidationError as problem:
            messages.error(request, " ".join(problem.messages))
        else:
            messages.success(request, _("Saved."))
    return redirect("plans:expenses")
