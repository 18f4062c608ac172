"""The order of loads, and the codes of the host (Ed-Fi ODS/API)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from conformance import edfi_expect, expect
from conformance.checks.edfi_receiver.steps import put_down, refuses
from conformance.edfi import EdfiClient, documents
from conformance.edfi_bodies import Bodies
from conformance.edfi_shapes import KNOWN, STAYS, STUDENTS, people_at_home
from conformance.plugin_edfi_receiver import Pupil
from conformance.problems import NotApplicable
from conformance.reply import Reply
from conformance.verifies import verifies

BEFORE = (
    ("schools", STAYS),
    (STUDENTS, STAYS),
    (STUDENTS, KNOWN),
    ("localEducationAgencies", "schools"),
)
_LESSONS = (
    ("courses", "courseOfferings"),
    ("sessions", "courseOfferings"),
    ("courseOfferings", "sections"),
    ("sections", "studentSectionAssociations"),
)


def groups(host: EdfiClient) -> tuple[dict[str, list[int]], Reply]:
    """The groups of each resource of the core model, as the host tells them."""
    reply = host.send("GET", host.address("dependencies"), named="the dependencies")
    told: dict[str, list[int]] = {}
    for one in edfi_expect.listed(reply):
        name = str(one.get("resource", "")).rpartition("/")[2]
        number = one.get("order")
        whole = isinstance(number, int) and not isinstance(number, bool)
        expect.true(whole, f"the order of {name} is a whole number", reply)
        told.setdefault(name, []).append(int(str(number)))
    return told, reply


def pairs(host: EdfiClient) -> list[tuple[str, str]]:
    """What comes before what, of the resources that the suite sends."""
    found = list(BEFORE)
    if "contacts" in host.config.capabilities:
        people, ties, _ = people_at_home(host.config.edfi.data_standard)
        found += [(people, ties), (STUDENTS, ties)]
    return found + (list(_LESSONS) if "sections" in host.config.capabilities else [])


@verifies("EDF-ORD-001")
def check_order_of_loads_names_each_resource(host: EdfiClient) -> None:
    """The list of dependencies has every resource that is sent, each with a number."""
    told, reply = groups(host)
    wanted = {one for pair in pairs(host) for one in pair}
    expect.equal(sorted(wanted - set(told)), [], "resources that the order leaves out", reply)


@verifies("EDF-ORD-002", "TRN-PR-06")
def check_order_of_loads_puts_parents_first(host: EdfiClient) -> None:
    """What a resource points to comes in an earlier group than itself."""
    told, reply = groups(host)
    wrong = [
        f"{first} before {then}"
        for first, then in pairs(host)
        if first in told and then in told and not min(told[first]) < min(told[then])
    ]
    expect.equal(wrong, [], "pairs in the wrong order", reply)


@verifies("EDF-DSC-001")
@pytest.mark.parametrize("kind", ["sexDescriptors", "gradeLevelDescriptors"])
def check_codes_of_the_host_can_be_downloaded(host: EdfiClient, bodies: Bodies, kind: str) -> None:
    """A descriptor lists its codes with namespace and value; those that are sent are there."""
    student = bodies.student()
    sent = {
        "sexDescriptors": bodies.known(student)["sexDescriptor"],
        "gradeLevelDescriptors": bodies.stay(student)["entryGradeLevelDescriptor"],
    }[kind]
    reply = host.get(kind, query={"limit": host.config.edfi.largest_page})
    found = {f"{one.get('namespace')}#{one.get('codeValue')}" for one in edfi_expect.listed(reply)}
    expect.true(sent in found, f"{sent} is among the codes of {kind}", reply, f"{len(found)} codes")


@verifies("EDF-DSC-002", "TRN-CS-13", negative=True)
@pytest.mark.parametrize("fault", ["unknown code", "bare word", "another namespace"])
def check_code_that_the_host_lacks_is_refused(host: EdfiClient, bodies: Bodies, fault: str) -> None:
    """A code nobody has, a word without namespace, and another namespace are 400; ours is taken."""
    stays = []
    for _ in range(2):
        student = bodies.student()
        put_down(host, STUDENTS, student)
        stays.append(bodies.stay(student))
    uri = str(stays[0]["entryGradeLevelDescriptor"])
    wrong = {
        "unknown code": f"{uri.partition('#')[0]}#Made-up level",
        "bare word": uri.partition("#")[2],
        "another namespace": uri.replace("uri://", "uri://made-up.", 1),
    }[fault]
    refuses(host, STAYS, stays[0] | {"entryGradeLevelDescriptor": wrong}, stays[0], stays[1], 400)


@verifies("EDF-DSC-003", "TRN-CS-13")
def check_code_comes_back_letter_for_letter(host: EdfiClient, pupil: Pupil) -> None:
    """A descriptor is shown as the whole URI that was sent, with its blank."""
    reply = edfi_expect.prepared(host.get(STAYS, pupil.stay_number))
    shown: Mapping[str, Any] = edfi_expect.document(reply)
    wanted = pupil.stay["entryGradeLevelDescriptor"]
    expect.equal(shown.get("entryGradeLevelDescriptor"), wanted, "the descriptor", reply)


@verifies("TRN-ID-12")
def check_pupil_of_two_schools_is_one_person(
    host: EdfiClient, bodies: Bodies, pupil: Pupil
) -> None:
    """Enrolments at two schools stay apart, and the student is there once."""
    if not bodies.second_school:
        raise NotApplicable("[edfi] second_school names none")
    put_down(host, STAYS, bodies.stay(pupil.body, bodies.second_school, primarySchool=False))
    query = {"studentUniqueId": pupil.body["studentUniqueId"]}
    reply = host.get(STAYS, query=query)
    schools = [one.get("schoolReference", {}).get("schoolId") for one in edfi_expect.listed(reply)]
    expect.equal(sorted(schools), sorted([bodies.school, bodies.second_school]), "schools", reply)
    reply = edfi_expect.prepared(host.get(STUDENTS, query=query))
    expect.equal(len(documents(reply)), 1, "students of this id", reply)
