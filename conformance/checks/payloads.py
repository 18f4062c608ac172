"""Run one payload case: send its body, judge the answer, look what was kept."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest
from lxml import etree

from conformance import cases, expect, trees
from conformance.cases import Case
from conformance.checks.preparation import (
    MUST,
    accepted,
    control_holds,
    created,
    holds,
    must_be_stored,
    must_be_unchanged,
    must_not_be_stored,
    objects_in,
    offered,
    prepared,
    stored,
    xpress_only,
)
from conformance.checks.readings import due
from conformance.problems import Finding, NotApplicable, NotVerified
from conformance.reply import Reply
from conformance.sif import SifClient


def each(outcome: str, *requirements: str, kind: str = "") -> pytest.MarkDecorator:
    """Parametrise a check by all cases of these requirements and this kind."""
    found = cases.load(outcome, *requirements, kind=kind)
    return pytest.mark.parametrize("case", found, ids=lambda one: one.name)


def check_refused(sif: SifClient, case: Case, student: etree._Element) -> None:
    """The case is refused and leaves nothing behind; an ordinary object is accepted."""
    xpress_only(sif)
    _refuse_unless_provided(sif, case)
    ids = fresh_ids(student)
    reply = send(sif, case, ids)
    suggested = [ids[name] for name in ("refid", "other") if case.names(name)]
    try:
        expect.status(reply, *case.status)
        for refid in suggested:
            must_not_be_stored(sif, refid, reply, case.object)
    except Finding:
        _remove(sif, case, suggested)
        raise
    control_holds(_ordinary(sif, case, student), f"an ordinary {case.object} is accepted")


def check_taken(sif: SifClient, case: Case, student: etree._Element) -> None:
    """The id of a student who exists is refused in the spelling of the case; nothing changes."""
    xpress_only(sif)
    ids = fresh_ids(student)
    control = send(sif, case, ids | {"taken": ids["other"]})
    control_holds(control, "the same body is accepted with an id that nobody has")
    _remove(sif, case, [ids["other"]])
    taken = created(sif, student, headers=MUST)
    before = must_be_stored(sif, taken)
    reply = send(sif, case, ids | {"taken": taken})
    expect.status(reply, *case.status)
    must_be_unchanged(sif, taken, before, reply)


def check_not_both(sif: SifClient, case: Case, student: etree._Element) -> None:
    """Of two members with one id at most one is created, and it is one of those that were sent."""
    xpress_only(sif)
    ids = fresh_ids(student)
    sent = [dict(trees.leaves(one)) for one in trees.parse(case.body(ids))]
    reply = send(sif, case, ids)
    try:
        if reply.ok:
            fine = [one for one in objects_in(reply, "create") if _succeeded(one)]
            expect.true(len(fine) < 2, "at most one of the two is created", reply, str(len(fine)))
        else:
            expect.status(reply, *case.status)
        _refuse_mixture(stored(sif, ids["refid"]), sent, reply)
    finally:
        _remove(sif, case, [ids["refid"]])
    control_holds(sif.create(student), "an ordinary student is accepted")


def check_accepted(sif: SifClient, case: Case, student: etree._Element) -> None:
    """The case is accepted and its facts can be read afterwards."""
    with sent_and_looked_at(sif, case, student):
        pass


@contextmanager
def sent_and_looked_at(
    sif: SifClient, case: Case, student: etree._Element
) -> Iterator[etree._Element]:
    """As `check_accepted`; gives the body that was sent while the target still has the object."""
    xpress_only(sif)
    _refuse_unless_provided(sif, case)
    ids = fresh_ids(student)
    body = trees.parse(case.body(ids))
    refids = [trees.refid(one).strip() for one in (body if case.many else [body])]
    reply = send(sif, case, ids)
    try:
        accepted(reply, f"{case.name.replace('-', ' ')} is accepted")
        if case.many:
            _expect_each_created(reply, len(refids))
        elif objects_in(reply, case.object) and not holds(reply, refids[0], case.object):
            raise NotVerified("the target assigned another id, though the suggested one was a must")
        kept = [_kept(sif, case, refid, reply) for refid in refids]
        found = trees.collection(case.path, kept) if case.many else kept[0]
        expect_facts(found, _facts(sif, case, body), reply)
        yield body
    finally:
        if reply.ok:
            _remove(sif, case, refids)


def send(sif: SifClient, case: Case, ids: dict[str, str]) -> Reply:
    """POST the body of the case; the suggested id is a must, so that it can be looked up."""
    headers = {**MUST, **case.headers}
    return sif.request("POST", case.path, body=case.body(ids), headers=headers)


def fresh_ids(student: etree._Element) -> dict[str, str]:
    """Ids nobody used before, and the school and district of a synthetic student."""
    school = trees.text(student, "enrollment", "schoolRefId") or _new_id()
    lea = trees.text(student, "enrollment", "leaRefId") or _new_id()
    return {"refid": _new_id(), "other": _new_id(), "school": school, "lea": lea}


def _facts(sif: SifClient, case: Case, body: etree._Element) -> dict[str, tuple[str, ...]]:
    """The facts of the case; by its own profile what the vendor makes of them."""
    facts = dict(case.facts)
    if case.many or case.object != "xStudent":
        return facts
    judged = [re.sub(r"\[\d+\]", "", place) for place in facts]
    sent, made = dict(trees.leaves(body)), dict(trees.leaves(due(sif, body, *judged)))
    moved = [place for place in facts if sent.get(place) != made.get(place)]
    return facts | {place: (made.get(place, ""),) for place in moved}


def expect_facts(kept: etree._Element, facts: Mapping[str, Sequence[str]], reply: Reply) -> None:
    """Every fact stands in the stored object with one of its values."""
    found = dict(trees.leaves(kept))
    for place, values in facts.items():
        if found.get(place, "") not in values:
            raise Finding(
                f"{place} was not kept as it was sent",
                " or ".join(value or "nothing" for value in values),
                found.get(place, "nothing"),
                reply.exchange,
                place,
            )


def _new_id() -> str:
    return str(uuid.uuid4()).upper()


def _refuse_unless_provided(sif: SifClient, case: Case) -> None:
    """Students are what every receiver takes; other objects only if its environment lists them."""
    if case.object == "xStudent" or sif.environment is None:
        return
    services = trees.every(sif.environment.element, "service")
    if f"{case.object}s" not in {one.get("name") for one in services}:
        raise NotApplicable(f"the environment offers no {case.object}s")


def _ordinary(sif: SifClient, case: Case, student: etree._Element) -> Reply:
    """The answer to a student, or to the first case of this object that must be accepted."""
    if case.object == "xStudent":
        return sif.create(student)
    plain = cases.load("accept", objects=(case.object,))[0]
    ids = fresh_ids(student)
    reply = send(sif, plain, ids)
    if reply.ok:
        _remove(sif, plain, [ids["refid"]])
    return reply


def _kept(sif: SifClient, case: Case, refid: str, reply: Reply) -> etree._Element:
    """The object as it is stored; of a target without query, as it answered it."""
    if offered(sif, "query"):
        return must_be_stored(sif, refid, reply, case.object)
    found = objects_in(reply, case.object)
    if case.many or not found:
        raise NotVerified("what the target stored cannot be seen: it does not declare query")
    return found[0]


def _expect_each_created(reply: Reply, members: int) -> None:
    results = objects_in(prepared(reply), "create")
    if len(results) != members:
        raise NotVerified("there is not one result for each object; that is judged elsewhere")
    fine = [one for one in results if _succeeded(one)]
    expect.equal(len(fine), members, "number of objects that were created", reply)


def _succeeded(result: etree._Element) -> bool:
    return (result.get("statusCode") or "").startswith("2")


def _refuse_mixture(kept: etree._Element | None, sent: list[dict[str, str]], reply: Reply) -> None:
    place = "xStudent/name/familyName"
    names = [one.get(place, "") for one in sent]
    if kept is not None:
        seen = dict(trees.leaves(kept)).get(place, "")
        expect.one_of(seen, names, "the family name that was stored", reply)


def _remove(sif: SifClient, case: Case, refids: list[str]) -> None:
    if offered(sif, "delete"):
        for refid in refids:
            sif.delete(refid, f"{case.object}s")
