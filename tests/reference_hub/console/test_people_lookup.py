"""People of every kind are found by an index, and so is what names them; it keeps in step."""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import pytest
from lxml import etree
from lxml.etree import _Element
from sqlalchemy import text

from fixtures.writers import xpress
from reference_hub.codec.lookup_words import PEOPLE, named_word, number_word, words_of
from reference_hub.codec.xml import fold
from reference_hub.journeys import console_people as journey
from reference_hub.model.change import DELETE, UPDATE, Change
from reference_hub.store import console_people, objects
from tests.reference_hub.console.conftest import SCOPE, Desk
from tests.reference_hub.console.student import WHY, School
from tests.reference_hub.districts import generate

NA = 'xmlns="http://www.sifassociation.org/datamodel/na/4.x"'
ONE = "D3E34B35-9D75-101A-8C3D-00AA001A1652"
OTHER = "A8C3D3E3-4B35-4D75-801D-00AA001A1652"
NUMBERS = "<LocalId> 10 01\n</LocalId><StateProvinceId>S-7</StateProvinceId>"
KINDS = {each: kind for kind, types in journey.KINDS.items() for each in types}


@pytest.fixture
def school(desk: Desk) -> School:
    return School(desk)


def person(object_type: str, inner: str = NUMBERS) -> _Element:
    """A person of that type with a local and a state number."""
    if object_type.startswith("x"):
        inner = inner.replace("LocalId", "localId").replace("StateProv", "stateProv")
        return etree.fromstring(f'<{object_type} {NA} refId="{ONE}">{inner}</{object_type}>')
    if object_type == "StudentContactPersonal":
        inner = f"<PersonInfo>{inner}</PersonInfo>"
    return etree.fromstring(f'<{object_type} {NA} RefId="{ONE}">{inner}</{object_type}>')


def enrolment(of: str = ONE) -> _Element:
    """An object that names a student."""
    return etree.fromstring(
        f'<StudentSchoolEnrollment {NA} RefId="{OTHER}" StudentPersonalRefId="{of}"/>'
    )


def found(school: School, number: str, kind: str = journey.STUDENT) -> Sequence[str]:
    """Who has the number."""
    with school.desk.engine.begin() as connection:
        return journey.found(connection, SCOPE, number, kind)


def about(school: School, refid: str = ONE) -> list[str]:
    """The types of what is, or names, somebody."""
    with school.desk.engine.begin() as connection:
        stored = console_people.about(connection, SCOPE, [fold(refid)])
    return [each.object_type for each in stored]


def changed(school: School, element: _Element, action: str = UPDATE) -> None:
    """Update or delete an object."""
    name = etree.QName(element).localname
    refid = fold(element.get("refId") or element.get("RefId") or "")
    body = None if action == DELETE else etree.tostring(element)
    with school.desk.engine.begin() as connection:
        objects.store(connection, SCOPE, "sis", [Change(action, name, refid, body)])


@pytest.mark.parametrize("object_type", PEOPLE)
@pytest.mark.parametrize("number", ["10 01", "S-7", ONE, fold(ONE)])
def test_people_of_every_kind_are_found_by_each_of_their_numbers(
    school: School, object_type: str, number: str
) -> None:
    school.keep(person(object_type))
    assert found(school, number, KINDS[object_type]) == (fold(ONE),)
    others = [kind for kind in journey.KINDS if kind != KINDS[object_type]]
    assert [found(school, number, kind) for kind in others] == [(), ()]


@pytest.mark.parametrize("object_type", PEOPLE)
def test_what_was_changed_or_deleted_is_found_as_it_is_now(
    school: School, object_type: str
) -> None:
    kind = KINDS[object_type]
    school.keep(person(object_type))
    changed(school, person(object_type, "<LocalId>2</LocalId>"))
    assert [found(school, each, kind) for each in ("10 01", "S-7", "2")] == [
        (), (), (fold(ONE),)
    ]  # fmt: skip
    changed(school, person(object_type), DELETE)
    assert [found(school, each, kind) for each in ("2", ONE)] == [(), ()]
    changed(school, person(object_type))
    assert found(school, "10 01", kind) == (fold(ONE),)


def test_a_number_of_somebody_else_that_a_document_tells_finds_nobody(school: School) -> None:
    within = "<enrollment><school><localId>77</localId></school></enrollment><studentContacts>"
    within += f'<xContact refId="{OTHER}"><localId>78</localId></xContact></studentContacts>'
    school.keep(person("xStudent", within + "<localId>1</localId>"))
    assert [found(school, each) for each in ("77", "78")] == [(), ()]
    assert found(school, "1") == (fold(ONE),)


def test_a_local_number_stands_before_the_states_number_of_another(school: School) -> None:
    school.keep(person("xStudent", "<localId>5</localId>"))
    other = person("xStudent", "<localId>6</localId><stateProvinceId>5</stateProvinceId>")
    other.set("refId", OTHER)
    school.keep(other)
    assert found(school, "5") == (fold(ONE),)
    changed(school, person("xStudent"), DELETE)
    assert found(school, "5") == (fold(OTHER),)


def test_a_comment_does_not_part_a_number() -> None:
    element = person("xStudent", "<localId>10<!-- x -->01</localId>")
    assert words_of("xStudent", "", etree.tostring(element)) == {number_word("1001")}


def test_what_names_somebody_is_found_until_it_does_not(school: School) -> None:
    school.keep(person("StudentPersonal"))
    school.keep(enrolment())
    assert about(school) == ["StudentPersonal", "StudentSchoolEnrollment"]
    changed(school, enrolment(OTHER))
    assert about(school) == ["StudentPersonal"]
    changed(school, enrolment(fold(ONE)))
    assert len(about(school)) == 2
    changed(school, enrolment(), DELETE)
    assert about(school) == ["StudentPersonal"]


