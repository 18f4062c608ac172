"""Run one payload case: send its body, judge the answer, look what was kept."""

from __future__ import annotations

import re
import uuid

from lxml import etree

from conformance import expect, trees
from conformance.cases import Case
from conformance.checks.preparation import (
    MUST,
    accepted,
    control_holds,
    holds,
    must_be_stored,
    must_not_be_stored,
    objects_in,
)
from conformance.problems import Finding, NotVerified
from conformance.reply import Reply
from conformance.sif import SifClient

PATH = "xStudents/xStudent"


def check_refused(sif: SifClient, case: Case, student: etree._Element) -> None:
    """The case is refused and leaves nothing behind; an ordinary student is accepted."""
    ids = fresh_ids(student)
    reply = send(sif, case, ids)
    expect.status(reply, *case.status)
    for name in ("refid", "other"):
        must_not_be_stored(sif, ids[name], reply)
    control = sif.create(student)
    control_holds(control, "an ordinary student is accepted")


def check_accepted(sif: SifClient, case: Case, student: etree._Element) -> None:
    """The case is accepted and its facts can be read afterwards."""
    ids = fresh_ids(student)
    reply = send(sif, case, ids)
    refid = spelt(case, ids)
    try:
        accepted(reply, f"{case.name.replace('-', ' ')} is accepted")
        if objects_in(reply) and not holds(reply, refid):
            raise NotVerified("the target assigned another id, though the suggested one was a must")
        expect_facts(must_be_stored(sif, refid, reply), case, reply)
    finally:
        if reply.ok:
            sif.delete(refid)


def spelt(case: Case, ids: dict[str, str]) -> str:
    """The id as the body spells it."""
    found = re.search(rb'refId=["\']([^"\']+)', case.body(ids))
    return found[1].decode() if found else ids["refid"]


def send(sif: SifClient, case: Case, ids: dict[str, str]) -> Reply:
    """POST the body of the case; the suggested id is a must, so that it can be looked up."""
    headers = {**MUST, **case.headers}
    return sif.request("POST", PATH, body=case.body(ids), headers=headers)


def fresh_ids(student: etree._Element) -> dict[str, str]:
    """Ids nobody used before, and the school and district of a synthetic student."""
    school = trees.text(student, "enrollment", "schoolRefId") or str(uuid.uuid4()).upper()
    lea = trees.text(student, "enrollment", "leaRefId") or str(uuid.uuid4()).upper()
    return {
        "refid": str(uuid.uuid4()).upper(),
        "other": str(uuid.uuid4()).upper(),
        "school": school,
        "lea": lea,
    }


def expect_facts(kept: etree._Element, case: Case, reply: Reply) -> None:
    """Every fact of the case stands in the stored object with one of its values."""
    found = dict(trees.leaves(kept))
    for place, values in case.facts.items():
        if found.get(place) not in values:
            raise Finding(
                f"{place} was not kept as it was sent",
                " or ".join(values),
                found.get(place, "nothing"),
                reply.exchange,
                place,
            )
