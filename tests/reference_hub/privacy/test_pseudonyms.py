"""Ids of people under HASH: another for each vendor, the same for one vendor everywhere."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml.etree import _Element

from fixtures.standards import MODELS, schema_path
from reference_hub.codec.xml import fold, parse, tostring
from reference_hub.model.pod import Condition
from reference_hub.privacy.filter import Grants, passes_whole, prune, shows_each
from reference_hub.privacy.grants import real_id, shown_id
from reference_hub.privacy.pseudonyms import Pseudonyms
from reference_hub.privacy.references import KINDS, kinds_at
from reference_hub.privacy.writing import restored

ONE, OTHER = Pseudonyms(b"one vendor"), Pseudonyms(b"another vendor")
NA4, AU = MODELS["unity-4.3-kit"].namespace, MODELS["au-3.4-kit"].namespace
ANA, BEN, TEACHER = (f"{n}B1C2D3E-4F50-4162-8394-A5B6C7D8E9F0" for n in "012")
SCHOOL = "9B1C2D3E-4F50-4162-8394-A5B6C7D8E9F0"
HASHED = Condition("HASH", "xStudent/@refId")
TYPES = ("xStudent", "xRoster", "xContact", "StudentPersonal", "StudentSchoolEnrollment")
GRANTS = Grants((*TYPES, "DisciplineIncident"), (HASHED,), key=b"one vendor")


@given(st.uuids(), st.sampled_from(KINDS))
@settings(deadline=None)
def test_a_pseudonym_leads_back_and_is_a_uuid_of_the_same_form(refid: object, kind: str) -> None:
    text = str(refid).upper()
    shown = ONE.shown(kind, text)
    assert ONE.real(kind, shown) == text != shown
    assert (shown[14], int(shown[19], 16) >> 2) == (text[14], int(text[19], 16) >> 2)


@given(st.sets(st.uuids(), min_size=2, max_size=20))
@settings(deadline=None)
def test_two_people_never_share_one(refids: set[object]) -> None:
    assert len({ONE.shown("student", str(one)) for one in refids}) == len(refids)


def test_vendors_and_kinds_have_their_own() -> None:
    shown = [each.shown(kind, ANA) for each in (ONE, OTHER) for kind in KINDS]
    assert len({ANA, *shown}) == 7
    assert Pseudonyms(b"one vendor").shown("student", ANA) == shown[0]


def test_pseudonyms_outlive_the_process() -> None:
    assert ONE.shown("student", ANA) == "843CFA19-F47C-4A3E-8B4A-5E47E23032E9"


@pytest.mark.parametrize("spelled", [ANA, ANA.lower(), fold(ANA), fold(ANA).upper()])
def test_the_spelling_stays(spelled: str) -> None:
    shown = ONE.shown("student", spelled)
    assert fold(shown) == fold(ONE.shown("student", ANA))
    assert ("-" in shown, shown == shown.upper()) == ("-" in spelled, spelled == spelled.upper())


def test_what_is_no_uuid_is_shown_as_one_that_leads_nowhere() -> None:
    shown = ONE.shown("student", "4711")
    assert re.fullmatch(
        "[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}", shown
    )
    assert shown == ONE.shown("student", "4711") != ONE.shown("student", "4712")
    assert ONE.real("student", shown) != "4711"
    assert ONE.real("student", "4711") == ""


@pytest.mark.parametrize("model", ["na-3.3-kit", "unity-4.3-kit"])
def test_a_pseudonym_fits_the_schema(model: str) -> None:
    schema = etree.XMLSchema(etree.fromstring(schema_path(model).read_bytes()))
    namespace = MODELS[model].namespace
    found = prune(parse(f'<xStudent xmlns="{namespace}" refId="{ANA}"/>'.encode()), GRANTS)
    assert found is not None
    assert found.get("refId") == ONE.shown("student", ANA)
    schema.assertValid(parse(tostring(found)))


NAMED = {
    "xRoster": f'<xRoster xmlns="{NA4}" refId="{SCHOOL}"><students><studentReference><refId>{ANA}'
    "</refId></studentReference></students></xRoster>",
    "xContact": f'<xContact xmlns="{NA4}" refId="{BEN}"><relationships><relationship>'
    f"<studentRefId>{ANA.lower()}</studentRefId></relationship></relationships></xContact>",
    "attribute": f'<StudentSchoolEnrollment xmlns="{NA4}" StudentPersonalRefId="{ANA}"/>',
    "element": f'<StudentSchoolEnrollment xmlns="{AU}"><StudentPersonalRefId>{ANA}'
    "</StudentPersonalRefId></StudentSchoolEnrollment>",
    "told": f'<DisciplineIncident xmlns="{NA4}"><OffenderList><Offender>'
    f'<SIF_RefId SIF_RefObject="StudentPersonal">{ANA}</SIF_RefId></Offender></OffenderList>'
    "</DisciplineIncident>",
    "as another id": f'<StudentPersonal xmlns="{NA4}" RefId="{ANA}"><LocalId>{ANA}</LocalId>'
    "</StudentPersonal>",
    "inside a text": f'<StudentPersonal xmlns="{NA4}" RefId="{ANA}"><LocalId>'
    f"see https://example.org/{ANA}/now</LocalId></StudentPersonal>",
}


@pytest.mark.requirement("POD-MIN-010")
@pytest.mark.parametrize("case", NAMED)
def test_the_id_is_hidden_wherever_it_is_named(case: str) -> None:
    found = prune(parse(NAMED[case].encode()), GRANTS)
    assert found is not None
    sent = fold(tostring(found).decode())
    assert fold(ANA) not in sent
    assert fold(ONE.shown("student", ANA)) in sent


def test_ids_of_others_stay() -> None:
    told = '<SIF_RefId SIF_RefObject="StaffPersonal">'
    body = NAMED["told"].replace('<SIF_RefId SIF_RefObject="StudentPersonal">', told)
    for text, refid in ((body, ANA), (NAMED["xContact"], BEN), (NAMED["xRoster"], SCHOOL)):
        found = prune(parse(text.encode()), GRANTS)
        assert found is not None
        assert refid in tostring(found).decode()


@pytest.mark.requirement("POD-MIN-010")
def test_two_vendors_cannot_compare_and_one_vendor_can_join() -> None:
    def seen(key: bytes) -> list[str]:
        grants = Grants(TYPES, (HASHED,), key=key)
        bodies = (f'<xStudent xmlns="{NA4}" refId="{ANA}"/>', NAMED["xRoster"])
        found = [prune(parse(body.encode()), grants) for body in bodies]
        assert found[0] is not None
        assert found[1] is not None
        return [found[0].get("refId", ""), found[1].findtext(".//{*}refId", "")]

    first, second = seen(b"one vendor"), seen(b"another vendor")
    assert first[0] == first[1]
    assert set(first).isdisjoint(second)


def test_a_read_by_id_finds_the_person_behind_the_pseudonym() -> None:
    shown = shown_id(GRANTS, "StudentPersonal", ANA)
    assert shown == ONE.shown("student", ANA)
    assert real_id(GRANTS, "xStudent", shown.lower()) == ANA.lower()
    assert real_id(GRANTS, "xSchool", SCHOOL) == shown_id(GRANTS, "xSchool", SCHOOL) == SCHOOL
    assert real_id(None, "xStudent", ANA) == ANA


@pytest.mark.parametrize("case", NAMED)
def test_what_a_vendor_sends_back_names_the_real_people(case: str) -> None:
    source = parse(NAMED[case].encode())
    shown = prune(source, GRANTS)
    assert shown is not None
    assert canonical(restored(shown, GRANTS)) == canonical(source)


def canonical(element: _Element) -> bytes:
    return bytes(etree.tostring(element, method="c14n"))


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        ("xStudent/@refId", {"student"}),
        ("StudentContactPersonal/@RefId", {"contact"}),
        ("xRoster/students/studentReference/refId", {"student"}),
        ("xRoster/primaryStaff", {"staff"}),
        ("StudentContactRelationship", {"student", "contact"}),
        ("StudentSchoolEnrollment/Advisor", {"staff"}),
        ("StudentSnapshot/@StudentPersonalRefId", {"student"}),
        ("LibraryPatronStatus/@SIF_RefId", {"student", "contact", "staff"}),
        ("xSchool", set()),
        ("SchoolInfo/OtherLEA", set()),
        ("xStudent/localId", set()),
    ],
)
def test_a_hashed_path_hides_the_people_whose_ids_stand_there(path: str, kinds: set[str]) -> None:
    assert kinds_at(path) == kinds


def test_ids_are_hidden_in_objects_that_the_kit_has_no_schema_of() -> None:
    condition = Condition("HASH", "StudentSnapshot/@StudentPersonalRefId")
    grants = Grants(("StudentSnapshot",), (condition,), key=b"one vendor")
    body = f'<StudentSnapshot xmlns="{NA4}" StudentPersonalRefId="{ANA}" SchoolInfoRefId="{BEN}"/>'
    found = prune(parse(body.encode()), grants)
    assert found is not None
    shown = {"StudentPersonalRefId": ONE.shown("student", ANA), "SchoolInfoRefId": BEN}
    assert dict(found.attrib) == shown


@pytest.mark.parametrize(
    ("told", "kind"), [("StudentPersonal", "student"), ("StaffPersonal", "staff")]
)
def test_a_hashed_reference_to_whomever_hides_whoever_is_there(told: str, kind: str) -> None:
    path = "DisciplineIncident/OffenderList/Offender/SIF_RefId"
    grants = Grants(("DisciplineIncident",), (Condition("HASH", path),), key=b"one vendor")
    found = prune(parse(NAMED["told"].replace("StudentPersonal", told).encode()), grants)
    assert found is not None
    assert found.findtext(".//{*}SIF_RefId") == ONE.shown(kind, ANA)


def test_a_hashed_reference_to_nobody_known_is_left_out() -> None:
    path = "DisciplineIncident/OffenderList/Offender/SIF_RefId"
    grants = Grants(("DisciplineIncident",), (Condition("HASH", path),), key=b"one vendor")
    body = NAMED["told"].replace("StudentPersonal", "EmployeePersonal")
    found = prune(parse(body.encode()), grants)
    assert found is not None
    assert found.find(".//{*}Offender") is not None
    assert found.find(".//{*}SIF_RefId") is None


def test_pseudonyms_keep_no_object_back_but_let_none_pass_unread() -> None:
    body = f'<xStudent xmlns="{NA4}" refId="{ANA}"/>'.encode()
    assert shows_each(GRANTS, "xStudent")
    assert not passes_whole(body, 1, GRANTS, "xStudent")
    assert not passes_whole(body.replace(b"xStudent", b"xRoster"), 1, GRANTS, "xRoster")
