"""What a file name or a sidecar says about a recording, before anybody has looked up who that is."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """Empty where nothing is said.

    ``phone`` is the customer's number; where it is only known who called whom, ``caller`` and ``callee`` hold the
    numbers. ``own_number`` is the rep's phone or extension. ``rep`` is a user name, phone or name as it was written,
    ``customer`` and ``contact`` are names. ``started_at`` is aware. ``raw`` keeps a sidecar's row as it came.
    """

    phone: str = ""
    caller: str = ""
    callee: str = ""
    own_number: str = ""
    direction: str = ""  # "in", "out", "onsite"
    started_at: datetime | None = None
    rep: str = ""
    customer: str = ""
    contact: str = ""
    pattern: str = ""
    raw: dict[str, Any] = field(default_factory=dict)

    def over(self, weaker: Hints) -> Hints:
        """These hints, completed by ``weaker`` ones (a sidecar over a file name)."""
        missing = {f.name: getattr(weaker, f.name) for f in fields(self) if not getattr(self, f.name)}
        if self.caller or self.callee or self.phone:
            # Numbers belong together: half of a pair from another source would join strangers.
            known = (self.caller, self.callee)
            missing = {
                name: value
                for name, value in missing.items()
                if name not in ("phone", "caller", "callee") or (name == "phone" and value in known)
            }
        return replace(self, **missing)

    def __bool__(self) -> bool:
        return any(getattr(self, f.name) for f in fields(self) if f.name != "raw")
