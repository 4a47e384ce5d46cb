"""Places where a test can hold a worker, to kill it there. Without ``SHENGCE_STOP_AT`` they do nothing.

Names: ``listening`` (while the child works) and, for every stage, ``<stage>:worked`` (nothing written yet),
``<stage>:written`` (inside the open transaction) and ``<stage>:committed``.
"""

from __future__ import annotations

import os
import sys

STOP_AT = os.environ.get("SHENGCE_STOP_AT", "")


def checkpoint(name: str) -> None:
    """Where ``SHENGCE_STOP_AT`` names this place: say so on standard output and wait for a line on standard input."""
    if name == STOP_AT:
        print(f"stopped at {name}", flush=True)
        sys.stdin.readline()
