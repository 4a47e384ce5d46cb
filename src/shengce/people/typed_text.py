"""Text that a person typed, made safe to store: the same on SQLite and PostgreSQL, never empty, never endless."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# PostgreSQL stores no NUL and no half of a surrogate pair; other control characters only harm whoever reads them.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def refuse_unstorable(*texts: str) -> None:
    """``ValidationError`` for text that PostgreSQL cannot hold: a NUL, or half of a surrogate pair."""
    if any(_UNSTORABLE.search(text) for text in texts):
        raise ValidationError(_("The text holds characters that cannot be stored."), code="characters")


def typed_text(value: object, *, most: int, required: bool = True) -> str:
    """``value`` stripped and without control characters; ``ValidationError`` where empty or over ``most``."""
    text = _UNFIT.sub("", value if isinstance(value, str) else "").strip()
    if required and not text:
        raise ValidationError(_("Please write something."), code="empty")
    if len(text) > most:
        raise ValidationError(
            _("The text has %(length)d characters; at most %(most)d fit."),
            params={"length": len(text), "most": most},
            code="too_long",
        )
    return text
