"""A tap on the worker's shoulder within one process: a recording is due. Only a nudge: the row is the job.

Workers in other processes see the row at their next look.
"""

from __future__ import annotations

import threading

_given = threading.Event()


def give() -> None:
    """Something is due. Call it after the commit (``transaction.on_commit(nudge.give)``)."""
    _given.set()


def wait(timeout_s: float) -> bool:
    """Sleep until a nudge or the time is over; says which. The nudge is used up."""
    given = _given.wait(timeout_s)
    _given.clear()
    return given
