"""HTTP of tasks: the list, a new one, done and back."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shengce.customers.models import Customer
from shengce.people.asked import page_number, whole_number, words
from shengce.people.permissions import require
from shengce.people.queries import visible_reps
from shengce.people.requests import SignedInRequest
from shengce.people.working_days import next_closing, working_calendar
from shengce.visits import actions, queries
from shengce.visits.after_saving import back_of, day_meant, warn_of_day_off
from shengce.visits.forms import TaskForm
from shengce.visits.models import Task

WHICH = ("open", "overdue", "done", "all")


def which_of(request: SignedInRequest) -> str:
    """Which tasks the address asks for; a wrong value is none."""
    which = request.GET.get("which", "")
    return which if which in WHICH else "open"


def tasks_asked(request: SignedInRequest) -> QuerySet[Task]:
    """The tasks that the address asks for."""
    asked = request.GET
    return queries.tasks(
        request.user,
        which=which_of(request),
        owner=whole_number(asked.get("owner")),
        customer=whole_number(asked.get("customer")),
        from_talk=asked.get("from_talk") == "1",
        text=words(asked.get("q"), most=100),
        sort=asked.get("sort", ""),
    )


@require_GET
def tasks(request: SignedInRequest) -> HttpResponse:
    """What is to be done, the next first."""
    require(request.user, "tasks.see")
    asked, number = request.GET, page_number(request.GET.get("page"))
    which, found = which_of(request), tasks_asked(request)
    first = (number - 1) * queries.PAGE_SIZE
    rows = list(found[first : first + queries.PAGE_SIZE + 1])
    context = {
        "rows": _with_days_off(rows[: queries.PAGE_SIZE]),
        "has_next": len(rows) > queries.PAGE_SIZE,
        "number": number,
        "which": which,
        "counts": queries.task_counts(request.user),
        "reps": visible_reps(request.user),
        "owner": whole_number(asked.get("owner")),
        "text": words(asked.get("q"), most=100),
        "from_talk": asked.get("from_talk") == "1",
        "sort": asked.get("sort", ""),
        "filtered": any(asked.get(name) for name in ("q", "owner", "customer", "from_talk")),
        "now": timezone.now(),
    }
    return render(request, "visits/tasks.html", context)


def _with_days_off(rows: list[Task]) -> list[tuple[Task, bool]]:
    """Whether a task that is open falls due on a day on which nobody works. One query."""
    calendar = working_calendar()
    return [
        (
            row,
            row.state == Task.State.OPEN
            and row.due_at is not None
            and not calendar.works(day_meant(row.due_at)),
        )
        for row in rows
    ]


@require_http_methods(["GET", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """A task by hand."""
    require(request.user, "tasks.see")
    require(request.user, "tasks.edit")
    form = TaskForm(
        request.POST or None,
        owners=visible_reps(request.user),
        customers=Customer.objects.visible_to(request.user).order_by("name"),
        initial={
            "owner": request.user.pk,
            "customer": whole_number(request.GET.get("customer")),
            "due_at": next_closing(timezone.now()),
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_task(by=request.user, **form.cleaned_data)
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            messages.success(request, _("Saved."))
            if made.due_at is not None:
                warn_of_day_off(request, made.due_at)
            return redirect("visits:tasks")
    context = {"form": form, "heading": _("New task"), "back": "visits:tasks"}
    return render(request, "visits/form.html", context, status=422 if form.errors else 200)


@require_POST
def change(request: SignedInRequest, pk: str, what: str) -> HttpResponse:
    """Done, or open again."""
    require(request.user, "tasks.see")
    task = get_object_or_404(Task.objects.visible_to(request.user), pk=pk)
    try:
        {"done": actions.finish_task, "reopen": actions.reopen_task}[what](task, by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect(back_of(request, "visits:tasks"))
