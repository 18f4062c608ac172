"""Generated districts twice: as SIF documents, and as OneRoster and Ed-Fi by the generator."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path

from lxml import etree

from conformance import crosswalk
from conformance.crosswalk.facts import LISTS, Fact, keyed, keys
from fixtures.district.places import START
from fixtures.district.plan import Plan
from fixtures.writers import edfi, notation
from fixtures.writers.models import MODELS
from fixtures.writers.oneroster import json_files
from fixtures.writers.oneroster.rows import LeftOut, Rows
from fixtures.writers.oneroster.walk import outcomes

SEEDS = (1, 2, 3)
STUDENTS = 16
# Collections that say nothing of a roster take most of the time of a classic district.
CLASSIC = (
    "LEAInfos", "SchoolInfos", "TermInfos", "CalendarDates", "RoomInfos", "SchoolCourseInfos",
    "StaffPersonals", "StudentPersonals", "StudentContactPersonals", "StaffAssignments",
    "StudentSchoolEnrollments", "StudentContactRelationships", "SectionInfos",
    "StaffSectionAssignments", "StudentSectionEnrollments",
)  # fmt: skip
SHEETS = Path(crosswalk.__file__).parent
DIFFERENCES = Path(__file__).parent / "known_differences.csv"


def plan(seed: int) -> Plan:
    return Plan(seed, STUDENTS, 2)


@cache
def documents(seed: int, model: str) -> tuple[etree._Element, ...]:
    """The SIF documents of a district."""
    made = MODELS[model].collections(plan(seed))
    names = [name for name in made if model != "unity-4.3" or name in CLASSIC]
    streams = [notation.stream(name, made[name], MODELS[model].namespace) for name in names]
    return tuple(etree.fromstring(b"".join(stream)) for stream in streams)


def wanted(target: str, model: str, seed: int) -> tuple[Fact, ...]:
    """What the sheets expect of a target."""
    # Some students come after the first day of school, and Clever holds only who is there.
    on = date(2026, 12, 1) if target == "clever" else START
    return crosswalk.expected(target, documents(seed, model), on=on, extensions=["ext:aide"])


def rows_as_facts(rows: Rows) -> Iterator[Fact]:
    """Rows of the generator's OneRoster writer as facts."""
    for file, lines in rows.items():
        for line in lines:
            found: list[tuple[str, str]] = []
            for path, cell in line.items():
                items = (cell,) if isinstance(cell, str) else cell
                items = items if path in LISTS else (",".join(items),)
                found += [(path, item) for item in items]
            yield from keyed("oneroster-1.2", file, found)


def oneroster(seed: int) -> list[Fact]:
    made = (one for one in outcomes(plan(seed)) if not isinstance(one, LeftOut))
    return [fact for rows in made for fact in rows_as_facts(rows)]


def ed_fi(seed: int) -> list[Fact]:
    """Facts of the resources that the sheets write."""
    return [
        fact
        for resource in (file for family, file in keys() if family == "edfi")
        for body in edfi.bodies(plan(seed), resource)
        for fact in crosswalk.of_body("edfi-5", resource, body)
    ]


def differences(target: str, model: str) -> list[Mapping[str, str]]:
    """The known differences of a target from a model: all facts whose path begins so."""
    with DIFFERENCES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row for row in rows if row["target"] == target and model in row["models"].split()]


def is_known(row: Mapping[str, str], one: Iterable[str]) -> bool:
    """Say whether a difference (file, path, outcome) is this known one."""
    file, path, outcome = one
    at = (row["file"], row["outcome"]) == (file, outcome)
    return at and path.startswith(row["path"])


@cache
def rest(seed: int, collection: str) -> tuple[Fact, ...]:
    """The generator's objects of a OneRoster REST collection, read back as facts."""
    files = json_files.files(plan(seed))
    (name,) = [name for name in files if collection in name]
    bodies = json.loads(b"".join(files[name]))[collection]
    return tuple(
        fact for body in bodies for fact in crosswalk.of_rest("oneroster-1.2", collection, body)
    )
