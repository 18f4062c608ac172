"""Forms of addresses (Base Architecture 3.2.1, 5.2)."""

from __future__ import annotations

import pytest
from lxml import etree

from conformance import expect, trees
from conformance.checks.preparation import (
    accepted,
    control_holds,
    created,
    holds,
    objects_in,
)
from conformance.sif import SifClient
from conformance.verifies import verifies


def served_under(sif: SifClient, student: etree._Element, name: str) -> None:
    """The student is not found under this name of the collection, but under its own."""
    refid = created(sif, student)
    reply = sif.request("GET", f"{name}/{refid}")
    expect.true(reply.status >= 400, f"{name} is no collection", reply, str(reply.status))
    expect.equal(len(objects_in(reply)), 0, "students in the refusal", reply)
    control = sif.request("GET", f"{sif.collection}/{refid}")
    control_holds(control, "the proper request is served")


@pytest.mark.parametrize("name", ["XSTUDENTS", "xstudents"])
@verifies("INF-URL-001", negative=True)
def check_collection_name_counts_letter_case(
    sif: SifClient, student: etree._Element, name: str
) -> None:
    """The collection in other letter case is no collection; under its own name it is served."""
    served_under(sif, student, name)


@pytest.mark.parametrize("name", ["xStudent", "xStudentss", "students"])
@verifies("INF-URL-003", negative=True)
def check_collection_name_is_not_guessed(
    sif: SifClient, student: etree._Element, name: str
) -> None:
    """A name that one might guess is no collection; the name of the data model is served."""
    served_under(sif, student, name)


@verifies("INF-URL-002")
def check_single_create_has_its_own_address(sif: SifClient, student: etree._Element) -> None:
    """POST to collection and object name answers the object, not a result list."""
    reply = sif.request("POST", sif.single, body=student)
    accepted(reply, "the address for single creates takes a student")
    found = objects_in(reply)
    expect.equal(len(found), 1, "students in the answer", reply)
    sif.delete(trees.refid(found[0]))


@verifies("INF-URL-004", negative=True)
def check_address_of_single_creates_is_no_object(sif: SifClient, student: etree._Element) -> None:
    """GET on the address for single creates is 404 or 405; a student can be read by its id."""
    refid = created(sif, student)
    reply = sif.request("GET", sif.single)
    expect.status(reply, 404, 405)
    control_holds(sif.get(refid), "a student can be read by its id")


@verifies("INF-URL-006")
def check_slash_at_the_end_does_no_harm(sif: SifClient, student: etree._Element) -> None:
    """The collection answers under its address with a slash at the end as well."""
    refid = created(sif, student)
    reply = sif.request("GET", f"{sif.collection}/{refid}/")
    expect.true(holds(reply, refid), "the student is found", reply, str(reply.status))


@verifies("INF-URL-007")
def check_percent_encoding_in_ids_is_undone(sif: SifClient, student: etree._Element) -> None:
    """An id whose letters are percent-encoded leads to the same student."""
    refid = created(sif, student)
    encoded = "".join(f"%{byte:02X}" for byte in refid.encode())
    reply = sif.request("GET", f"{sif.collection}/{encoded}")
    expect.true(holds(reply, refid), "the student is found", reply, str(reply.status))
