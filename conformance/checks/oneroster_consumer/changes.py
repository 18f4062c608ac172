"""Asking only for what changed: the filter, and the moment in it.

Sources: OneRoster 1.2, rostering, REST binding, filtering; RFC 3986, section 3.4 (query).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from conformance import expect
from conformance.checks.oneroster_consumer.looking import (
    read,
    rosters,
    rows_of,
    working,
)
from conformance.problems import NotVerified
from conformance.readback import ReadBack
from conformance.stage import oneroster_tricks as tricks
from conformance.stage.calls import Call
from conformance.stage.oneroster_play import Scene, ids_of
from conformance.stage.oneroster_query import BadFilter, parts
from conformance.stage.oneroster_tricks import about, later
from conformance.verifies import verifies

_QUERY = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*")
FIELD = "dateLastModified"
LATE_SECONDS = 300.0


def deltas(calls: Iterable[Call]) -> list[Call]:
    """The calls that ask for what changed."""
    return [one for one in rosters(calls) if FIELD in one.asked.given.get("filter", "")]


def second_round(scene: Scene) -> list[Call]:
    """The calls that ask for what changed, in the round after a whole one."""
    working(scene, "restart")
    scene.renew()
    found = deltas(scene.synchronise())
    if not found:
        raise NotVerified("the client asked for everything again, not for what changed")
    return found


@verifies("DAT-ORC-040")
def check_filter_is_escaped(scene: Scene) -> None:
    """The address of a call with a filter holds no sign that a query must not hold."""
    for call in second_round(scene):
        query = call.asked.path.partition("?")[2]
        fine = bool(_QUERY.fullmatch(query))
        expect.true(fine, "reserved signs are escaped", call.message, "some are not")


@verifies("DAT-ORC-041")
def check_filter_names_a_moment(scene: Scene) -> None:
    """The filter compares dateLastModified with one moment in UTC, in quotation marks."""
    for call in second_round(scene):
        try:
            found = parts(call.asked.given["filter"])[0]
        except BadFilter:
            expect.true(False, "a filter that can be read", call.message, "it cannot")
            return
        told = [(sign, value) for field, sign, value in found if field == FIELD]
        expect.one_of(told[0][0], (">", ">="), "the operator of the filter", call.message)
        moment = re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", told[0][1])
        expect.true(moment is not None, "a moment in UTC with Z", call.message, "another form")


def changed(scene: Scene, number: int, behind: float = 0.0) -> str:
    """Change a user now; returns its id."""
    moment = scene.moment() - behind
    return str(scene.face.roster.change("users", number, moment, middleName="Changed")["sourcedId"])


def is_told(scene: Scene, wanted: str, what: str) -> None:
    """In the next round the client is given this user."""
    calls = scene.synchronise(lambda some: any(wanted in ids_of(one) for one in some))
    asked = [one for one in rosters(calls) if one.given.zone == "users"]
    if not asked:
        raise NotVerified("the client asked for no users in the next round")
    came = any(wanted in ids_of(one) for one in asked)
    expect.true(came, what, asked[-1].message, "it was not given")


@verifies("DAT-ORC-042")
def check_change_while_reading_is_not_lost(scene: Scene) -> None:
    """A user that changes after its page was read, in the same round, comes in the next round."""
    working(scene)
    scene.renew()
    told: list[str] = []
    scene.play(
        tricks.then(
            lambda asked, given: later(asked, given) and given.zone == "users",
            lambda _: told.append(changed(scene, 0)),
        )
    )
    scene.synchronise()
    if not told:
        raise NotVerified("no page of users behind the first was asked for")
    scene.play()
    is_told(scene, told[0], "the change made while the client was reading")


@verifies("DAT-ORC-043")
def check_late_clock_loses_no_change(scene: Scene) -> None:
    """The clock of the service being five minutes late, a change after a round is not lost."""
    working(scene)
    scene.renew(behind=LATE_SECONDS)
    scene.synchronise(order="restart")
    wanted = changed(scene, 1, LATE_SECONDS)
    is_told(scene, wanted, "the change by the clock of the service")


@verifies("DAT-ORC-044", negative=True)
def check_failed_round_is_made_good(scene: Scene) -> None:
    """After a round in which users were refused, the changes of that time still come."""
    working(scene)
    wanted = changed(scene, 2)
    scene.play(tricks.refuse(about("users"), 500))
    calls = scene.synchronise(lambda some: any(one.given.status == 500 for one in some))
    scene.play()
    if not any(one.given.zone == "users" for one in calls):
        raise NotVerified("the client asked for no users while they were refused")
    is_told(scene, wanted, "the change of the round that failed")


@verifies("DAT-ORC-045")
def check_user_to_be_deleted_is_not_kept(scene: Scene, stored: ReadBack) -> None:
    """A user and an enrolment with status tobedeleted are not active any more; others are."""
    whole = scene.renew()
    scene.synchronise(order="restart")
    pairs = [("users", 5), ("enrollments", 6)]
    for name, number in pairs:
        if name in read(scene.calls()) and not rows_of(stored, name, whole.one(name, number)):
            raise NotVerified(f"the export does not show {name} that were read")
        whole.change(name, number, scene.moment(), status="tobedeleted")
    calls = scene.synchronise()
    stored.renew()
    for name, number in pairs:
        if name not in read(calls):
            continue
        left = rows_of(stored, name, whole.one(name, number))
        expect.equal(len(left), 0, f"rows of {name} that were to be deleted")
        others = rows_of(stored, name, whole.one(name, 1))
        expect.equal(len(others), 1, f"rows of {name} that stay")
