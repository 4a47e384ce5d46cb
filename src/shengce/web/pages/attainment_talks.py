"""The talk behind a gap, and the tap that makes a task of it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from shengce.attainment.actions import plan_talk
from shengce.attainment.gap_talks import talks_behind
from shengce.customers.models import Customer
from shengce.facts.models import Fact
from shengce.people.asked import whole_number
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest
from shengce.web.pages.attainment_question import (
    frame,
    read_question,
)


@require_GET
def talks(request: SignedInRequest) -> HttpResponse:
    """The talk behind a gap: never asked, refused and why, promised and when."""
    question = read_question(request)
    require(request.user, "customers.see")
    asked = question.asked
    found = talks_behind(asked.metric, where=asked.where, span=question.span, user=request.user)
    most = max((count for _reason, count in found.reasons), default=0)
    context = frame(question, request) | {
        "found": found,
        "groups": (
            ("never", found.never_asked),
            ("refused", found.refused),
            ("promised", found.promised),
            ("spoken", found.spoken),
        ),
        "reasons": [(reason, count, round(100 * count / most)) for reason, count in found.reasons],
        "about": asked.names.get("product_line") or question.metric.label,
        "may_plan": may(request.user, "tasks.edit"),
    }
    return render(request, "attainment/talks.html", context)


@require_POST
def plan(request: SignedInRequest) -> HttpResponse:
    """One tap: a customer of the gap becomes a task of this week or the next."""
    require(request.user, "tasks.edit")
    customer = get_object_or_404(
        Customer.objects.visible_to(request.user).select_related("owner__unit"),
        pk=whole_number(request.POST.get("customer")),
    )
    fact = None
    if (number := whole_number(request.POST.get("fact"))) is not None:
        fact = get_object_or_404(
            Fact.objects.visible_to(request.user).select_related("conversation"), pk=number
        )
    next_week = request.POST.get("week") == "next"
    try:
        task = plan_talk(
            by=request.user,
            customer=customer,
            title=request.POST.get("title", ""),
            fact=fact,
            next_week=next_week,
        )
    except ValidationError as problem:
        if request.headers.get("HX-Request"):
            return render(request, "attainment/planned.html", {"problem": problem.messages[0]}, status=422)
        messages.error(request, problem.messages[0])
        task = None
    if request.headers.get("HX-Request"):
        return render(request, "attainment/planned.html", {"task": task})
    if task is not None:
        messages.success(
            request, _("In the plan of %(name)s: %(title)s") % {"name": task.owner, "title": task.title}
        )
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return redirect(back if safe else reverse("attainment:talks"))
