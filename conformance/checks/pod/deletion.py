"""Deletion: of one student, of all data with the end of an agreement, and on instruction."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from lxml import etree

from conformance import expect, leaks
from conformance.checks.pod.binding import operator
from conformance.checks.pod.doors import Draw, ended, show_all
from conformance.checks.preparation import (
    all_created,
    created,
    must_not_be_stored,
    offered,
    prepared,
    renew,
)
from conformance.evidence import Evidence
from conformance.problems import NotApplicable, NotVerified
from conformance.reply import read_json
from conformance.sif import SifClient
from conformance.verifies import verifies

LONGEST_WAIT = 600  # seconds; who needs longer attests the deletion


@verifies("POD-END-004")
def check_deleted_student_shows_up_nowhere(
    sif: SifClient, student: etree._Element, evidence: Evidence
) -> None:
    """After the deletion neither the list nor an export shows anything of the student."""
    with leaks.watching(evidence) as watch:
        number = watch.know(student, leaks.WHOLE)
        refid = created(sif, student)
        show_all(sif)
        if not watch.seen:
            raise NotVerified("the student is not to be seen before the deletion either")
        watch.allow(number, ())
        prepared(sif.delete(refid))
        show_all(sif)
    leaks.refuse(watch)


@verifies("POD-END-004")
def check_data_is_gone_after_the_end(sif: SifClient, students: Draw, evidence: Evidence) -> None:
    """When an agreement without days of retention ends, nothing of its data is shown in time."""
    within = sif.config.pod.delete_within_seconds
    if within is None or within > LONGEST_WAIT:
        raise NotApplicable(f"[pod] delete_within_seconds names no time up to {LONGEST_WAIT} s")
    renew(sif, retention_days=0)
    drawn = students(2)
    with leaks.watching(evidence) as watch:
        numbers = [watch.know(one, leaks.WHOLE) for one in drawn]
        refids = all_created(sif, drawn)
        show_all(sif)
        if not watch.seen:
            raise NotVerified("the students are not to be seen before the end either")
        ended(sif)
        time.sleep(within)
        for number in numbers:
            watch.allow(number, ())
        renew(sif)
        show_all(sif)
        if offered(sif, "query"):
            for refid in refids:
                must_not_be_stored(sif, refid, sif.get(refid))
    leaks.refuse(watch)


@verifies("POD-END-003")
def check_instruction_to_delete_is_confirmed(sif: SifClient, student: etree._Element) -> None:
    """An instruction to delete what came under a POD is answered with date and scope."""
    url = sif.config.pod.deletion_url
    if not url:
        raise NotApplicable("the target names no [pod] deletion_url")
    assert sif.pod is not None
    created(sif, student)
    told = {"podId": sif.pod.refid, "deleteBy": datetime.now(UTC).date().isoformat()}
    reply = operator(sif, url, json.dumps(told).encode())
    expect.true(reply.ok, "the instruction is taken", reply, str(reply.status))
    try:
        answer: Any = read_json(reply.body)
    except ValueError:
        answer = None
    expect.true(isinstance(answer, dict), "the answer is a JSON object", reply)
    expect.true(is_recent(answer.get("deletedAt")), "deletedAt is a date of today", reply)
    expect.true(bool(answer.get("scope")), "scope says what was deleted", reply)


def is_recent(text: object) -> bool:
    """Whether a text begins with a date that is not further away than a day."""
    try:
        day = datetime.fromisoformat(str(text)[:10]).replace(tzinfo=UTC)
    except ValueError:
        return False
    return abs(datetime.now(UTC) - day) < timedelta(days=2)
