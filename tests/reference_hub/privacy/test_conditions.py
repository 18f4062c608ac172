"""Each kind of condition on one student, and how the filter closes where it cannot keep one."""

from __future__ import annotations

import pytest
from lxml import etree
from lxml.etree import _Element

from fixtures import pods
from fixtures.standards import MODELS, schema_path
from reference_hub.codec.xml import parse
from reference_hub.model.pod import Condition
from reference_hub.privacy.conditions import fault, hashed
from reference_hub.privacy.filter import Grants, prune
from reference_hub.privacy.grants import compiled
from reference_hub.translate import record
from reference_hub.translate.provenance import ungranted
from tests.reference_hub.test_privacy_gate import LIVE

KEY = b"secret"
NA4 = MODELS["unity-4.3-kit"].namespace
REFID = "0B1C2D3E-4F50-4162-8394-A5B6C7D8E9F0"
SCHOOL = "1B1C2D3E-4F50-4162-8394-A5B6C7D8E9F0"
SAMPLE = f"""<xStudent xmlns="{NA4}" refId="{REFID}"><name><familyName>Moreau</familyName>
<givenName>Ana</givenName></name><localId>0042</localId>
<email><emailType>Home</emailType><emailAddress>ana@example.org</emailAddress></email>
<demographics><races><race><race>Asian</race></race></races><sex>Female</sex>
<birthDate>2011-05-06</birthDate></demographics>
<enrollment><leaRefId>{SCHOOL}</leaRefId><schoolRefId>{SCHOOL}</schoolRefId>
<membershipType>Home</membershipType><entryDate>2025-09-01</entryDate><gradeLevel>09</gradeLevel>
<projectedGraduationYear>2029</projectedGraduationYear></enrollment></xStudent>"""
ABOUT = "xStudent/demographics"
STAY = "xStudent/enrollment"
NIL = "nil"


@pytest.fixture(scope="module")
def kit() -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(schema_path("unity-4.3-kit").read_bytes()))


def sent(*conditions: Condition, paths: tuple[str, ...] = ("xStudent",)) -> _Element | None:
    return prune(parse(SAMPLE.encode()), Grants(paths, conditions, key=KEY))


def value(element: _Element | None, path: str) -> str | None:
    """The text at a path, `nil` for a nil one, None where nothing stands."""
    if element is None:
        return None
    if path.startswith("@"):
        return element.get(path[1:])
    found = element.find("/".join(f"{{*}}{step}" for step in path.split("/")))
    if found is not None and len(found.attrib):
        return NIL
    return None if found is None else found.text or ""


CHANGES = {
    "delete": (Condition("DELETE", f"{ABOUT}/birthDate"), "demographics/birthDate", None),
    "delete a part": (Condition("DELETE", "xStudent/name"), "name", None),
    "delete what must be there": (Condition("DELETE", f"{STAY}/entryDate"), "enrollment", None),
    "delete the id": (Condition("DELETE", "xStudent/@refId"), "localId", None),
    "delete the object": (Condition("DELETE", "xStudent"), "localId", None),
    "null": (Condition("NULL", f"{ABOUT}/birthDate"), "demographics/birthDate", NIL),
    "null a part": (Condition("NULL", "xStudent/name"), "name", NIL),
    "null what cannot be nil": (Condition("NULL", f"{STAY}/entryDate"), "enrollment", None),
    "mask a date": (
        Condition("MASK", f"{ABOUT}/birthDate"),
        "demographics/birthDate",
        "1582-10-15",
    ),
    "mask a text": (Condition("MASK", "xStudent/name"), "name/familyName", "ZZREDACTED"),
    "mask a year": (
        Condition("MASK", f"{STAY}/projectedGraduationYear"),
        "enrollment/projectedGraduationYear",
        "2000",
    ),
    "mask an id": (Condition("MASK", f"{STAY}/leaRefId"), "enrollment/leaRefId", "0" * 8),
    "mask a code with an other": (
        Condition("MASK", f"{STAY}/gradeLevel"),
        "enrollment/gradeLevel",
        "Other",
    ),
    "mask a code without": (Condition("MASK", f"{ABOUT}/sex"), "demographics/sex", None),
    "mask the object's own id": (Condition("MASK", "xStudent/@refId"), "localId", None),
    "hash": (Condition("HASH", "xStudent/localId"), "localId", hashed(KEY, "0042")),
    "hash a date": (Condition("HASH", f"{ABOUT}/birthDate"), "demographics/birthDate", None),
    "hash the id of a school": (Condition("HASH", f"{STAY}/schoolRefId"), "enrollment", None),
    "year": (
        Condition("GENERALISE", f"{ABOUT}/birthDate", "year"),
        "demographics/birthDate",
        "2011-01-01",
    ),
    "month": (
        Condition("GENERALISE", f"{ABOUT}/birthDate", "month"),
        "demographics/birthDate",
        "2011-05-01",
    ),
    "prefix": (Condition("GENERALISE", "xStudent/localId", "prefix", "2"), "localId", "00"),
    "prefix of a date": (
        Condition("GENERALISE", f"{ABOUT}/birthDate", "prefix", "4"),
        "demographics/birthDate",
        None,
    ),
    "year of a name": (
        Condition("GENERALISE", "xStudent/name/givenName", "year"),
        "name/givenName",
        None,
    ),
    "purpose": (Condition("PURPOSE", "", "", "reading"), "localId", "0042"),
}


