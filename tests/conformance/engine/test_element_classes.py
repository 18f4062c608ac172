"""What is redacted is counted by the class of the element that it stood in."""

from __future__ import annotations

from collections import Counter

import pytest

from conformance.element_classes import REDACTED, class_of
from conformance.evidence import Evidence
from tests.conformance.engine.test_engine_redaction import capture

XML = "application/xml"


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("givenName", "familyName", "Name", "suffix", "preferredFirstName"), "name"),
        (("birthDate", "countryOfBirth", "BirthCity"), "birth"),
        (("emailAddress", "number", "phone", "sms", "email"), "contact"),
        (("localId", "stateProvinceId", "loginId", "username", "sourcedId", "id"), "identifier"),
        (("line1", "city", "stateProvince", "postalCode", "addressType"), "address"),
        (("sex", "hispanicLatinoEthnicity", "usCitizenshipStatus"), "demographic"),
        (("gradeLevel", "homeRoomNumber", "entryDate", "classRank"), "schooling"),
        (("shoeSize", "note", "", "type"), "other"),
    ],
)
def test_a_name_tells_the_class_of_its_value(names: tuple[str, ...], told: str) -> None:
    assert {class_of(name) for name in names} == {told}


def test_every_class_has_its_words() -> None:
    assert all(REDACTED.values())
    assert {class_of(name) for name in REDACTED} <= set(REDACTED)


def _counted(body: bytes, kind: str, *headers: tuple[str, str]) -> Counter[str]:
    evidence = Evidence(observer=lambda _: None)
    evidence.record(capture(b"", body, kind, headers))
    evidence.settle()
    return +Counter({name: evidence.counts[name] for name in REDACTED})


def test_values_of_xml_are_counted_by_class() -> None:
    body = (
        b"<xStudent><givenName>Ann</givenName><familyName>Lee</familyName><localId>77</localId>"
        b"<birthDate>2010-01-01</birthDate><line1>1 Elm St</line1><sex>Male</sex></xStudent>"
    )
    told = {"name": 2, "identifier": 1, "birth": 1, "address": 1}
    assert _counted(body, XML) == told


def test_values_of_json_and_csv_are_counted_by_class() -> None:
    member = b'{"user": {"givenName": "Ann", "phone": "555 0100", "password": "x"}}'
    assert _counted(member, "application/json") == {"name": 1, "contact": 1, "secret": 1}
    rows = b"sourcedId,givenName,email\n9,Ann,ann@example.org\n"
    assert _counted(rows, "text/csv") == {"identifier": 1, "name": 1, "contact": 1}


def test_credentials_and_tokens_are_counted_apart() -> None:
    headers = (("Set-Cookie", "a=b"), ("dataPrivacyMarker", "AbCdEfGhIjKlMn"))
    assert _counted(b"", XML, *headers) == {"secret": 1, "token": 1}
