"""Read a student in the vendor's exports and hold it against what it must have become."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from conformance import fidelity, trees
from conformance.checks.preparation import created
from conformance.fidelity import KEPT
from conformance.problems import Finding, NotVerified
from conformance.readback import ReadBack
from conformance.sif import SifClient


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
    expected = deepcopy(student)
    expected.set("refId", refid)
    wanted = tuple(fields)
    seen = Rows({}, {})

    def look() -> dict[str, str]:
        nonlocal seen
        seen = rows(readback, refid)
        judged = fidelity.compare(expected, seen.user, seen.demographics, wanted)
        return {"done": "yes"} if all(one.outcome == KEPT for one in judged) else {}

    readback.wait(look)
    if not seen.user:
        raise Finding(
            "a student that was accepted is not in the export of users",
            "one row with the id of the student",
            "no row of this id",
            readback.last.exchange if readback.last else None,
        )
    fidelity.require(expected, seen.user, seen.demographics, wanted)
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
        raise NotVerified("the student does not appear in the export, so nothing can be compared")
    return refid, rows(readback, refid)


def gone(readback: ReadBack, refid: str) -> None:
    """A Finding if the student still stands in an export as an active person."""
    key = trees.folded(refid)

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


def active(row: dict[str, str]) -> bool:
    """Whether there is a row that is not marked as deleted."""
    return bool(row) and row.get("status", "").strip().lower() != "tobedeleted"
