"""Who is away and when: one's own days, and for a leader those of his people. Short, for a phone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from shengce.people.absences import may_lead, visible_absences
from shengce.people.asked import page_number, whole_number
from shengce.people.day_input import DayInput
from shengce.people.models import Absence, User
from shengce.people.permissions import may, require
from shengce.people.queries import visible_users
from shengce.people.requests import SignedInRequest
from shengce.sheets import excuses

PAGE_SIZE = 50
WHICH = (
    ("ahead", gettext_lazy("Now and ahead")),
    ("waiting", gettext_lazy("To confirm")),
    ("over", pgettext_lazy("absences", "Over")),
    ("all", gettext_lazy("All")),
)


class AbsenceForm(forms.Form):
    person = forms.ModelChoiceField(label=gettext_lazy("Who"), queryset=User.objects.none())
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Absence.Kind.choices)
    start_on = forms.DateField(label=gettext_lazy("First day"), widget=DayInput())
    last_on = forms.DateField(label=gettext_lazy("Last day"), widget=DayInput())
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["person"]
        mine = Q(pk=by.pk)
        if may(by, "absences.confirm"):
            mine |= Q(pk__in=visible_users(by).values("pk"))
        choice.queryset = User.objects.filter(mine, is_active=True).order_by("display_name", "pk")
        choice.empty_label = None
        if not may(by, "absences.confirm"):
            choice.widget = forms.HiddenInput()


@require_http_methods(["GET", "POST"])
def absences(request: SignedInRequest) -> HttpResponse:
    """The list, and the form to record days off."""
    require(request.user, "absences.see")
    user, today = request.user, timezone.localdate()
    sent: Any = request.POST if request.method == "POST" else None
    initial = {"person": user.pk, "start_on": today.isoformat(), "last_on": today.isoformat()}
    form = AbsenceForm(sent, by=user, initial=initial)
    if sent is not None and form.is_valid():
        try:
            row = excuses.record_absence(by=user, **form.cleaned_data)
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            messages.success(
                request, _("Recorded.") if row.confirmed_at else _("Recorded. Your manager confirms it.")
            )
            return redirect("sheets:absences")
    which = request.GET.get("which", "ahead")
    found, number = _which(request, which), page_number(request.GET.get("page"))
    first = (number - 1) * PAGE_SIZE
    rows = list(found[first : first + PAGE_SIZE + 1])
    context = {
        "form": form,
        "rows": [(row, may_lead(user, row.person), _may_withdraw(row, user)) for row in rows[:PAGE_SIZE]],
        "has_next": len(rows) > PAGE_SIZE,
        "number": number,
        "which": which,
        "choices": WHICH,
        "leads": may(user, "absences.confirm"),
        "owner": whole_number(request.GET.get("owner")),
        "people": visible_users(user).filter(is_active=True).order_by("display_name")
        if may(user, "absences.confirm")
        else (),
    }
    return render(request, "sheets/absences.html", context, status=422 if form.errors else 200)


def _which(request: SignedInRequest, which: str) -> QuerySet[Absence]:
    today, rows = timezone.localdate(), visible_absences(request.user)
    if (owner := whole_number(request.GET.get("owner"))) is not None:
        rows = rows.filter(person=owner)
    ahead = Q(end_on__gt=today, withdrawn_at__isnull=True)
    asked = {
        "ahead": ahead,
        "waiting": Q(confirmed_at__isnull=True, withdrawn_at__isnull=True),
        "over": Q(end_on__lte=today, withdrawn_at__isnull=True),
    }
    found = rows.filter(asked.get(which, Q()))
    return found.order_by("start_on", "pk") if which in ("ahead", "waiting") else found


def _may_withdraw(row: Absence, user: User) -> bool:
    if row.state == "withdrawn":
        return False
    begun = row.state == "confirmed" and row.start_on <= timezone.localdate()
    return may_lead(user, row.person) or (row.person_id == user.pk and not begun)


@require_POST
def confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    """A leader agrees."""
    return _decide(request, pk, "confirm")


@require_POST
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """It does not take place."""
    return _decide(request, pk, "withdraw")


def _decide(request: SignedInRequest, pk: int, what: str) -> HttpResponse:
    require(request.user, "absences.see")
    row = get_object_or_404(visible_absences(request.user), pk=pk)
    try:
        if what == "confirm":
            excuses.confirm_absence(row, by=request.user)
            messages.success(request, _("Confirmed. Papers of these days are not expected."))
        else:
            excuses.withdraw_absence(row, by=request.user)
            messages.success(request, _("Withdrawn. Papers of these days are expected again."))
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect("sheets:absences")
