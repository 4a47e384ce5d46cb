"""Keys for programs: made and revoked by the person in whose name they ask, and recognised at the door of the API."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from typing import Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from shengce.people.models import ApiToken, User, record
from shengce.people.typed_text import typed_text

SCOPES: Final = ("read",)
"""What a key may do. ``read``: everything that its person may look at, and no change."""
PREFIX: Final = "shengce_"
SECRET_BYTES: Final = 32
"""Random bytes of a key: 256 bits cannot be guessed, so wrong keys need no counting."""
MOST_TOKENS: Final = 20
"""Keys in force of one person; more is a program that forgets to revoke."""
MOST_DAYS: Final = 3660
_LENGTH: Final = len(PREFIX) + 43  # 32 bytes in base64 without padding
_USE_NOTED: Final = dt.timedelta(minutes=10)


@transaction.atomic
def create_token(
    *, by: User, name: str, expires_on: dt.date | None = None, scopes: tuple[str, ...] = SCOPES
) -> tuple[ApiToken, str]:
    """A key of one's own, and its secret: nobody can read that again later.

    Raises ``ValidationError`` where the last day has passed, a scope is unknown or there are too many keys.
    """
    if not by.is_active:
        raise PermissionDenied(_("Your role does not allow this."))
    today = timezone.localdate()
    if expires_on is not None and not today < expires_on <= today + dt.timedelta(days=MOST_DAYS):
        raise ValidationError({"expires_on": _("Choose a day to come, within ten years.")}, code="expires")
    if not scopes or any(scope not in SCOPES for scope in scopes):
        raise ValidationError(_("There is no such scope."), code="scope")
    User.objects.select_for_update(of=("self",)).get(pk=by.pk)  # one at a time counts and adds
    if in_force(by).count() >= MOST_TOKENS:
        raise ValidationError(
            _("You have %(most)d keys: revoke one first.") % {"most": MOST_TOKENS}, code="many"
        )
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token = ApiToken(
        user=by,
        name=typed_text(name, most=60),
        digest=_digest(secret),
        scopes=list(scopes),
        expires_on=expires_on,
    )
    token.save()
    record(
        "token.created", token, by=by, name=token.name, scopes=token.scopes, expires_on=str(expires_on or "")
    )
    return token, secret


@transaction.atomic
def revoke_token(token: ApiToken, *, by: User) -> ApiToken:
    """From now on the key opens nothing. Only its own person does it; doing it again changes nothing."""
    row = ApiToken.objects.select_for_update(of=("self",)).get(pk=token.pk)
    if row.user_id != by.pk:
        raise PermissionDenied(_("This key belongs to somebody else."))
    if row.revoked_at is None:
        row.revoked_at = timezone.now()
        row.save(update_fields=["revoked_at"])
        record("token.revoked", row, by=by, name=row.name)
    return row


def revoke_all(user: User, *, by: User) -> int:
    """Revoke every key of a person inside an action that shuts him out; returns how many."""
    rows = list(tokens_of(user).filter(revoked_at__isnull=True).select_for_update(of=("self",)))
    for row in rows:
        row.revoked_at = timezone.now()
        row.save(update_fields=["revoked_at"])
        record("token.revoked", row, by=by, name=row.name)
    return len(rows)


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """All keys of a person, revoked ones too, newest first."""
    return ApiToken.objects.filter(user=user)


def in_force(user: User) -> QuerySet[ApiToken]:
    """Keys of a person that work today."""
    lasting = Q(expires_on__isnull=True) | Q(expires_on__gt=timezone.localdate())
    return tokens_of(user).filter(lasting, revoked_at__isnull=True)


def token_of(secret: str, *, scope: str = "read") -> ApiToken | None:
    """The key in force whose secret this is, with its active person; nothing otherwise, whatever the reason is.

    When it was used is noted, at most once in ten minutes: a read must not become a write.
    """
    if len(secret) != _LENGTH or not secret.startswith(PREFIX) or not secret.isascii():
        return None
    digest = _digest(secret)
    token = ApiToken.objects.select_related("user__unit").filter(digest=digest).first()
    if token is None or not hmac.compare_digest(token.digest, digest):
        return None
    expired = token.expires_on is not None and token.expires_on <= timezone.localdate()
    if token.revoked_at is not None or expired or not token.user.is_active or scope not in token.scopes:
        return None
    _note_use(token)
    return token


def _note_use(token: ApiToken) -> None:
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - _USE_NOTED:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
