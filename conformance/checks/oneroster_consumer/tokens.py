"""Access tokens: how they are asked for, where they go, when they are renewed.

Sources: RFC 6749 (OAuth 2.0), RFC 6750 (Bearer tokens).
"""

from __future__ import annotations

import random
import string
from collections.abc import Mapping
from dataclasses import replace

import pytest

from conformance import expect
from conformance.checks.oneroster_consumer.looking import (
    complete,
    read,
    rosters,
    token_calls,
    working,
)
from conformance.problems import NotVerified
from conformance.stage import oneroster_tricks as tricks
from conformance.stage.calls import Call
from conformance.stage.oneroster_play import Scene
from conformance.stage.oneroster_tokens import FAMILIES, basic, form, scopes
from conformance.stage.oneroster_tricks import about, answered, later, of_kind
from conformance.verifies import verifies

FORM = "application/x-www-form-urlencoded"


def asked_for_token(scene: Scene) -> list[Call]:
    """The token requests of a round that began without a token."""
    scene.outdate()
    calls = token_calls(scene.synchronise())
    if not calls:
        raise NotVerified("the client asked for no token")
    return calls


def forms(scene: Scene) -> list[Call]:
    """Those of them that are a form, whatever else may be wrong with them."""
    found = [one for one in asked_for_token(scene) if form(one.asked).get("grant_type")]
    if not found:
        raise NotVerified("the client asked for no token in the form of client credentials")
    return found


@verifies("DAT-ORC-001")
def check_token_is_asked_for_as_client_credentials(scene: Scene) -> None:
    """A token is asked for by POST of a form whose grant type is client_credentials."""
    for call in asked_for_token(scene):
        expect.equal(call.asked.method, "POST", "the method of the token request", call.message)
        expect.content_type(call.message, FORM)
        told = form(call.asked).get("grant_type", "")
        expect.equal(told, "client_credentials", "grant_type", call.message)


@verifies("DAT-ORC-002")
def check_client_authenticates_in_the_header(scene: Scene) -> None:
    """Client id and secret stand in the Basic header of the token request, not in its form."""
    for call in forms(scene):
        expect.true(basic(call.asked) is not None, "a Basic header", call.message, "there is none")
        secret = "client_secret" in form(call.asked)
        expect.true(not secret, "no secret in the form", call.message, "client_secret is there")


@verifies("DAT-ORC-003")
def check_secret_goes_to_the_token_address_only(scene: Scene) -> None:
    """No call but the token request carries the secret, and no address holds it."""
    asked_for_token(scene)
    secret = scene.config.secret
    for call in scene.calls(of_the_run=True):
        inside = secret in call.asked.path or f"client_secret={secret}" in call.asked.path
        expect.true(not inside, "no secret in an address", call.message, "it is there")
        if call not in token_calls([call]):
            shown = basic(call.asked)
            bare = shown is None or shown[1] != secret
            expect.true(bare, "the secret in token requests only", call.message, "it is there")


@verifies("DAT-ORC-004")
def check_access_token_stands_in_no_address(scene: Scene) -> None:
    """No address of a call holds an access token, whatever its parameter is called."""
    working(scene)
    known = list(scene.face.counter.given)
    for call in scene.calls(of_the_run=True):
        inside = "access_token=" in call.asked.path or any(one in call.asked.path for one in known)
        expect.true(not inside, "no token in an address", call.message, "it is there")


SIGNS = string.ascii_letters + string.digits + "-._~+/"


@pytest.mark.parametrize("length", [16, 1200])
@verifies("DAT-ORC-005")
def check_access_token_is_sent_as_it_was_given(
    scene: Scene, rng: random.Random, length: int
) -> None:
    """Tokens of every sign that is allowed, short or long, come back byte for byte as Bearer."""
    scene.face.counter.drawn = lambda: "".join(rng.choices(SIGNS, k=length)) + "=="
    scene.outdate()
    calls = scene.synchronise()
    if not token_calls(calls):
        raise NotVerified("the client asked for no new token")
    known = [f"Bearer {one}" for one in scene.face.counter.given]
    for call in rosters(calls[calls.index(token_calls(calls)[0]) :]):
        seen = call.asked.headers.get("Authorization") in known
        expect.true(seen, "the token as it was given", call.message, "it is another one")
    complete(scene, calls, "all is read with such a token")


