"""Start page, welcome and theme."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from shengce.people.requests import SignedInRequest
from shengce.web.navigation import THEMES, home_of


@require_GET
def home(request: SignedInRequest) -> HttpResponse:
    """Send everyone to the page that their work starts on."""
    return redirect(home_of(request.user))


@require_GET
def welcome(request: SignedInRequest) -> HttpResponse:
    """For a role that has no page yet: says so instead of an error."""
    return render(request, "web/welcome.html")


@require_POST
def theme(request: SignedInRequest) -> HttpResponse:
    """Keep the chosen colours in a cookie, so that the first paint is right."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    chosen = request.POST.get("theme", "")
    response = redirect(target)
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=400 * 86400, samesite="Lax", httponly=True)
    return response
