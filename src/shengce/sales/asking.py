"""What every list and form of this room asks of a request: filters, a customer, an export, an act with its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404

from shengce.customers.models import Customer
from shengce.people.asked import day, whole_number, words
from shengce.people.requests import SignedInRequest
from shengce.people.table_files import FORMATS, table_response

MOST_EXPORTED = 100_000
"""Rows of one download; more than that is a matter for the API."""


def filters(asked: QueryDict) -> dict[str, Any]:
    """The filters that lists share, read without trust."""
    return {
        "state": asked.get("state", ""),
        "customer": whole_number(asked.get("customer")),
        "start_on": day(asked.get("from")),
        "end_on": day(asked.get("to")),
    }


def search_words(asked: QueryDict) -> str:
    return words(asked.get("q"), most=100)


def export(
    request: SignedInRequest, name: str, columns: Sequence[Any], rows: Iterable[Sequence[Any]]
) -> HttpResponseBase | None:
    """The list as a file where the address asks for one; nothing where it asks for the page."""
    wanted = request.GET.get("format", "")
    if wanted not in FORMATS:
        return None
    return table_response(rows, [str(column) for column in columns], name=name, file_format=wanted)


def asked_customer(request: SignedInRequest) -> Customer | None:
    """The customer that the address names; 404 where it is not one of the user's."""
    if not (request.GET.get("customer") or request.POST.get("customer")):
        return None
    key = whole_number(request.POST.get("customer") or request.GET.get("customer"))
    found: Customer = get_object_or_404(
        Customer.objects.visible_to(request.user).select_related("owner"), pk=key
    )
    return found


def customers_like(request: SignedInRequest, most: int = 20) -> list[Customer]:
    """Customers to choose from: those whose name holds the words, else those last talked to."""
    found = Customer.objects.visible_to(request.user).select_related("owner")
    if text := words(request.GET.get("q"), most=100):
        found = found.filter(name__icontains=text)
    return list(found.order_by("-last_talk_at", "-pk")[:most])


def carried_out(request: SignedInRequest, act: Callable[[], object], done: str) -> bool:
    """Carry out an act of a button; say that it is done, or why it is not."""
    try:
        act()
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return False
    messages.success(request, done)
    return True


def add_problem(form: Any, problem: ValidationError) -> None:
    """The refusal of an action beside the form's fields."""
    if hasattr(problem, "error_dict"):
        for field, reasons in problem.message_dict.items():
            form.add_error(field if field in form.fields else None, reasons)
    else:
        form.add_error(None, problem)
