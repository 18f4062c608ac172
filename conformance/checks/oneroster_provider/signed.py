"""Signed requests of OneRoster 1.1 (RFC 5849; OneRoster 1.1, section 4)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping

import pytest

from conformance import expect
from conformance.checks.oneroster_provider.judged import refused
from conformance.checks.preparation import control_holds
from conformance.oneroster_offer import Roster, items
from conformance.oneroster_signing import METHOD, Signer, written
from conformance.problems import NotApplicable
from conformance.reply import Reply
from conformance.verifies import verifies

QUERY = {"limit": "2", "offset": "0"}


def address(roster: Roster, query: Mapping[str, str]) -> str:
    """Where signed requests go."""
    return roster.url("orgs", query, roster.told.signed_root)


def parts_of(
    roster: Roster, url: str, *, signer: Signer | None = None, late: int = 0
) -> dict[str, str]:
    """Good parameters for a GET of an address, `late` seconds from now."""
    who = signer or roster.signer
    return who.parts("GET", url, secrets.token_hex(12), int(time.time()) + late)


def sent(roster: Roster, url: str, parts: Mapping[str, str]) -> Reply:
    """GET of an address with these parameters."""
    return roster.send("GET", url, written(parts), named="orgs")


def control(roster: Roster) -> None:
    """A request that is well signed is served."""
    url = address(roster, QUERY)
    control_holds(sent(roster, url, parts_of(roster, url)), "a well signed request is served")


@pytest.mark.parametrize("method", [METHOD, "HMAC-SHA1"])
@verifies("ORS-SIG-001")
def check_signed_requests_are_served(roster: Roster, method: str) -> None:
    """A request signed with HMAC-SHA256 is served, its query signed with it; SHA1 may be."""
    url = address(roster, QUERY | {"sort": "sourcedId", "orderBy": "asc"})
    signer = Signer(roster.config.credentials.key, roster.config.secret, method)
    reply = sent(roster, url, parts_of(roster, url, signer=signer))
    if method != METHOD and reply.status == 401:
        raise NotApplicable("HMAC-SHA1 is not taken any more")
    expect.status(reply, 200)
    expect.true(0 < len(items(reply)) <= 2, "one or two orgs are read", reply)


@pytest.mark.parametrize("fault", ["secret", "query", "path", "signature", "key", "plain"])
@verifies("ORS-SIG-002", negative=True)
def check_wrong_signatures_are_refused(roster: Roster, fault: str) -> None:
    """A request that differs from what was signed, or was signed by another, gets 401."""
    control(roster)
    url = address(roster, QUERY)
    other = f"{roster.rng.getrandbits(96):x}"
    key, secret = roster.config.credentials.key, roster.config.secret
    parts = parts_of(roster, url)
    if fault == "secret":
        parts = parts_of(roster, url, signer=Signer(key, other))
    elif fault == "key":
        parts = parts_of(roster, url, signer=Signer(other, secret))
    elif fault == "signature":
        del parts["oauth_signature"]
    elif fault == "plain":
        parts |= {"oauth_signature_method": "PLAINTEXT", "oauth_signature": f"{other}&"}
    elif fault == "query":
        url = address(roster, QUERY | {"limit": "1"})
    else:
        url = url.replace("/orgs?", "/courses?")
    refused(sent(roster, url, parts), 401)


@verifies("ORS-SIG-003", negative=True)
def check_signed_request_is_good_once(roster: Roster) -> None:
    """The same signed request a second time is refused: its nonce is used."""
    url = address(roster, QUERY)
    parts = parts_of(roster, url)
    control_holds(sent(roster, url, parts), "a well signed request is served")
    refused(sent(roster, url, parts), 401)


@pytest.mark.parametrize("days", [-2, 2], ids=["two days old", "two days ahead"])
@verifies("ORS-SIG-004", negative=True)
def check_signatures_of_another_day_are_refused(roster: Roster, days: int) -> None:
    """A well signed request of two days ago, or ahead, is refused; one of now is served."""
    control(roster)
    url = address(roster, QUERY)
    refused(sent(roster, url, parts_of(roster, url, late=days * 86_400)), 401)
