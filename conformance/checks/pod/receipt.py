"""The acknowledgement as a record of its own, in the answer to the POD: which text, by its hash.

A rule of the privacy profile. Vendors say with `[pod] receipt` that they send it where the caller
reads JSON; a record that comes without that has to be right as well.
"""

from __future__ import annotations

from typing import Any

from conformance import expect, pod_forms
from conformance.checks.preparation import prepared
from conformance.pods import Pod
from conformance.problems import NotApplicable
from conformance.reply import Reply, read_json
from conformance.sif import SifClient
from conformance.verifies import verifies

ASKED = {"Accept": "application/json, application/xml;q=0.5"}


def record(reply: Reply) -> dict[str, Any]:
    """The record in the answer, empty if there is none."""
    try:
        told = read_json(reply.body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) and "podHash" in told else {}


def answered(sif: SifClient, pod: Pod) -> Reply:
    """Deliver a POD as a caller that reads JSON."""
    reply = prepared(sif.push_pod(pod, headers=ASKED))
    sif.use(pod)
    return reply


@verifies("POD-ACK-009")
def check_acknowledgement_names_the_text_it_is_for(sif: SifClient) -> None:
    """The answer to a POD is a record with its id, version, token, a hash and the decision."""
    if not sif.config.pod.receipt:
        raise NotApplicable("the target does not claim [pod] receipt")
    pod = sif.new_pod(version="3.1.4")
    reply = answered(sif, pod)
    told = record(reply)
    expect.true(bool(told), "the answer is a record with podHash", reply)
    expect.same_id(str(told.get("podId", "")), pod.refid, "podId", reply)
    expect.equal(told.get("podVersion"), "3.1.4", "podVersion", reply)
    expect.equal(told.get("podToken"), pod.token, "podToken", reply)
    expect.equal(told.get("decision"), "ACKNOWLEDGED", "decision", reply)


@verifies("POD-ACK-010")
def check_hash_in_the_acknowledgement_is_right(sif: SifClient) -> None:
    """The hash in the record is that of the POD that was delivered; two texts have two hashes."""
    seen = set()
    for contract in ("An agreement", "Another agreement"):
        pod = sif.new_pod(contract=contract)
        reply = answered(sif, pod)
        told = record(reply)
        if not told:
            raise NotApplicable("the answer to a POD holds no record with a hash")
        expect.one_of(told["podHash"], sorted(pod_forms.hashes(pod.element)), "podHash", reply)
        seen.add(told["podHash"])
    expect.equal(len(seen), 2, "number of different hashes")
