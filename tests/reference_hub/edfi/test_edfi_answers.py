"""What an answer of a host means, new forms and old ones."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reference_hub.vendors import edfi_problems as problems
from reference_hub.vendors.edfi_parents import resources
from reference_hub.workers.transport import Answer

URN = "urn:ed-fi:api:"


def answer(status: int, **told: Any) -> Answer:
    """An answer with a JSON body."""
    return Answer(status, {}, json.dumps(told).encode())


@pytest.mark.parametrize(
    ("method", "given", "meant"),
    [
        ("POST", answer(409, type=f"{URN}data-conflict:unresolved-reference"), problems.UNRESOLVED),
        ("POST", answer(400, type=f"{URN}data-conflict:unresolved-reference"), problems.UNRESOLVED),
        ("POST", answer(400, message="The schoolReference does not exist."), problems.UNRESOLVED),
        ("POST", answer(409, message="The value supplied is wrong"), problems.UNRESOLVED),
        ("POST", answer(409, type=f"{URN}data-conflict:non-unique-identity"), problems.FAULTY),
        ("DELETE", answer(409, message="in use"), problems.DEPENDENT),
        ("DELETE", answer(409, type=f"{URN}x:dependent-item-exists"), problems.DEPENDENT),
        ("PUT", answer(400, type=f"{URN}x:key-change-not-supported"), problems.KEY_CHANGE),
        ("POST", answer(400, type=f"{URN}bad-request:data-validation-failed"), problems.FAULTY),
        ("POST", answer(403, type=f"{URN}security:authorization"), problems.FORBIDDEN),
        ("POST", Answer(502, {}, b"<html>bad gateway"), problems.TROUBLE),
        ("POST", Answer(302, {}, b""), problems.TROUBLE),
        ("POST", Answer(422, {}, b"[]"), problems.FAULTY),
    ],
)
def test_an_answer_is_told_from_others(method, given, meant):
    assert problems.family(given, method) == meant


def test_a_hosts_words_are_kept_and_values_are_not():
    told = answer(
        400,
        title="Data Validation Failed",
        detail="Student 0042 is Obi",
        validationErrors={"$.sexDescriptor": ["'uri://ed-fi.org/SexDescriptor#X' is unknown."]},
    )
    body = {
        "studentUniqueId": "0042",
        "lastSurname": "Obi",
        "sexDescriptor": "uri://ed-fi.org/SexDescriptor#X",
    }
    assert problems.words(told, body) == (
        "400 Data Validation Failed Student … is … "
        "$.sexDescriptor: 'uri://ed-fi.org/SexDescriptor#X' is unknown."
    )


def test_garbage_as_an_answer_is_no_words():
    assert problems.words(Answer(500, {}, b"\xff\x00<html>"), {"a": "b"}) == "500"


def test_a_reference_means_the_resource_whose_noun_it_ends_with():
    assert "schools" in resources("locationSchoolReference")
    assert "localEducationAgencies" in resources("parentLocalEducationAgencyReference")
    assert "educationOrganizations" in resources("transportationEducationOrganizationReference")
    assert "sections" in resources("sectionReference")
