"""A customer who was merged into another: whoever asks by the old id is told the new one, if he may see that."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from shengce.channel.reach import visible_customers
from shengce.customers.merging import kept_instead
from shengce.customers.models import Customer

IN_ADDRESS: dict[str, str] = {
    # address: the part of it that is a customer's id
    "customer": "pk",
    "contacts": "pk",
    "dealer": "pk",
    "receivables": "customer",
}
IN_QUESTION = ("customer", "dealer", "suspect")
"""Parameters that are a customer's id."""


class Merged(Exception):
    """The customer who was asked for is part of another now."""

    def __init__(self, old: int, kept: int) -> None:
        super().__init__(old, kept)
        self.old, self.kept = old, kept


def refuse_merged(request: Any, pk: int) -> None:
    """Raise :class:`Merged` where this customer was merged into one that the person may see. One query, else two."""
    kept = kept_instead(pk)
    if kept is None:
        return
    seen = Customer.objects.visible_to(request.user).filter(pk=kept)
    if seen.exists() or visible_customers(request.user).filter(pk=kept).exists():
        raise Merged(pk, kept)


def missing(request: HttpRequest) -> int | None:
    """The customer who stands for the one of an address that was not found."""
    match = request.resolver_match
    name = IN_ADDRESS.get(match.url_name or "") if match else None
    if match is None or name is None:
        return None
    try:
        refuse_merged(request, int(f"{match.kwargs[name]}"))
    except Merged as merged:
        return merged.kept
    return None


def moved(request: HttpRequest, kept: int) -> HttpResponse:
    """301 to the same question about the kept one. Not to be remembered: a merge can be undone."""
    match, asked = request.resolver_match, request.GET.copy()
    path = request.path
    if match and (name := IN_ADDRESS.get(match.url_name or "")):
        path = path.replace(f"/{match.kwargs[name]}", f"/{kept}", 1)
    for name in IN_QUESTION:
        if name in asked and kept_instead(int(str(asked[name]))) == kept:
            asked[name] = str(kept)
    said = _("This customer was merged into %(id)d.") % {"id": kept}
    answer = JsonResponse(
        {"error": {"code": "merged", "message": said}, "merged_into": kept},
        status=301,
        json_dumps_params={"ensure_ascii": False},
    )
    answer["Location"] = f"{path}?{asked.urlencode()}" if asked else path
    answer["Cache-Control"] = "no-store"
    return answer
