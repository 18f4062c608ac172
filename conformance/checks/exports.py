"""Read a student in the vendor's exports and hold it against what it must have become."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from conformance import fidelity, own_profile, trees
from conformance.checks.preparation import created
from conformance.fidelity import KEPT
from conformance.problems import Finding, NotVerified
from conformance.readback import ReadBack
from conformance.sif import SifClient
from conformance.target_profile import HIDDEN, REMOVED

ABSENT = "the student does not appear under its id in the export, so nothing can be compared"


@dataclass(frozen=True, slots=True)
class Rows:
    """The two rows of one student; empty where there is none."""

    user: dict[str, str]
    demographics: dict[str, str]


def rows(readback: ReadBack, refid: str) -> Rows:
    """Both rows of a student as they are now."""
    key = trees.folded(refid)
    return Rows(readback.users().get(key, {}), readback.demographics().get(key, {}))


def kept(
    readback: ReadBack, student: etree._Element, refid: str, fields: Iterable[str] = ()
) -> Rows:
    """Wait until the rows are what the student must have become, else raise the first Finding."""
    sent = deepcopy(student)
    sent.set("refId", refid)
    readback.know(sent)
    wanted = tuple(fields)
    every = wanted or tuple(one.field for one in fidelity.expectations(sent))
    visible = tuple(field for field in every if readback.sees(field))
    if not visible:
        readback.must_see(*every)
    expected = own_profile.due_in_form(readback.config, readback.evidence, sent, visible)
    seen = Rows({}, {})

    def look() -> dict[str, str]:
        nonlocal seen
        seen = rows(readback, refid)
        judged = fidelity.compare(expected, seen.user, seen.demographics, visible)
        return {"done": "yes"} if all(one.outcome == KEPT for one in judged) else {}

    readback.wait(look)
    if not seen.user:
        raise NotVerified(ABSENT)
    fidelity.require(expected, seen.user, seen.demographics, visible)
    readback.must_see(*filter(readback.has_place, wanted))
    return seen


def sent_and_kept(
    sif: SifClient, readback: ReadBack, student: etree._Element, fields: Iterable[str] = ()
) -> str:
    """Create the student and hold its rows against it; gives its id."""
    refid = created(sif, student)
    kept(readback, student, refid, fields)
    return refid


def shown(sif: SifClient, readback: ReadBack, student: etree._Element) -> tuple[str, Rows]:
    """Create the student as a preparation; its id and the rows it has."""
    refid = created(sif, student)
    user = readback.user(refid)
    if not user:
        raise NotVerified(ABSENT)
    return refid, rows(readback, refid)


def new_row(sif: SifClient, readback: ReadBack, student: etree._Element) -> dict[str, str]:
    """Create the student and give the row that came with it, whatever its id is."""
    before = set(readback.users())
    created(sif, student)
    came: list[dict[str, str]] = []

    def look() -> dict[str, str]:
        came[:] = [row for key, row in readback.users().items() if key not in before]
        return came[0] if came else {}

    readback.wait(look)
    if len(came) != 1:
        raise NotVerified(f"{len(came)} rows came with one student, so none can be judged")
    return came[0]


def gone(readback: ReadBack, refid: str) -> None:
    """A Finding if the student still stands in an export as an active person.

    Held against its own profile, a vendor must do with the row what it says there.
    """
    key = trees.folded(refid)
    habit = own_profile.habit_of_deletes(readback.config, readback.evidence)
    if habit != REMOVED:
        _stays(readback, refid, habit)
        return

    def look() -> dict[str, str]:
        seen = rows(readback, refid)
        return {} if active(seen.user) or active(seen.demographics) else {"done": "yes"}

    if not readback.wait(look):
        raise Finding(
            "a deleted student still stands in the export",
            "no row, or a row marked tobedeleted",
            f"a row for {len(key)} digits of id",
            readback.last.exchange if readback.last else None,
        )


def _stays(readback: ReadBack, refid: str, habit: str) -> None:
    readback.settle()
    row = rows(readback, refid).user
    status = row.get("status", "").strip().lower()
    hidden = active(row) and status not in ("", "active")
    if hidden != (habit == HIDDEN) or not active(row):
        raise Finding(
            "the row of a deleted student is not what the profile says",
            "a row with another status" if habit == HIDDEN else "the row as before",
            f"a row with the status {status or 'blank'}" if row else "no row",
            readback.last.exchange if readback.last else None,
        )


def active(row: dict[str, str]) -> bool:
    """Whether there is a row that is not marked as deleted."""
    return bool(row) and row.get("status", "").strip().lower() != "tobedeleted"
