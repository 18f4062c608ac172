"""In bytes without canaries nothing is seen; in a district everything, in every format."""

from __future__ import annotations

import random
import re
from itertools import chain
from pathlib import Path

import pytest

from conformance.scan import CHUNK, Scan
from conformance.scan_places import chunks, files
from fixtures import canary
from fixtures.district.plan import Plan
from fixtures.export import Wish, parts
from fixtures.leaves import values
from fixtures.sightings import Reader
from fixtures.writers import xpress
from tests.conformance.scan.conftest import Seen

ROOT = Path(__file__).parents[3]
READERS = [Reader(seed, 10_000, 20) for seed in range(5)]
FORMATS = ("xml", "pesc", "goessner", "oneroster-csv", "oneroster-json", "edfi", "csv")
SIF = ("unity-4.3", "xpress-4.3", "na-3.3", "au-3.4")


def seen_in(streams: object, readers: list[Reader]) -> Seen:
    seen = Seen()
    scan = Scan(readers, seen.found.append, seen.unread.append)
    for name, pieces in streams:  # type: ignore[attr-defined]
        scan.stream(name, pieces)
    return seen


def seen_in_folder(folder: Path) -> Seen:
    found = Seen()
    for path in files(folder, found.unread.append, found.unread.append):
        with path.open("rb") as file:
            one = seen_in([(str(path), chunks(file))], READERS)
        found.found += one.found
        found.unread += one.unread
    return found


def test_nothing_is_seen_in_documents_of_others(standards: Path) -> None:
    seen = seen_in_folder(standards / "samples")
    assert (seen.found, seen.unread) == ([], [])


def test_nothing_is_seen_in_the_schemas_and_texts_of_others(standards: Path) -> None:
    assert seen_in_folder(standards / "schemas" / "codesets").found == []
    assert seen_in_folder(standards / "spec").found == []


def test_nothing_is_seen_in_our_own_text() -> None:
    texts = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "LICENSE", "CHANGELOG.md")]
    assert seen_in(((str(one), [one.read_bytes()]) for one in texts), READERS).found == []
    assert seen_in_folder(ROOT / "docs").found == []
    assert seen_in_folder(ROOT / "fixtures" / "pools").found == []


def test_nothing_is_seen_in_random_bytes() -> None:
    draw = random.Random(4)
    assert seen_in([("random", (draw.randbytes(CHUNK) for _ in range(6)))], READERS).found == []


@pytest.mark.parametrize("fmt", FORMATS)
def test_nothing_is_seen_in_the_district_of_another_seed(fmt: str) -> None:
    wish = Wish(Plan(7, 25), "unity-4.3", fmt)
    streams = ((part.name, part.chunks()) for part in parts(wish))
    assert seen_in(streams, READERS).found == []


@pytest.mark.parametrize(
    ("model", "fmt"),
    [*((model, "xml") for model in SIF), *(("unity-4.3", fmt) for fmt in FORMATS[1:])],
)
def test_every_student_is_seen_by_name_and_number_in_every_format(model: str, fmt: str) -> None:
    plan = Plan(7, 25)
    streams = ((part.name, part.chunks()) for part in parts(Wish(plan, model, fmt)))
    seen = seen_in(streams, [Reader(7, 25, 2)])
    told = {(one.sighting.owner, one.sighting.element) for one in seen.found}
    wanted = {(f"student {n}", element) for n in range(25) for element in ("givenName", "localId")}
    assert wanted <= told
    assert seen.unread == []


def test_exactly_what_was_planted_is_seen() -> None:
    plan, count = Plan(7, 120), 120
    nodes = chain.from_iterable(xpress.collections(plan).values())
    text = "\n".join(value for node in nodes for _, value in values(node))
    owners = [*range(count * canary.SLOTS), *map(canary.staff_owner, range(200))]
    known = {
        canary.word(7, owner, element, revision): (element, revision)
        for owner in owners
        for element in canary.ELEMENTS
        for revision in range(2)
    }
    known |= {
        canary.number(7, index, prefix).lower(): (named.partition(" ")[2], 0)
        for prefix, named in canary.PREFIXES.items()
        for index in range(count * 4)
    }
    planted = {one: known[one] for one in re.findall("[ct]?[0-9]+|[a-z]+", text.lower())
               if one in known}  # fmt: skip
    found = seen_in([("f", [text.encode()])], [Reader(7, count, 2)]).found
    told = {one.text.lower(): (one.sighting.element, one.sighting.revision)
            for one in found if one.sighting.element != "RefId"}  # fmt: skip
    assert told == planted
    assert len(planted) > count * 8
