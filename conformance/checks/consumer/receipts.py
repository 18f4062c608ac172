"""The explicit acknowledgement of our profile: what it names, its hash, and the rejection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance import expect, pod_forms, trees
from conformance.checks.consumer.looking import (
    deliveries,
    introduced,
    receipts,
    uses,
    why,
    working,
)
from conformance.pods import Pod
from conformance.problems import NotVerified
from conformance.reply import read_json
from conformance.stage.calls import Call
from conformance.stage.observing import through_relay
from conformance.stage.play import Stage, covered
from conformance.verifies import verifies


def told_in(call: Call) -> dict[str, Any]:
    """The members of an acknowledgement, none if it is no JSON object."""
    try:
        told = read_json(call.asked.body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def of_new_documents(stage: Stage) -> tuple[Mapping[str, Pod], list[Call]]:
    """New documents that the client has read and works with, and its acknowledgements."""
    made, calls = introduced(stage, uses)
    if not any(uses(one, made) for one in calls):
        raise NotVerified(f"the new document was not used: {why(calls)}")
    return made, receipts(calls)


@through_relay
@verifies("POD-ACK-009")
def check_receipt_names_the_document(stage: Stage) -> None:
    """A new POD is acknowledged explicitly, with its id, version, token, a hash and a decision."""
    made, sent = of_new_documents(stage)
    ids = {pod.refid: pod for pod in made.values()}
    what = "an acknowledgement was sent to privacy/pods/{id}/acknowledgements"
    expect.true(bool(sent), what, None, "none came")
    for call in sent:
        told = told_in(call)
        expect.one_of(told.get("podId"), ids, "podId of the acknowledgement", call.message)
        pod = ids[told["podId"]]
        version = trees.text(pod.element, "podVersion")
        expect.equal(told.get("podVersion"), version, "podVersion", call.message)
        expect.equal(told.get("podToken"), pod.token, "podToken", call.message)
        expect.equal(told.get("decision"), "ACKNOWLEDGED", "decision", call.message)
        spelled = str(told.get("podHash", "")).startswith("sha256:")
        expect.true(spelled, "podHash starts with sha256:", call.message)


@through_relay
@verifies("POD-ACK-010")
def check_receipt_holds_the_hash_of_the_document(stage: Stage) -> None:
    """The hash in an acknowledgement is the one that the suite computes of the same POD."""
    made, sent = of_new_documents(stage)
    named = {pod.refid: pod for pod in made.values()}
    known = [(call, named[told_in(call).get("podId", "")]) for call in sent
             if told_in(call).get("podId") in named]  # fmt: skip
    if not known:
        raise NotVerified("no acknowledgement of the new document came")
    for call, pod in known:
        wanted = pod_forms.hashes(pod.element)
        expect.one_of(told_in(call).get("podHash"), wanted, "podHash", call.message)


@verifies("POD-ACK-015")
def check_nothing_is_requested_after_a_rejection(stage: Stage) -> None:
    """The client rejects a POD when it is told to, and asks for no data under it afterwards."""
    working(stage)
    made = stage.renew()

    def rejects(call: Call) -> bool:
        return call in receipts([call]) and told_in(call).get("decision") == "REJECTED"

    calls = stage.synchronise(lambda some: any(map(rejects, some)), "reject")
    if not deliveries(calls, made):
        raise NotVerified(f"the document to be rejected was not read: {why(calls)}")
    rejected = [one for one in calls if rejects(one)]
    if not rejected and not stage.by_machine("reject"):
        raise NotVerified("no rejection came; was the client told to reject the document?")
    expect.true(
        bool(rejected), "the document is rejected with decision REJECTED", None, "it is not"
    )
    zones = {one.zone for one in rejected}
    last = rejected[-1]
    stage.synchronise(silence=True)
    stage.watch(lambda call: call.covered and call.zone in zones)
    later = stage.calls()
    for call in covered(later[later.index(last) + 1 :]):
        quiet = call.zone not in zones
        expect.true(quiet, "no data is asked for after the rejection", call.message)
