"""Requests to delete: what the hub does at once, and how far each vendor has come since.

A student: never to be shared any more, and each vendor that has something is sent a delete. A
vendor: its agreements end, and where data could have flowed it is asked to delete and confirm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.journeys import console_people, persons
from reference_hub.journeys.console_people import Holding, Subject
from reference_hub.journeys.end_pod import end_pods
from reference_hub.model.console import Account
from reference_hub.model.party import Vendor
from reference_hub.model.scope import Scope
from reference_hub.store import audits, console_cases, deletions
from reference_hub.store.console_cases import CLOSED, STUDENT, TAKEN_BACK, Case
from reference_hub.store.deletions import Deletion

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Progress:
    """Of a student `subject`, of a vendor `deletions`: those that the request led to."""

    subject: Subject | None = None
    deletions: tuple[Deletion, ...] = ()

    @property
    def left(self) -> int:
        """How many vendors still hold something, or confirmations are still to come."""
        if self.subject is None:
            return sum(each.confirmed is None for each in self.deletions)
        numbers = self.subject.numbers
        return numbers.get(console_people.HOLDS, 0) + numbers.get(console_people.WAITS, 0)

    @property
    def holdings(self) -> tuple[Holding, ...]:
        """The first vendors of a student's request."""
        return self.subject.holdings if self.subject else ()

    @property
    def to_tell(self) -> tuple[Holding, ...]:
        """Vendors that came for their data: only people can ask them."""
        return tuple(each for each in self.holdings if each.state == console_people.MAY)


def ask_student(
    connection: Connection,
    scope: Scope,
    refid: str,
    vendor: Vendor | None,
    reason: str,
    who: Account,
    clock: Clock,
) -> tuple[int, bool]:
    """Have a student (folded RefId) deleted at a vendor, None at all of them; the number of the
    request, and whether it is new: one that is open already stands."""
    vendor_id = vendor.id if vendor else None
    known = console_cases.open_of(connection, scope, refid, vendor_id)
    if known is not None:
        return known, False
    persons.exclude(connection, scope, refid, vendor, clock)
    number = console_cases.add(connection, scope, refid, vendor_id, reason, who.name, clock.now())
    _note(connection, scope, who, "console asked to delete a student", clock, case=number)
    return number, True


def ask_vendor(
    connection: Connection, vendor: Vendor, reason: str, who: Account, clock: Clock
) -> tuple[int, int]:
    """End every agreement of a vendor and ask it to delete; the number of the request, 0 where
    there is nothing to end, and how many agreements ended."""
    # What follows is asked for later, and so is known to come of this request.
    now = clock.now()
    ended = end_pods(connection, vendor, reason, clock)
    if not ended:
        return 0, 0
    number = console_cases.add(connection, vendor.scope, "", vendor.id, reason, who.name, now)
    told = {"case": number, "vendor": vendor.name, "agreements": len(ended)}
    _note(connection, vendor.scope, who, "console asked a vendor to delete", clock, **told)
    return number, len(ended)


def change(
    connection: Connection,
    case: Case,
    version: int,
    note: str,
    state: str,
    who: Account,
    clock: Clock,
) -> bool:
    """Write note and state of a request; False where somebody changed it meanwhile."""
    now = clock.now()
    if not console_cases.change(connection, case.id, version, note, state, who.name, now):
        return False
    what = "console closed a deletion" if state == CLOSED else "console noted on a deletion"
    _note(connection, case.scope, who, what, clock, case=case.id)
    return True


def take_back(
    connection: Connection,
    case: Case,
    version: int,
    vendor: Vendor | None,
    who: Account,
    clock: Clock,
) -> bool:
    """Share the student again: vendors get anew what they may have; False as `change` has it."""
    now = clock.now()
    if not console_cases.change(connection, case.id, version, case.note, TAKEN_BACK, who.name, now):
        return False
    persons.include(connection, case.scope, case.refid, vendor, clock)
    _note(connection, case.scope, who, "console took a deletion back", clock, case=case.id)
    return True


def progress(connection: Connection, case: Case) -> Progress:
    """How far the vendors have come."""
    if case.kind == STUDENT:
        found = console_people.subject(
            connection, case.scope, [case.refid], vendor_id=case.vendor_id
        )
        return Progress(found)
    listed = deletions.of_vendor(connection, case.vendor_id or 0)
    return Progress(deletions=tuple(each for each in listed if each.asked >= case.asked))


def _note(
    connection: Connection, scope: Scope, who: Account, what: str, clock: Clock, **told: object
) -> None:
    entry = audits.Entry(f"console:{who.name}", what, detail=told)
    audits.add(connection, scope, clock.now(), entry)
