"""xPress to the classics of Unity and back, and the other way: what changes, the ledger names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lxml import etree

from reference_hub.translate.places import Node
from tests.reference_hub.translate.sif_names import key_of_node, named, renamed
from tests.reference_hub.translate.sif_trip import (
    Difference,
    Explained,
    Trip,
    documents_of,
    errors,
    keys_of,
    kit,
    leaves,
    read,
    write,
)

WAYS = [("xpress", "unity"), ("unity", "xpress")]
FEW = 6


def differences(trip: Trip) -> list[Difference]:
    """Leaves of the source that are not equal after the trip and that nothing explains."""
    explained, after, before = trip.explained(), named(trip.back.documents), renamed(trip.source)
    found: list[Difference] = []
    for kind in before:
        for original, node in zip(trip.source[kind], before[kind], strict=True):
            later = after.get((kind, key_of_node(node)))
            keys = keys_of(trip.start, kind, original)
            # A whole object may be missing where the other model has no key for its like.
            if later is None and explained.covers(f"{kind}/@RefId", keys):
                continue
            found += _changed(kind, node, later or {}, explained, keys)
    return found


def _changed(
    kind: str, before: Node, after: Node, explained: Explained, keys: set[str]
) -> Iterator[Difference]:
    first, then = leaves(kind, before), leaves(kind, after)
    for path in sorted({path for path, _ in (first - then) + (then - first)}):
        if not explained.covers(path, keys):
            lost, came = (
                tuple(value for at, value in each.elements() if at == path)
                for each in (first, then)
            )
            yield Difference(kind, path, lost, came)


@pytest.mark.requirement("TRN-LR-01")
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(("start", "over"), WAYS)
def test_what_differs_after_a_trip_stands_in_the_ledger(start: str, over: str, seed: int) -> None:
    trip = Trip(start, over, seed, FEW)
    assert len(trip.source) >= 8
    assert differences(trip) == []


def test_without_the_ledger_the_same_trip_shows_differences() -> None:
    trip = Trip("xpress", "unity", 1, FEW)
    for step in (trip.first, trip.there, trip.second, trip.back):
        step.losses.clear()
    found = {each.path for each in differences(trip)}
    assert "xStudent/loginId" in found
    assert "xStudent/name/familyName" not in found


@pytest.mark.parametrize("model", ["xpress", "unity"])
def test_a_model_read_and_written_again_differs_only_where_the_ledger_says_so(model: str) -> None:
    source = documents_of(model, 2, FEW)
    first = read(model, source)
    then = write(model, first.graph)
    explained = Explained(model)
    explained.at_source(first.losses)
    explained.of_fields(then.losses)
    explained.of_held(then.held)
    before, after = renamed(source), named(then.documents)
    found: list[Difference] = []
    for kind, nodes in source.items():
        for original, node in zip(nodes, before[kind], strict=True):
            keys = keys_of(model, kind, original)
            later = after.get((kind, key_of_node(node)), {})
            found += _changed(kind, node, later, explained, keys)
    assert found == []


@pytest.mark.parametrize(("start", "over"), WAYS)
def test_awkward_students_come_back_but_for_what_the_ledger_names(start: str, over: str) -> None:
    trip = Trip(start, over, 5)
    assert len(trip.source["xStudent" if start == "xpress" else "StudentPersonal"]) == 120
    assert differences(trip) == []


@pytest.mark.soak
@pytest.mark.parametrize(("start", "over"), WAYS)
def test_a_district_with_every_edge_case_has_no_unexplained_difference(
    start: str, over: str
) -> None:
    trip = Trip(start, over, 5, 520)
    assert differences(trip) == []


@pytest.mark.parametrize(("start", "over"), WAYS)
def test_what_a_trip_writes_is_valid_by_the_kits_schema(start: str, over: str) -> None:
    trip = Trip(start, over, 4, 30)
    assert sum(map(len, trip.there.documents.values())) > 200
    assert errors(kit(), trip.there.documents) == []
    assert errors(kit(), trip.back.documents) == []


def test_the_classics_are_valid_by_the_published_schema(unity_schema: etree.XMLSchema) -> None:
    written = Trip("xpress", "unity", 4, 12).there.documents
    assert {"StudentPersonal", "SectionInfo", "StudentSectionEnrollment"} <= written.keys()
    assert errors(unity_schema, written) == []


def test_xpress_is_valid_by_the_published_schema(unity_schema: etree.XMLSchema) -> None:
    written = Trip("unity", "xpress", 4, 12).there.documents
    assert written.keys() >= {"xLea", "xSchool", "xCalendar", "xCourse", "xStaff", "xStudent"}
    assert errors(unity_schema, written) == []


@pytest.mark.requirement("TRN-LR-04")
def test_a_second_trip_changes_nothing_more() -> None:
    once = Trip("xpress", "unity", 6, 12).back.documents
    there = write("unity", read("xpress", once).graph).documents
    again = write("xpress", read("unity", there).graph).documents
    assert named(again) == named(once)
