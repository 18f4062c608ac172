"""Acknowledging a POD: the marker in the answer, and in every answer from then on."""

from __future__ import annotations

import random

import pytest
from lxml import etree

from conformance import expect, pods, trees
from conformance.checks.pod.doors import Draw, ended
from conformance.checks.preparation import (
    created,
    id_of,
    offered,
    one_page,
    only,
    partial,
    prepared,
    renew,
)
from conformance.reply import Reply
from conformance.sif import MARKER, SifClient
from conformance.verifies import verifies


def covered(sif: SifClient, student: etree._Element) -> list[Reply]:
    """Answers to one message of each kind that a POD covers."""
    first = sif.create(student)
    refid = id_of(first, student)
    update = partial(student, only(student, sif.model.given, "Qvexwren"))
    update.set(trees.key_of(update), refid)
    replies = [first]
    if offered(sif, "query"):
        replies += [sif.get(refid), one_page(sif)]
    if offered(sif, "update"):
        replies += [sif.update(refid, update), sif.update_many([update])]
    return replies


@verifies("POD-ACK-003")
def check_covered_answers_carry_the_marker_header(sif: SifClient, student: etree._Element) -> None:
    """Answers to create, read, list and update carry exactly one dataPrivacyMarker, not empty."""
    for reply in covered(sif, student):
        prepared(reply)
        expect.present(reply, MARKER)
        expect.equal(len(reply.headers.all(MARKER)), 1, "number of marker headers", reply)


@verifies("POD-ACK-005")
def check_covered_answers_name_the_pod_in_force(sif: SifClient, student: etree._Element) -> None:
    """The marker in every covered answer is, byte for byte, the token of the POD in force."""
    assert sif.pod is not None
    for reply in covered(sif, student):
        if MARKER in prepared(reply).headers:
            expect.header(reply, MARKER, sif.pod.token)


TOKENS = {
    "short": (12, "abcdef0123456789"),
    "mixed case": (40, "aAbBcCdDeEfF"),
    "signs": (64, "abcXYZ019.-_"),
    "long": (128, "abcdefghijklmnopqrstuvwxyz0123456789"),
}


@pytest.mark.parametrize("form", sorted(TOKENS))
@verifies("POD-ACK-005")
def check_token_comes_back_as_it_was_given(sif: SifClient, rng: random.Random, form: str) -> None:
    """A POD is acknowledged with its own token: short, long, mixed case, with dots and dashes."""
    length, alphabet = TOKENS[form]
    pod = sif.new_pod(token=pods.fresh_token(rng, length, alphabet))
    reply = sif.push_pod(pod)
    expect.true(reply.ok, "the POD is accepted", reply, str(reply.status))
    expect.header(reply, MARKER, pod.token)
    sif.use(pod)


@verifies("POD-ACK-006", negative=True)
def check_token_of_an_undelivered_pod_opens_nothing(sif: SifClient, students: Draw) -> None:
    """The token of a POD that was never sent is refused; that of the delivered one is taken."""
    first, second = students(2)
    kept_back = sif.new_pod()
    reply = sif.create(first, marker=kept_back.token)
    expect.one_of(reply.status // 100, (4,), "first digit of the status", reply)
    expect.true(reply.marker != kept_back.token, "the token is not taken for acknowledged", reply)
    created(sif, second)


@verifies("POD-ACK-006", negative=True)
def check_without_a_pod_no_marker_opens(sif: SifClient, students: Draw, rng: random.Random) -> None:
    """While no POD is in force a made-up marker is refused; under a new POD data is taken."""
    ended(sif)
    first, second = students(2)
    reply = sif.create(first, marker=pods.fresh_token(rng))
    expect.equal(reply.status // 100, 4, "first digit of the status", reply)
    renew(sif)
    created(sif, second)
