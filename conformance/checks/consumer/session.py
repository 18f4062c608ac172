"""The session of a client: who it says it is, when, where it goes, and how it ends."""

from __future__ import annotations

import time
from base64 import b64encode
from datetime import UTC, datetime, timedelta

from conformance import expect, trees
from conformance.auth import BASIC
from conformance.checks.consumer.looking import why
from conformance.checks.consumer.seen import document, ready, steps, to, user, wanted
from conformance.problems import NotApplicable, NotVerified
from conformance.stage.calls import ENVIRONMENT, Call
from conformance.stage.observing import through_relay
from conformance.stage.play import Stage, answered
from conformance.verifies import verifies

WINDOW = timedelta(minutes=5)
# Two calls of one moment may show the same time, and the second may be held up on its way.
A_MOMENT, FEW = 1.0, 10
SERVICES = ("requests", "services", "events", "queues", "mail", "subscriptions")


@through_relay
@verifies("DAT-CON-011")
def check_every_call_to_the_hub_names_its_caller(stage: Stage) -> None:
    """Each call carries a token with a user, in the header or in the address."""
    for call in stage.life():
        expect.true(bool(user(call)), "the call carries a token with a user", call.message, "none")


def signed(stage: Stage) -> list[Call]:
    """The calls with a SIF_HMACSHA256 token."""
    if stage.config.credentials.method.lower() == BASIC.lower():
        raise NotApplicable("Basic signs no timestamp")
    calls = stage.life()
    found = [one for one in calls if "hmac" in one.asked.headers.get("Authorization").lower()]
    return list(wanted(found, "call signed with SIF_HMACSHA256"))


@through_relay
@verifies("INF-AUT-007")
def check_no_timestamp_serves_twice(stage: Stage) -> None:
    """No timestamp of a SIF_HMACSHA256 token is used again by a later call."""
    first: dict[str, Call] = {}
    for call in signed(stage):
        told = call.asked.says("timestamp")
        before = first.setdefault(told, call)
        # Calls that follow at once may truly share a moment; those of a round may not.
        shared = sum(one.asked.says("timestamp") == told for one in signed(stage))
        apart = call.moment - before.moment
        fresh = apart < A_MOMENT and ("." not in told or shared <= FEW)
        expect.true(fresh, "the timestamp was not used before", call.message, f"{shared} times")


@through_relay
@verifies("DAT-CON-001")
def check_what_is_signed_is_the_time_of_sending(stage: Stage) -> None:
    """The timestamp of each call is a time with its zone, within five minutes of its arrival."""
    for call in signed(stage):
        told = call.asked.says("timestamp")
        try:
            moment = datetime.fromisoformat(told)
        except ValueError:
            moment = datetime.min  # noqa: DTZ901  # no zone: told below
        zoned = moment.tzinfo is not None
        expect.true(zoned, "timestamp is an ISO 8601 time with a zone", call.message, told)
        came = datetime.now(UTC) - timedelta(seconds=time.monotonic() - call.moment)
        apart = abs(came - moment)
        expect.true(apart <= WINDOW, "timestamp within 5 minutes", call.message, f"{apart} off")


@through_relay
@verifies("INF-AUT-008")
def check_the_key_is_used_for_environments_only(stage: Stage) -> None:
    """Only an environment is asked for with the application key; all else comes as the session."""
    for call in stage.life():
        if call.asked.method == "POST" and steps(call)[:1] == ("environments",):
            continue
        key = user(call) == stage.config.credentials.key
        expect.true(not key, "the user is the session token", call.message, "application key")


@through_relay
@verifies("INF-AUT-014")
def check_no_address_carries_basic_credentials(stage: Stage) -> None:
    """No address carries a token of the method Basic."""
    for call in stage.life():
        method = call.asked.given.get("authenticationMethod", "").lower()
        given = method == "basic" and "access_token" in call.asked.given
        expect.true(not given, "no Basic token in the address", call.message, "one is there")


@through_relay
@verifies("DAT-CON-002")
def check_the_secret_stays_with_the_client(stage: Stage) -> None:
    """The shared secret stands in no address and in no body, neither plain nor as base64."""
    secret = stage.config.secret.encode()
    forms = {secret, b64encode(secret)}
    for call in stage.life():
        seen = call.asked.path.encode() + b"\n" + call.capture.body
        told = any(one in seen for one in forms)
        expect.true(not told, "the secret is not in address or body", call.message, "it is there")


def environments(stage: Stage) -> list[Call]:
    """The requests for an environment."""
    found = [one for one in stage.life() if one.given.kind == ENVIRONMENT]
    return list(wanted(found, "request for an environment"))


@through_relay
@verifies("DAT-CON-003")
def check_key_and_method_of_the_environment_are_those_signed(stage: Stage) -> None:
    """The request for an environment names the key and the method it is signed with."""
    for call in environments(stage):
        root = document(call)
        if root is None:
            continue
        method = trees.text(root, "authenticationMethod").lower()
        used = call.asked.headers.get("Authorization").partition(" ")[0].lower()
        expect.one_of(method, ("", used), "authenticationMethod", call.message)
        key = trees.text(root, "applicationInfo", "applicationKey")
        expect.one_of(key, ("", stage.config.credentials.key), "applicationKey", call.message)