@verifies("DAT-ORC-006")
def check_token_is_used_while_it_lasts(scene: Scene) -> None:
    """One token, or one for each scope, serves for a whole round."""
    scene.outdate()
    asked = token_calls(working(scene))
    least = max(1, len({tuple(sorted(scopes(one.asked))) for one in asked}))
    expect.true(len(asked) <= least, f"{least} token requests", None, f"{len(asked)} came")


PLACES = {"between two rounds": answered, "in the middle of a collection": later}


@pytest.mark.parametrize("place", sorted(PLACES))
@verifies("DAT-ORC-007", "TRN-PR-08", negative=True)
def check_unknown_token_leads_to_a_new_one(scene: Scene, place: str) -> None:
    """Told 401, as after a restart of the service, the client gets a new token and reads on."""
    before = working(scene, "restart")
    scene.renew()
    scene.play(tricks.forget(PLACES[place]))
    calls = scene.synchronise()
    refused = [one for one in rosters(calls) if one.given.status == 401]
    if not refused:
        raise NotVerified(f"no call met the unknown token {place}")
    if not scene.whole(calls):
        calls += scene.synchronise()
    expect.true(bool(token_calls(calls)), "a new token is asked for", refused[0].message)
    complete(scene, calls, "all is read after the token was lost")
    expect.equal(sorted(read(calls)), sorted(read(before)), "the collections that are read")


@verifies("DAT-ORC-008", negative=True)
def check_refused_credentials_end_in_few_tries(scene: Scene) -> None:
    """Refused a token, the client asks a few times at most and for no rosters without one."""
    working(scene)
    scene.outdate()
    scene.renew()
    scene.play(tricks.refuse(of_kind("token"), 401))
    calls = scene.synchronise(lambda some: bool(token_calls(some)), endless=True)
    asked = token_calls(calls)
    if not asked:
        raise NotVerified("the client asked for no new token")
    most = scene.config.roster.tries
    expect.true(len(asked) <= most, f"at most {most} tries", asked[-1].message, f"{len(asked)}")
    behind = calls[calls.index(asked[0]) :]
    bare = [one for one in rosters(behind) if not one.asked.headers.get("Authorization")]
    for call in bare[:1]:
        expect.true(False, "no rosters are asked for without a token", call.message, "a request")
    working(scene)


@verifies("DAT-ORC-009")
def check_scopes_are_those_of_the_agreement(scene: Scene) -> None:
    """Each token request names scopes, and none beyond those that were agreed."""
    told = scene.config.roster
    agreed = {FAMILIES[told.version] + one for one in told.scopes}
    for call in forms(scene):
        for one in scopes(call.asked):
            expect.one_of(one, sorted(agreed), "a scope that is asked for", call.message)
        named = bool(scopes(call.asked)) or told.version == "1.1"
        expect.true(named, "scopes are named", call.message, "there are none")


@pytest.mark.parametrize("kind", ["bearer", "BEARER"])
@verifies("DAT-ORC-010")
def check_sparse_token_answer_is_taken(scene: Scene, kind: str) -> None:
    """A token answer in another letter case, without its life or scope, with more, is used."""
    working(scene)
    scene.face.counter.kind, scene.face.counter.told = kind, False
    scene.outdate()
    scene.renew()
    calls = scene.synchronise()
    if not token_calls(calls):
        raise NotVerified("the client asked for no new token")
    expect.true(scene.whole(calls), "rosters are read with such a token", calls[-1].message)


