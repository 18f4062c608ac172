"""What the crosswalk calls carried between the two SIF models comes back equal.

The crosswalk was checked against Unity 4.0; where 4.3 has no place, the exception stands here.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from tests.reference_hub.translate.sif_names import key_of_node, named, renamed
from tests.reference_hub.translate.sif_trip import Trip, leaves, plain

SEEDS = (3, 8)
_PREDICATE = re.compile(r"\[[^\]]*\]")
# Carried by the crosswalk, not from xPress to Unity 4.3 and back.
NOT_BACK_IN_XPRESS = {
    "XW-049": "a course number of the kind SCED has no place in a classic",
    "XW-050": "a SCEDCode needs credit and sequence, which xPress does not have",
    "XW-051": "a SCEDCode needs credit and sequence, which xPress does not have",
    "XW-066": "lessons that differ in weekday only are one in a classic",
    "XW-067": "lessons that differ in weekday only are one in a classic",
    "XW-068": "lessons that differ in weekday only are one in a classic",
    "XW-070": "the times stand in a bell schedule, not among the objects of the kit",
    "XW-071": "the times stand in a bell schedule, not among the objects of the kit",
    "XW-072": "lessons that differ in weekday only are one in a classic",
    "XW-097": "two or more races, unsaid which, have no code in a classic",
    "XW-131": "a link to a contact that is not sent waits: nobody says what the contact is",
    "XW-134": "an enrollment without a type of membership waits",
    "XW-145": "a homeroom is a reference to a room in a classic",
    "XW-169": "classics keep logins in Authentication, not among the objects of the kit",
}
# The same from Unity 4.3 to xPress and back.
NOT_BACK_IN_UNITY = {
    "XW-050": "a SCEDCode needs credit and sequence, which have no field",
    "XW-051": "a SCEDCode needs credit and sequence, which have no field",
    "XW-072": "a room in which no section meets has no place in xPress",
    "XW-167": "xPress has no word for a sex that is not known",
    "XW-174": "the word of the function is carried, not the code of NCES",
}
# What no generated district shows: name types other than the usual one, objects not in the kit.
NOT_SHOWN_IN_XPRESS = {"XW-090", "XW-166", "XW-172", "XW-173"}
NOT_SHOWN_IN_UNITY = {"XW-070", "XW-071", "XW-075", "XW-090", "XW-145", "XW-150", "XW-166"}
NOT_SHOWN_IN_UNITY |= {"XW-169", "XW-203"}


def changed_paths(start: str, over: str) -> tuple[set[str], set[str]]:
    """The paths that some district shows, and those that are not equal after the trip."""
    shown: set[str] = set()
    changed: set[str] = set()
    for trip in (*(Trip(start, over, seed, 20) for seed in SEEDS), Trip(start, over, SEEDS[0])):
        after, before = named(trip.back.documents), renamed(trip.source)
        for kind, nodes in before.items():
            for node in nodes:
                first = leaves(kind, node)
                then = leaves(kind, after.get((kind, key_of_node(node)), {}))
                shown |= {path for path, _ in first}
                changed |= {path for path, _ in (first - then) + (then - first)}
    return shown, changed


def carried_rows(standards: Path, column: str) -> dict[str, list[str]]:
    """Crosswalk id to its paths in a model, for what both SIF models carry."""
    text = (standards / "spec" / "crosswalk.csv").read_text("utf-8")
    found: dict[str, list[str]] = {}
    for row in csv.DictReader(text.splitlines()):
        both = row["sif_unity40_path"] and row["sif_xpress_path"]
        if both and row["t_xpress"] == "carried" == row["t_classic_sif"]:
            found[row["id"]] = [as_path(each) for each in row[column].split(" ; ")]
    return found


def as_path(text: str) -> str:
    """A path of the crosswalk as Unity 4.3 has it and as leaves are compared."""
    path = _PREDICATE.sub("", text.strip()).replace("sessions/sessionList", "sessions/session")
    found = plain(path, "x")
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    ("start", "over", "column", "lost", "unseen"),
    [
        ("xpress", "unity", "sif_xpress_path", NOT_BACK_IN_XPRESS, NOT_SHOWN_IN_XPRESS),
        ("unity", "xpress", "sif_unity40_path", NOT_BACK_IN_UNITY, NOT_SHOWN_IN_UNITY),
    ],
)
def test_what_the_crosswalk_calls_carried_comes_back_equal(
    standards: Path, start: str, over: str, column: str, lost: dict[str, str], unseen: set[str]
) -> None:
    rows = carried_rows(standards, column)
    shown, changed = changed_paths(start, over)
    assert len(rows) == 127
    assert {name for name, paths in rows.items() if changed & set(paths)} == set(lost)
    assert {name for name, paths in rows.items() if not shown & set(paths)} == unseen
