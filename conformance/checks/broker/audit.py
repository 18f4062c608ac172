"""The audit that the district's operator exports: it only grows, and holds no values."""

from __future__ import annotations

import re
from hashlib import sha256
from itertools import pairwise

from conformance import expect, trees
from conformance.checks.broker.doors import SHOWN, opened
from conformance.hub_stage import HubStage
from conformance.problems import NotVerified
from conformance.verifies import verifies

_DIGEST = re.compile(r"[0-9a-f]{64}")


@verifies("POD-AUD-001")
def check_audit_is_a_chain_that_grows(hub: HubStage) -> None:
    """Each line names the line before it by a hash, and no line that was there changes."""
    pod = hub.open(hub.a, *SHOWN)
    before = hub.operator.audit()
    hub.a.students()
    hub.a.students(pod.token)
    hub.grant(hub.a, *SHOWN)
    after = hub.operator.audit()
    expect.true(len(after) > len(before), "the audit tells what happened")
    expect.equal(after[: len(before)], before, "the lines that were there")
    loose = [one for one, two in pairwise(after) if not _names(two, one)]
    expect.equal(len(loose), 0, "lines that the next one does not name by their hash")


def _names(line: str, before: str) -> bool:
    """Whether a line holds the SHA-256 of the one before it, or a digest that stands there too."""
    told = set(_DIGEST.findall(line))
    return bool(told & {sha256(before.encode()).hexdigest(), *_DIGEST.findall(before)})


@verifies("POD-AUD-001", negative=True)
def check_audit_holds_no_values(hub: HubStage) -> None:
    """The audit of reading students and of a refusal holds no value that names a person."""
    pod = hub.usable(hub.a, *SHOWN)
    data = opened(hub.a.students(pod.token), "the token opens the list")
    if not hub.district.canaries(data.body):
        raise NotVerified("the list of students holds none of the values looked for")
    hub.a.one(trees.refid(hub.district.student(0)))
    told = hub.district.canaries("\n".join(hub.operator.audit()).encode())
    expect.equal(len(told), 0, "values that name a person in the audit")
