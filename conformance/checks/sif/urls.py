"""Forms of addresses (Base Architecture 3.2.1, 5.2)."""

from __future__ import annotations

import pytest
from lxml import etree

from conformance import expect, trees
from conformance.checks.preparation import created, must_be_stored, objects_in
from conformance.sif import SifClient
from conformance.verifies import verifies


@pytest.mark.parametrize("name", ["XSTUDENTS", "xstudents", "xStudent", "xStudentss"])
@verifies("INF-URL-001", "INF-URL-003", negative=True)
def check_collection_name_is_taken_literally(
    sif: SifClient, student: etree._Element, name: str
) -> None:
    """Another spelling of the collection is no collection: 404. The right one is served."""
    refid = created(sif, student)
    reply = sif.request("GET", f"{name}/{refid}")
    expect.status(reply, 400, 404, 405)
    expect.equal(len(objects_in(reply)), 0, "students in the refusal", reply)
    control = sif.request("GET", f"xStudents/{refid}")
    control_holds(control, "the proper request is served")


@verifies("INF-URL-002")
def check_single_create_has_its_own_address(sif: SifClient, student: etree._Element) -> None:
    """POST to collection and object name answers the object, not a result list."""
    reply = sif.request("POST", "xStudents/xStudent", body=student)
    expect.true(reply.ok, "the create is accepted", reply, str(reply.status))
    root = expect.xml(reply, "xStudent")
    must_be_stored(sif, trees.refid(root), reply)
    sif.delete(trees.refid(root))


@verifies("INF-URL-004", negative=True)
def check_address_of_single_creates_is_no_object(sif: SifClient, student: etree._Element) -> None:
    """GET on the address for single creates is 404 or 405; a student can be read by its id."""
    refid = created(sif, student)
    reply = sif.request("GET", "xStudents/xStudent")
    expect.status(reply, 404, 405)
    expect.status(sif.get(refid), 200)


@verifies("INF-URL-006")
def check_slash_at_the_end_does_no_harm(sif: SifClient, student: etree._Element) -> None:
    """The collection answers under its address with a slash at the end as well."""
    refid = created(sif, student)
    reply = sif.request("GET", f"xStudents/{refid}/")
    expect.status(reply, 200)
    expect.same_id(trees.refid(reply.object), refid, "id of the student", reply)


@verifies("INF-URL-007")
def check_percent_encoding_in_ids_is_undone(sif: SifClient, student: etree._Element) -> None:
    """An id whose letters are percent-encoded leads to the same student."""
    refid = created(sif, student)
    encoded = "".join(f"%{byte:02X}" for byte in refid.encode())
    reply = sif.request("GET", f"xStudents/{encoded}")
    expect.status(reply, 200)
    expect.same_id(trees.refid(reply.object), refid, "id of the student", reply)
