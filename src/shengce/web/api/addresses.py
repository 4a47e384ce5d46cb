"""The addresses of the API, and the rules that hold for all of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, reverse
from django.views.decorators.http import conditional_page, require_safe
from ninja import NinjaAPI, Swagger
from ninja.errors import HttpError
from ninja.responses import NinjaJSONEncoder

from shengce.web.api import (
    attainment,
    books,
    channel,
    claims,
    conversations,
    customers,
    dealers,
    loyalty,
    money,
    papers,
    service,
)
from shengce.web.api.door import DOORS
from shengce.web.api.errors import answer_problems, not_allowed, unknown_door

VERSION = "1.0"
READ = ("GET",)

api = NinjaAPI(
    title="Shengce 声策",
    version=VERSION,
    description="Customers, money, channel, service and talks as JSON. Money is decimal text in yuan; days are ISO 8601, "
    "moments ISO 8601 in UTC; passages are milliseconds of the recording.",
    auth=DOORS,
    urls_namespace="api",
    docs=Swagger(settings={"persistAuthorization": False, "validatorUrl": None}),
)
answer_problems(api)
for subject in (
    customers,
    money,
    books,
    loyalty,
    attainment,
    channel,
    dealers,
    service,
    conversations,
    claims,
    papers,
):
    api.add_router("/v1", subject.router)


def root(_request: HttpRequest) -> HttpResponse:
    """Where to read on."""
    return JsonResponse(
        {
            "title": api.title,
            "version": VERSION,
            "openapi": reverse("api:openapi-json"),
            "docs": reverse("api:openapi-view"),
        }
    )


def _answered_by_api(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The API answers for itself where nobody is signed in, and where somebody wants to write."""

    @login_not_required
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **given: Any) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return not_allowed(READ) if _knows(request) else unknown_door()
        return view(request, *args, **given)

    answer.csrf_exempt = True  # type: ignore[attr-defined] # nothing is written; the door checks what would be
    return answer


def _knows(request: HttpRequest) -> bool:
    try:
        return any(door(request) for door in DOORS)
    except HttpError:
        return False


def _behind_the_door(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The description is for whoever may ask, with a session or a key."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **given: Any) -> HttpResponse:
        return view(request, *args, **given) if _knows(request) else unknown_door()

    return answer


@cache
def _description() -> bytes:
    """The OpenAPI document, put together once in a process: it depends on the program alone."""
    return json.dumps(
        api.get_openapi_schema(path_prefix=reverse("api:api-root")), cls=NinjaJSONEncoder
    ).encode()


@conditional_page
def description(_request: HttpRequest) -> HttpResponse:
    """Every address with its parameters and fields; 304 where the program that asks has it already."""
    answer = HttpResponse(_description(), content_type="application/json")
    answer["Cache-Control"] = "private, max-age=300"
    return answer


def _patterns() -> list[URLPattern]:
    found = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern)]
    for pattern in found:
        if pattern.name == "openapi-view":
            pattern.callback = require_safe(pattern.callback)  # a page for people: signing in as everywhere
        elif pattern.name == "api-root":
            pattern.callback = _answered_by_api(_behind_the_door(root))
        elif pattern.name == "openapi-json":
            pattern.callback = _answered_by_api(_behind_the_door(description))
        else:
            pattern.callback = _answered_by_api(pattern.callback)
    return found


urls = (_patterns(), "ninja", "api")
