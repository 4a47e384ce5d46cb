"""HTTP of trainings at dealers."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shengce.channel import actions, queries
from shengce.channel.answering import as_file, carried_out, number_of, text_of, wanted_file
from shengce.channel.forms import TrainingForm
from shengce.channel.models import Training
from shengce.channel.reach import may_count_stock, visible_dealers
from shengce.customers.models import Customer
from shengce.people.asked import day, whole_number
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest


@require_GET
def trainings(request: SignedInRequest) -> HttpResponseBase:
    """What dealers were taught, newest first."""
    require(request.user, "channel.see")
    asked = request.GET
    rows = queries.trainings(
        request.user,
        text=text_of(asked),
        dealer=whole_number(asked.get("dealer")),
        start_on=day(asked.get("from", "")),
        end_on=day(asked.get("to", "")),
        sort=asked.get("sort", ""),
    )
    if file_format := wanted_file(asked):
        columns = [_("Held on"), _("Dealer"), _("Subject"), _("Took part"), _("Trainer"), _("Note")]
        lines = (
            [r.held_on, r.dealer.name, r.subject, r.people, r.trainer, r.note]
            for r in rows.iterator(chunk_size=2000)
        )
        return as_file("trainings", file_format, columns, lines)
    page = queries.page_of(rows, number_of(asked))
    context = {
        "page": page,
        "heard": queries.audible(request.user, [{"conversation": row.conversation_id} for row in page.rows]),
        "asked": asked,
        "may_note": may_count_stock(request.user),
        "may_edit": may(request.user, "channel.edit"),
    }
    return render(request, "channel/trainings.html", context)


@require_http_methods(["GET", "POST"])
def training(request: SignedInRequest, pk: int | None = None) -> HttpResponse:
    """Note a training, or change one."""
    user = request.user
    if not may_count_stock(user):
        raise PermissionDenied(_("Your role does not allow this."))
    rows = Training.objects.visible_to(user).select_related("dealer", "conversation")
    found = get_object_or_404(rows, pk=pk) if pk is not None else None
    dealer = found.dealer if found else _meant(request)
    form = TrainingForm(
        request.POST or None, initial=_standing(request, found, dealer), user=user, dealer=dealer
    )
    if request.method == "POST" and (
        saved := carried_out(
            form, lambda: actions.save_training(by=user, training=found, **form.cleaned_data)
        )
    ):
        messages.success(request, _("The training is saved."))
        return redirect("web:dealer", pk=saved.dealer_id)
    context = {"form": form, "training": found, "dealer": dealer}
    return render(request, "channel/training.html", context, status=422 if form.errors else 200)


def _meant(request: SignedInRequest) -> Customer | None:
    pk = whole_number(request.GET.get("dealer"))
    return visible_dealers(request.user).filter(pk=pk).first() if pk else None


def _standing(request: SignedInRequest, found: Training | None, dealer: Customer | None) -> dict[str, object]:
    named: dict[str, object] = {"dealer": dealer.code or dealer.name} if dealer else {}
    if found is None:
        return {"held_on": timezone.localdate(), "trainer": str(request.user), **named}
    fields = ("held_on", "subject", "people", "trainer", "note", "conversation")
    return named | {name: getattr(found, name) for name in fields}


@require_POST
def withdraw_training(request: SignedInRequest, pk: int) -> HttpResponse:
    """Remove a training that was noted by mistake."""
    if not may_count_stock(request.user):
        raise PermissionDenied(_("Your role does not allow this."))
    found = get_object_or_404(Training.objects.visible_to(request.user).select_related("dealer"), pk=pk)
    actions.withdraw_training(found, by=request.user)
    messages.success(request, _("Taken back."))
    return redirect("channel:trainings")