@verifies("DAT-ORC-011", negative=True)
def check_narrower_scope_stops_nothing_else(scene: Scene) -> None:
    """Granted less than it asked for, the client reads all the rest, and insists on nothing."""
    usual = read(working(scene))
    if "demographics" not in usual:
        raise NotVerified("the client reads no demographics")
    scene.renew()
    scene.play(tricks.refuse(about("demographics"), 403))
    calls = scene.synchronise(lambda some: usual - {"demographics"} <= read(some), endless=True)
    scene.play()
    rest = sorted(usual - {"demographics"})
    expect.equal(sorted(read(calls) - {"demographics"}), rest, "the collections that are read")
    complete(scene, [one for one in calls if one.given.zone != "demographics"], "all else is read")
    most = scene.config.roster.tries
    tries = [one for one in calls if one.given.zone == "demographics"]
    expect.true(len(tries) <= most, f"at most {most} tries", tries[-1].message if tries else None,
                f"{len(tries)}")  # fmt: skip


@verifies("DAT-ORC-012", negative=True)
def check_redirect_takes_no_token_elsewhere(scene: Scene) -> None:
    """Sent to another host in the middle of its reading, the client gives no token there."""
    working(scene)
    scene.renew()
    scene.play(tricks.redirect(later, lambda asked: scene.elsewhere + asked.path, times=3))
    if not any(one.given.status == 302 for one in scene.synchronise()):
        raise NotVerified("no call met the redirect")
    no_token_elsewhere(scene)


@verifies("DAT-ORC-013", negative=True)
def check_link_takes_no_token_elsewhere(scene: Scene) -> None:
    """Told that the next page is on another host, the client gives no token there."""
    working(scene)
    scene.renew()
    scene.play(tricks.astray(answered, scene.url, scene.elsewhere))
    if not rosters(scene.synchronise(lambda some: bool(rosters(some)))):
        raise NotVerified("the client asked for no rosters")
    no_token_elsewhere(scene)


def no_token_elsewhere(scene: Scene) -> None:
    """Nothing secret came to the other host since the check began; and all is read without it."""
    scene.play()
    for call in scene.strays():
        shown = call.asked.headers.get("Authorization")
        where = any(one in call.asked.path for one in scene.face.counter.given)
        expect.true(not (shown or where), "no token goes to another host", call.message, "it did")
    working(scene)


NO_TOKEN: Mapping[str, bytes] = {
    "a web page": b"<html>Sign in</html>",
    "no token": b'{"token_type": "Bearer", "expires_in": 3600}',
    "an error": b'{"error": "server_error"}',
}


@pytest.mark.parametrize("form", sorted(NO_TOKEN))
@verifies("DAT-ORC-014", negative=True)
def check_answer_without_token_is_taken_for_none(scene: Scene, form: str) -> None:
    """A web page, or JSON without access_token, gives no token that rosters are asked with."""
    working(scene)
    known = {f"Bearer {one}" for one in scene.face.counter.given} | {""}
    scene.outdate()
    scene.renew()
    scene.play(tricks.instead(of_kind("token"), lambda given: replace(given, body=NO_TOKEN[form])))
    calls = scene.synchronise(lambda some: bool(token_calls(some)), endless=True)
    scene.outdate()
    asked = token_calls(calls)
    if not asked:
        raise NotVerified("the client asked for no new token")
    for call in rosters(calls[calls.index(asked[0]) :]):
        shown = call.asked.headers.get("Authorization") in known
        expect.true(shown, "no token is made up", call.message, "another one was sent")
    working(scene)


@verifies("DAT-ORC-015", negative=True)
def check_token_that_opens_nothing_is_given_up(scene: Scene) -> None:
    """Told 401 with every new token, the client gives the round up after a few of them."""
    working(scene)
    scene.renew()
    scene.play(tricks.refuse(answered, 401))
    calls = scene.synchronise(lambda some: bool(rosters(some)), endless=True)
    if not rosters(calls):
        raise NotVerified("the client asked for no rosters")
    most = scene.config.roster.tries
    many = len(token_calls(calls))
    expect.true(many <= most, f"at most {most} new tokens", rosters(calls)[-1].message, f"{many}")
    working(scene)
