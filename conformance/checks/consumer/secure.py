"""TLS as a client uses it: who it believes to be the hub, and what goes out in clear text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from conformance import expect
from conformance.authority import EXPIRED, GOOD, MISNAMED, OLD_TLS, STRANGE
from conformance.checks.consumer.looking import why
from conformance.checks.consumer.seen import LASTING, ready
from conformance.problems import NotVerified
from conformance.stage.calls import ENVIRONMENT, Call
from conformance.stage.entrance import Attempt
from conformance.stage.play import Stage, answered
from conformance.stage.weather import Weather
from conformance.verifies import verifies

WRONG = {"unknown issuer": STRANGE, "another name": MISNAMED, "expired": EXPIRED}
WAYS = ("told", "redirect")


@contextmanager
def showing(stage: Stage, kind: str) -> Iterator[list[Attempt]]:
    """Whoever comes anew is shown this; the list has the attempts when the block is over."""
    entrance = stage.beside.entrance
    made: list[Attempt] = []
    before = len(entrance.attempts)
    entrance.show(kind)
    try:
        yield made
    finally:
        made += entrance.attempts[before:]
        entrance.show(GOOD)


def in_clear_text(attempts: list[Attempt]) -> None:
    """Nobody who came to the door by TLS came in clear text."""
    clear = sum(one.in_clear for one in attempts)
    expect.true(not clear, "no request in clear text", None, f"{clear} at the address by https://")


@verifies("INF-TRN-001")
def check_everything_goes_by_https(stage: Stage) -> None:
    """By https:// an environment is made and data read, and no request comes in clear text."""
    with showing(stage, GOOD) as attempts:
        ready(stage)
        stage.hub.forget()
        calls = stage.synchronise(order="restart")
        calls += stage.watch(lambda _: False)
    in_clear_text(attempts)
    made = any(one.given.kind == ENVIRONMENT and one.given.status < 300 for one in calls)
    expect.true(made and answered(calls), "a session by TLS, and data", None, why(calls))


def believes(stage: Stage, kind: str, what: str) -> None:
    """No request comes to a hub that shows this; to a good one they come, before and after."""
    assert stage.beside.entrance
    ready(stage)
    with showing(stage, kind) as attempts:
        calls = stage.synchronise(silence=True)
        calls += stage.watch(lambda _: True)
    for call in calls:
        expect.true(False, what, call.message, "a request came")
    in_clear_text(attempts)
    if not attempts:
        raise NotVerified("the client did not connect while that was shown")
    later = stage.synchronise(silence=True)
    if not answered(later) and stage.by_machine("restart"):
        later = stage.synchronise(order="restart", silence=True)
    if not answered(later):
        raise NotVerified("the client did not come back, so its silence shows nothing")


@pytest.mark.parametrize("form", sorted(WRONG))
@verifies("DAT-CON-014", "POD-TLS-001", negative=True)
def check_a_certificate_that_is_wrong_gets_no_request(stage: Stage, form: str) -> None:
    """A hub whose certificate is of an unknown issuer, of another name or expired is not spoken to,
    neither by TLS nor in clear text; with a good one it is."""
    believes(stage, WRONG[form], f"a certificate {WRONG[form]} is refused")


@verifies("POD-TLS-001", negative=True)
def check_an_old_tls_gets_no_marker(stage: Stage) -> None:
    """A hub that speaks TLS 1.1 at the most gets no request; one of today does."""
    believes(stage, OLD_TLS, "TLS 1.1 is refused")


def strays(calls: list[Call]) -> list[Call]:
    """The calls that came in clear text and bring a marker or who sends them."""
    return [one for one in calls if one.elsewhere and
            (one.marker is not None or "Authorization" in one.asked.headers)]  # fmt: skip


@pytest.mark.parametrize("form", WAYS)
@verifies("POD-TLS-001", negative=True)
def check_no_marker_goes_on_in_clear_text(stage: Stage, form: str) -> None:
    """An environment tells an address by http://, or a list is said to stand there: neither marker
    nor credentials go to it."""
    assert stage.beside.entrance
    ready(stage)
    if form == "told":
        stage.hub.in_clear = stage.beside.in_clear
        stage.hub.forget()
        calls = stage.synchronise(silence=True)
        calls += stage.synchronise(order="restart", silence=True)
    else:
        there = f"{stage.beside.in_clear}/{stage.hub.place}/requests/xStudents"
        lines = (("Location", there),)
        with stage.weather(Weather(LASTING, status=307, headers=lines)):
            calls = stage.synchronise(silence=True)
    calls += stage.watch(lambda call: bool(strays([call])))
    stage.hub.in_clear = ""
    stage.hub.forget()
    if not calls:
        raise NotVerified("the client did not call")
    for call in strays(calls):
        expect.true(False, "nothing of a session goes out in clear text", call.message, "it does")
