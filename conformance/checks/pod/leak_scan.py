"""The leak scan: nothing that was refused, held back, or given by another district is told."""

from __future__ import annotations

import random
from copy import deepcopy

from lxml import etree

from conformance import leaks, pods, trees
from conformance.checks.pod.districts import at, created_at, forget, second_district
from conformance.checks.pod.doors import Draw, refused, show_all
from conformance.checks.pod.elsewhere import listening, own_addresses, settled
from conformance.checks.pod.least_data import FEW, pruned
from conformance.checks.preparation import created, offered, prepared, renamed, renew
from conformance.evidence import Evidence
from conformance.leaks import Watch
from conformance.problems import NotVerified
from conformance.sif import SifClient
from conformance.verifies import verifies

PARTS = ("name", "localId", "enrollment")


def refuse_full(sif: SifClient, refid: str, full: etree._Element, rng: random.Random) -> None:
    """Have messages with more than was granted refused: for their marker, or for their form."""
    assert sif.pod is not None
    for marker in (None, pods.fresh_token(rng), sif.pod.token[:-1]):
        refused(sif.create(full, marker=marker))
        refused(sif.create_many([full], marker=marker))
        if offered(sif, "update"):
            changed = renamed(full, refid, "Qvexmuggle")
            refused(sif.update(refid, changed, marker=marker))
            refused(sif.update_many([changed], marker=marker))
    broken = deepcopy(full)
    broken.append(etree.Element(f"{{{trees.NA4}}}unheardOf"))
    refused(sif.create(broken))
    refused(sif.request("POST", "xStudents/xStudent", body=trees.tostring(full)[:-40]))


def ask_around(sif: SifClient, refid: str, stranger: str) -> None:
    """Ask for what there is and for what there is not, and deliver a POD once more."""
    if offered(sif, "query"):
        for one in (refid, stranger, pods.fresh_id()):
            sif.get(one)
    assert sif.pod is not None
    sif.push_pod(sif.pod)
    show_all(sif)


@verifies("DAT-POD-007", negative=True)
def check_nothing_held_back_is_told(
    sif: SifClient, students: Draw, rng: random.Random, evidence: Evidence
) -> None:
    """Of refused students no canary is in any answer, export or call; of granted elements it is."""
    full, known = students(2)
    with listening(sif.config) as (relay, address), leaks.watching(evidence) as watch:
        named = own_addresses(sif)
        renew(sif, fields=FEW, endpoints=named, contract_uri=f"{address}/contract")
        watch.know(deepcopy(known), FEW)
        refid = created(sif, pruned(deepcopy(known), *PARTS))
        watch.know(full)
        refuse_full(sif, refid, full, rng)
        ask_around(sif, refid, trees.refid(full))
        settled(sif)
        for number, call in enumerate(relay.exchanges, 1):
            watch.called(call, number)
    judged(watch)


@verifies("DAT-POD-007")
def check_what_is_not_granted_any_more_is_not_shown(
    sif: SifClient, student: etree._Element, evidence: Evidence
) -> None:
    """Under a narrower POD, answers and exports show the granted elements and none withdrawn."""
    with leaks.watching(evidence) as watch:
        number = watch.know(student, leaks.WHOLE)
        refid = created(sif, student)
        renew(sif, fields=FEW)
        watch.allow(number, FEW)
        watch.seen.clear()
        ask_around(sif, refid, pods.fresh_id())
    judged(watch)


@verifies("DAT-POD-007", negative=True)
def check_other_districts_are_not_told(sif: SifClient, students: Draw, evidence: Evidence) -> None:
    """Of a student in one district no canary is in an answer or export of the other."""
    own, other = sif.pod, second_district(sif)
    assert own is not None
    here, there = students(2)
    created(sif, here)
    prepared(created_at(sif, other, there, other.token))
    with leaks.watching(evidence) as watch:
        watch.know(here, leaks.WHOLE)
        watch.know(there)
        ask_around(sif, trees.refid(here), trees.refid(there))
    seen_there = Watch()
    seen_there.know(there, leaks.WHOLE)
    if offered(sif, "query"):
        reply = sif.request("GET", at(other.zone, sif.model.students), marker=other.token)
        seen_there.look("the list of the other district", reply.body, reply.exchange)
    forget(sif, other, there)
    if offered(sif, "query") and not seen_there.seen:
        raise NotVerified("the student of the other district is not to be seen there either")
    judged(watch)


def judged(watch: Watch) -> None:
    """No leak, after canaries in granted elements were seen: the scan can see."""
    leaks.refuse(watch)
    if not watch.seen:
        raise NotVerified(
            "no canary in a granted element was seen in any answer, so the scan proves nothing"
        )