def test_an_object_of_another_zone_is_not_found(school: School) -> None:
    school.keep(person("xStudent"))
    school.keep(enrolment())
    for table in ("object_version", "sif_object"):
        school.desk.run(f"UPDATE {table} SET zone_id = 'other-district'")
    assert (found(school, "10 01"), about(school)) == ((), [])


def test_an_id_that_is_no_refid_is_found_by_reading(school: School) -> None:
    element = person("StudentPersonal")
    element.set("RefId", "pupil-1")
    school.keep(element)
    school.keep(enrolment("pupil-1"))
    assert found(school, "10 01") == ("pupil1",)
    assert about(school, "pupil-1") == ["StudentPersonal", "StudentSchoolEnrollment"]


def test_in_a_whole_district_the_index_finds_what_reading_finds(school: School) -> None:
    documents = dict(xpress.documents(generate(11, students=3)))
    texts: dict[tuple[str, str], str] = {}
    for each in [one for collection in documents.values() for one in deepcopy(list(collection))]:
        refid = school.keep(each)
        name = str(etree.QName(each).localname)
        texts[name, refid] = fold(etree.tostring(each).decode())
    for kind in ("xStudent", "xStaff", "xContact"):
        named = {
            refid: {key for key, body in texts.items() if key[1] == refid
                    or (refid in body and key[0] != "xStudent")}
            for name, refid in texts if name == kind
        }  # fmt: skip
        refid = max(named, key=lambda one: len(named[one]))
        with school.desk.engine.begin() as connection:
            stored = console_people.about(connection, SCOPE, [refid])
        assert {(each.object_type, each.refid) for each in stored} == named[refid]
        assert kind == "xContact" or len(named[refid]) > 1, kind


def test_the_migration_fills_the_index_from_what_is_stored(school: School) -> None:
    school.keep(person("StaffPersonal"))
    school.keep(enrolment())
    changed(school, enrolment(OTHER))
    changed(school, person("StaffPersonal", "<LocalId>2</LocalId>"))
    step = importlib.import_module("reference_hub.store.migrations.versions.0012_version_words")
    with school.desk.engine.begin() as connection:
        current = "JOIN sif_object o USING (version_id) WHERE NOT o.tombstone"
        words = text(f"SELECT word, version_id FROM version_word {current} ORDER BY 1")
        before = connection.execute(words).all()
        connection.execute(text("DELETE FROM version_word"))
        step._fill(connection)
        assert connection.execute(words).all() == before
    assert [row.word for row in before] == sorted([number_word("2")])


# Statements about objects of two districts, each with one student in ten.
FILL = (
    """
    INSERT INTO object_version (zone_id, context_id, object_type, refid, action, body, source_key)
    SELECT CASE WHEN n % 2 = 0 THEN 'demo-district' ELSE 'north' END, 'DEFAULT',
           CASE WHEN n % 10 < 2 THEN 'StudentPersonal' ELSE 'StudentSchoolEnrollment' END,
           md5(n::text), 'CREATE', convert_to('<a>' || n || '</a>', 'UTF8'), 'sis'
    FROM generate_series(1, 8000) n
    """,
    """
    INSERT INTO sif_object (zone_id, context_id, object_type, refid, position, version_id)
    SELECT zone_id, context_id, object_type, refid, id, id FROM object_version
    """,
    """
    INSERT INTO version_word (word, version_id)
    SELECT ('x' || md5(each::text || id))::bit(64)::bigint, id
    FROM object_version, generate_series(1, 2) each
    """,
    "ANALYZE object_version",
    "ANALYZE sif_object",
    "ANALYZE version_word",
)
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "by number": (console_people.HOLDING, {"word": number_word("1"), "types": ["StaffPersonal"]}),
    "by RefId": (console_people.OWN, {"refid": fold(ONE), "types": ["StaffPersonal"]}),
    "named": (console_people.ABOUT, {"refids": [fold(ONE)], "words": [named_word(fold(ONE))]}),
}


def test_a_large_table_is_never_read_through(desk: Desk) -> None:
    """The real statements, on eight thousand objects: every table by an index."""
    place = {"zone": "demo-district", "context": "DEFAULT"}
    with desk.engine.connect() as connection:
        for statement in FILL:
            connection.execute(text(statement))
        for name, (statement, asked) in ASKED.items():
            plan = connection.execute(text(f"EXPLAIN {statement}"), place | asked).scalars().all()
            whole = "\n".join(map(str, plan))
            assert "Seq Scan" not in whole, whole
            used = set(re.findall(r"(?:using|Scan on) (\w+)", whole))
            assert ("pk_version_word" in used) == (name != "by RefId"), whole
        connection.rollback()


@pytest.mark.parametrize(
    ("object_type", "title", "action"),
    [
        ("StaffPersonal", "Member of staff 10 01", "console looked at a staff member"),
        ("xContact", "Contact 10 01", "console looked at a contact"),
    ],
)
def test_somebody_else_than_a_student_is_looked_at_and_not_deleted(
    school: School, object_type: str, title: str, action: str
) -> None:
    school.keep(person(object_type))
    school.comes("library")
    web = school.desk.signed_in("manager")
    fields = {"local_id": "10 01", "reason": WHY, "kind": KINDS[object_type]}
    page = web.post("/people", fields)
    assert (page.status_code, f"<h1>{title}</h1>" in page.text) == (200, True)
    assert "deleted at vendors" not in page.text
    assert [each["person"] for each in school.audited(action)] == [[fold(ONE)]]
    assert web.post("/people", fields | {"kind": "student"}).status_code == 422
    assert action.replace("console ", "") in web.get("/audit").text
