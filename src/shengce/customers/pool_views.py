"""HTTP of the public pool: the list, taking and releasing, who took what, and the rules."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shengce.customers import actions, cards, pool
from shengce.customers.forms import PoolRuleForm, ReasonForm, carry_out
from shengce.customers.models import CardTemplate, Customer, PoolRule
from shengce.people.asked import page_number, words
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest


@require_GET
def pool_list(request: SignedInRequest) -> HttpResponse:
    """Customers that nobody owns, as much of them as everybody may know."""
    require(request.user, "pool.see")
    asked = request.GET
    number = page_number(asked.get("page"))
    rows, has_next = pool.pool_page(
        request.user,
        text=words(asked.get("q"), most=100),
        kind=asked.get("kind", ""),
        value_class=asked.get("class", ""),
        sort=asked.get("sort", ""),
        page=number,
    )
    today = timezone.localdate()
    context = {
        "rows": rows,
        "has_next": has_next,
        "number": number,
        "asked": asked,
        "kinds": Customer.Kind.choices,
        "classes": actions.CLASSES,
        "taken": pool.taken_today(request.user),
        "soon": pool.going_soon(request.user, today=today),
        "today": today,
    }
    return render(request, "customers/pool.html", context)


@require_POST
def take(request: SignedInRequest, pk: int) -> HttpResponse:
    """Make a customer of the pool one's own."""
    require(request.user, "pool.see")
    customer = get_object_or_404(Customer.objects.filter(owner__isnull=True, merged_into__isnull=True), pk=pk)
    try:
        pool.take_customer(customer, by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect("customers:pool")
    messages.success(request, _("%(name)s is yours now.") % {"name": customer.name})
    return redirect("web:customer_story", pk=pk)


@require_http_methods(["GET", "POST"])
def release(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give a customer to the pool, with the reason."""
    require(request.user, "customers.edit")
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = carry_out(form, lambda: pool.release_customer(customer, by=request.user, **form.cleaned_data))
        if done is not None:
            messages.success(request, _("%(name)s is in the public pool now.") % {"name": customer.name})
            return redirect("customers:list")
    context = {"form": form, "customer": customer}
    return render(request, "customers/release.html", context, status=422 if form.errors else 200)


@require_GET
def moves(request: SignedInRequest) -> HttpResponse:
    """Who released and took what."""
    require(request.user, "pool.see" if may(request.user, "pool.see") else "customers.rules")
    number = page_number(request.GET.get("page"))
    rows, has_next = pool.moves(request.user, page=number)
    context = {"rows": rows, "has_next": has_next, "number": number}
    return render(request, "customers/pool_moves.html", context)


@require_GET
def rules(request: SignedInRequest) -> HttpResponse:
    """Rules of the pool, and the templates of the cards."""
    require(request.user, "customers.rules")
    counts = pool.would_go(today=timezone.localdate())
    rows = [
        (rule, counts.get(rule.pk))
        for rule in sorted(
            PoolRule.objects.order_by("pk"),
            key=lambda rule: (not rule.active, not rule.value_class, not rule.kind),
        )
    ]
    context = {
        "rows": rows,
        "total": sum(counts.values()),
        "templates": [
            (template, sum(len(section.shown) for section in template.sections))
            for template in cards.templates().values()
        ],
        "card_names": dict(CardTemplate.Card.choices),
    }
    return render(request, "customers/rules.html", context)


@require_http_methods(["GET", "POST"])
def edit_rule(request: SignedInRequest, pk: int | None = None) -> HttpResponse:
    """Add or change one rule of the pool."""
    require(request.user, "customers.rules")
    rule = get_object_or_404(PoolRule, pk=pk) if pk is not None else None
    standing: dict[str, Any] = (
        {name: getattr(rule, name) for name in PoolRuleForm.base_fields} if rule is not None else {}
    )
    form = PoolRuleForm(request.POST or None, initial=standing)
    if request.method == "POST" and form.is_valid():
        saved = carry_out(form, lambda: pool.save_pool_rule(by=request.user, rule=rule, **form.cleaned_data))
        if saved is not None:
            messages.success(request, _("Saved."))
            return redirect("customers:rules")
    context = {"form": form, "rule": rule}
    return render(request, "customers/rule.html", context, status=422 if form.errors else 200)


@require_POST
def remove_rule(request: SignedInRequest, pk: int) -> HttpResponse:
    require(request.user, "customers.rules")
    pool.remove_pool_rule(get_object_or_404(PoolRule, pk=pk), by=request.user)
    messages.success(request, _("The rule is removed."))
    return redirect("customers:rules")


@require_POST
def release_idle(request: SignedInRequest) -> HttpResponse:
    """Do now what the daily sweep does."""
    require(request.user, "customers.rules")
    count = pool.release_idle(by=request.user, today=timezone.localdate())
    said = ngettext(
        "%(count)d customer went to the public pool.", "%(count)d customers went to the public pool.", count
    )
    messages.success(request, said % {"count": count})
    return redirect("customers:rules")
