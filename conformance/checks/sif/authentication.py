"""Who asks: tokens, their places and their faults (Infrastructure Services 3.2.1, 4.1)."""

from __future__ import annotations

import base64
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conformance import auth, expect, trees
from conformance.checks.preparation import (
    accepted,
    control_holds,
    objects_in,
    one_page,
    prepared,
)
from conformance.problems import NotApplicable
from conformance.reply import Reply
from conformance.sif import SifClient
from conformance.verifies import verifies


def read_students(sif: SifClient, authorization: str | None = "session", **more: Any) -> Reply:
    """A harmless query, signed as told."""
    return one_page(sif, auth=authorization, **more)


def served(sif: SifClient) -> None:
    """The positive control: the same query with good credentials is answered."""
    control_holds(read_students(sif), "with good credentials the query is answered")


def session_token(sif: SifClient) -> str:
    """The token of the current environment."""
    return sif.environment.session_token if sif.environment else ""


def hmac_only(sif: SifClient) -> None:
    """Leave checks of SIF_HMACSHA256 to targets that use it."""
    if sif.identity.method != auth.HMAC:
        raise NotApplicable("the target authenticates with another method than SIF_HMACSHA256")


@verifies("INF-AUT-001", negative=True)
def check_nothing_is_served_without_credentials(sif: SifClient) -> None:
    """A query without credentials is answered with 401 and no data; with them it is served."""
    served(sif)
    reply = read_students(sif, None)
    expect.status(reply, 401)
    found = objects_in(reply, sif.collection.removesuffix("s"))
    expect.equal(len(found), 0, "objects in the refusal", reply)


@verifies("INF-AUT-004", "NEG-006", negative=True)
def check_tampered_hmac_is_refused(sif: SifClient, rng: random.Random) -> None:
    """A MAC over another instant than the timestamp is refused; the untouched one is served."""
    hmac_only(sif)
    served(sif)
    signed = sif.sign("session")
    moment = datetime.fromisoformat(signed.timestamp) + timedelta(seconds=rng.randint(1, 9))
    headers = {"timestamp": auth.stamp(moment)}
    expect.status(read_students(sif, signed.headers["Authorization"], headers=headers), 401)


@verifies("INF-AUT-004", negative=True)
def check_hmac_of_another_secret_is_refused(sif: SifClient, rng: random.Random) -> None:
    """A MAC made with another secret is refused; the right one is served."""
    hmac_only(sif)
    served(sif)
    stamp = auth.stamp(datetime.now(UTC))
    signed = auth.sign(auth.HMAC, session_token(sif), f"other-{rng.getrandbits(64):x}", stamp)
    headers = {"timestamp": stamp}
    expect.status(read_students(sif, signed.headers["Authorization"], headers=headers), 401)


@verifies("INF-AUT-004")
def check_hmac_covers_the_timestamp_as_written(sif: SifClient) -> None:
    """The same instant written with another offset is served, if the MAC covers that text."""
    hmac_only(sif)
    text = datetime.now(UTC).isoformat(timespec="milliseconds")
    signed = auth.sign(auth.HMAC, session_token(sif), sif.identity.secret, text)
    served(sif)
    reply = read_students(sif, signed.headers["Authorization"], headers={"timestamp": text})
    accepted(reply, "a timestamp with an offset is verified as written")


@verifies("INF-AUT-005", negative=True)
def check_hmac_without_timestamp_is_refused(sif: SifClient) -> None:
    """A MAC whose timestamp was not sent is refused; with the timestamp it is served."""
    hmac_only(sif)
    signed = sif.sign("session")
    reply = read_students(sif, signed.headers["Authorization"])
    expect.status(reply, 401)
    served(sif)


@pytest.mark.parametrize("text", ["yesterday", "2026-13-45T99:99:99Z", ""])
@verifies("NEG-006", negative=True)
def check_hmac_with_a_mangled_timestamp_is_refused(sif: SifClient, text: str) -> None:
    """A MAC over something that is no instant is refused and breaks nothing."""
    hmac_only(sif)
    signed = auth.sign(auth.HMAC, session_token(sif), sif.identity.secret, text)
    reply = read_students(sif, signed.headers["Authorization"], headers={"timestamp": text})
    expect.status(reply, 400, 401)
    served(sif)


@pytest.mark.parametrize("days", [-2, 2], ids=["two days old", "two days ahead"])
@verifies("INF-AUT-006", negative=True)
def check_hmac_of_another_day_is_refused(sif: SifClient, days: int) -> None:
    """A well signed timestamp that is two days old or ahead is refused; one of now is served."""
    hmac_only(sif)
    served(sif)
    stamp = auth.stamp(datetime.now(UTC) + timedelta(days=days))
    signed = auth.sign(auth.HMAC, session_token(sif), sif.identity.secret, stamp)
    headers = {"timestamp": stamp}
    expect.status(read_students(sif, signed.headers["Authorization"], headers=headers), 401)


