"""Zones and contexts in the address (Base Architecture 3.2.1, 4.1 and 4.3.3)."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from lxml import etree

from conformance import expect, trees
from conformance.checks.preparation import (
    accepted,
    control_holds,
    created,
    holds,
    id_of,
    must_not_be_stored,
    one_page,
)
from conformance.problems import NotApplicable, NotVerified
from conformance.reply import Reply
from conformance.sif import SifClient
from conformance.verifies import verifies

Draw = Callable[[int], list[etree._Element]]
# The name in the text of the standard, and the one in its glossary.
RESERVED = ("environment-global", "infrastructure-utilities")


def zone_of(sif: SifClient) -> str:
    """The zone of the target; without one nothing can be addressed."""
    if not sif.zone:
        raise NotVerified("neither the environment nor the target file names a zone")
    return sif.zone


def read_at(sif: SifClient, refid: str, matrix: str, **more: Any) -> Reply:
    """GET one student with these matrix parameters behind its id."""
    return sif.request("GET", f"{sif.collection}/{refid}{matrix}", **more)


@pytest.mark.parametrize(
    "form",
    ["{z};{c}", "{c};{z}", "{z}", "{c}"],
    ids=["zone first", "context first", "zone", "context"],
)
@verifies("INF-ZON-002")
def check_zone_and_context_are_read_from_the_address(
    sif: SifClient, student: etree._Element, form: str
) -> None:
    """Zone and context as matrix parameters, in any order or alone, lead to the student."""
    refid = created(sif, student)
    context = sif.config.endpoint.context or "DEFAULT"
    matrix = form.format(z=f"zoneId={quote(zone_of(sif), safe='')}", c=f"contextId={context}")
    reply = read_at(sif, refid, f";{matrix}")
    expect.true(holds(reply, refid), "the student is found there", reply, str(reply.status))


@verifies("INF-ZON-002")
def check_percent_encoded_zone_is_decoded(sif: SifClient, student: etree._Element) -> None:
    """A zone id whose letters are percent-encoded names the same zone."""
    refid = created(sif, student)
    encoded = "".join(f"%{byte:02X}" for byte in zone_of(sif).encode())
    reply = read_at(sif, refid, f";zoneId={encoded}")
    expect.true(holds(reply, refid), "the student is found there", reply, str(reply.status))


@verifies("INF-ZON-010")
def check_own_zone_can_be_named_for_a_create(sif: SifClient, student: etree._Element) -> None:
    """A create that names the receiver's own zone outright is accepted."""
    zone = quote(zone_of(sif), safe="")
    path = f"{sif.single};zoneId={zone}"
    reply = accepted(sif.request("POST", path, body=student), "the zone may be named outright")
    refid = id_of(reply, student)
    expect.true(holds(sif.get(refid), refid), "the student is in that zone", reply)
    sif.delete(refid)


@verifies("INF-ZON-003")
def check_default_zone_and_context_are_used(sif: SifClient, student: etree._Element) -> None:
    """What was created without zone and context is found in the default zone and DEFAULT."""
    refid = created(sif, student)
    default = sif.environment.zone if sif.environment else ""
    zone = quote(default or zone_of(sif), safe="")
    reply = read_at(sif, refid, f";zoneId={zone};contextId=DEFAULT")
    expect.true(holds(reply, refid), "it is found in the default zone", reply, str(reply.status))


@verifies("INF-HDR-009", "NEG-064", negative=True)
def check_zone_of_the_address_is_not_lost(
    sif: SifClient, student: etree._Element, rng: random.Random
) -> None:
    """A foreign zone behind the id shows no student, the own zone does: the parameter arrives."""
    refid = created(sif, student)
    reply = read_at(sif, refid, f";zoneId=elsewhere-{rng.getrandbits(32):x}")
    expect.true(not holds(reply, refid), "a foreign zone does not show the student", reply)
    control = read_at(sif, refid, f";zoneId={quote(zone_of(sif), safe='')}")
    control_holds(control, "the own zone shows the student")


@pytest.mark.parametrize("place", ["zone", "context"])
@verifies("INF-ZON-004", negative=True)
def check_unknown_zone_is_refused(
    sif: SifClient, students: Draw, rng: random.Random, place: str
) -> None:
    """A create for a zone or context that nobody serves is 404 and not stored elsewhere."""
    first, second = students(2)
    name = "zoneId" if place == "zone" else "contextId"
    path = f"{sif.single};{name}=nowhere-{rng.getrandbits(32):x}"
    reply = sif.request("POST", path, body=first)
    expect.status(reply, 404)
    must_not_be_stored(sif, trees.refid(first), reply)
    control = sif.create(second)
    control_holds(control, "in its own zone a student is taken")