@through_relay
@verifies("INF-ZON-011", "INF-ENV-026")
def check_calls_about_session_and_queues_name_no_zone(stage: Stage) -> None:
    """Calls to environments, queues and subscriptions name no zone, no context, and no DELAYED."""
    found = to(stage.life(), "environments", "queues", "subscriptions", "mail")
    for call in wanted(found, "call to an infrastructure service"):
        for name in ("zoneId", "contextId"):
            told = call.asked.says(name)
            expect.true(not told, f"no {name} goes to the infrastructure", call.message, told)
        delayed = call.asked.headers.get("requestType").upper() == "DELAYED"
        expect.true(not delayed, "the infrastructure is asked at once", call.message, "DELAYED")


@through_relay
@verifies("NEG-002")
def check_connectors_are_taken_from_the_environment(stage: Stage) -> None:
    """After the environment, services are called where it says they are."""
    environments(stage)
    for call in to(stage.life(), *SERVICES):
        place = "".join(call.asked.steps[:1])[: len(stage.place)]
        expect.equal(place, stage.place, "first step of the address", call.message)


@verifies("NEG-003", negative=True)
def check_a_conflict_brings_the_environment_that_is_there(stage: Stage) -> None:
    """The hub answers 409 with the environment that exists: the client goes on with it."""
    ready(stage)
    stage.behave(conflicts=True)
    calls = stage.synchronise(order="restart")
    asked = [one for one in calls if one.given.kind == ENVIRONMENT and one.given.status == 409]
    if not asked:
        raise NotVerified("no environment was asked for a second time")
    expect.true(answered(calls), "data is read after 409", asked[-1].message, why(calls))


@verifies("DAT-CON-004", negative=True)
def check_a_session_that_is_lost_is_begun_anew(stage: Stage) -> None:
    """The hub restarts and knows no session: a new one is made in one or two rounds, and few calls
    come before."""
    ready(stage)
    stage.hub.forget()
    calls = stage.synchronise()
    if not answered(calls):
        calls += stage.synchronise(silence=True)
    refused = [one for one in calls if one.given.status == 401]
    if not refused:
        raise NotVerified("no call came that the hub could refuse")
    begun = any(one.given.kind == ENVIRONMENT for one in calls)
    expect.true(begun, "an environment is asked for after 401", refused[-1].message, "none was")
    expect.true(answered(calls), "data is read after 401", refused[-1].message, why(calls))
    most = 2 * stage.config.consumer.most_tries
    few = len(refused) <= most
    expect.true(few, f"at most {most} refused calls", refused[-1].message, str(len(refused)))


def farewell(stage: Stage) -> tuple[list[Call], list[Call]]:
    """The calls when the client is to leave, and those in the time afterwards."""
    ready(stage)
    calls = stage.synchronise(lambda some: bool(ended(some)), "leave", silence=True)
    later = stage.watch(lambda _: False)
    if not stage.by_machine("leave"):
        raise NotVerified("no command lets the client leave, and a person may have missed it")
    return calls, later


def ended(calls: list[Call] | tuple[Call, ...] | object) -> list[Call]:
    """The deletions of an environment."""
    assert isinstance(calls, list)
    return [one for one in to(calls, "environments") if one.asked.method == "DELETE"]


@through_relay
@verifies("DAT-CON-005")
def check_who_leaves_deletes_the_environment(stage: Stage) -> None:
    """A client that ends its work sends DELETE to the address of its environment."""
    calls, _ = farewell(stage)
    found = ended(calls)
    expect.true(bool(found), "the environment is deleted", calls[-1].message if calls else None)
    done = (200, 202, 204) if stage.relayed else (204,)
    expect.one_of(found[-1].given.status, done, "status of the deletion", found[-1].message)


@through_relay
@verifies("NEG-066", negative=True)
def check_who_left_is_quiet(stage: Stage) -> None:
    """After the environment was deleted no call comes any more."""
    calls, later = farewell(stage)
    found = ended(calls)
    if not found:
        raise NotVerified("the client did not delete its environment")
    place = next(at for at, one in enumerate(calls) if one is found[0])
    for call in [*calls[place + 1 :], *later]:
        expect.true(False, "no call after the environment was deleted", call.message, "a call")


@through_relay
@verifies("INF-DEL-003")
def check_deletions_name_one_thing_and_carry_nothing(stage: Stage) -> None:
    """DELETE goes to one environment, queue or message, and carries no body."""
    calls, _ = farewell(stage)
    found = [one for one in [*stage.life(), *calls] if one.asked.method == "DELETE"]
    for call in wanted(found, "DELETE"):
        expect.true(not call.asked.body, "DELETE carries no body", call.message, "it does")
        expect.true(len(steps(call)) > 1, "DELETE names one thing", call.message, "a collection")
