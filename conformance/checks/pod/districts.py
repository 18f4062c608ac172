"""Two districts at once: each has its own POD and marker, and its own data."""

from __future__ import annotations

import random
from urllib.parse import quote

from lxml import etree

from conformance import expect
from conformance.checks.pod.doors import REFUSALS, Draw, opens
from conformance.checks.preparation import accepted, control_holds, prepared
from conformance.pods import Pod
from conformance.problems import NotApplicable
from conformance.reply import Reply
from conformance.sif import MARKER, SifClient
from conformance.trees import refid
from conformance.verifies import verifies


def at(zone: str, path: str) -> str:
    """The address of a service in a zone."""
    return f"{path};zoneId={quote(zone, safe='')}"


def created_at(sif: SifClient, pod: Pod, student: etree._Element, marker: str) -> Reply:
    """Create a student in the zone of a POD, with this marker."""
    path = at(pod.zone, sif.single)
    return sif.request("POST", path, body=student, marker=marker)


def second_district(sif: SifClient) -> Pod:
    """A POD in force in the second zone; not applicable if the target names none."""
    zone = sif.config.pod.second_zone
    if not zone:
        raise NotApplicable("the target names no [pod] second_zone")
    pod = sif.new_pod(zone=zone)
    prepared(sif.push_pod(pod))
    return pod


def forget(sif: SifClient, pod: Pod, *students: etree._Element) -> None:
    """Delete students of another zone; a fault here is nobody's finding."""
    if "delete" in sif.config.capabilities:
        for student in students:
            path = at(pod.zone, f"{sif.model.students}/{refid(student)}")
            sif.request("DELETE", path, marker=None)


@verifies("POD-ACK-007")
def check_each_district_has_its_own_marker(sif: SifClient, students: Draw) -> None:
    """Two districts in turn: each is answered with its own marker, whichever spoke before."""
    own = sif.pod
    assert own is not None
    other = second_district(sif)
    drawn = students(6)
    for pod, student in zip((own, other) * 3, drawn, strict=True):
        reply = created_at(sif, pod, student, pod.token)
        opens(reply, "the district's own marker opens its door")
        if MARKER in reply.headers:
            expect.header(reply, MARKER, pod.token)
    forget(sif, other, *drawn)
    forget(sif, own, *drawn)


@verifies("POD-GATE-005", negative=True)
def check_marker_of_another_district_opens_nothing(sif: SifClient, students: Draw) -> None:
    """The marker in force in one district is refused in the other, in both directions."""
    own = sif.pod
    assert own is not None
    other = second_district(sif)
    drawn = students(4)
    for pod, foreign, one in ((own, other, drawn[0]), (other, own, drawn[1])):
        reply = created_at(sif, pod, one, foreign.token)
        expect.one_of(reply.status, REFUSALS, "status", reply)
    for pod, one in ((own, drawn[2]), (other, drawn[3])):
        control_holds(created_at(sif, pod, one, pod.token), "its own marker opens it")
    forget(sif, other, *drawn)
    forget(sif, own, *drawn)


@verifies("POD-ACK-007", negative=True)
def check_pod_of_another_zone_opens_nothing_here(
    sif: SifClient, students: Draw, rng: random.Random
) -> None:
    """The token of a POD for another zone is refused here, and the own one goes on working."""
    assert sif.pod is not None
    first, second = students(2)
    foreign = sif.new_pod(zone=f"elsewhere-{rng.getrandbits(32):x}")
    sif.push_pod(foreign)
    reply = sif.create(first, marker=foreign.token)
    expect.equal(reply.status // 100, 4, "first digit of the status", reply)
    accepted(sif.create(second), "under the POD of the own zone data is taken as before")
