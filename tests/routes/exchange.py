"""Imports and exports."""

from __future__ import annotations

import io
from typing import Any

from shengce.exchange import actions
from tests.routes.route import ADMIN, LEADERS, OFFICE, SELLERS, Route
from tests.world import World

USERS = SELLERS | LEADERS | OFFICE | ADMIN
OWN = {"rep_a1"}  # an import is seen by nobody but who gave the file
EDITORS = SELLERS | {"customer_department"}
SEERS = EDITORS | {"executive"}

ROUTES: dict[str, Route] = {
    "exchange:home": Route(get=USERS),
    "exchange:imports": Route(get=USERS),
    "exchange:upload": Route(post=USERS),
    "exchange:template": Route(get=EDITORS, args=("import_kind",)),
    "exchange:export": Route(get=SEERS, args=("import_kind", "file_format")),
    "exchange:grid": Route(get=LEADERS, post=LEADERS, args=("target_version",)),
    "exchange:take_over": Route(post=LEADERS, args=("target_version",)),
    "exchange:job": Route(get=OWN, args=("import",)),
    "exchange:progress": Route(get=OWN, args=("import",)),
    "exchange:faults": Route(get=OWN, args=("import", "file_format")),
    "exchange:sheet": Route(post=OWN, args=("import",)),
    "exchange:columns": Route(post=OWN, args=("import",)),
    "exchange:run": Route(post=OWN, args=("import",)),
    "exchange:undo": Route(post=OWN, args=("import",)),
    "exchange:discard": Route(post=OWN, args=("import",)),
}


def things(world: World) -> dict[str, Any]:
    """What the addresses of this table name: it belongs to rep_a1 and his customer."""
    content = "联系人,客户,手机\n暗号九七,云海大酒店,13812340099\n".encode()
    job = actions.receive_file(
        by=world.rep_a1, kind="contacts", file=io.BytesIO(content), name="暗号九七.csv"
    )
    actions.check_file(job, by=world.rep_a1)
    return {"import": job.pk, "import_kind": "contacts", "file_format": "csv"}
