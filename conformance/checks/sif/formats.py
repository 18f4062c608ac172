"""Formats, namespaces and identifiers (Base Architecture 3.2.1, 3.1, 3.4 and 4.3.4)."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from conformance import expect, trees, versions
from conformance.checks.preparation import (
    accepted,
    control_holds,
    holds,
    id_of,
    must_not_be_stored,
    one_page,
    prepared,
    xml_only,
)
from conformance.checks.sif.environments import instance_of
from conformance.checks.sif.headers import DATE_TIME
from conformance.problems import NotVerified
from conformance.sif import SifClient
from conformance.tongue import kinds_of
from conformance.trees import inf
from conformance.verifies import verifies

VARIANTS = (
    "http://www.sifassociation.org/infrastructure/3.2.1",
    "http://sifassociation.org/infrastructure/3.3",
    "http://www.sifassociation.org/infrastructure/3.0.1",
)


@pytest.mark.parametrize("namespace", VARIANTS)
@verifies("INF-FMT-002")
def check_infrastructure_namespaces_are_understood(
    bare_sif: SifClient, rng: random.Random, namespace: str
) -> None:
    """An environment in the namespace of another 3.x version, or without www, is understood."""
    element = bare_sif.environment_body(instance_of(rng))
    info = trees.child(element, "applicationInfo")
    version = trees.child(element, "applicationInfo", "supportedInfrastructureVersion")
    assert info is not None
    assert version is not None
    if versions.reaches(bare_sif.config.endpoint.infrastructure, "3.1"):
        info.remove(version)  # which 3.0.1 demands
    body = trees.tostring(element)
    reply = bare_sif.connect(body=body.replace(trees.INF.encode(), namespace.encode()))
    accepted(reply, "another 3.x namespace is understood")
    key = trees.text(reply.object, "applicationInfo", "applicationKey")
    expect.equal(key, bare_sif.identity.key, "applicationInfo/applicationKey", reply)


@verifies("NEG-040")
def check_stated_version_need_not_be_that_of_the_namespace(
    bare_sif: SifClient, rng: random.Random
) -> None:
    """Another stated version than that of the namespace, 3.2.1 for 3.3, is no reason to refuse."""
    element = bare_sif.environment_body(instance_of(rng))
    version = trees.child(element, "applicationInfo", "supportedInfrastructureVersion")
    assert version is not None
    version.text = "3.2.1" if version.text != "3.2.1" else "3.3"
    accepted(bare_sif.connect(body=element), "another stated version is no reason to refuse")


@verifies("INF-FMT-001")
def check_results_stand_in_the_infrastructure_namespace(
    sif: SifClient, students: Callable[[int], list[etree._Element]]
) -> None:
    """Every element of the answer to a create of many stands in an infrastructure namespace."""
    xml_only(sif)
    reply = prepared(sif.create_many(students(2)))
    for one in reply.object.iter():
        space = trees.namespace(one)
        legal = trees.is_infrastructure(space)
        expect.true(legal, "results stand in the infrastructure namespace", reply, space or "none")


@verifies("INF-FMT-001")
def check_environment_stands_in_the_infrastructure_namespace(bare_sif: SifClient) -> None:
    """Every element of the environment stands in one infrastructure namespace of SIF 3."""
    reply = prepared(bare_sif.connect())
    spaces = {trees.namespace(one) for one in reply.object.iter()}
    expect.equal(len(spaces), 1, "number of namespaces in the environment", reply)
    space = spaces.pop()
    expect.true(trees.is_infrastructure(space), "it is an infrastructure namespace", reply, space)


@verifies("INF-FMT-004")
def check_ids_of_the_receiver_are_uuids(bare_sif: SifClient) -> None:
    """The ids of environments and messages are UUIDs of version 1 or 4."""
    reply = prepared(bare_sif.connect())
    expect.uuid(reply.object.get("id") or "", "environment/@id", reply)
    if "messageId" in reply.headers:
        expect.uuid(reply.headers.get("messageId"), "header messageId", reply)


@verifies("INF-FMT-019", "NEG-004", negative=True)
def check_empty_element_makes_no_other_session(bare_sif: SifClient, rng: random.Random) -> None:
    """An empty userToken is the same as none: the session exists already, so 409."""
    instance = instance_of(rng)
    prepared(bare_sif.connect(instance))
    if bare_sif.connect(instance).status != 409:
        raise NotVerified("a second session is no conflict here; that is judged elsewhere")
    body = bare_sif.environment_body(instance)
    at = next(place for place, one in enumerate(body) if trees.local(one) == "consumerName")
    body.insert(at, inf("userToken"))
    expect.status(bare_sif.connect(body=body), 409)


@verifies("INF-FMT-017")
def check_timestamps_tell_the_present(sif: SifClient) -> None:
    """The timestamp of an answer is an instant close to now, so clocks can be compared."""
    reply = one_page(sif)
    if "timestamp" not in reply.headers:
        raise NotVerified("the answer has no timestamp; that is judged by a check of its own")
    expect.matches(reply, "timestamp", DATE_TIME, "an XML Schema date-time with a zone")
    told = datetime.fromisoformat(reply.headers.get("timestamp"))
    away = abs(datetime.now(UTC) - told)
    expect.true(away < timedelta(hours=1), "the timestamp lies within an hour of now", reply,
                f"{away.total_seconds():.0f} seconds away")  # fmt: skip


@verifies("INF-FMT-010")
def check_answers_with_a_body_state_their_type(sif: SifClient, student: etree._Element) -> None:
    """Every answer with a body names a media type of the notation that was asked for."""
    first = prepared(sif.create(student))
    for reply in (first, sif.get(id_of(first, student)), sif.get(str(uuid.uuid4()).upper())):
        if reply.body:
            expect.content_type(reply, *kinds_of(sif.config))


@verifies("INF-FMT-008")
def check_xml_is_the_default_in_both_directions(sif: SifClient, student: etree._Element) -> None:
    """Without Accept and Content-Type the body is read as XML and answered in XML."""
    reply = sif.create(student, headers={"Accept": None, "Content-Type": []})
    accepted(reply, "a body of no stated type is read as XML")
    expect.true(holds(reply, id_of(reply, student)), "the answer is XML with the student", reply)


@pytest.mark.parametrize("media", ["application/x-yaml", "image/png"])
@verifies("INF-FMT-012", negative=True)
def check_unreadable_media_type_is_refused(
    sif: SifClient, student: etree._Element, media: str
) -> None:
    """A body that says it is YAML or a picture is refused and not stored; as XML it is."""
    reply = sif.create(student, headers={"Content-Type": media})
    expect.status(reply, 400, 406, 415)
    must_not_be_stored(sif, trees.refid(student), reply)
    control = sif.create(student)
    control_holds(control, "the same body as XML is accepted")
