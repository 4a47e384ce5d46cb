"""HTTP of one's own keys for programs: make, see once, revoke."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from shengce.people import tokens as actions
from shengce.people.forms import TokenForm
from shengce.people.requests import SignedInRequest

SHOWN = 100


@never_cache
@require_http_methods(["GET", "POST"])
def tokens(request: SignedInRequest) -> HttpResponse:
    """One's keys. A new one is shown in the answer to the form and nowhere else, so that answer is no redirect."""
    form, secret = TokenForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            _made, secret = actions.create_token(by=request.user, **form.cleaned_data)
        except ValidationError as problem:
            form.add_error(None, problem)  # its fields are the form's
        else:
            form = TokenForm()
    context = {
        "form": form,
        "secret": secret,
        "tokens": actions.tokens_of(request.user)[:SHOWN],
        "today": timezone.localdate(),
        "heading": _("Keys for programs"),
    }
    return render(request, "people/tokens.html", context, status=422 if form.errors else 200)


@require_POST
def revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    """From now on this key opens nothing."""
    token = get_object_or_404(actions.tokens_of(request.user), pk=pk)
    actions.revoke_token(token, by=request.user)
    messages.success(request, _("The key “%(name)s” is revoked.") % {"name": token.name})
    return redirect("people:tokens")
