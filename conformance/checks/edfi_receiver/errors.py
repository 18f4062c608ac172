"""How a refusal looks, and what must not stand in it (Ed-Fi ODS/API 7, problem details)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

import pytest

from conformance import edfi_expect, expect
from conformance.checks.edfi_receiver.steps import control_holds
from conformance.edfi import EdfiClient
from conformance.edfi_bodies import Bodies, personal
from conformance.edfi_shapes import STAYS, STUDENTS
from conformance.plugin_edfi_receiver import Pupil
from conformance.problems import NotApplicable, NotVerified
from conformance.reply import Reply
from conformance.verifies import verifies

NOBODY = "0f0e0d0c0b0a09080706050403020100"
Case = Callable[[EdfiClient, Bodies, Pupil], Reply]


def _too_long(host: EdfiClient, bodies: Bodies, _pupil: Pupil) -> Reply:
    return host.post(STUDENTS, bodies.student(firstName="N" * 76))


def _unresolved(host: EdfiClient, bodies: Bodies, pupil: Pupil) -> Reply:
    nobody = {"studentReference": {"studentUniqueId": bodies.mark()}}
    return host.post(STAYS, pupil.stay | nobody)


def _dependent(host: EdfiClient, _bodies: Bodies, pupil: Pupil) -> Reply:
    return host.delete(STUDENTS, pupil.number)


def _nobody(host: EdfiClient, _bodies: Bodies, _pupil: Pupil) -> Reply:
    return host.get(STUDENTS, NOBODY)


CASES: Mapping[str, tuple[Case, tuple[str, ...]]] = {
    "too long": (_too_long, ("bad-request",)),
    "unresolved reference": (_unresolved, ("data-conflict:unresolved-reference", "bad-request")),
    "dependent": (_dependent, ("data-conflict:dependent-item-exists",)),
    "not found": (_nobody, ("not-found",)),
}
each_case = pytest.mark.parametrize("case", list(CASES))


def refusal(case: str, host: EdfiClient, bodies: Bodies, pupil: Pupil) -> Reply:
    """The refusal of this case; NotVerified where it is none, which is judged elsewhere."""
    control_holds(host.get(STUDENTS, pupil.number))
    reply = CASES[case][0](host, bodies, pupil)
    if not 400 <= reply.status < 500:
        raise NotVerified(f"{reply.request} was not refused (exchange {reply.exchange})")
    return reply


def only_from_version_7(host: EdfiClient) -> None:
    """Problem details came with version 7 of the API; before that there was a message alone."""
    if 0 < host.api_version < 7:
        raise NotApplicable(f"version {host.api_version} of the API has no problem details")


@verifies("EDF-ERR-001", negative=True)
@each_case
def check_edfi_refusal_says_in_json_what_was_wrong(
    host: EdfiClient, bodies: Bodies, pupil: Pupil, case: str
) -> None:
    """Each kind of refusal is JSON with a sentence for people."""
    edfi_expect.problem(refusal(case, host, bodies, pupil))


@verifies("EDF-ERR-002", negative=True)
@each_case
def check_edfi_refusal_tells_its_kind_to_machines(
    host: EdfiClient, bodies: Bodies, pupil: Pupil, case: str
) -> None:
    """The details have the status of the answer and a type of Ed-Fi's urn for this kind."""
    only_from_version_7(host)
    reply = refusal(case, host, bodies, pupil)
    words = edfi_expect.problem(reply)
    expect.equal(words.get("status"), reply.status, "status in the details", reply)
    told = str(words.get("type", ""))
    kinds = CASES[case][1]
    fits = told.startswith(tuple(f"{edfi_expect.URN}{kind}" for kind in kinds))
    expect.true(fits, f"type is {edfi_expect.URN}{kinds[0]}", reply, told or "no type")


@verifies("EDF-ERR-003", negative=True)
@pytest.mark.parametrize("member", ["firstName", "birthDate"])
def check_edfi_refusal_names_the_member(host: EdfiClient, bodies: Bodies, member: str) -> None:
    """validationErrors names the member at fault, and not one that is right."""
    only_from_version_7(host)
    control_holds(host.post(STUDENTS, bodies.student()))
    wrong = {name: one for name, one in bodies.student().items() if name != member}
    reply = host.post(STUDENTS, wrong)
    if not 400 <= reply.status < 500:
        raise NotVerified(f"{reply.request} was not refused (exchange {reply.exchange})")
    found = edfi_expect.problem(reply).get("validationErrors")
    places = [str(place).lower() for place in found] if isinstance(found, Mapping) else []
    named = any(member.lower() in place for place in places)
    expect.true(named, f"validationErrors names {member}", reply, f"{len(places)} other places")
    other = any("lastsurname" in place for place in places)
    expect.true(not other, "validationErrors names nothing that is right", reply)


@verifies("EDF-PRV-001", negative=True)
@each_case
def check_edfi_refusal_tells_no_personal_value(
    host: EdfiClient, bodies: Bodies, pupil: Pupil, case: str
) -> None:
    """No name, birth date or address of the record stands in a refusal or its headers."""
    reply = refusal(case, host, bodies, pupil)
    sent: dict[str, Any] = bodies.student(firstName="N" * 76) | pupil.body
    values = {*personal(sent), "N" * 76}
    text = (reply.body + reply.head).decode("utf-8", "replace")
    told = [value for value in values if len(value) > 3 and value in text]
    expect.equal(len(told), 0, "personal values in the refusal", reply)


@verifies("EDF-PRV-002")
def check_address_of_a_record_tells_nothing(host: EdfiClient, bodies: Bodies) -> None:
    """Location has no part of the key and no personal value of the record."""
    student = bodies.student()
    reply = host.post(STUDENTS, student)
    place = unquote(reply.headers.get("Location"))
    if not place:
        raise NotVerified(f"{reply.request} told no Location (exchange {reply.exchange})")
    values = {*personal(student), str(student["studentUniqueId"])}
    told = [value for value in values if len(value) > 3 and value in place]
    expect.equal(len(told), 0, "values of the record in its address", reply)
