"""What becomes of single records: ids, terms, codes, races, contacts, long texts."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from fixtures import codesets
from reference_hub.translate.graph import MemoryGraph
from reference_hub.translate.ledger import NARROWED, WITHHELD, Loss
from reference_hub.translate.reading import TableReader
from reference_hub.translate.tables import load
from reference_hub.translate.writing import TableWriter
from reference_hub.vendors.edfi_json import plain
from reference_hub.vendors.edfi_tables import reading_settings
from tests.reference_hub.edfi.district import write

GIVEN: dict[str, Any] = {
    "organizations": {"D": 100, "S": 101},
    "stated": {"lea_category": "Regular school district", "email_type": "Organizational"},
    "instructional_days": {"T1": 90, "T2": 88},
}
STUDENT = {
    "refId": "0a0a0a0a-1111-4222-8333-000000000001",
    "localId": "0042",
    "givenName": "Ada",
    "familyName": "Obi",
    "birthDate": "2014-03-09",
}
CONTACT = "0c0c0c0c-1111-4222-8333-000000000001"


def records(*more: tuple[str, dict[str, Any]]) -> MemoryGraph:
    """A district of one school with one student, and more."""
    term = {"school": "s", "schoolYear": "2027", "type": "Semester", "schedulingTerm": "true"}
    found: list[tuple[str, Any]] = [
        ("LEA", {"refId": "d", "localId": "D", "name": "Larkspur"}),
        (
            "School",
            {"refId": "s", "localId": "S", "lea": "d", "name": "North", "gradeLevels": ["09"]},
        ),
        ("Session", term | days("t1", "T1", "2026-09-01", "2027-01-15")),
        ("Session", term | days("t2", "T2", "2027-01-18", "2027-06-18")),
        ("Course", {"refId": "c", "school": "s", "code": "MA", "title": "Maths"}),
        ("Student", STUDENT),
        (
            "SchoolEnrollment",
            {
                "refId": "e",
                "student": STUDENT["refId"],
                "school": "s",
                "entryDate": "2026-09-01",
                "gradeLevel": "09",
                "membership": "Home",
            },
        ),
    ]
    return MemoryGraph([*found, *more])


def days(refid: str, code: str, first: str, last: str) -> dict[str, str]:
    """A term's own members."""
    return {"refId": refid, "code": code, "startDate": first, "endDate": last}


def bodies(graph: MemoryGraph, collection: str, table: str = "edfi-5", **more: Any) -> list[Any]:
    """What may be sent of a resource."""
    rows, _ = write(graph, table, {**GIVEN, **more})
    return [row.body for row in rows if row.collection == collection and row.state == "ready"]


def losses(graph: MemoryGraph, path: str, **more: Any) -> list[str]:
    """The kinds that the ledger has for a field."""
    return [x.kind for x in write(graph, given={**GIVEN, **more})[1] if x.source_path == path]


def back(graph: MemoryGraph, with_memory: bool = True) -> MemoryGraph:
    """What a host gives back."""
    rows, _ = write(graph, given=GIVEN)
    table, found = load("edfi-5"), MemoryGraph()
    known = {(row.collection, row.key): row.refid for row in rows} if with_memory else {}
    told = reading_settings(table, GIVEN["organizations"], known)
    for row in rows:
        got = TableReader(table).read(plain(row.body), row.collection, graph=found, settings=told)
        for entity, record in got.records:
            found.add(entity, record)
    return found


WRITER, READER = TableWriter(load("edfi-5"), GIVEN), TableReader(load("edfi-5"))


def there_and_back(graph: MemoryGraph, entity: str) -> tuple[dict[str, Any], Any, list[Loss]]:
    """The documents of the last record of an entity, what comes back of it, and the ledger."""
    record = all_of(graph, entity)[-1]
    written, found = WRITER.write(entity, record, graph), MemoryGraph()
    known = {(row.collection, row.key): row.refid for row in written.rows}
    told = reading_settings(load("edfi-5"), GIVEN["organizations"], known)
    for row in written.rows:
        for one, each in READER.read(plain(row.body), row.collection, settings=told).records:
            found.add(one, each)
    documents = {row.collection: row.body for row in written.rows}
    return documents, found.get(entity, record["refId"]), list(written.losses)


