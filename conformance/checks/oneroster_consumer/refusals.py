"""What the client does when the service is busy, broken, or shut in part.

Sources: RFC 9110, section 10.2.3 (Retry-After); RFC 6585, section 4 (429); OneRoster 1.2.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest

from conformance import expect
from conformance.checks.oneroster_consumer.looking import (
    complete,
    read,
    rosters,
    row_of,
    rows_of,
    token_calls,
    working,
)
from conformance.problems import NotVerified
from conformance.readback import ReadBack
from conformance.stage import oneroster_pages as pages
from conformance.stage import oneroster_tricks as tricks
from conformance.stage.calls import Call, Given
from conformance.stage.oneroster_play import Scene
from conformance.stage.oneroster_tricks import about, answered, later, of_kind
from conformance.verifies import verifies

PAUSE = 1.0
# What a timer may be early by.
EARLY = 0.05


def _moment() -> str:
    # Whole seconds: one more, so that the pause is never shorter than was asked for.
    return format_datetime(datetime.now(UTC) + timedelta(seconds=PAUSE + 1), usegmt=True)


BUSY: Mapping[str, tuple[int, Callable[[], str]]] = {
    "429, seconds": (429, lambda: "1"),
    "503, date": (503, _moment),
}


@pytest.mark.parametrize("form", sorted(BUSY))
@verifies("DAT-ORC-030", "TRN-PR-08", negative=True)
def check_pause_that_is_asked_for_is_kept(scene: Scene, form: str) -> None:
    """Told 429 or 503 with Retry-After, the client waits that long, then reads to the end."""
    usual = read(working(scene))
    status, told = BUSY[form]
    scene.renew()

    def busy(given: Given) -> Given:
        line = ("Retry-After", told())
        made = pages.refused(status, "server_busy", "Not now.", scene.face.old, line)
        return replace(made, zone=given.zone, service=given.service)

    scene.play(tricks.instead(later, busy, times=1))
    calls = scene.synchronise()
    refused = next((one for one in rosters(calls) if one.given.status == status), None)
    if refused is None:
        raise NotVerified("no page behind the first was asked for")
    kept_pause(calls, refused)
    finished(scene, calls, usual)


def kept_pause(calls: list[Call], refused: Call) -> None:
    """The next call came no sooner than after the pause; an early one to elsewhere counts too."""
    behind = calls[calls.index(refused) + 1 :]
    for call in behind[:1]:
        gap = call.moment - refused.moment
        said = f"{gap:.2f} s"
        expect.true(gap >= PAUSE - EARLY, f"a pause of {PAUSE:g} s at least", call.message, said)


def finished(scene: Scene, calls: list[Call], usual: set[str]) -> None:
    """All was read in this round, or is in the next one."""
    if not (scene.whole(calls) and usual <= read(calls)):
        calls = calls + scene.synchronise()
    complete(scene, calls, "all is read after the refusal")
    expect.equal(sorted(read(calls)), sorted(usual), "the collections that are read")


@verifies("DAT-ORC-031", negative=True)
def check_pause_before_a_token_is_kept(scene: Scene) -> None:
    """Told 503 with Retry-After where tokens are given out, the client waits, then goes on."""
    usual = read(working(scene))
    scene.outdate()
    scene.renew()
    scene.play(tricks.refuse(of_kind("token"), 503, ("Retry-After", "1"), times=1))
    calls = scene.synchronise()
    asked = [one for one in token_calls(calls) if one.given.status == 503]
    if not asked:
        raise NotVerified("the client asked for no new token")
    kept_pause(calls, asked[0])
    finished(scene, calls, usual)


@pytest.mark.parametrize("status", [500, 429])
@verifies("DAT-ORC-032", negative=True)
def check_refusals_end_in_few_tries(scene: Scene, status: int) -> None:
    """Refused without end and without Retry-After, the client tries few times, with pauses."""
    working(scene)
    scene.renew()
    scene.play(tricks.refuse(answered, status))
    calls = scene.synchronise(lambda some: bool(rosters(some)), endless=True)
    scene.play()
    told = rosters(calls)
    if not told:
        raise NotVerified("the client asked for no rosters")
    most = scene.config.roster.tries
    for path in {one.asked.path for one in told}:
        same = [one for one in told if one.asked.path == path]
        many = f"{len(same)} tries"
        expect.true(len(same) <= most, f"at most {most} tries", same[-1].message, many)
        for one, other in pairwise(same):
            gap, least = other.moment - one.moment, scene.config.consumer.backoff_seconds
            said = f"{gap * 1000:.0f} ms"
            expect.true(gap >= least, f"a pause of {least:g} s", other.message, said)
    working(scene)


@pytest.mark.parametrize("status", [403, 404])
@verifies("DAT-ORC-033", negative=True)
def check_one_shut_collection_stops_no_other(scene: Scene, status: int) -> None:
    """Refused one collection for good, the client reads the others, and does not insist."""
    usual = read(working(scene))
    shut = next((one for one in ("courses", "academicSessions", "orgs") if one in usual), "")
    if not shut or len(usual) < 2:
        raise NotVerified("the client reads no collection that others could do without")
    scene.renew()
    scene.play(tricks.refuse(about(shut), status))
    calls = scene.synchronise(lambda some: usual - {shut} <= read(some), endless=True)
    scene.play()
    expect.equal(sorted(read(calls)), sorted(usual - {shut}), "the collections that are read")
    complete(scene, [one for one in calls if one.given.zone != shut], "all else is read")
    most = scene.config.roster.tries
    tries = [one for one in calls if one.given.zone == shut]
    expect.true(len(tries) <= most, f"at most {most} tries", None, f"{len(tries)}")


def _page_of_html(given: Given) -> Given:
    return replace(given, headers=(("Content-Type", "text/html"),), body=b"<html>Sign in</html>")


def _half_of_it(given: Given) -> Given:
    return replace(given, body=given.body[: len(given.body) // 2])


def _nothing(given: Given) -> Given:
    return replace(given, body=b"{}")


def _an_error(given: Given) -> Given:
    told = {"imsx_codeMajor": "failure", "imsx_severity": "error"}
    return replace(given, body=json.dumps(told).encode())


def _broken(given: Given) -> Given:
    return replace(_an_error(given), status=500)


SPOILED: Mapping[str, Callable[[Given], Given]] = {
    "a web page": _page_of_html,
    "half a document": _half_of_it,
    "no list": _nothing,
    "an error with status 200": _an_error,
    "an error with status 500": _broken,
}


@pytest.mark.parametrize("form", sorted(SPOILED))
@verifies("DAT-ORC-034", negative=True)
def check_spoiled_answer_removes_nobody(scene: Scene, stored: ReadBack, form: str) -> None:
    """A web page, half a document or an error in place of users removes no user."""
    scene.renew()
    scene.synchronise(order="restart")
    known = [one for one in scene.face.roster.all("users") if row_of(stored, "users", one)]
    scene.play(tricks.instead(about("users"), SPOILED[form]))
    calls = scene.synchronise(lambda some: any(map(of_users, some)), order="restart")
    scene.play()
    if not any(map(of_users, calls)):
        raise NotVerified("the client asked for no users again")
    stored.renew()
    left = sum(bool(rows_of(stored, "users", one)) for one in known)
    expect.equal(left, len(known), "how many users are left")
    working(scene)


def of_users(call: Call) -> bool:
    """Whether a call is for users."""
    return call.given.zone == "users"
