"""Steps that the checks for OneRoster clients share: was all of it read, and what was stored?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conformance import expect, trees
from conformance.problems import NotVerified
from conformance.readback import ReadBack
from conformance.readback_forms import Row
from conformance.stage.calls import Call
from conformance.stage.oneroster_pages import ROSTER
from conformance.stage.oneroster_play import Enough, Scene, good
from conformance.stage.oneroster_roster import Body
from conformance.stage.oneroster_tokens import TOKEN


def rosters(calls: Iterable[Call]) -> list[Call]:
    """The calls for rosters, whatever they were answered."""
    return [one for one in calls if one.given.kind == ROSTER]


def token_calls(calls: Iterable[Call]) -> list[Call]:
    """The requests for a token."""
    return [one for one in calls if one.given.kind == TOKEN]


def read(calls: Iterable[Call]) -> set[str]:
    """The collections of which something was given."""
    return {one.given.zone for one in calls if good(one)}


def given(calls: Iterable[Call]) -> None:
    """Raise NotVerified where the client was given no rosters at all."""
    asked = rosters(calls)
    if not any(map(good, asked)):
        why = f"its last call was answered {asked[-1].given.status}" if asked else "it asked none"
        raise NotVerified(f"the client was given no rosters: {why}")


def complete(scene: Scene, calls: Sequence[Call], what: str) -> None:
    """Everything that was begun was read to its end; NotVerified where nothing was."""
    given(calls)
    missing = scene.missing(calls)
    place = min(missing, default="").partition(" ")[0]
    count = sum(map(len, missing.values()))
    said = f"{count} objects of {place} and others are missing" if count else "none is missing"
    expect.true(not missing, what, rosters(calls)[-1].message, said)


def working(scene: Scene, order: str = "synchronise") -> list[Call]:
    """One round without any fault in which all was read; NotVerified if it was not."""
    scene.renew()
    calls = scene.synchronise(order=order)
    if not scene.whole(calls):
        asked = rosters(calls)
        why = f"its last call was answered {asked[-1].given.status}" if asked else "it asked none"
        raise NotVerified(f"the client does not read all rosters of an ordinary service: {why}")
    return calls


def usually(scene: Scene) -> set[str]:
    """The collections that the client reads when nothing is wrong."""
    return read(working(scene))


def paged(calls: Iterable[Call]) -> bool:
    """Whether a page behind the first was asked for."""
    return any(one.asked.given.get("after") or one.asked.given.get("offset", "0") != "0"
               for one in rosters(calls))  # fmt: skip


def rounds(scene: Scene, count: int, until: Enough | None = None) -> list[Call]:
    """The calls of so many rounds."""
    return [one for _ in range(count) for one in scene.synchronise(until)]


def rows_of(stored: ReadBack, name: str, body: Body) -> list[Row]:
    """The rows of the vendor's export that are about an object and not deleted."""
    key = "userSourcedId" if name == "roles" else "sourcedId"
    own = trees.folded(str(body["sourcedId"]))
    return [
        one for one in stored.table(name)
        if trees.folded(one.get(key, "")) == own and one.get("status", "").lower() != "tobedeleted"
    ]  # fmt: skip


def row_of(stored: ReadBack, name: str, body: Body) -> Row:
    """The one row of an object, waited for; NotVerified if it is not there."""
    found = stored.wait(lambda: next(iter(rows_of(stored, name, body)), {}))
    if not found:
        raise NotVerified(f"the export shows no row of {name} for an object that was read")
    return found


def same(stored: ReadBack, name: str, body: Body, *members: str) -> None:
    """These members of an object stand in the export as they were told."""
    found = row_of(stored, name, body)
    for member in members:
        stored.must_see(f"{name}.{member}")
        value = body.get(member, "")
        told = ",".join(value) if isinstance(value, list) else str(value)
        expect.equal(found.get(member, ""), told, f"{name}/{member} in the export")