def all_of(graph: MemoryGraph, entity: str) -> list[Any]:
    """The records of an entity."""
    return [record for one, record in graph.all() if one == entity]


SECTION = {"refId": "x", "course": "c", "school": "s", "localId": "1", "sessions": ["t1", "t2"]}


def seat(refid: str, **more: str) -> tuple[str, dict[str, str]]:
    """A seat of the student in the section."""
    found = {"refId": refid, "student": STUDENT["refId"], "section": "x"}
    return "SectionEnrollment", {**found, **more}


@pytest.mark.requirement("TRN-MV-05")
def test_a_section_of_two_terms_is_two_sections_there_and_one_again_here():
    graph = records(("Section", SECTION), seat("a", beginDate="2026-09-01"))
    assert len(bodies(graph, "sections")) == len(bodies(graph, "courseOfferings")) == 2
    assert len(bodies(graph, "studentSectionAssociations")) == 2
    for with_memory in (True, False):
        found = back(graph, with_memory)
        assert [len(all_of(found, x)) for x in ("Section", "SectionEnrollment")] == [1, 1]


@pytest.mark.requirement("TRN-MV-10")
def test_a_student_who_leaves_and_comes_back_has_two_seats():
    one = {**SECTION, "sessions": ["t1"]}
    first = seat("a", beginDate="2026-09-01", endDate="2026-10-01")
    graph = records(("Section", one), first, seat("b", beginDate="2026-11-02"))
    found = bodies(graph, "studentSectionAssociations")
    assert [(x["beginDate"], x.get("endDate")) for x in found] == [
        ("2026-09-01", "2026-10-01"),
        ("2026-11-02", None),
    ]


def test_a_section_without_a_term_is_held_with_all_seats_and_the_reason():
    graph = records(("Section", {**SECTION, "sessions": []}), seat("a"), seat("b", section="gone"))
    held = [x for x in write(graph, given=GIVEN)[0] if x.state == "held"]
    assert {x.reason for x in held} == {"sessionName is required and not known"}
    assert [(x.collection, x.refid) for x in held] == [
        ("sections", "x"),
        ("studentSectionAssociations", "a"),
        ("studentSectionAssociations", "b"),
    ]


@pytest.mark.requirement("TRN-ID-06")
def test_a_contact_without_a_local_id_goes_by_its_refid_and_comes_back_to_it():
    contact = {"refId": CONTACT, "givenName": "Eve", "familyName": "Obi"}
    link = {"refId": "l", "student": STUDENT["refId"], "contact": CONTACT, "relationship": "Aunt"}
    graph = records(("Contact", contact), ("ContactLink", link))
    assert bodies(graph, "contacts")[0]["contactUniqueId"] == CONTACT.replace("-", "")
    found = all_of(back(graph, with_memory=False), "Contact")
    assert [(x["refId"], x.get("localId")) for x in found] == [(CONTACT, None)]


@pytest.mark.requirement("TRN-GU-02", "TRN-LR-03")
@pytest.mark.parametrize(
    "refusal", [{"custody": "false"}, {"recordsAccess": "false"}, {"restrictions": "none"}]
)
def test_a_contact_without_rights_is_nowhere_and_counted_as_withheld(refusal):
    contact = {"refId": CONTACT, "givenName": "Eve", "familyName": "Obi"}
    link = {"refId": "l", "student": STUDENT["refId"], "contact": CONTACT, **refusal}
    graph = records(("Contact", contact), ("ContactLink", link))
    assert bodies(graph, "contacts") == bodies(graph, "studentContactAssociations") == []
    assert (losses(graph, "Contact"), losses(graph, "ContactLink")) == ([WITHHELD], [WITHHELD])
    assert len(bodies(graph, "contacts", restricted_contacts=True)) == 1


