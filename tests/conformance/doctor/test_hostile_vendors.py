"""Whatever a vendor answers: bounded in time and memory, an honest verdict, and the run goes on."""

from __future__ import annotations

import contextlib
import resource
import time
from dataclasses import replace
from typing import Any

import pytest

from conformance import doctor, runfile, session, target
from conformance.evidence import Evidence
from conformance.problems import SetupFault
from conformance.session import wire_to
from conformance.simulators import Receiver, serve
from conformance.simulators.hub import SimulatedHub
from conformance.simulators.provider import Provider
from tests.conformance.broker.judging import table_for as hub_table
from tests.conformance.doctor import hostile
from tests.conformance.doctor.servers import Message, meddler
from tests.conformance.doctor.world import World
from tests.conformance.engine.conftest import SECRET, Listening
from tests.conformance.provider.judging import table_for as provider_table

LIMITS = {
    "connect_seconds": 0.5, "read_seconds": 0.1, "total_seconds": 0.2, "largest_body_mb": 1.0,
}  # fmt: skip
HONEST = {runfile.FAIL, runfile.NOT_VERIFIED, runfile.PASS, runfile.NOT_APPLICABLE}
# Those that the seeded faults of a set-up do not hold.
AT_ONCE = (
    "a body without end", "chunks without end", "headers without end", "drops of a header",
    "interim answers without end", "a bomb of gzip", "many attributes", "invalid UTF-8",
)  # fmt: skip
GARBAGE = (
    "invalid UTF-8", "broken JSON", "a zip that is none", "zero bytes", "a status of 999",
    "another charset than it says",
)  # fmt: skip
MOST_SECONDS = 8.0
MOST_MEGABYTES = 60
CHECKS = (
    "query_by_id_returns_the_student", "blanks_inside_a_name_stay",
    "default_page_starts_at_the_first_user",
)  # fmt: skip


def run(world: World, url: str, **limits: float) -> session.Outcome:
    """A handful of checks against this vendor."""
    config = world.config({"endpoint": {"url": url, **limits}})
    return session.run(config, seed=3, only=CHECKS, examine=False)


def megabytes() -> float:
    """The most memory this process has used so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.parametrize("name", hostile.ATTACKS)
def test_a_hostile_vendor_gets_an_honest_verdict(world: World, name: str) -> None:
    server = hostile.behind(world.url, hostile.ATTACKS[name])
    began, before = time.monotonic(), megabytes()
    outcome = run(world, server.url, **LIMITS)
    seconds, grown = time.monotonic() - began, megabytes() - before
    server.close()
    told = {check.id: (check.verdict, check.reason) for check in outcome.verdict.checks}
    assert {verdict for verdict, _ in told.values()} <= HONEST, told
    assert outcome.exit_code in (1, 2), told
    assert seconds < MOST_SECONDS
    assert grown < MOST_MEGABYTES


@pytest.mark.parametrize("name", AT_ONCE)
def test_a_vendor_that_attacks_at_once_is_left_alone(world: World, name: str) -> None:
    server = Listening(hostile.at_once(hostile.ATTACKS[name]))
    config = world.config({"endpoint": {"url": server.url, **LIMITS}})
    began, before = time.monotonic(), megabytes()
    with wire_to(config, Evidence()) as wire, contextlib.suppress(SetupFault):
        doctor.examine(config, wire)
    seconds, grown = time.monotonic() - began, megabytes() - before
    server.close()
    assert seconds < MOST_SECONDS
    assert grown < MOST_MEGABYTES


def old(asked: Message, told: Message) -> Message:
    return replace(told, head=told.head.replace(b"HTTP/1.1 ", b"HTTP/1.0 ", 1))


def cookies(asked: Message, told: Message) -> Message:
    assert b"cookie" not in asked.head.lower()
    return told.with_header("Set-Cookie", "session=" + "x" * 3000)


def without_phrase(asked: Message, told: Message) -> Message:
    line = told.line.encode()
    return replace(told, head=told.head.replace(line, line.rpartition(b" ")[0] + b" ", 1))


def in_capitals(asked: Message, told: Message) -> Message:
    lines = told.head.split(b"\r\n")
    capitals = [name.upper() + colon + value for name, colon, value in map(_parted, lines[1:])]
    return replace(told, head=b"\r\n".join((lines[0], *capitals)))


def _parted(line: bytes) -> tuple[bytes, bytes, bytes]:
    return line.partition(b":")


@pytest.mark.parametrize("answer", [old, cookies, without_phrase, in_capitals])
def test_what_is_only_odd_is_held_against_nobody(world: World, answer: Any) -> None:
    server = meddler(world.vendor(Receiver(secret=SECRET)), answer=answer)
    outcome = run(world, server.url, read_seconds=5.0, total_seconds=10.0)
    server.close()
    told = {check.id: (check.verdict, check.reason) for check in outcome.verdict.checks}
    assert outcome.exit_code == 0, told


@pytest.mark.soak
@pytest.mark.parametrize("name", GARBAGE)
@pytest.mark.parametrize("methods", [("GET", "HEAD"), ("GET", "HEAD", "POST", "PUT", "DELETE")])
def test_no_check_of_a_receiver_breaks_on_garbage(
    world: World, name: str, methods: tuple[str, ...]
) -> None:
    server = hostile.behind(world.url, hostile.ATTACKS[name], methods)
    config = world.config({"endpoint": {"url": server.url, **LIMITS}})
    checks = session.run(config, seed=3, examine=False).verdict.checks
    server.close()
    assert [(one.id, one.reason) for one in checks if one.verdict == runfile.OUR_FAULT] == []


@pytest.mark.soak
@pytest.mark.parametrize("name", [*GARBAGE, "a number in JSON", "a list in JSON"])
@pytest.mark.parametrize("role", ["provider", "broker"])
def test_no_check_of_another_role_breaks_on_garbage(role: str, name: str) -> None:
    product: Any = {"provider": Provider, "broker": SimulatedHub}[role]
    with serve(product()) as handle:
        server = hostile.now_and_then(handle.url, hostile.ATTACKS[name], 5)
        told = {"provider": provider_table, "broker": hub_table}[role](server.url)
        told["endpoint"] |= {"read_seconds": 2, "total_seconds": 3}
        if "operator" in told:
            told["operator"] = {"url": f"{handle.url}/operator"}
        config = target.from_table(told, environ={})
        checks = session.run(config, seed=3, examine=False).verdict.checks
        server.close()
    assert [(one.id, one.reason) for one in checks if one.verdict == runfile.OUR_FAULT] == []
