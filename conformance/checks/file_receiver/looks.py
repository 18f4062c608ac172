"""What checks of files ask again and again: is it there, is it not, was it taken, was it refused.

Where the product tells how a file ended, that is believed and held against what it shows; where it
tells nothing, only what it shows counts.
"""

from __future__ import annotations

from conformance import expect
from conformance.delivery import Delivery
from conformance.outcomes import PARTLY, REFUSED, Outcome
from conformance.parcels import Parcel, Row, Tables
from conformance.problems import Finding, NotVerified
from conformance.readback import ReadBack
from conformance.trees import folded


def ids(*parts: Tables) -> list[str]:
    """The ids of the users in these rows, folded."""
    return [folded(user["sourcedId"]) for part in parts for user in part["users"]]


def users(*parts: Tables) -> list[Row]:
    """The users in these rows."""
    return [user for part in parts for user in part["users"]]


def accepted(outcome: Outcome, claim: str) -> Outcome:
    """A Finding unless the file was taken, as far as that is told."""
    expect.true(outcome.taken, claim, outcome.reply, f"it is {outcome.end}")
    return outcome


def prepared(outcome: Outcome) -> Outcome:
    """A file that only prepares the check was taken, else nothing can be told."""
    if not outcome.taken:
        raise NotVerified(
            f"the preparation failed: a sound file is {outcome.end}"
            f" (exchange {outcome.reply.exchange})"
        )
    return outcome


def shown(drop: Delivery, source: ReadBack, wanted: list[str]) -> dict[str, Row]:
    """The rows of users, waited for until all of these stand there."""
    found: dict[str, Row] = {}

    def look() -> Row:
        found.clear()
        found.update(drop.people(source))
        return {"done": "yes"} if set(wanted) <= set(found) else {}

    source.wait(look)
    return found


def all_shown(drop: Delivery, source: ReadBack, *parts: Tables) -> dict[str, Row]:
    """The rows of users; a Finding if one of these students is not among them."""
    wanted = ids(*parts)
    found = shown(drop, source, wanted)
    missing = [one for one in wanted if one not in found]
    expect.equal(len(missing), 0, "students that are missing in the export", source.last)
    return found


def none_shown(
    drop: Delivery, source: ReadBack, claim: str, *parts: Tables, wait: bool = True
) -> None:
    """A Finding if one of these students stands in the export."""
    if wait:
        source.settle()
    found = drop.people(source)
    there = [one for one in ids(*parts) if one in found]
    expect.true(not there, claim, source.last, f"{len(there)} of them stand in the export")


def control(drop: Delivery, source: ReadBack, parcel: Parcel, *parts: Tables) -> None:
    """The same file without its fault is taken and shown; else the refusal proves nothing."""
    outcome = drop.give(parcel)
    found = shown(drop, source, ids(*parts)) if outcome.taken else {}
    if not outcome.taken or not set(ids(*parts)) <= set(found):
        raise NotVerified(
            "the positive control failed, so nothing is proven: the file without the fault is"
            f" {outcome.end} (exchange {outcome.reply.exchange})"
        )


def refused(drop: Delivery, source: ReadBack, outcome: Outcome, claim: str, *parts: Tables) -> None:
    """A Finding unless the file was refused as a whole: told so, and none of its rows is there."""
    if outcome.told:
        expect.equal(outcome.end, REFUSED, claim, outcome.reply)
    none_shown(drop, source, "no row of a refused file is taken", *parts, wait=not outcome.told)


def not_swallowed(
    drop: Delivery,
    source: ReadBack,
    outcome: Outcome,
    bad: tuple[str, int],
    claim: str,
    wrong: Tables,
    *sound: Tables,
) -> None:
    """One bad row: all is refused, or the others are taken; either way that is told.

    `bad` is its file and row. A Finding if it was taken, if sound rows are half there, or if the
    result names neither the row nor its file.
    """
    if outcome.told:
        expect.one_of(outcome.end, (PARTLY, REFUSED), claim, outcome.reply)
        _said(outcome, *bad)
    none_shown(drop, source, claim, wrong, wait=not outcome.told)
    found = drop.people(source)
    there = [one in found for one in ids(*sound)]
    due = {PARTLY: (True,), REFUSED: (False,)}.get(outcome.end, (True, False))
    for each in there:
        expect.one_of(each, due, "whether a sound row beside a bad one is taken", source.last)


def _said(outcome: Outcome, file: str, row: int) -> None:
    if not outcome.notes:
        return  # whether a result names rows is a row of its own
    names = {(one.file, one.row) for one in outcome.notes}
    if (file, row) not in names and (file, 0) not in names and ("archive", 0) not in names:
        raise Finding(
            "the result blames another row",
            f"row {row} of {file}",
            ", ".join(f"row {place[1]} of {place[0]}" for place in sorted(names)[:3]),
            outcome.reply.exchange,
        )
