"""The judge's expectation of OneRoster rows: right rows pass, each wrong cell is told apart."""

from __future__ import annotations

import pytest
from lxml import etree

from conformance import fidelity, trees
from conformance.fidelity import CHANGED, INVENTED, KEPT, LOST
from conformance.problems import Finding

REFID = "5B72F2D4-7A83-4297-A71F-8B5FB26CBF14"
SCHOOL = "0D1F2A40-77AA-4D0E-8B55-2A7F0C6E9B10"


def student(inner: str) -> etree._Element:
    """An xStudent with this content."""
    return trees.parse(f'<xStudent xmlns="{trees.NA4}" refId="{REFID}">{inner}</xStudent>'.encode())


def outcome(inner: str, field: str, value: str) -> str:
    """What becomes of one cell that holds this value."""
    table, _, column = field.partition(".")
    user = {column: value} if table == "users" else {}
    demographics = {column: value} if table == "demographics" else {}
    (judged,) = fidelity.compare(student(inner), user, demographics, [field])
    return judged.outcome


NAME = "<name><familyName>Nguyễn</familyName><givenName>Zoë</givenName></name>"
RACES = "<demographics><races>{}</races></demographics>"
ASIAN = "<race><race>Asian</race></race>"
WHITE = "<race><race>White</race></race>"
TWO = "<race><race>DemographicRaceTwoOrMoreRaces</race></race>"


@pytest.mark.parametrize(
    ("inner", "field", "value", "expected"),
    [
        (NAME, "users.givenName", "Zoe\u0308", KEPT),
        (NAME, "users.givenName", "Zoe", CHANGED),
        (NAME, "users.familyName", "", LOST),
        (NAME, "users.middleName", "None", INVENTED),
        ("", "users.sourcedId", REFID.replace("-", "").lower(), KEPT),
        ("<localId>0042</localId>", "users.identifier", "42", CHANGED),
        ("<localId>0042</localId>", "users.userIds", "{local:0042}", KEPT),
        ("<localId>0042</localId>", "users.userIds", "{local:42}", CHANGED),
        ("<loginId>a.b</loginId>", "users.username", "a.b", KEPT),
        (RACES.format(ASIAN), "demographics.asian", "true", KEPT),
        (RACES.format(ASIAN), "demographics.asian", "false", CHANGED),
        (RACES.format(ASIAN), "demographics.white", "false", KEPT),
        (RACES.format(ASIAN), "demographics.white", "", KEPT),
        (RACES.format(ASIAN), "demographics.white", "true", CHANGED),
        (RACES.format(""), "demographics.white", "false", INVENTED),
        (RACES.format(TWO), "demographics.asian", "true", INVENTED),
        (RACES.format(TWO), "demographics.demographicRaceTwoOrMoreRaces", "true", KEPT),
        (
            RACES.format(ASIAN + WHITE),
            "demographics.demographicRaceTwoOrMoreRaces",
            "false",
            CHANGED,
        ),
        ("<demographics><sex>Female</sex></demographics>", "demographics.sex", "female", KEPT),
        ("<demographics/>", "demographics.sex", "male", INVENTED),
        (
            "<demographics><birthDate>2014-03-09-05:00</birthDate></demographics>",
            "demographics.birthDate",
            "2014-03-10",
            CHANGED,
        ),
        (
            "<demographics><hispanicLatinoEthnicity>0</hispanicLatinoEthnicity></demographics>",
            "demographics.hispanicOrLatinoEthnicity",
            "false",
            KEPT,
        ),
    ],
)
def test_outcome_of_a_cell(inner: str, field: str, value: str, expected: str) -> None:
    assert outcome(inner, field, value) == expected


def test_home_school_comes_first_wherever_it_stands() -> None:
    enrollment = (
        "<enrollment><schoolRefId>{}</schoolRefId><membershipType>{}</membershipType>"
        "<gradeLevel>{}</gradeLevel></enrollment>"
    )
    other = enrollment.format("other", "Summer", "09")
    home = f"<otherEnrollments>{enrollment.format(SCHOOL, 'Home', '10')}</otherEnrollments>"
    assert outcome(other + home, "users.primaryOrgSourcedId", SCHOOL.lower()) == KEPT
    assert outcome(other + home, "users.grades", "10,09") == KEPT
    assert outcome(other + home, "users.grades", "10,9") == CHANGED


def test_school_email_is_preferred_and_no_other_will_do() -> None:
    mail = "<email><emailType>{}</emailType><emailAddress>{}</emailAddress></email>"
    inner = (
        mail.format("Home", "h@mail.example")
        + f"<otherEmails>{mail.format('Organizational', 'o@mail.example')}</otherEmails>"
    )
    assert outcome(inner, "users.email", "o@mail.example") == KEPT
    assert outcome(inner, "users.email", "h@mail.example") == CHANGED


def test_finding_names_the_element_and_the_column() -> None:
    with pytest.raises(
        Finding, match=r"xStudent/name/givenName was lost: users\.givenName"
    ) as caught:
        fidelity.require(student(NAME), {"sourcedId": REFID}, {}, ["users.givenName"])
    assert caught.value.path == "xStudent/name/givenName"


def test_moved_columns_leave_bookkeeping_aside() -> None:
    before = {"givenName": "Zoë", "dateLastModified": "2026-09-01T00:00:00.000Z"}
    after = {"givenName": "Zoe\u0308", "dateLastModified": "2026-09-02T00:00:00.000Z", "sms": "1"}
    assert fidelity.moved(before, after) == ["sms"]
