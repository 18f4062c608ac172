"""Compares the facts that a target must hold with those that it gave back.

Both sides may make ids of their own for sessions: a reference to one counts as a reference to its
title and type. Bookkeeping of a target (`status`, `_etag`, links, metadata nobody sent) is no fact.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from conformance.crosswalk.facts import ANY, Fact, folded, spelled

KEPT = "kept"
CHANGED = "changed"
LOST = "lost"
INVENTED = "invented"
# Nobody can look there: neither kept nor lost.
UNSEEN = "not observed"

BOOKKEEPING = ("status", "dateLastModified", "password", "id", "_etag", "_lastModifiedDate")
# What Ed-Fi asks and the crosswalk has no row for: judged only where the documents tell it.
FREE = (
    "totalInstructionalDays",
    "programAssignmentDescriptor",
    "institutionTelephoneNumberTypeDescriptor",
    "primaryEmailAddressIndicator",
    "orderOfPriority",
    # The crosswalk gives these a place and no code set: what stands there is not for us to judge.
    "operationalStatusDescriptor",
    "mediumOfInstructionDescriptor",
    "Role",
)
# OneRoster wants a session for the school year; where SIF tells of none, one may be made.
YEAR_PATHS = ("schoolYearSourcedId", "parentSourcedId")
NUMBERS = ("fullTimeEquivalency", "percentageContribution", "maximumAvailableCredits")
NUMBER = re.compile(r"-?\d+(\.\d+)?")
Place = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one fact; `wanted` is None for what was invented, `seen` blank if lost."""

    file: str
    id: str
    path: str
    wanted: Fact | None
    seen: str
    outcome: str


def compare(
    expected: Iterable[Fact], found: Iterable[Fact], observed: Collection[str] | None = None
) -> list[Outcome]:
    """Judge every expected fact and name the invented ones.

    `observed` are the files (`users`) or columns (`users.givenName`) that the read-back shows;
    None says all of them. Any other fact is `not observed`.
    """
    wanted, seen = placed(named(expected)), placed(named(found))
    outcomes: list[Outcome] = []
    for place, facts in wanted.items():
        if not _shown(place, observed):
            outcomes += [Outcome(*place, fact, "", UNSEEN) for fact in facts]
        else:
            outcomes += _judged(place, facts, [one.value for one in seen.get(place, ())])
    year_is_told = any(_of_year(place) for place in wanted)
    for place, facts in seen.items():
        made = not year_is_told and (_of_year(place) or place[2] in YEAR_PATHS)
        if place not in wanted and not made and not _bookkeeping(place[2]):
            outcomes += [Outcome(*place, None, one.value, INVENTED) for one in facts]
    return outcomes


def named(facts: Iterable[Fact]) -> list[Fact]:
    """Put the key of a session where its sourcedId stands."""
    every = list(facts)
    sessions = {
        folded(one.value): one.id
        for one in every
        if one.file == "academicSessions" and one.path == "sourcedId"
    }
    return [
        replace(one, value=sessions[folded(one.value)])
        if one.path != "sourcedId" and folded(one.value) in sessions
        else one
        for one in every
    ]


def placed(facts: Iterable[Fact]) -> Mapping[Place, list[Fact]]:
    """Gather the facts of each place; the same value twice is one."""
    places: dict[Place, list[Fact]] = {}
    for one in facts:
        at = places.setdefault((one.file, one.id, one.path), [])
        if all(form(one.path, one.value) != form(one.path, other.value) for other in at):
            at.append(one)
    return places


def form(path: str, text: str) -> str:
    """Spell a value so that equal ones are alike: NFC, single blanks, folded RefIds.

    Of `userIds` only the id counts, not what the receiver calls its kind; of a share or a count
    of credits its worth.
    """
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    if path in NUMBERS and NUMBER.fullmatch(plain):
        return str(Decimal(plain).normalize())
    return plain.partition(":")[2] if path == "userIds" and ":" in plain else spelled(path, plain)


def _judged(place: Place, facts: Sequence[Fact], seen: Sequence[str]) -> list[Outcome]:
    path, rest, open_facts = place[2], list(seen), []
    outcomes = []
    for fact in facts:
        match = _match(path, rest, (fact.value,))
        if match is None:
            open_facts.append(fact)
        else:
            outcomes.append(Outcome(*place, fact, match, KEPT))
    for fact in open_facts:
        match = _match(path, rest, fact.also)
        if match is not None or (not rest and "" in fact.also):
            outcomes.append(Outcome(*place, fact, match or "", KEPT))
        elif rest:
            outcomes.append(Outcome(*place, fact, rest.pop(0), CHANGED))
        else:
            outcomes.append(Outcome(*place, fact, "", LOST))
    return outcomes + [Outcome(*place, None, text, INVENTED) for text in rest]


def _match(path: str, rest: list[str], allowed: Sequence[str]) -> str | None:
    """Take the first seen value that is allowed out of the rest."""
    forms = {form(path, one) for one in allowed}
    found = next((one for one in rest if ANY in allowed or form(path, one) in forms), None)
    if found is not None:
        rest.remove(found)
    return found


def _shown(place: Place, observed: Collection[str] | None) -> bool:
    return observed is None or place[0] in observed or f"{place[0]}.{place[2]}" in observed


def _of_year(place: Place) -> bool:
    return place[0] == "academicSessions" and place[1].endswith("/schoolYear")


def _bookkeeping(path: str) -> bool:
    first, last = path.partition(".")[0], path.rpartition(".")[2]
    return (
        path in BOOKKEEPING
        or last in FREE
        or first == "metadata"
        or path.endswith(("link.href", "link.rel"))
    )
