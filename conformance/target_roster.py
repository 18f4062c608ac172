"""The table of `conformance.toml` for clients of a OneRoster service: what was agreed with them."""

from __future__ import annotations

import msgspec

from conformance.problems import TargetError

VERSIONS = ("1.1", "1.2")
COLLECTIONS = (
    "academicSessions", "orgs", "courses", "classes", "users", "enrollments", "demographics",
)  # fmt: skip
# Scopes of OneRoster 1.2 by the end of their name.
SCOPES = ("roster.readonly", "roster-core.readonly", "roster-demographics.readonly")


class Roster(msgspec.Struct, frozen=True, kw_only=True):
    """`[roster]`: what a client of OneRoster may ask for.

    `version` of the standard; `scopes` by their last part; `collections` as the standard calls
    them, `terms`, `schools`, `students` and the like being parts of these. `tries` is how often one
    request may be repeated while it is refused.
    """

    version: str = "1.2"
    scopes: tuple[str, ...] = SCOPES[1:]
    collections: tuple[str, ...] = COLLECTIONS
    tries: int = 5


NO_ROSTER = Roster()


def refuse_roster(path: str, told: Roster) -> None:
    """Raise TargetError for a version, scope or collection that OneRoster does not have."""
    words = (
        ("version", (told.version,), VERSIONS),
        ("scopes", told.scopes, SCOPES),
        ("collections", told.collections, COLLECTIONS),
    )
    for key, values, allowed in words:
        for value in values:
            if value not in allowed:
                cure = f"Use of: {', '.join(allowed)}."
                raise TargetError(f"{path}, [roster] {key}", f"the value is {value!r}.", cure)
    if told.tries < 1:
        place = f"{path}, [roster] tries"
        raise TargetError(place, f"the value is {told.tries}.", "Write 1 or more.")