@pytest.mark.requirement("TRN-GU-06")
def test_former_names_stay_here_unless_the_connection_is_set_so():
    names = [{"type": "PreviousLegalName", "givenName": "Ada", "familyName": "Old"}]
    graph = records(("Student", {**STUDENT, "otherNames": names}))
    assert "otherNames" not in bodies(graph, "students")[0]
    assert WITHHELD in losses(graph, "Student.otherNames.type")
    assert bodies(graph, "students", former_names=True)[0]["otherNames"][0]["lastSurname"] == "Old"


def test_a_social_security_number_never_leaves():
    ids = [{"type": "SSN", "value": "900-12-3456"}, {"type": "Family", "value": "F1"}]
    graph = records(("Student", {**STUDENT, "ids": ids}))
    for version in ("edfi-4", "edfi-5", "edfi-6"):
        rows, _ = write(graph, version, GIVEN)
        assert "900-12-3456" not in str([row.body for row in rows])
        assert "F1" in str([row.body for row in rows])


@pytest.mark.requirement("TRN-TX-05")
@pytest.mark.parametrize("length", [75, 76])
def test_a_name_that_is_too_long_holds_its_record_unless_it_may_be_cut(length):
    name = "Ĝ" * length
    graph = records(("Student", {**STUDENT, "familyName": name}))
    assert len(bodies(graph, "students")) == (1 if length == 75 else 0)
    assert bodies(graph, "students", shorten=True)[0]["lastSurname"] == name[:75]
    assert (NARROWED in losses(graph, "Student.familyName")) == (length > 75)


@pytest.mark.requirement("TRN-TX-04")
def test_blanks_at_the_ends_of_a_key_do_not_go():
    graph = records(("Student", {**STUDENT, "localId": " 00 42 "}))
    assert bodies(graph, "students")[0]["studentUniqueId"] == "00 42"


RACES = [row["canonical"] for row in codesets.load("race")][:5]


@pytest.mark.requirement("TRN-CS-05")
@pytest.mark.parametrize("hispanic", ["true", "false", None])
def test_each_set_of_races_is_told_and_comes_back(hispanic):
    for size in range(6):
        for races in combinations(RACES, size):
            told = {"hispanicLatino": hispanic} if hispanic else {}
            told = {**told, "races": list(races)} if races else told
            graph = records(("Student", {**STUDENT, **told}))
            documents, found, _ = there_and_back(graph, "Student")
            body = documents["studentEducationOrganizationAssociations"]
            there = "races" in body, "hispanicLatinoEthnicity" in body
            assert there == (bool(races), bool(hispanic))
            assert set(found.get("races", ())) == set(races)
            assert found.get("hispanicLatino") == hispanic


CODED = {
    "entrytype": ("entryType", "entryTypeDescriptor"),
    "exittype": ("exitType", "exitWithdrawTypeDescriptor"),
    "grade": ("gradeLevel", "entryGradeLevelDescriptor"),
    "residency": ("residency", "residencyStatusDescriptor"),
}


@pytest.mark.requirement("TRN-CS-01", "TRN-CS-02", "TRN-CS-11")
@pytest.mark.parametrize("name", CODED)
def test_each_code_goes_as_tabled_and_comes_back_or_is_in_the_ledger_once(name):
    field, member = CODED[name]
    for row in codesets.load(name):
        value, uri = row["canonical"], row["edfi_descriptor"]
        stay = {"refId": "e", field: value}
        graph = records(("SchoolEnrollment", stay))
        documents, found, losses_ = there_and_back(graph, "SchoolEnrollment")
        assert documents["studentSchoolAssociations"][member] == uri
        lost = [x.kind for x in losses_ if x.source_path == f"SchoolEnrollment.{field}"]
        assert lost == ([] if found[field] == value else [NARROWED])
