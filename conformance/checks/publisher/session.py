"""The session of a publisher: who it says it is, when, and where it goes."""

from __future__ import annotations

import time
from base64 import b64encode
from datetime import UTC, datetime, timedelta

from conformance import expect, trees
from conformance.auth import BASIC
from conformance.checks.publisher.looking import (
    about_the_session,
    arrived,
    document,
    every_message,
    registrations,
    user,
    wanted,
)
from conformance.problems import NotApplicable, NotVerified
from conformance.stage.calls import ENVIRONMENT, Call
from conformance.stage.desk import Desk
from conformance.stage.sendings import messages
from conformance.stage.trouble import Trouble
from conformance.verifies import verifies

WINDOW = timedelta(minutes=5)
# Two calls of one moment may show the same time: how long that is depends on what is shown.
WHOLE_SECONDS, PARTS_OF_SECONDS = 1.0, 0.2


@verifies("DAT-PUB-060")
def check_every_call_says_who_sends_it(desk: Desk) -> None:
    """Each call to the hub carries a token, in the header or in the address."""
    every_message(desk)
    for call in desk.calls():
        told = bool(user(call))
        expect.true(told, "the call carries a token with a user", call.message, "none")


@verifies("INF-AUT-007")
def check_each_call_is_signed_anew(desk: Desk) -> None:
    """No timestamp of a SIF_HMACSHA256 token is used again by a later call."""
    every_message(desk)
    first: dict[str, Call] = {}
    for call in _signed(desk):
        told = call.asked.says("timestamp")
        before = first.setdefault(told, call)
        apart = call.moment - before.moment
        fresh = apart < (PARTS_OF_SECONDS if "." in told else WHOLE_SECONDS)
        expect.true(fresh, "the timestamp was not used before", call.message, f"{apart:.1f} s ago")


@verifies("DAT-PUB-001")
def check_signed_timestamps_are_of_the_moment(desk: Desk) -> None:
    """The timestamp of each call is a time with its zone, within five minutes of its arrival."""
    every_message(desk)
    for call in _signed(desk):
        told = call.asked.says("timestamp")
        try:
            moment = datetime.fromisoformat(told)
        except ValueError:
            moment = None
        zoned = moment is not None and moment.tzinfo is not None
        expect.true(zoned, "timestamp is an ISO 8601 time with a zone", call.message, told)
        assert moment is not None
        came = datetime.now(UTC) - timedelta(seconds=time.monotonic() - call.moment)
        apart = abs(came - moment)
        expect.true(apart <= WINDOW, "timestamp within 5 minutes", call.message, f"{apart} off")


def _signed(desk: Desk) -> list[Call]:
    """The calls of the run with a SIF_HMACSHA256 token."""
    if desk.config.credentials.method.lower() == BASIC.lower():
        raise NotApplicable("Basic signs no timestamp")
    found = [
        one
        for one in desk.calls()
        if "hmac" in one.asked.headers.get("Authorization").lower()
        or "hmac" in one.asked.given.get("authenticationMethod", "").lower()
    ]
    if not found:
        raise NotVerified("no call was signed with SIF_HMACSHA256")
    return found


@verifies("INF-AUT-008")
def check_session_token_takes_the_place_of_the_key(desk: Desk) -> None:
    """Only environments are asked for with the application key; all else comes as the session."""
    every_message(desk)
    for call in desk.calls():
        if call.asked.method == "POST" and call.asked.steps[:1] == ("environments",):
            continue
        key = user(call) == desk.config.credentials.key
        expect.true(not key, "the user is the session token", call.message, "application key")


@verifies("INF-AUT-014")
def check_basic_credentials_stay_out_of_the_address(desk: Desk) -> None:
    """No address carries a token of the method Basic."""
    every_message(desk)
    for call in desk.calls():
        method = call.asked.given.get("authenticationMethod", "").lower()
        given = method == "basic" and "access_token" in call.asked.given
        expect.true(not given, "no Basic token in the address", call.message, "one is there")


@verifies("DAT-PUB-002")
def check_the_secret_is_never_sent_in_clear(desk: Desk) -> None:
    """The shared secret stands in no address and in no body, neither plain nor as base64."""
    every_message(desk)
    secret = desk.config.secret.encode()
    forms = {secret, b64encode(secret)}
    for call in desk.calls():
        seen = call.asked.path.encode() + b"\n" + call.asked.body
        told = any(one in seen for one in forms)
        expect.true(not told, "the secret is not in address or body", call.message, "it is there")