@pytest.mark.requirement("POD-MIN-004", "POD-MIN-005")
@pytest.mark.parametrize("case", CHANGES)
def test_a_condition_changes_a_value_and_leaves_the_object_valid(
    case: str, kit: etree.XMLSchema
) -> None:
    condition, path, expected = CHANGES[case]
    found = sent(condition)
    seen = value(found, path)
    assert (seen or "").startswith(expected) if expected else seen is None
    if found is not None:
        kit.assertValid(parse(etree.tostring(found)))


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        (("MASK", "DELETE"), None),
        (("GENERALISE", "MASK"), "1582-10-15"),
        (("NULL", "MASK"), NIL),
        (("HASH", "GENERALISE"), None),
    ],
)
def test_of_several_conditions_the_strictest_counts(
    conditions: tuple[str, ...], expected: str | None
) -> None:
    path = f"{ABOUT}/birthDate"
    found = sent(*(Condition(kind, path, "year") for kind in conditions))
    assert value(found, "demographics/birthDate") == expected


def test_a_condition_covers_what_is_below_its_path() -> None:
    found = sent(Condition("MASK", "xStudent/name"), paths=("xStudent/@refId", "xStudent/name"))
    assert value(found, "name/givenName") == "ZZREDACTED"
    assert value(found, "name/familyName") == "ZZREDACTED"


def test_an_ungranted_mandatory_value_goes_with_its_parent() -> None:
    found = sent(paths=("xStudent/@refId", f"{STAY}/gradeLevel", "xStudent/localId"))
    assert value(found, "enrollment") is None
    assert value(found, "localId") == "0042"


def test_a_granted_attribute_of_an_ungranted_id_goes_with_it() -> None:
    body = (
        f'<StudentSchoolEnrollment xmlns="{NA4}" RefId="{REFID}">'
        '<Homeroom SIF_RefObject="RoomInfo">'
        f"{SCHOOL}</Homeroom></StudentSchoolEnrollment>"
    )
    paths = ("@RefId", "Homeroom/@SIF_RefObject")
    grants = Grants(tuple(f"StudentSchoolEnrollment/{path}" for path in paths))
    found = prune(parse(body.encode()), grants)
    assert found is not None
    assert len(found) == 0


def test_a_mask_opts_in_to_placeholders_for_ungranted_mandatory_values(
    kit: etree.XMLSchema,
) -> None:
    paths = ("xStudent/@refId", f"{STAY}/gradeLevel", f"{STAY}/schoolRefId")
    masks = (Condition("MASK", f"{STAY}/entryDate"), Condition("MASK", f"{STAY}/leaRefId"))
    found = sent(*masks, paths=paths)
    assert value(found, "enrollment/gradeLevel") == "09"
    assert value(found, "enrollment/entryDate") == "1582-10-15"
    assert found is not None
    kit.assertValid(parse(etree.tostring(found)))


def test_placeholders_alone_show_nothing() -> None:
    masks = [Condition("MASK", f"{STAY}/{name}") for name in ("entryDate", "leaRefId")]
    masks.append(Condition("MASK", f"{STAY}/schoolRefId"))
    found = sent(*masks, paths=("xStudent/@refId", f"{STAY}/homeRoomNumber"))
    assert found is not None
    assert value(found, "enrollment") is None


def test_of_an_ungranted_mandatory_part_only_what_must_be_there_is_filled() -> None:
    body = (
        f'<StudentPersonal xmlns="{NA4}" RefId="{REFID}"><LocalId>7</LocalId>'
        '<Name Type="04" TypeCodeset="Local"><LastName>Moreau</LastName><FirstName>Ana</FirstName>'
        "<MiddleName>Zoe</MiddleName></Name></StudentPersonal>"
    )
    paths = ("StudentPersonal/@RefId", "StudentPersonal/LocalId")
    grants = Grants(paths, (Condition("MASK", "StudentPersonal/Name"),))
    found = prune(parse(body.encode()), grants)
    assert found is not None
    name = found.find("{*}Name")
    assert name is not None
    assert [(one.tag.rpartition("}")[2], one.text) for one in name] == [
        ("LastName", "ZZREDACTED"),
        ("FirstName", "ZZREDACTED"),
    ]
    assert dict(name.attrib) == {"Type": "ZZREDACTED"}


