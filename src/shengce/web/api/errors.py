"""What is refused, as JSON: ``{"error": {"code", "message"}}``, the message in the language of the request."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError
from ninja.errors import ValidationError as BadParameters

from shengce.web.api.merged import Merged, missing, moved


class Problem(Schema):
    """A code for programs, and words for people."""

    code: str
    message: str


class Refusal(Schema):
    """The body of every answer from 400 on."""

    error: Problem


REFUSALS: dict[int, type[Schema]] = {401: Refusal, 403: Refusal, 404: Refusal, 422: Refusal}


def refused(status: int, code: str, message: str) -> HttpResponse:
    """An answer that says no, and why."""
    answer = JsonResponse(
        {"error": {"code": code, "message": message}},
        status=status,
        json_dumps_params={"ensure_ascii": False},
    )
    if status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    return answer


def unknown_door() -> HttpResponse:
    return refused(401, "not_signed_in", _("Sign in, or send a key that is in force."))


def not_allowed(allowed: Iterable[str]) -> HttpResponse:
    """405: the API only reads."""
    answer = refused(405, "method", _("This address is only read (GET)."))
    answer["Allow"] = ", ".join(allowed)
    return answer


def answer_problems(api: NinjaAPI) -> None:
    """Teach the API how each kind of refusal is said. What nobody foresaw stays a 500 that is logged."""
    api.add_exception_handler(AuthenticationError, lambda _request, _problem: unknown_door())
    api.add_exception_handler(BadParameters, _bad_parameters)
    api.add_exception_handler(ValidationError, _refused_by_action)
    api.add_exception_handler(PermissionDenied, _forbidden)
    api.add_exception_handler(Http404, _missing)
    api.add_exception_handler(Merged, _merged)
    api.add_exception_handler(HttpError, partial(_http_error))


def _missing(request: HttpRequest, _problem: Any) -> HttpResponse:
    if (kept := missing(request)) is not None:
        return moved(request, kept)
    return refused(404, "not_found", _("There is nothing here that you may see."))


def _merged(request: HttpRequest, merged: Any) -> HttpResponse:
    return moved(request, merged.kept)


def _forbidden(_request: HttpRequest, problem: Any) -> HttpResponse:
    return refused(403, "forbidden", str(problem) or _("Your role does not allow this."))


def _http_error(_request: HttpRequest, problem: Any) -> HttpResponse:
    return refused(problem.status_code, "refused", str(problem))


def _refused_by_action(_request: HttpRequest, problem: Any) -> HttpResponse:
    return refused(422, getattr(problem, "code", None) or "invalid", " ".join(problem.messages))


def _bad_parameters(_request: HttpRequest, problem: Any) -> HttpResponse:
    return refused(422, "parameter", " ".join(_said(error) for error in problem.errors))


def _said(error: dict[str, Any]) -> str:
    """One parameter and what is wrong with it, in words."""
    place = [str(part) for part in error.get("loc", ())]
    reason = _reason(str(error.get("type", "")), error.get("ctx") or {})
    return f"{place[-1]}: {reason}" if len(place) > 1 else reason


def _reason(kind: str, known: dict[str, Any]) -> str:
    if kind == "value_error":
        return str(known.get("error", "")) or _("This value cannot be used.")
    if kind == "missing":
        return _("This parameter is needed.")
    if kind.startswith(("int_", "float_")):
        return _("This must be a whole number.")
    if kind in ("greater_than_equal", "less_than_equal"):
        return _("This number is too small or too large.")
    if kind == "string_too_long":
        return _("At most %(most)d characters.") % {"most": known.get("max_length", 0)}
    if kind.startswith("bool_"):
        return _("Write true or false.")
    return _("This value cannot be used.")
