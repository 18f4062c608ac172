"""Acknowledging: nothing before it, bound to one version and party, on record."""

from __future__ import annotations

import pytest

from conformance import expect
from conformance.checks.broker.doors import SHOWN
from conformance.checks.preparation import objects_in
from conformance.hub_client import HubClient
from conformance.hub_pods import PENDING, Seen
from conformance.hub_race import Race, race
from conformance.hub_stage import HubStage, control
from conformance.problems import NotVerified
from conformance.reply import Reply
from conformance.verifies import verifies


def early_data(run: Race) -> None:
    """A Finding if a reader got data before the moment began."""
    if not run.before() or not run.after():
        raise NotVerified("no reader was answered on both sides of the moment")
    for reply in run.before():
        expect.true(not objects_in(reply), "no data before the acknowledgement", reply)


@verifies("POD-GATE-001", negative=True)
def check_no_reader_gets_data_before_the_receipt(hub: HubStage) -> None:
    """Of many readers with the token none gets data before the receipt, and all do after it."""
    hub.need("receipt")
    hub.receipts_only(hub.a)
    pod = hub.grant(hub.a, *SHOWN)
    told = hub.a.hash_of(pod)
    run = race(hub, hub.a, pod.token, lambda: _taken(hub.a.receipt(pod, podHash=told)))
    early_data(run)
    for reply in run.after():
        expect.true(bool(objects_in(reply)), "data after the receipt", reply)


def _taken(reply: Reply) -> None:
    control(reply, "the receipt is taken")


@verifies("POD-GATE-001", negative=True)
def check_no_reader_without_a_token_gets_data(hub: HubStage) -> None:
    """Of many readers without the token none gets data while another one acknowledges the POD."""
    pod = hub.grant(hub.a, *SHOWN)
    run = race(hub, hub.a, "", lambda: _taken(hub.a.students(pod.token)))
    for reply in [*run.before(), *run.after()]:
        expect.true(not objects_in(reply), "no data without the token", reply)


WRONG = {
    "version": {"podVersion": "999.0.0"},
    "token": {"podToken": "another-token"},
    "hash": {"podHash": "sha256:" + "0" * 64},
}


@pytest.mark.parametrize("what", sorted(WRONG))
@verifies("POD-ACK-011", negative=True)
def check_receipt_for_something_else_is_409(hub: HubStage, what: str) -> None:
    """A receipt with another version, token or hash is refused with 409 and has no effect."""
    hub.receipts_only(hub.a)
    pod = hub.grant(hub.a, *SHOWN)
    expect.status(hub.a.receipt(pod, **WRONG[what]), 409)
    expect.equal(_status(hub.a, pod), PENDING, "the status of the POD", hub.a.heard[-1])
    control(hub.a.receipt(pod), "the right receipt is taken")


@verifies("POD-ACK-011", negative=True)
def check_receipt_of_another_party_is_refused(hub: HubStage) -> None:
    """A receipt by another party is refused with 403 or 404 and has no effect."""
    hub.receipts_only(hub.a)
    pod = hub.grant(hub.a, *SHOWN)
    told = hub.a.hash_of(pod)
    hub.grant(hub.b, *SHOWN)
    expect.status(hub.b.receipt(pod, podHash=told), 403, 404)
    expect.equal(_status(hub.a, pod), PENDING, "the status of the POD", hub.a.heard[-1])
    control(hub.a.receipt(pod), "the receipt of the party is taken")


@verifies("POD-ACK-011", negative=True)
def check_receipt_that_is_none_is_refused(hub: HubStage) -> None:
    """A receipt without its members is refused with 422, one for an unknown POD with 404."""
    pod = hub.grant(hub.a, *SHOWN)
    expect.status(hub.a.post_receipt(pod.id, {"decision": "ACKNOWLEDGED"}), 422)
    told = hub.a.hash_of(pod)
    stranger = Seen(pod.element, "00000000-0000-4000-8000-000000000000", PENDING, pod.token, "1")
    expect.status(hub.a.receipt(stranger, podHash=told), 404)


@verifies("POD-ACK-012")
def check_same_receipt_again_has_the_same_id(hub: HubStage) -> None:
    """The first receipt is answered 201, the same again 200, both with one id."""
    pod = hub.grant(hub.a, *SHOWN)
    told = hub.a.hash_of(pod)
    first = hub.a.receipt(pod, podHash=told)
    expect.status(first, 201)
    again = hub.a.receipt(pod, podHash=told)
    expect.status(again, 200)
    expect.equal(_receipt_id(again), _receipt_id(first), "the acknowledgementId", again)


def _receipt_id(reply: Reply) -> str:
    found = reply.body.partition(b'"acknowledgementId"')[2].split(b'"')
    expect.true(len(found) > 1, "the answer has an acknowledgementId", reply)
    return found[1].decode()


def _status(who: HubClient, pod: Seen) -> str:
    return next((one.status for one in who.listed() if one.id == pod.id), "")


@verifies("POD-ACK-013")
def check_acknowledgement_is_on_record(hub: HubStage) -> None:
    """After the first use of a token the audit has a new line with POD, version, time and way."""
    pod = hub.grant(hub.a, *SHOWN)
    before = hub.operator.audit()
    hub.acknowledged(hub.a, pod)
    after = hub.operator.audit()
    expect.equal(after[: len(before)], before, "the lines that were there")
    told = after[len(before) :]
    named = [one for one in told if pod.id in one and pod.version in one and "marker" in one]
    expect.true(bool(named), "the acknowledgement is on record", None, f"{len(told)} new lines")
