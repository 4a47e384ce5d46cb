"""HTTP of sign-in, people and organisation."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth import views as auth_views
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from shengce.people import actions, invitations, queries
from shengce.people.asked import whole_number
from shengce.people.forms import (
    MoveForm,
    NewUserForm,
    PasswordForm,
    SignInForm,
    TerritoryForm,
    UnitChangeForm,
    UnitForm,
    UserForm,
)
from shengce.people.models import Territory, Unit, User
from shengce.people.permissions import may, require
from shengce.people.requests import SignedInRequest


class SignIn(auth_views.LoginView):
    template_name = "people/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


sign_out = auth_views.LogoutView.as_view()


@require_GET
def people(request: SignedInRequest) -> HttpResponse:
    """The organisation tree with its people; or who is found by name, user name or phone."""
    require(request.user, "people.see")
    may_edit = may(request.user, "people.edit")
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    opened = whole_number(request.GET.get("unit"))
    context = {
        "asked": asked,
        "found": queries.find_people(request.user, asked) if asked else [],
        "tree": [] if asked else queries.organisation(request.user, opened=opened),
        "may_edit": may_edit,
        "waiting": may_edit and invitations.waiting().count(),
    }
    return render(request, "people/people.html", context)


@require_GET
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    """One person: place, history, and for an administrator the forms that change it."""
    require(request.user, "people.see")
    member = get_object_or_404(queries.visible_users(request.user), pk=pk)
    return render(request, "people/person.html", _person_context(request, member))


def _person_context(request: SignedInRequest, member: User, **bound: forms.Form) -> dict[str, object]:
    return {
        "member": member,
        "postings": member.postings.select_related("unit"),
        "history": queries.history_of(member)[:20],
        "may_edit": may(request.user, "people.edit"),
        "user_form": UserForm(
            initial={f: getattr(member, f) for f in ("display_name", "phone", "is_active")}
        ),
        "move_form": MoveForm(
            initial={"role": member.role, "unit": member.unit_id, "on": timezone.localdate()}
        ),
        "password_form": PasswordForm(),
        **bound,
    }


@require_http_methods(["GET", "POST"])
def new_person(request: SignedInRequest) -> HttpResponse:
    require(request.user, "people.edit")
    form = NewUserForm(request.POST or None, initial={"unit": request.GET.get("unit")})
    if request.method == "POST" and form.is_valid():
        made = _carry_out(form, lambda: actions.create_user(by=request.user, **form.cleaned_data))
        if made:
            messages.success(
                request, _("%(name)s can sign in now.") % {"name": form.cleaned_data["display_name"]}
            )
            return redirect("people:list")
    return render(
        request,
        "people/form.html",
        {"form": form, "heading": _("New person")},
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
def new_unit(request: SignedInRequest) -> HttpResponse:
    require(request.user, "people.edit")
    form = UnitForm(request.POST or None, initial={"parent": request.GET.get("parent")})
    if request.method == "POST" and form.is_valid():
        made = _carry_out(form, lambda: actions.create_unit(by=request.user, **form.cleaned_data))
        if made:
            return redirect("people:list")
    return render(
        request,
        "people/form.html",
        {"form": form, "heading": _("New unit")},
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
def edit_unit(request: SignedInRequest, pk: int) -> HttpResponse:
    require(request.user, "people.edit")
    unit = get_object_or_404(Unit, pk=pk)
    form = UnitChangeForm(request.POST or None, initial={"name": unit.name, "kind": unit.kind})
    if request.method == "POST" and form.is_valid():
        if _carry_out(form, lambda: actions.update_unit(unit, by=request.user, **form.cleaned_data)):
            messages.success(request, _("Saved."))
            return redirect("people:list")
        unit.refresh_from_db()
    status = 422 if form.errors else 200
    return render(request, "people/form.html", {"form": form, "heading": unit.name}, status=status)


@require_http_methods(["POST"])
def change_person(request: SignedInRequest, pk: int, what: str) -> HttpResponse:
    """One of the three forms of a person's page: details, place, password."""
    require(request.user, "people.edit")
    member = get_object_or_404(User, pk=pk)
    kinds: dict[str, tuple[str, type[forms.Form], Callable[..., object]]] = {
        "details": ("user_form", UserForm, actions.update_user),
        "place": ("move_form", MoveForm, actions.move_user),
        "password": ("password_form", PasswordForm, actions.set_password),
    }
    name, form_class, action = kinds[what]
    form = form_class(request.POST)
    if form.is_valid() and _carry_out(
        form, lambda: action(member, by=request.user, **form.cleaned_data) or True
    ):
        if member == request.user:
            update_session_auth_hash(request, member)  # a new password of one's own does not sign one out
        messages.success(request, _("Saved."))
        return redirect("people:person", pk=pk)
    member.refresh_from_db()
    context = _person_context(request, member, **{name: form})
    return render(request, "people/person.html", context, status=422)


@require_GET
def territories(request: SignedInRequest) -> HttpResponse:
    """The pieces of the market as a tree, each with the places that belong to it."""
    require(request.user, "territories.edit")
    return render(request, "people/territories.html", {"tree": queries.territory_tree()})


@require_http_methods(["GET", "POST"])
def edit_territory(request: SignedInRequest, pk: int | None = None) -> HttpResponse:
    """Add or change one territory."""
    require(request.user, "territories.edit")
    territory = get_object_or_404(Territory, pk=pk) if pk is not None else None
    standing: dict[str, object] = {"parent": whole_number(request.GET.get("parent"))}
    if territory is not None:
        standing = {
            "name": territory.name,
            "parent": territory.parent_id,
            "places": "，".join(territory.places),
        }
    form = TerritoryForm(request.POST or None, initial=standing)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        if territory is None:
            made = _carry_out(form, lambda: actions.create_territory(by=request.user, **values))
        else:
            made = _carry_out(form, lambda: actions.update_territory(territory, by=request.user, **values))
        if made:
            messages.success(request, _("Saved."))
            return redirect("people:territories")
    context = {"form": form, "heading": territory or _("New territory")}
    return render(request, "people/territory.html", context, status=422 if form.errors else 200)


def _carry_out(form: forms.Form, action: Callable[[], object]) -> object:
    """The action's result, or nothing with its reasons beside the fields they belong to."""
    try:
        return action()
    except ValidationError as error:
        if hasattr(error, "error_dict"):
            for field, reasons in error.message_dict.items():
                form.add_error(field if field in form.fields else None, reasons)
        else:
            form.add_error("password" if "password" in form.fields else None, error)
        return None
