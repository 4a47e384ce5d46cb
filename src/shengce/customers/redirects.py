"""Old addresses of a customer who was merged into another lead to the other: links in notes and mails go on working."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from shengce.customers.merging import kept_instead
from shengce.customers.models import Customer
from shengce.people.asked import whole_number

_ADDRESS = re.compile(r"/customers/(\d{1,19})/(.*)")


class MergedCustomers:
    """A page of a merged customer that answers "not found" becomes a way to the kept one, for those who may see him."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 404 or request.method != "GET" or not request.user.is_authenticated:
            return response
        match = _ADDRESS.fullmatch(request.path_info)
        asked = whole_number(match.group(1)) if match else None
        kept = kept_instead(asked) if asked is not None else None
        if (
            match is None
            or kept is None
            or not Customer.objects.visible_to(request.user).filter(pk=kept).exists()
        ):
            return response
        query = f"?{request.META['QUERY_STRING']}" if request.META.get("QUERY_STRING") else ""
        return HttpResponseRedirect(f"/customers/{kept}/{match.group(2)}{query}")
