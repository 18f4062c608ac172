"""Steps that checks of Ed-Fi hosts share: arrange, look again, prove a refusal.

What only prepares and goes wrong raises NotVerified: the check of that step is the one that fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance import edfi_expect, expect
from conformance.edfi import EdfiClient
from conformance.edfi_bodies import Bodies
from conformance.edfi_expect import prepared
from conformance.edfi_shapes import KNOWN, STAYS, Body
from conformance.problems import Finding, NotVerified
from conformance.reply import Reply


def put_down(host: EdfiClient, name: str, body: Mapping[str, Any]) -> str:
    """Create a document as a preparation; its id, looked up where no Location tells it."""
    return host.put_down(name, body)


def seen(host: EdfiClient, name: str, number: str) -> tuple[Mapping[str, Any], Reply]:
    """A document as the host has it now; NotVerified if it cannot be read."""
    reply = prepared(host.get(name, number))
    return edfi_expect.document(reply), reply


def comes_back(
    host: EdfiClient, name: str, number: str, body: Mapping[str, Any], *members: str
) -> None:
    """A Finding unless the document has the values that were sent: of these members, or of all."""
    shown, reply = seen(host, name, number)
    wanted = {member: body[member] for member in members} if members else body
    edfi_expect.same(wanted, shown, reply)


def taken(reply: Reply, what: str) -> Reply:
    """A Finding unless the answer is 2xx; which 2xx is due is judged where that is the point."""
    expect.true(reply.ok, f"{what} is taken", reply, str(reply.status))
    return reply


def refuses(
    host: EdfiClient,
    name: str,
    wrong: object,
    good: Mapping[str, Any],
    fresh: Mapping[str, Any],
    *codes: int,
) -> Reply:
    """The wrong body is refused with one of these codes, and nothing of it is stored.

    `good` is the same record without the fault: it is taken, and as a new one, which the answer to
    `fresh`, a record that nobody has, tells how to recognise.
    """
    reply = host.post(name, wrong)
    control = _control(host.post(name, good))
    new = _control(host.post(name, fresh))
    edfi_expect.refused(reply, *codes)
    if control.status == 200 and new.status == 201:
        raise Finding(
            f"{reply.request} answered {reply.status} and the record was stored all the same",
            "201 to the proper record, which is new",
            "200: it was there",
            reply.exchange,
        )
    return reply


def _control(reply: Reply) -> Reply:
    if not reply.ok:
        raise NotVerified(
            f"the positive control failed, so nothing is proven: {reply.request} with a proper"
            f" record answered {reply.status} (exchange {reply.exchange})"
        )
    return reply


def control_holds(reply: Reply) -> Reply:
    """The proper request beside a wrong one was served; else the refusal proves nothing."""
    return _control(reply)


def in_district(host: EdfiClient, bodies: Bodies, student: Mapping[str, Any], **more: Any) -> str:
    """Create what the district knows of a student; the id."""
    return put_down(host, KNOWN, bodies.known(student, **more))


def course_in_terms(
    host: EdfiClient, bodies: Bodies, count: int
) -> tuple[Body, list[Body], list[Body]]:
    """A course, its sessions and a section in each of them."""
    course = bodies.course()
    put_down(host, "courses", course)
    spans = (
        ("Fall Semester", bodies.day(8, 20), bodies.day(12, 20)),
        ("Spring Semester", bodies.day(1, 5), bodies.day(6, 15)),
    )
    sessions, sections = [], []
    for term, begin, end in spans[:count]:
        session = bodies.session(term, begin, end)
        put_down(host, "sessions", session)
        offering = bodies.offering(course, session)
        put_down(host, "courseOfferings", offering)
        section = bodies.section(offering)
        put_down(host, "sections", section)
        sessions.append(session)
        sections.append(section)
    return course, sessions, sections


def stays_of(host: EdfiClient, student: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The enrolments of a student, by a query."""
    query = {"studentUniqueId": student["studentUniqueId"]}
    return edfi_expect.listed(prepared(host.get(STAYS, query=query)))
