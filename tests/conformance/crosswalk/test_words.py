"""Small rules of the sheets: days, ids, codes, natural keys, which documents they take."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from lxml import etree

from conformance import crosswalk, trees
from conformance.crosswalk import codes
from conformance.crosswalk.facts import folded, key_of
from conformance.crosswalk.sheets import bare, record
from fixtures import codesets

REFID = "90000000-0000-4000-8000-000000000001"
HISPANIC = "<demographics><hispanicLatinoEthnicity>{}</hispanicLatinoEthnicity></demographics>"
SCHOOL = "5C000000-0000-4000-8000-00000000000A"


def student(inner: str = "", stay: str = "", refid: str = REFID) -> bytes:
    """An xStudent who can be a user."""
    return (
        f'<xStudent xmlns="{trees.NA4}" xmlns:xsi="{trees.XSI}" refId="{refid}"><name>'
        "<familyName>Lee</familyName><givenName>Ann</givenName></name><localId>7</localId>"
        f"{inner}<enrollment><schoolRefId>{SCHOOL}</schoolRefId>{stay}</enrollment></xStudent>"
    ).encode()


def value(document: bytes, path: str, target: str = "oneroster-1.2") -> str:
    """The value of the only fact with a path."""
    facts = crosswalk.expected(target, [document], on=date(2027, 9, 1))
    return ",".join(fact.value for fact in facts if fact.path == path)


LAST_DAYS = [
    date(year, month, day)
    for year in (1900, 2000, 2023, 2024, 2100)
    for month, day in ((1, 31), (2, 27), (2, 28), (4, 30), (11, 30), (12, 30), (12, 31))
] + [date(2000, 2, 29), date(2028, 2, 29)]


@pytest.mark.parametrize("last", LAST_DAYS)
def test_end_of_a_stay_is_the_day_after_its_last_day(last: date) -> None:
    stay = f"<exitDate>{last}</exitDate>"
    assert value(student(stay=stay), "endDate") == str(last + timedelta(days=1))


@pytest.mark.parametrize("zone", ["", "Z", "-05:00", "+14:00"])
def test_zone_of_a_day_does_not_shift_it(zone: str) -> None:
    inner = f"<demographics><birthDate>2014-03-09{zone}</birthDate></demographics>"
    assert value(student(inner), "birthDate") == "2014-03-09"


@pytest.mark.parametrize("word", ["true", "1", " true "])
def test_truth_values_have_two_spellings(word: str) -> None:
    inner = (
        f"<demographics><hispanicLatinoEthnicity>{word}</hispanicLatinoEthnicity></demographics>"
    )
    assert value(student(inner), "hispanicOrLatinoEthnicity") == "true"


@pytest.mark.parametrize("word", ["", "unknown", "Unknown"])
def test_what_is_not_known_is_not_false(word: str) -> None:
    inner = (
        f"<demographics><hispanicLatinoEthnicity>{word}</hispanicLatinoEthnicity></demographics>"
    )
    assert value(student(inner), "hispanicOrLatinoEthnicity") == ""


def test_nil_is_no_value() -> None:
    inner = '<loginId xsi:nil="true"/>'
    assert value(student(inner), "username") == "7"


def test_comment_inside_a_name_does_not_cut_it() -> None:
    tree = etree.fromstring("<name>Mc<!--x-->Donald<?y z?> Jr</name>")
    assert bare(tree).text == "McDonald Jr"


@pytest.mark.parametrize("namespace", [trees.NA4, "http://www.sifassociation.org/datamodel/na/3.3"])
def test_name_space_of_either_release_is_read(namespace: str) -> None:
    document = student().replace(trees.NA4.encode(), namespace.encode())
    assert value(document, "givenName") == "Ann"


@pytest.mark.parametrize("spelling", [REFID, REFID.upper(), REFID.replace("-", "").upper()])
def test_sourcedid_is_the_refid_in_lower_case_with_hyphens(spelling: str) -> None:
    document = student(refid=spelling)
    assert value(document, "primaryOrgSourcedId") == SCHOOL.lower()
    assert value(document, "sourcedId").split(",")[0] == REFID


GRADES = [row for row in codesets.load("grade") if row["sif_xpress"]]


@pytest.mark.parametrize("grade", sorted({row["sif_xpress"] for row in GRADES}))
def test_every_grade_of_xpress_stays_as_it_is_in_oneroster(grade: str) -> None:
    stay = f"<gradeLevel>{grade}</gradeLevel>"
    assert value(student(stay=stay), "grades") == grade


def test_word_that_two_meanings_share_has_that_which_is_called_so() -> None:
    root = etree.fromstring(codes.table())
    first = root.find("in[@set='relationship'][@side='xpress'][@word='Other']")
    assert first is not None
    assert first.get("meaning") == "Other"


def test_oneroster_1_1_has_no_sex_but_two() -> None:
    root = etree.fromstring(codes.table())
    words = root.findall("out[@set='sex'][@side='oneroster1.1']")
    assert [one.get("word") for one in words] == ["male", "female"]


def test_classic_and_xpress_documents_are_told_apart() -> None:
    classic = f'<StudentPersonal xmlns="{trees.NA4}" RefId="{REFID}"/>'.encode()
    assert [one.get("login") for one in record([classic]).findall("student")] == [""]
    assert [one.get("local") for one in record([student()]).findall("student")] == ["7"]


def test_unknown_target_is_refused_by_name() -> None:
    with pytest.raises(KeyError, match="oneroster-2"):
        crosswalk.expected("oneroster-2", [student()])


def test_same_documents_give_the_same_facts() -> None:
    first = crosswalk.expected("oneroster-1.2", [student()], on=date(2027, 9, 1))
    assert first == crosswalk.expected("oneroster-1.2", [student()], on=date(2027, 9, 1))


def test_district_may_give_ed_fi_numbers_to_its_places() -> None:
    school = (
        f'<xSchool xmlns="{trees.NA4}" refId="{SCHOOL}"><localId>A-1</localId><schoolName>Elm'
        "</schoolName><gradeLevels><gradeLevel>09</gradeLevel></gradeLevels></xSchool>"
    ).encode()
    named = crosswalk.expected("edfi-5", [school], organizations={SCHOOL: "77"})
    assert [fact.value for fact in named if fact.path == "schoolId"] == ["77"]
    assert crosswalk.expected("edfi-5", [school]) == ()


def test_id_of_a_contact_in_ed_fi_keeps_its_digits_without_hyphens() -> None:
    digits = REFID.replace("-", "")
    assert key_of("edfi-5", "contacts", [("contactUniqueId", digits)]) == digits
    assert key_of("oneroster-1.2", "users", [("sourcedId", digits.upper())]) == REFID
    assert folded("no refid") == "no refid"
