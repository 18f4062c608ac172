"""The error object (Base Architecture 3.2.1, 4.5.1; infrastructure 3.3 schema)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from copy import deepcopy

import pytest
from lxml import etree

from conformance import expect, trees
from conformance.checks.preparation import (
    control_holds,
    element,
    objects_in,
    one_page,
    prepared,
    xml_only,
)
from conformance.problems import NotVerified
from conformance.reply import Reply
from conformance.sif import SifClient
from conformance.verifies import verifies

Fault = Callable[[SifClient, etree._Element], Reply]


def unknown_id(sif: SifClient, _: etree._Element) -> Reply:
    """GET an id that does not exist."""
    return sif.get(str(uuid.uuid4()).upper())


def unknown_service(sif: SifClient, _: etree._Element) -> Reply:
    """GET a collection that nobody provides."""
    return sif.request("GET", "xUnicorns")


def no_credentials(sif: SifClient, _: etree._Element) -> Reply:
    """GET the list without credentials."""
    return sif.request("GET", sif.collection, auth=None)


def invalid_student(sif: SifClient, student: etree._Element) -> Reply:
    """POST a student with an element of no schema."""
    wrong = deepcopy(student)
    wrong.append(element("shoeSize", "37"))
    return sif.create(wrong)


def malformed(sif: SifClient, _: etree._Element) -> Reply:
    """POST half a document."""
    return sif.request("POST", sif.single, body=b"<xStudent")


FAULTS: tuple[Fault, ...] = (
    unknown_id,
    unknown_service,
    no_credentials,
    invalid_student,
    malformed,
)
every_fault = pytest.mark.parametrize("fault", FAULTS, ids=lambda one: one.__name__)


def refusal(sif: SifClient, fault: Fault, student: etree._Element) -> Reply:
    """The refusal of a fault, beside a query that is served."""
    reply = fault(sif, student)
    if reply.status < 400:
        raise NotVerified(f"{reply.request} was not refused, so there is no error to judge")
    control_holds(one_page(sif), "a proper query is served")
    return reply


def error_in(reply: Reply) -> etree._Element:
    """The error of a refusal; without one its content cannot be judged."""
    try:
        root = trees.parse(reply.body)
    except trees.Unreadable:
        raise NotVerified(
            "the refusal carries no XML; that is judged by a check of its own"
        ) from None
    if trees.local(root) != "error":
        raise NotVerified("the refusal carries no error; that is judged by a check of its own")
    return root


@every_fault
@verifies("INF-ERR-001", "NEG-057", negative=True)
def check_refusals_carry_an_error_object(
    sif: SifClient, student: etree._Element, fault: Fault
) -> None:
    """A refusal is XML with an error as root; a success is not."""
    expect.xml(refusal(sif, fault, student), "error")
    fine = prepared(sif.create(student))
    expect.equal(len(objects_in(fine, "error")), 0, "errors in a success", fine)


@every_fault
@verifies("INF-ERR-001", negative=True)
def check_refusals_are_marked_as_errors(
    sif: SifClient, student: etree._Element, fault: Fault
) -> None:
    """A refusal says messageType ERROR; a success does not."""
    expect.header(refusal(sif, fault, student), "messageType", "ERROR")
    fine = prepared(sif.create(student))
    told = fine.headers.get("messageType")
    expect.true(told != "ERROR", "a success is not marked as an error", fine)


@every_fault
@verifies("INF-ERR-002", negative=True)
def check_error_code_is_the_status(sif: SifClient, student: etree._Element, fault: Fault) -> None:
    """The code in the error is the HTTP status of the answer."""
    reply = refusal(sif, fault, student)
    expect.equal(trees.text(error_in(reply), "code"), str(reply.status), "error/code", reply)


@every_fault
@verifies("INF-ERR-003", negative=True)
def check_error_says_what_and_why(sif: SifClient, student: etree._Element, fault: Fault) -> None:
    """The error has exactly one scope and one message, with words, of at most 1024 characters."""
    reply = refusal(sif, fault, student)
    for name in ("scope", "message"):
        found = [one for one in error_in(reply) if trees.local(one) == name]
        expect.equal(len(found), 1, f"number of error/{name}", reply)
        words = (found[0].text or "").strip()
        expect.true(3 <= len(words) <= 1024, f"error/{name} has 3 to 1024 characters", reply,
                    f"{len(words)} characters")  # fmt: skip


@every_fault
@verifies("INF-ERR-004", negative=True)
def check_error_stands_in_the_infrastructure_namespace(
    sif: SifClient, student: etree._Element, fault: Fault
) -> None:
    """All of the error stands in the infrastructure namespace, also for a student service."""
    xml_only(sif)
    reply = refusal(sif, fault, student)
    for one in error_in(reply).iter():
        space = trees.namespace(one)
        legal = trees.is_infrastructure(space)
        expect.true(
            legal, "the error stands in the infrastructure namespace", reply, space or "none"
        )


@verifies("INF-ERR-005", negative=True)
def check_error_repeats_no_values(sif: SifClient, student: etree._Element) -> None:
    """The error about an invalid student repeats no name, address or number of the student."""
    secret = f"Zebrawood{uuid.uuid4().hex[:12]}"
    name = trees.child(student, *sif.model.family)
    assert name is not None
    name.text = secret
    demographics = trees.child(student, *sif.model.birth)
    if demographics is not None:
        demographics.text = f"{secret}-02-30"
    reply = refusal(sif, lambda client, one: client.create(one), student)
    expect.true(secret.encode() not in reply.body, "the error holds no value that was sent", reply)


@every_fault
@verifies("INF-ERR-006", negative=True)
def check_error_has_an_id_of_its_own(sif: SifClient, student: etree._Element, fault: Fault) -> None:
    """Each error has a UUID, another one each time."""
    first, second = refusal(sif, fault, student), refusal(sif, fault, student)
    ids = [error_in(reply).get("id") or "" for reply in (first, second)]
    expect.uuid(ids[0], "error/@id", first)
    expect.true(ids[0] != ids[1], "two errors have two ids", second)
