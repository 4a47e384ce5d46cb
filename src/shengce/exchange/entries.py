"""One entry of a file (a row, or all lines of an order) through the actions of the room that owns the table."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DataError, IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from shengce.exchange import understanding
from shengce.exchange.kind import Entry, Kind
from shengce.exchange.lookup import Lookup
from shengce.exchange.snapshots import Snapshot, snapshot
from shengce.exchange.understanding import DUPLICATE, SIBLING, Columns, Fault, Line

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Touched:
    """A row that was made, or changed from what ``before`` says."""

    row: int
    thing: Model
    made: bool
    before: Snapshot


@dataclass(slots=True)
class Tally:
    """What became of entries. ``outcomes`` are ``{row of the file: "new" | "changed" | "same" | "fault"}``."""

    made: int = 0
    changed: int = 0
    unchanged: int = 0
    faulty_rows: int = 0
    rows: int = 0
    faults: list[Fault] = field(default_factory=list)
    touched: list[Touched] = field(default_factory=list)
    outcomes: dict[int, str] = field(default_factory=dict)
    notice: str = ""

    def expect(self, entry: Sequence[Line], outcome: str) -> None:
        """What was foreseen of an entry without trying it."""
        self.made += outcome == "new"
        self.changed += outcome == "changed"
        self.unchanged += outcome == "same"
        self.outcomes |= {line.row: outcome for line in entry}

    def refuse(self, entry: Sequence[Line], faults: Sequence[Fault]) -> None:
        """The whole entry is left out; its rows without a fault of their own say why."""
        self.faulty_rows += len(entry)
        self.faults += faults
        wrong = {fault.row for fault in faults}
        for line in entry:
            self.outcomes[line.row] = "fault"
            if line.row not in wrong:
                words = _("Another line of the same document has a fault.")
                self.faults.append(Fault(line.row, "", "", SIBLING, words))


def import_entry(
    kind: Kind, columns: Columns, entry: list[Line], lookup: Lookup, tally: Tally, seen: dict[Hashable, int]
) -> None:
    """Make or change what the entry says, or note why not."""
    tally.rows += len(entry)
    faults = faults_before(kind, columns, entry, seen)
    if not faults:
        try:
            with transaction.atomic():
                touched = _write(kind, entry, lookup)
        except ValidationError as problem:
            faults = understanding.faults_of(entry[0].row, columns, problem)
        except PermissionDenied as problem:
            faults = [Fault(entry[0].row, "", "", "permission", str(problem)[:500])]
        except (IntegrityError, DataError) as problem:
            log.info("a row could not be stored: %s", problem)
            words = _("The row could not be stored: something in it contradicts what is there.")
            faults = [Fault(entry[0].row, "", "", "integrity", words)]
        else:
            _count(entry, touched, tally)
            return
    tally.refuse(entry, faults)


def _count(entry: Sequence[Line], touched: list[Touched], tally: Tally) -> None:
    tally.touched += touched
    outcome = "same" if not touched else "new" if touched[0].made else "changed"
    tally.made += outcome == "new"
    tally.changed += outcome == "changed"
    tally.unchanged += outcome == "same"
    tally.outcomes |= {line.row: outcome for line in entry}


def faults_before(
    kind: Kind, columns: Columns, entry: Sequence[Line], seen: dict[Hashable, int]
) -> list[Fault]:
    """Faults of the cells; and that an earlier row of the file says the same thing."""
    faults = [fault for line in entry for fault in line.faults]
    if faults:
        return faults
    identity = kind.identity(entry[0].values)
    row = entry[0].row
    if identity is None or seen.setdefault(identity, row) == row:
        return []
    words = _("The same as in row %(row)d of this file.") % {"row": seen[identity]}
    return [Fault(row, "", "", DUPLICATE, words)]


def _write(kind: Kind, entry: Sequence[Line], lookup: Lookup) -> list[Touched]:
    """Through the room's actions; what was made or changed, the thing itself first."""
    said: Entry = [line.values for line in entry]
    row = entry[0].row
    around = {thing.pk: snapshot(thing) for thing in kind.around(said)} if kind.around else {}
    found = kind.find(said, lookup)
    if found is None:
        touched = [Touched(row, thing, True, {}) for thing in kind.make(said, lookup)]
    else:
        before = snapshot(found)
        made = [Touched(row, thing, True, {}) for thing in kind.change(found, said, lookup)]
        touched = [Touched(row, found, False, before)] if snapshot(found) != before or made else []
        touched += made
    for thing in kind.around(said) if kind.around else ():
        if thing.pk not in around and all(thing.pk != t.thing.pk for t in touched):
            touched.append(Touched(row, thing, True, {}))
        elif around.get(thing.pk, snapshot(thing)) != snapshot(thing) and thing.pk != getattr(
            found, "pk", None
        ):
            touched.append(Touched(row, thing, False, around[thing.pk]))
    return touched
