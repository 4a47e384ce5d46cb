"""Who has no password yet chooses his own: the administrator hands out addresses, one a person, that open once.

An address holds a signed token of Django's password reset: it dies when a password is chosen, when the person has signed in,
and after ``PASSWORD_RESET_TIMEOUT``. Nothing secret is stored.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from shengce.people.models import User, record
from shengce.people.permissions import require


def waiting() -> QuerySet[User]:
    """Active people who never had a password, by unit."""
    rows = User.objects.filter(is_active=True, password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return rows.select_related("unit").order_by("unit__path", "username")


def invite(user: User, *, by: User) -> str:
    """The path at which this person chooses a password; also for one who forgot his. Raises ``ValidationError``."""
    require(by, "people.edit")
    if not user.is_active:
        raise ValidationError(_("%(name)s may not sign in.") % {"name": user}, code="inactive")
    record("user.invited", user, by=by)
    return _path(user)


def invite_all(*, by: User) -> list[tuple[User, str]]:
    """Everybody who is :func:`waiting`, each with the path."""
    require(by, "people.edit")
    rows = [(user, _path(user)) for user in waiting()]
    record("people.invited", by, by=by, people=len(rows))
    return rows


def _path(user: User) -> str:
    name = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("people:welcome", args=[name, default_token_generator.make_token(user)])


def as_rows(invited: Iterable[tuple[User, str]], *, site: str) -> Iterable[tuple[str, str, str, str]]:
    """Lines of the file that is handed out: unit, name, user name, address."""
    for user, path in invited:
        yield str(user.unit or ""), user.display_name, user.username, site + path