@verifies("INF-AUT-009", "NEG-009", negative=True)
def check_application_key_does_not_open_services(sif: SifClient) -> None:
    """With an environment in place the application key is refused and the session token served."""
    served(sif)
    expect.status(read_students(sif, "application"), 401)


@verifies("INF-AUT-012", "NEG-010")
def check_credentials_in_the_query_are_enough(sif: SifClient) -> None:
    """Method, token and timestamp as query parameters are accepted without a header."""
    served(sif)
    accepted(read_students(sif, auth_in="query"), "credentials in the query are accepted")


@verifies("INF-AUT-013")
def check_good_header_beats_a_bad_query(sif: SifClient, rng: random.Random) -> None:
    """With good credentials in the header, bad ones in the query change nothing."""
    token = base64.b64encode(f"nobody:{rng.getrandbits(64):x}".encode()).decode()
    query = {"authenticationMethod": sif.identity.method, "access_token": token}
    served(sif)
    accepted(read_students(sif, query=query), "the header decides, not the query")


@verifies("INF-AUT-013", negative=True)
def check_bad_header_is_not_saved_by_the_query(sif: SifClient, rng: random.Random) -> None:
    """With a bad header, good credentials in the query do not help; alone they do."""
    good = sif.sign("session")
    wrong = base64.b64encode(f"nobody:{rng.getrandbits(64):x}".encode()).decode()
    reply = read_students(sif, f"{sif.identity.method} {wrong}", query=good.query)
    expect.status(reply, 401)
    served(sif)


@verifies("INF-AUT-015", "NEG-058", negative=True)
def check_unknown_session_token_is_401(sif: SifClient, rng: random.Random) -> None:
    """A well-formed token that was never issued is answered with 401; the real one is served."""
    served(sif)
    stamp = auth.stamp(datetime.now(UTC))
    stranger = f"{rng.getrandbits(128):032x}"
    signed = auth.sign(sif.identity.method, stranger, sif.identity.secret, stamp)
    headers = {"timestamp": stamp}
    expect.status(read_students(sif, signed.headers["Authorization"], headers=headers), 401)


@verifies("INF-AUT-022")
def check_scheme_name_counts_without_case(sif: SifClient) -> None:
    """The scheme of the Authorization header may be written in small letters."""
    signed = sif.sign("session")
    scheme, _, token = signed.headers["Authorization"].partition(" ")
    headers = {"timestamp": signed.timestamp} if signed.timestamp else {}
    served(sif)
    reply = read_students(sif, f"{scheme.lower()} {token}", headers=headers)
    accepted(reply, "a scheme in small letters is accepted")


MANGLED = {
    "not base64": "%%%not-base64%%%",
    "no colon": base64.b64encode(b"no-colon-at-all").decode(),
    "nothing": "",
    "not utf-8": base64.b64encode(b"\xff\xfe:\xff").decode(),
    "blank inside": "YWJj OmRl Zg==",
    "only a colon": base64.b64encode(b":").decode(),
    "no padding": base64.b64encode(b"nobody:x").decode().rstrip("="),
}


@pytest.mark.parametrize("fault", sorted(MANGLED))
@verifies("INF-AUT-023", "NEG-007", negative=True)
def check_mangled_tokens_are_refused(sif: SifClient, fault: str) -> None:
    """A token that cannot be read is answered with 401, never with a server error."""
    timestamp = {"timestamp": auth.stamp(datetime.now(UTC))}
    reply = read_students(sif, f"{sif.identity.method} {MANGLED[fault]}", headers=timestamp)
    expect.status(reply, 400, 401)
    served(sif)


@verifies("INF-AUT-025")
def check_session_token_gives_nothing_away(bare_sif: SifClient) -> None:
    """The session token holds neither key nor secret, plain or in base64."""
    first, second = prepared(bare_sif.connect()), prepared(bare_sif.connect())
    tokens = [trees.text(reply.object, "sessionToken") for reply in (first, second)]
    for form in (*tokens, *map(_decoded, tokens)):
        expect.true(bare_sif.identity.secret not in form, "the token hides the secret", first)
        expect.true(bare_sif.identity.key not in form, "the token hides the key", first)


def _decoded(token: str) -> str:
    try:
        return base64.b64decode(token, validate=False).decode("latin-1")
    except ValueError:
        return ""
