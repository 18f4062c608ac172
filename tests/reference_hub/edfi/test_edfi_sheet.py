"""What is written keeps to the published sheet and schema: members, keys, references, limits."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from reference_hub.translate.canonical import entities
from reference_hub.translate.tables import load
from reference_hub.translate.writing import _used
from reference_hub.vendors.edfi import reconcile
from reference_hub.vendors.edfi_tables import key_places
from tests.fixtures.edfi.test_edfi_schema import Schema, type_of
from tests.reference_hub.edfi import sheet
from tests.reference_hub.edfi.district import PLAN, SMALL, Ledger, read, settings, write, written
from tests.reference_hub.edfi.host import serving
from tests.reference_hub.edfi.records import Records, leaves, references

VERSIONS = ["4", "5", "6"]
MODELS = ["xpress-4.3", "unity-4.3"]


def ready(model: str, table: str) -> list[Any]:
    """The rows that may go."""
    return [row for row in written(model, table) if row.state == "ready"]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("version", VERSIONS)
def test_every_row_has_what_the_sheet_requires_and_no_text_is_too_long(version, model, standards):
    known, faults = sheet.resources(standards, f"{version}.0"), []
    for row in ready(model, f"edfi-{version}"):
        resource = known[row.collection]
        faults += [(row.collection, x) for x in resource.required if not_there(row.body, x)]
        faults += [
            (row.collection, member)
            for path, member, value in leaves(row.body)
            if path.count(".") == 1 and len(str(value)) > resource.limits.get(member, 999)
        ]
    assert faults == []


def not_there(body: dict[str, Any], member: str) -> bool:
    """Whether a member is missing."""
    return body.get(member) in (None, "", [], {})


@pytest.mark.parametrize("version", VERSIONS)
def test_references_have_exactly_the_key_parts_of_the_sheet(version, standards):
    known, faults = sheet.resources(standards, f"{version}.0"), set()
    for row in ready("unity-4.3", f"edfi-{version}"):
        wanted = known[row.collection].references
        for name, parts in references(row.body):
            if name in wanted and set(parts) != set(wanted[name][1]):
                faults.add((row.collection, name, tuple(parts)))
    assert faults == set()


@pytest.mark.parametrize("version", VERSIONS)
def test_the_keys_of_the_tables_are_the_keys_of_the_sheet(version, standards):
    places = key_places(load(f"edfi-{version}"))
    known = sheet.resources(standards, f"{version}.0")
    for row in ready("unity-4.3", f"edfi-{version}"):
        ours = {place.rpartition("/")[2] for place in places[row.collection]}
        assert ours == set(known[row.collection].identity(row.body)), row.collection


def test_every_member_is_known_to_the_schema_and_keeps_to_it(standards: Path):
    schema = Schema(standards / "schemas/official/edfi-ds-5.2/Ed-Fi-Core.xsd")
    faults = {
        fault
        for row in [*ready("unity-4.3", "edfi-5"), *ready("xpress-4.3", "edfi-5")]
        for fault in schema.faults(type_of(row.collection), row.body, row.collection)
    }
    assert faults == set()


@pytest.mark.parametrize("version", VERSIONS)
def test_every_canonical_field_has_a_place_or_a_reason(version):
    table = load(f"edfi-{version}")
    used, told = _used(table), table.slotless
    silent = [
        f"{name}.{field}"
        for name, entity in entities().items()
        for field in entity.fields
        if field not in used.get(name, ())
        and not {f"{name}.{field}", f"{name}.{field.split('.')[0]}", f"{name}.*"} & set(told)
    ]
    assert silent == []


@pytest.mark.parametrize(("version", "number"), [("4", "4.0.0"), ("6", "6.0.0")])
def test_hosts_of_other_versions_take_the_district(
    version, number, standards, descriptors, http, connect
):
    records = Records(sheet.resources(standards, f"{version}.0"), set(descriptors))
    wanted = ("student", "parents", "contacts", "schools", "localEdu", "staffs", "session")
    upper = ("course", "section", "gradingPeriods", "calendars", "classPeriods", "locations")
    skipped = {"studentSchoolAttendanceEvents"}
    rows = [
        row
        for row in written("unity-4.3", f"edfi-{version}", SMALL)
        if row.state == "ready"
        and row.collection.startswith((*wanted, *upper, "programs", "assessments", "objective"))
        and row.collection not in skipped
    ]
    with serving(records, version=number) as host:
        ledger = Ledger(rows)
        found = connect(f"edfi-{version}", url=host.url)
        outcomes = ledger.settle(reconcile(ledger.pending(), http, found))
    assert Counter((one.state, one.answer) for one in outcomes) == {("sent", ""): len(rows)}
    assert len(records.bodies["students"]) == len(records.bodies["studentSchoolAssociations"]) == 4


@pytest.mark.requirement("TRN-ID-07")
def test_a_school_without_a_number_is_held_and_nothing_below_it_goes():
    given = settings(PLAN)
    school = list(PLAN.schools())[1]
    del given["organizations"][school.local_id]
    rows, losses = write(read("xpress-4.3"), given=given)
    held = [row for row in rows if row.state == "held"]
    assert [row.reason for row in held if row.collection == "schools"] == [
        "schoolId is required and not known"
    ]
    number = settings(PLAN)["organizations"][school.local_id]
    below = [row for row in rows if row.state == "ready" and number in ids(row.body)]
    assert below == []
    told = {x.target_field for x in losses if "have no number for this organisation" in x.note}
    assert "schools.schoolId" in told


def ids(body: dict[str, Any]) -> set[Any]:
    """The numbers of organisations in a body."""
    names = ("schoolId", "educationOrganizationId", "localEducationAgencyId")
    return {value for _, member, value in leaves(body) if member in names}
