"""HTTP of first and own passwords: handing out invitations, choosing by one, changing one's own."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from shengce.people import actions, invitations
from shengce.people.models import User
from shengce.people.permissions import require
from shengce.people.requests import SignedInRequest
from shengce.people.table_files import table_response

SHOWN = 100


@never_cache
@require_http_methods(["GET", "POST"])
def invite(request: SignedInRequest) -> HttpResponseBase:
    """Who has no password yet; the answer to the form is a workbook with an address for each."""
    require(request.user, "people.edit")
    if request.method == "POST":
        rows = invitations.as_rows(
            invitations.invite_all(by=request.user), site=request.build_absolute_uri("/")[:-1]
        )
        columns = [_("Unit"), pgettext("person", "Name"), _("User name"), _("Address for the first password")]
        name = f"{_('Invitations')} {timezone.localdate():%Y-%m-%d}"
        return table_response(rows, columns, name=name, file_format="xlsx")
    waiting = invitations.waiting()
    context = {"count": waiting.count(), "people": waiting[:SHOWN], "heading": _("Invitations")}
    return render(request, "people/invitations.html", context)


@never_cache
@require_POST
def invite_person(request: SignedInRequest, pk: int) -> HttpResponse:
    """One person's address, shown in the answer and nowhere else."""
    require(request.user, "people.edit")
    member = get_object_or_404(User, pk=pk)
    try:
        path = invitations.invite(member, by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        path = ""
    context = {"member": member, "address": path and request.build_absolute_uri(path)}
    return render(request, "people/invitation.html", context, status=200 if path else 422)


class _Chosen(SetPasswordForm):  # type: ignore[type-arg]
    """Saves through the action, so that the choice is audited and old keys end."""

    def save(self, commit: bool = True) -> User:
        user: User = self.user
        actions.choose_password(user, password=self.cleaned_data["new_password1"])
        return user


class _Changed(_Chosen, PasswordChangeForm):
    """The same after the old one."""


class Welcome(auth_views.PasswordResetConfirmView):
    """Whoever holds an invitation chooses a password and is in."""

    template_name = "people/welcome.html"
    form_class = _Chosen
    post_reset_login = True
    post_reset_login_backend = "django.contrib.auth.backends.ModelBackend"
    success_url = reverse_lazy("web:home")

    def get_user(self, uidb64: str) -> User | None:
        user = super().get_user(uidb64)
        return user if user is not None and user.is_active else None


class OwnPassword(auth_views.PasswordChangeView):
    """One's own password anew; the session goes on, all others end."""

    template_name = "people/own_password.html"
    form_class = _Changed
    success_url = reverse_lazy("web:home")

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        messages.success(self.request, _("The new password holds from now on."))
        return super().form_valid(form)
