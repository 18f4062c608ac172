"""What an acknowledgement is bound to: one version, one text, from now on, also after a restart."""

from __future__ import annotations

import random
import time

from conformance import auth, expect, pods
from conformance.checks.pod.doors import REFUSALS, Draw, opens
from conformance.checks.preparation import accepted, control_holds, created, prepared
from conformance.pods import Pod
from conformance.problems import NotApplicable, NotVerified
from conformance.reply import Reply
from conformance.sif import MARKER, SifClient
from conformance.verifies import verifies

OTHER = "Another conformance test agreement"
PUSHES = 5
MANY = ("xStudent", *(f"xStudent/part{number}" for number in range(60)))


def next_version(sif: SifClient) -> Pod:
    """The POD in force in its next version, with a token of its own; not delivered yet."""
    assert sif.pod is not None
    return sif.new_pod(refid=sif.pod.refid, version="2.0.0", contract=OTHER)


@verifies("POD-ACK-012")
def check_same_pod_again_is_acknowledged_alike(sif: SifClient, students: Draw) -> None:
    """A POD that is delivered twice is acknowledged twice alike, and data flows as before."""
    before, after = students(2)
    created(sif, before)
    pod = sif.new_pod()
    markers = set()
    for _ in range(2):
        markers.add(accepted(sif.push_pod(pod), "the POD is accepted").marker)
    expect.equal(len(markers), 1, "number of different acknowledgements")
    opens(sif.create(after, marker=pod.token), "data is taken under it")
    sif.use(pod)


@verifies("POD-ACK-011", negative=True)
def check_changed_text_is_not_acknowledged_as_the_old_one(sif: SifClient, students: Draw) -> None:
    """Another text under the same id, version and token is refused, and the old one stays."""
    assert sif.pod is not None
    before, after = students(2)
    created(sif, before)
    pod = sif.pod
    changed = sif.new_pod(refid=pod.refid, token=pod.token, contract=OTHER)
    reply = sif.push_pod(changed)
    expect.equal(reply.status // 100, 4, "first digit of the status", reply)
    control_holds(sif.create(after), "under the text that was acknowledged data is taken")


@verifies("POD-VER-002", negative=True)
def check_token_of_the_version_before_is_refused_at_once(sif: SifClient, students: Draw) -> None:
    """Once a new version is acknowledged, the token of the one before opens nothing any more."""
    known, refused, taken = students(3)
    created(sif, known)
    old, new = sif.pod, next_version(sif)
    assert old is not None
    prepared(sif.push_pod(new))
    sif.use(new)
    reply = sif.create(refused, marker=old.token)
    expect.one_of(reply.status, REFUSALS, "status", reply)
    control_holds(sif.create(taken), "the token of the new version opens the door")


@verifies("POD-VER-003")
def check_next_answer_carries_the_new_marker(sif: SifClient, students: Draw) -> None:
    """The first answer under a new version carries its token and the old one no more."""
    known, fresh = students(2)
    created(sif, known)
    new = next_version(sif)
    prepared(sif.push_pod(new))
    sif.use(new)
    reply = prepared(sif.create(fresh))
    if MARKER in reply.headers:
        expect.header(reply, MARKER, new.token)


@verifies("POD-ACK-014")
def check_pod_is_acknowledged_in_time(sif: SifClient) -> None:
    """The median time from the push of a POD to its acknowledgement is within the limit."""
    seconds = []
    for _ in range(PUSHES):
        pod = sif.new_pod(fields=MANY)
        begun = time.perf_counter()
        prepared(sif.push_pod(pod))
        seconds.append(time.perf_counter() - begun)
        sif.use(pod)
    seconds.sort()
    limit = sif.config.pod.acknowledge_within_seconds
    said = f"median {seconds[PUSHES // 2]:.2f} s, longest {seconds[-1]:.2f} s"
    expect.true(
        seconds[PUSHES // 2] <= limit, f"PODs are acknowledged within {limit:g} s", None, said
    )


@verifies("POD-ACK-008")
def check_agreement_outlives_a_restart(sif: SifClient, students: Draw, rng: random.Random) -> None:
    """After a restart the marker in force opens as before, and is in the answer; others do not."""
    before, after, refused = students(3)
    created(sif, before)
    restart(sif)
    reply = sif.create(after)
    if reply.status == 401:  # sessions may end with a restart, agreements may not
        sif.connect()
        reply = sif.create(after)
    opens(reply, "data is taken under the POD that was in force")
    assert sif.pod is not None
    if MARKER in reply.headers:
        expect.header(reply, MARKER, sif.pod.token)
    unknown = sif.create(refused, marker=pods.fresh_token(rng))
    expect.one_of(unknown.status, REFUSALS, "status", unknown)


def restart(sif: SifClient) -> None:
    """Have the vendor restart its product, by the address it declares."""
    url = sif.config.pod.restart_url
    if not url:
        raise NotApplicable("the target names no [pod] restart_url")
    reply = operator(sif, url)
    if not reply.ok:
        raise NotVerified(
            f"the restart answered {reply.status}, so nothing is known (exchange {reply.exchange})"
        )
    sif.wire.close()  # what was connected before is of no use after it


def operator(sif: SifClient, url: str, body: bytes | None = None) -> Reply:
    """POST to an address of the operator, signed Basic with the application key."""
    who = sif.config.credentials
    signed = auth.sign(auth.BASIC, who.key, sif.config.secret)
    headers = signed.headers | ({"Content-Type": "application/json"} if body else {})
    return sif.wire.send("POST", sif.config.url(url), headers, body, named=url)