@verifies("DAT-PUB-003")
def check_the_environment_is_asked_for_in_one_voice(desk: Desk) -> None:
    """The request for an environment names the key and the method it is signed with."""
    asked = [one for one in desk.calls() if one.given.kind == ENVIRONMENT]
    for call in wanted(asked, "a request for an environment"):
        root = document(call)
        if root is None:
            continue
        method = trees.text(root, "authenticationMethod").lower()
        used = call.asked.headers.get("Authorization").partition(" ")[0].lower()
        if method:
            expect.equal(method, used, "authenticationMethod", call.message)
        key = trees.text(root, "applicationInfo", "applicationKey")
        expect.equal(key, desk.config.credentials.key, "applicationKey", call.message)


@verifies("INF-ZON-011")
def check_calls_about_the_session_name_no_zone(desk: Desk) -> None:
    """Requests for environments carry neither zone, context, nor DELAYED."""
    for call in wanted(about_the_session(desk.calls()), "a call about the environment"):
        for name in ("zoneId", "contextId"):
            told = call.asked.says(name)
            expect.true(not told, f"no {name} goes to environments", call.message, told)
        delayed = call.asked.headers.get("requestType").upper() == "DELAYED"
        expect.true(not delayed, "environments are asked at once", call.message, "DELAYED")


@verifies("NEG-002")
def check_addresses_are_those_of_the_environment(desk: Desk) -> None:
    """After the environment, calls go to its addresses and to none that was put together."""
    every_message(desk)
    known = ("environments", desk.counter.place)
    for call in desk.calls():
        first = "".join(call.asked.steps[:1])
        expect.one_of(first, known, "first step of the address", call.message)


@verifies("INF-FMT-001")
def check_infrastructure_objects_stand_in_their_namespace(desk: Desk) -> None:
    """Environments, entries and delete requests stand in the namespace of the infrastructure."""
    every_message(desk)
    names = ("environment", "provider", "providers", "deleteRequest")
    for call in desk.calls():
        root = document(call)
        if root is not None and trees.local(root) in names:
            expect.infrastructure(call.message, trees.local(root))


@verifies("DAT-PUB-004", negative=True)
def check_a_lost_session_is_begun_anew(desk: Desk) -> None:
    """The hub restarts and knows no session: a new one is made, and the message arrives."""
    person = desk.person()
    trouble = Trouble(left=1, before=desk.counter.forget)
    with desk.troubled(trouble):
        desk.enrol(person)
    if trouble.before is not None:
        raise NotVerified("no message came that the restart could meet")
    begun = [one for one in desk.recent() if one.given.kind == ENVIRONMENT]
    expect.true(bool(begun), "an environment is asked for after 401", None, "none was")
    last = begun[-1].message
    expect.equal(arrived(desk, person), sorted(desk.zones.values()), "zones it came to", last)


@verifies("NEG-003", negative=True)
def check_an_environment_that_exists_is_taken(desk: Desk) -> None:
    """The hub answers 409 with the environment that is there: the publisher goes on with it."""
    desk.counter.conflicts = True
    person = desk.person()
    try:
        desk.let("restart")
        asked = [one for one in desk.recent() if one.given.status == 409]
        asked = [one for one in asked if one.given.kind == ENVIRONMENT]
        if not asked:
            raise NotVerified("no environment was asked for a second time")
        desk.enrol(person)
    finally:
        desk.counter.conflicts = False
    found = arrived(desk, person)
    expect.equal(found, sorted(desk.zones.values()), "zones it came to", asked[-1].message)


@verifies("DAT-PUB-005", negative=True)
def check_a_refusal_of_the_clock_is_survived(desk: Desk) -> None:
    """All tokens are refused for a while: few calls come then, and afterwards nothing is lost."""
    person, mark = desk.person(), len(desk.calls())
    desk.counter.distrusts = True
    try:
        desk.let("add", person)
        desk.rest()
    finally:
        desk.counter.distrusts = False
    tried = desk.calls()[mark:]
    most = 4 * desk.waits.most_tries
    expect.true(len(tried) <= most, f"at most {most} calls", tried[-1].message, f"{len(tried)}")
    desk.let("publish", until=lambda _: len(arrived(desk, person)) == len(desk.zones))
    found = arrived(desk, person)
    expect.equal(found, sorted(desk.zones.values()), "zones it came to", tried[-1].message)


@verifies("DAT-PUB-006", negative=True)
def check_what_is_not_allowed_is_not_sent(desk: Desk) -> None:
    """Nothing is sent to the collection that the environment gives no right to."""
    every_message(desk)
    denied = desk.waits.denied
    for call in [*messages(desk.calls()), *registrations(desk.calls())]:
        root = document(call)
        named = {call.given.service}
        if root is not None:
            named |= {(one.text or "").strip() for one in trees.every(root, "serviceName")}
        expect.true(denied not in named, f"nothing is sent to {denied}", call.message, "it is")