def test_an_attribute_cannot_be_nil_so_it_goes() -> None:
    body = f'<StudentMeal xmlns="{NA4}" RefId="{REFID}" StudentPersonalRefId="{SCHOOL}"/>'
    condition = Condition("NULL", "StudentMeal/@StudentPersonalRefId")
    assert prune(parse(body.encode()), Grants(("StudentMeal",))) is not None
    assert prune(parse(body.encode()), Grants(("StudentMeal",), (condition,))) is None


def test_provenance_knows_the_paths_of_placeholders() -> None:
    paths = ("xStudent/@refId", f"{STAY}/schoolRefId", f"{STAY}/leaRefId")
    conditions = (Condition("MASK", f"{STAY}/entryDate"), Condition("HASH", "xStudent/@refId"))
    grants = Grants(paths, conditions, key=KEY)
    found = prune(parse(SAMPLE.encode()), grants)
    assert found is not None
    pairs = [(leaf.path, leaf.path) for leaf in record.read(found).leaves]
    assert ungranted(pairs, paths) == [f"{STAY}/entryDate"]
    assert ungranted(pairs, grants.shown) == []


CLOSING = {
    "encryption": Condition("ENCRYPT", "xStudent/localId"),
    "an unknown kind": Condition("SHRED", "xStudent/localId"),
    "no kind": Condition("", "xStudent/localId"),
    "an unknown path": Condition("DELETE", "xStudent/shoeSize"),
    "a cut without a size": Condition("GENERALISE", "xStudent/localId", "prefix"),
    "a cut to nothing": Condition("GENERALISE", "xStudent/localId", "prefix", "0"),
    "an unknown cut": Condition("GENERALISE", f"{ABOUT}/birthDate", "decade"),
    "a filter without words": Condition("ROW_FILTER", f"{STAY}/gradeLevel", "not-in", ""),
    "a filter on a part": Condition("ROW_FILTER", STAY, "ne", "09"),
    "an unknown operator": Condition("ROW_FILTER", f"{STAY}/gradeLevel", "like", "0"),
}


@pytest.mark.requirement("POD-MIN-005")
@pytest.mark.parametrize("case", CLOSING)
def test_what_cannot_be_kept_withholds_the_object_type(case: str) -> None:
    grants = Grants(("xStudent", "xStaff"), (CLOSING[case],), key=KEY)
    assert fault(CLOSING[case], KEY) != ""
    assert prune(parse(SAMPLE.encode()), grants) is None
    assert (grants.opens("xStudent"), grants.opens("xStaff")) == (False, True)


def test_a_condition_on_an_object_without_a_kit_schema_withholds_that_object_only() -> None:
    grants = Grants(("xStudent", "StudentSnapshot"), (Condition("DELETE", "StudentSnapshot/ELL"),))
    assert (grants.opens("StudentSnapshot"), grants.opens("xStudent")) == (False, True)


def test_what_an_agreement_implies_withholds_nothing() -> None:
    conditions = tuple(Condition(one.kind, one.path) for one in pods.implied())
    types = sorted({one.path.partition("/")[0] for one in conditions})
    grants = Grants(tuple(types), conditions, key=KEY)
    assert [name for name in types if not grants.opens(name)] == []


@pytest.mark.parametrize("path", ["", "students/name", "xStudents/xStudent/name"])
def test_a_condition_on_nothing_known_withholds_everything(path: str) -> None:
    grants = Grants(("xStudent", "xStaff"), (Condition("DELETE", path),))
    assert prune(parse(SAMPLE.encode()), grants) is None
    assert not grants.opens("xStaff")


def test_a_hash_without_a_key_withholds() -> None:
    grants = Grants(("xStudent",), (Condition("HASH", "xStudent/localId"),))
    assert prune(parse(SAMPLE.encode()), grants) is None


def test_a_path_that_the_object_s_own_model_lacks_withholds_it() -> None:
    condition = Condition("DELETE", "xCalendar/sessions/session")
    grants = Grants(("xCalendar",), (condition,))
    body = '<xCalendar xmlns="{}" refId="{}"><schoolRefId>{}</schoolRefId></xCalendar>'
    found = {
        model: prune(parse(body.format(MODELS[model].namespace, REFID, SCHOOL).encode()), grants)
        for model in ("unity-4.3-kit", "na-3.3-kit")
    }
    assert found["unity-4.3-kit"] is not None
    assert found["na-3.3-kit"] is None


def test_two_vendors_see_different_hashes_and_one_the_same_everywhere() -> None:
    hashes = [hashed(key, "0042") for key in (b"a", b"b", b"a")]
    assert hashes[0] == hashes[2] != hashes[1]


def test_the_same_pod_is_compiled_once() -> None:
    assert compiled(LIVE) is compiled(LIVE)
    assert compiled(LIVE).paths == LIVE.granted
