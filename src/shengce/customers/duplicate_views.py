"""HTTP of duplicates: suspected pairs side by side, merging, telling apart, and taking a merge back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shengce.customers import merging
from shengce.customers.forms import OtherCustomerForm
from shengce.customers.lookalikes import find_duplicates, judge_two, pair_page, reason_words
from shengce.customers.models import Customer, Merge, SuspectedPair
from shengce.people.asked import page_number, whole_number
from shengce.people.permissions import require
from shengce.people.requests import SignedInRequest


@dataclass(frozen=True, slots=True)
class Side:
    """One of two customers, for showing beside the other."""

    customer: Customer
    phones: list[str]
    figures: dict[str, int]


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Two customers that may be one, and why one thinks so."""

    one: Side
    other: Side
    score: int
    reasons: list[tuple[str, int]]

    @property
    def sides(self) -> tuple[Side, Side]:
        return (self.one, self.other)


@require_GET
def duplicates(request: SignedInRequest) -> HttpResponse:
    """Suspected pairs of one's scope, and the last merges."""
    require(request.user, "customers.merge")
    number = page_number(request.GET.get("page"))
    pairs, has_next = pair_page(request.user, page=number)
    figures = _figures([pk for pair in pairs for pk in (pair.one_id, pair.other_id)])
    visible = Customer.objects.visible_to(request.user).values("pk")
    last = SuspectedPair.objects.order_by("-found_at").values_list("found_at", flat=True).first()
    context = {
        "pairs": [
            SideBySide(
                _side(pair.one, figures), _side(pair.other, figures), pair.score, reason_words(pair.reasons)
            )
            for pair in pairs
        ],
        "has_next": has_next,
        "number": number,
        "searched_at": last,
        "merges": Merge.objects.filter(undone_at__isnull=True, kept__in=visible)
        .select_related("kept", "gone", "by")
        .order_by("-at", "-pk")[:10],
    }
    return render(request, "customers/duplicates.html", context)


@require_POST
def search(request: SignedInRequest) -> HttpResponse:
    """Search all customers anew."""
    require(request.user, "customers.merge")
    started = timezone.now()
    count = find_duplicates(by=request.user)
    seconds = (timezone.now() - started).total_seconds()
    said = ngettext("%(count)d pair found in %(s).1f s.", "%(count)d pairs found in %(s).1f s.", count)
    messages.success(request, said % {"count": count, "s": seconds})
    return redirect("customers:duplicates")


@require_http_methods(["GET", "POST"])
def merge(request: SignedInRequest, pk: int) -> HttpResponse:
    """Choose the second entry of a customer, look at both, and merge them."""
    require(request.user, "customers.merge")
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=pk)
    if request.method == "POST":
        return _merge_two(request, customer)
    form = OtherCustomerForm(request.GET if "other" in request.GET else None, user=request.user)
    pair = None
    if form.is_bound and form.is_valid() and form.cleaned_data["other"] != customer:
        other = form.cleaned_data["other"]
        figures = _figures([customer.pk, other.pk])
        verdict = judge_two(customer, other)
        sides = (_side(customer, figures), _side(other, figures))
        pair = SideBySide(*sides, verdict.score, reason_words(verdict.reasons))
    context = {"form": form, "customer": customer, "pair": pair}
    return render(request, "customers/merge.html", context, status=422 if form.errors else 200)


def _merge_two(request: SignedInRequest, customer: Customer) -> HttpResponse:
    other = _second(request)
    kept, gone = (customer, other) if request.POST.get("keep") != str(other.pk) else (other, customer)
    try:
        merging.merge_customers(kept, gone, by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect("customers:duplicates")
    messages.success(
        request,
        _("%(gone)s is part of %(kept)s now. You can undo this below.")
        % {"gone": gone.name, "kept": kept.name},
    )
    return redirect("customers:duplicates")


@require_POST
def apart(request: SignedInRequest, pk: int) -> HttpResponse:
    """Two customers are not the same."""
    require(request.user, "customers.merge")
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=pk)
    try:
        merging.tell_apart(customer, _second(request), by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    else:
        messages.success(request, _("Remembered as two. They are not suggested again."))
    return redirect("customers:duplicates")


def _second(request: SignedInRequest) -> Customer:
    other = whole_number(request.POST.get("other"))
    if other is None:
        raise Http404
    return get_object_or_404(Customer.objects.visible_to(request.user), pk=other)


@require_POST
def undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a merge back."""
    require(request.user, "customers.merge")
    visible = Customer.objects.visible_to(request.user).values("pk")
    found = get_object_or_404(Merge.objects.filter(kept__in=visible), pk=pk)
    try:
        done = merging.undo_merge(found, by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect("customers:duplicates")
    messages.success(
        request,
        _("%(gone)s is there again with what had moved. What was added since the merge stays with %(kept)s.")
        % {"gone": done.gone.name, "kept": done.kept.name},
    )
    return redirect("customers:duplicates")


def _side(customer: Customer, figures: dict[int, dict[str, int]]) -> Side:
    phones = [customer.phone, *(contact.phone for contact in customer.contacts.all())]
    return Side(customer, [phone for phone in dict.fromkeys(phones) if phone], figures.get(customer.pk, {}))


def _figures(ids: list[int]) -> dict[int, dict[str, int]]:
    """How much hangs on each customer, by kind of thing; 1 query."""
    wanted = {
        "open_deals": Count("deals", distinct=True, filter=Q(deals__closed_at__isnull=True)),
        "set_values": Count("card_fields", distinct=True),
    }
    counted: Any = Customer.objects.filter(pk__in=ids).order_by().annotate(**wanted)
    return {row["pk"]: row for row in counted.values("pk", *wanted)}