@verifies("INF-ZON-004", "NEG-015", negative=True)
def check_unknown_service_is_refused(sif: SifClient, rng: random.Random) -> None:
    """A collection that nobody provides is 404, not a server error; xStudents is served."""
    reply = sif.request("GET", f"xUnicorn{rng.randint(100, 999)}s")
    expect.status(reply, 404)
    control = one_page(sif)
    control_holds(control, "xStudents is served")


@pytest.mark.parametrize("name", ["zoneId", "contextId"])
@verifies("INF-ZON-005", negative=True)
def check_two_zones_in_one_request_are_refused(
    sif: SifClient, student: etree._Element, name: str
) -> None:
    """Two different zones or contexts in one address are an error; one of them is served."""
    refid = created(sif, student)
    own = quote(zone_of(sif), safe="") if name == "zoneId" else "DEFAULT"
    reply = read_at(sif, refid, f";{name}={own};{name}=another")
    expect.status(reply, 400, 404, 409)
    expect.true(not holds(reply, refid), "a refusal holds no student", reply)
    control = read_at(sif, refid, f";{name}={own}")
    control_holds(control, "one zone is served")


@pytest.mark.parametrize("name", ["zoneId", "contextId"])
@verifies("INF-HDR-010", negative=True)
def check_zone_in_address_and_header_is_a_conflict(
    sif: SifClient, student: etree._Element, name: str
) -> None:
    """The same zone or context in address and header is 409; in the address alone it is served."""
    refid = created(sif, student)
    own = zone_of(sif) if name == "zoneId" else sif.config.endpoint.context or "DEFAULT"
    matrix = f";{name}={quote(own, safe='')}"
    reply = read_at(sif, refid, matrix, headers={name: own})
    expect.status(reply, 409)
    expect.true(not holds(reply, refid), "a refusal holds no student", reply)
    control_holds(read_at(sif, refid, matrix), "in the address alone it is served")


@verifies("INF-ZON-007")
def check_utility_services_stand_in_a_zone_of_their_own(sif: SifClient) -> None:
    """The environment lists utility services in one reserved zone, in the context DEFAULT."""
    zones = trees.every(sif.environment.element, "provisionedZone") if sif.environment else []
    found = [
        (zone.get("id") or "", one.get("contextId") or "")
        for zone in zones
        for one in trees.every(zone, "service")
        if one.get("type") == "UTILITY"
    ]
    if not found:
        raise NotApplicable("the environment lists no utility service")
    for zone, context in found:
        expect.one_of(zone, RESERVED, "provisionedZone/@id of a utility service")
        expect.equal(context, "DEFAULT", "service/@contextId of a utility service")
    expect.equal(len({zone for zone, _ in found}), 1, "number of zones with utility services")


@verifies("INF-ZON-006", negative=True)
def check_zone_ids_count_letter_case(sif: SifClient, student: etree._Element) -> None:
    """The zone in other letter case is another zone, which nobody serves."""
    zone = zone_of(sif)
    if zone.swapcase() == zone:
        raise NotApplicable("the zone id has no letters")
    refid = created(sif, student)
    reply = read_at(sif, refid, f";zoneId={quote(zone.swapcase(), safe='')}")
    expect.true(not holds(reply, refid), "another zone does not show the student", reply)
    expect.true(reply.status >= 400, "it is refused", reply, str(reply.status))
    control = read_at(sif, refid, f";zoneId={quote(zone, safe='')}")
    control_holds(control, "the zone itself is served")


@pytest.mark.parametrize("where", ["middle of the path", "query"])
@verifies("NEG-063", negative=True)
def check_misplaced_zone_is_not_ignored(
    sif: SifClient, student: etree._Element, where: str
) -> None:
    """A foreign zone in the middle of the path or in the query does not give the default zone."""
    refid = created(sif, student)
    if where == "query":
        reply = sif.request("GET", f"{sif.collection}/{refid}", query={"zoneId": "elsewhere"})
    else:
        reply = sif.request("GET", f"{sif.collection};zoneId=elsewhere/{refid}")
    expect.true(reply.status >= 400, "it is refused", reply, str(reply.status))
    expect.true(not holds(reply, refid), "a refusal holds no student", reply)
    control = sif.get(refid)
    control_holds(control, "without a zone it is found")
