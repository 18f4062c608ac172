"""Bodies that would harm a careless reader: malformed, hostile, in other encodings."""

from __future__ import annotations

import pytest
from lxml import etree

from conformance import expect, trees
from conformance.cases import Case
from conformance.checks.payloads import check_accepted, check_refused, each
from conformance.checks.preparation import (
    control_holds,
    created,
    must_be_unchanged,
    offered,
    stored,
)
from conformance.problems import NotApplicable
from conformance.sif import SifClient
from conformance.verifies import verifies


@each("refuse", "NEG-017")
@verifies("NEG-017", negative=True)
def check_malformed_bodies_are_refused(
    shared_sif: SifClient, student: etree._Element, case: Case
) -> None:
    """A body that is no well-formed XML is 400 and not stored; a well-formed one is accepted."""
    check_refused(shared_sif, case, student)


@each("refuse", "INF-FMT-016")
@verifies("INF-FMT-016", negative=True)
def check_document_types_are_refused(
    shared_sif: SifClient, student: etree._Element, case: Case
) -> None:
    """A document type declaration is refused, whatever stands in it; without one it is accepted."""
    check_refused(shared_sif, case, student)


@each("accept", "INF-FMT-016")
@verifies("INF-FMT-016")
def check_byte_order_mark_is_accepted(
    shared_sif: SifClient, student: etree._Element, case: Case
) -> None:
    """A byte order mark in front of UTF-8 is no fault and no part of the data."""
    check_accepted(shared_sif, case, student)


@each("refuse", "NEG-060")
@verifies("NEG-060", negative=True)
def check_outside_entities_and_bombs_are_refused(
    shared_sif: SifClient, student: etree._Element, case: Case
) -> None:
    """External entities, external subsets and entity bombs are refused and expand to nothing."""
    check_refused(shared_sif, case, student)


@each("refuse", "NEG-036")
@verifies("NEG-036", negative=True)
def check_wrong_bytes_are_refused(
    shared_sif: SifClient, student: etree._Element, case: Case
) -> None:
    """Bytes that are not the declared UTF-8 are refused and not stored as something else."""
    check_refused(shared_sif, case, student)


@each("refuse", "INF-TRN-006")
@verifies("INF-TRN-006", negative=True)
def check_other_encodings_are_refused(
    shared_sif: SifClient, student: etree._Element, case: Case
) -> None:
    """Latin-1 and UTF-16, honestly declared, are refused: UTF-8 is the only encoding."""
    check_refused(shared_sif, case, student)


@pytest.mark.parametrize("path", ["environments/environment", "pods/pod"])
@verifies("NEG-017", negative=True)
def check_malformed_infrastructure_bodies_are_refused(sif: SifClient, path: str) -> None:
    """A malformed environment or POD is 400, not a server error."""
    body = b"<environment" if path.startswith("env") else b"<pod"
    if path.startswith("env"):
        reply = sif.request(
            "POST", sif.config.url(path), body=body, auth="application", marker=None
        )
    elif not offered(sif, "pod"):
        raise NotApplicable("the target does not declare pod")
    else:
        reply = sif.request("POST", path, body=body, marker=None)
    expect.status(reply, 400)


@verifies("NEG-017", negative=True)
def check_malformed_update_changes_nothing(sif: SifClient, student: etree._Element) -> None:
    """An update that breaks off in the middle is 400 and leaves the student as it was."""
    refid = created(sif, student)
    before = stored(sif, refid)
    body = trees.tostring(student)
    reply = sif.request("PUT", f"{sif.collection}/{refid}", body=body[:-20])
    expect.status(reply, 400)
    must_be_unchanged(sif, refid, before, reply)
    control = sif.request("PUT", f"{sif.collection}/{refid}", body=body)
    control_holds(control, "the whole update is accepted")
