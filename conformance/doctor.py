"""Look at the set-up before any check runs: each fault with its key, what was seen, and its fix.

Only what points at the set-up is a fault here. Wrong behaviour of a reachable target is left to
the checks, at most a note. `doctor_network` speaks when there is no answer, `doctor_door` of the
first one, `doctor_way` of what comes behind it, `doctor_readback` of the product's own form,
`doctor_tls` of a second address by https://.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from urllib.parse import urlsplit

from conformance import (
    auth,
    doctor_door,
    doctor_network,
    doctor_readback,
    doctor_tls,
    doctor_way,
)
from conformance.doctor_words import MOST_SKEW_SECONDS, ahead, clock_skew
from conformance.environments import read as read_environment
from conformance.evidence import Evidence
from conformance.problems import NotVerified
from conformance.reply import Reply
from conformance.sif import SifClient
from conformance.target import TargetConfig
from conformance.wire import Wire


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was looked at and found in order, and what deserves attention all the same."""

    fine: tuple[str, ...]
    notes: tuple[str, ...] = ()


def examine(config: TargetConfig, wire: Wire, evidence: Evidence | None = None) -> Diagnosis:
    """Make environments, read a little and delete them again; raises SetupFault."""
    fine: list[str] = []
    notes = [*config.notes, *_read_by_others(config)]
    client = SifClient(wire, config, random.Random(0), evidence)  # noqa: S311
    try:
        reply = _knock(config, client)
        skew = clock_skew(reply)
        if abs(skew) > MOST_SKEW_SECONDS:
            notes.append(f"the target's clock is {ahead(skew)} this machine's")
        seen = f"{config.base} answers {reply.status} to an environment create"
        (fine if reply.ok else notes).append(seen)
        if read_environment(reply) is None:
            notes.append(f"the answer {reply.status} holds no environment: see the checks")
        notes += doctor_way.look(config, client)
        fine += doctor_tls.look(config, wire)
        if "readback" in config.capabilities:
            try:
                fine.append(doctor_readback.look(config, wire, evidence))
            except doctor_readback.Unready as error:
                notes.append(error.reason)
    finally:
        client.clean_up()
    return Diagnosis(tuple(fine), tuple(notes))


def _knock(config: TargetConfig, client: SifClient) -> Reply:
    try:
        reply = client.connect()
    except NotVerified as error:
        raise doctor_network.named(config, client.wire, error) from None
    doctor_door.refuse(config, client, reply)
    return reply


def _read_by_others(config: TargetConfig) -> list[str]:
    """Basic over clear text to another machine shows the secret to everyone on the way."""
    parts = urlsplit(config.base)
    near = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if config.credentials.method != auth.BASIC or parts.scheme == "https" or near:
        return []
    return ["Basic over http:// shows the secret to everyone on the way; use https://"]
