"""How a client gets its token (RFC 6749, 4.4 and 5; 1EdTech Security Framework 1.0, 4.1)."""

from __future__ import annotations

import pytest

from conformance import expect
from conformance.checks.preparation import control_holds
from conformance.oneroster_offer import ROSTER, Roster, document, token_in
from conformance.reply import Reply
from conformance.verifies import verifies

CLIENT = {"grant_type": "client_credentials"}


def form(roster: Roster) -> dict[str, str]:
    """A good request for a token."""
    scoped = {"scope": roster.scope(ROSTER)} if roster.declared("scopes") else {}
    return CLIENT | scoped


def control(roster: Roster) -> None:
    """The same client, asking properly, gets a token."""
    reply = roster.grant(form(roster))
    control_holds(reply, "a good request for a token is answered with one")


def no_token(reply: Reply, status: int, *errors: str) -> None:
    """A refusal of the token address: status, code of the error, no token."""
    expect.status(reply, status)
    told = document(reply)
    expect.one_of(told.get("error"), errors, "error of the token address", reply)
    expect.true("access_token" not in told, "a refusal holds no token", reply)


@verifies("ORS-TOK-001")
def check_client_credentials_bring_a_token(roster: Roster) -> None:
    """Client id and secret bring a Bearer token in JSON, with the seconds that it lives."""
    reply = roster.grant(form(roster))
    expect.status(reply, 200)
    expect.content_type(reply, "application/json")
    told = document(reply)
    expect.equal(str(told.get("token_type")).lower(), "bearer", "token_type", reply)
    expect.true(len(token_in(reply)) >= 8, "access_token is a text nobody can guess", reply)
    kept = [one.strip().lower() for one in reply.headers.get("Cache-Control").split(",")]
    expect.true("no-store" in kept, "Cache-Control says no-store", reply, ", ".join(kept))
    seconds = told.get("expires_in")
    whole = isinstance(seconds, int) and not isinstance(seconds, bool) and seconds > 0
    expect.true(whole, "expires_in is a number of seconds", reply, str(seconds))


@pytest.mark.parametrize("who", ["wrong secret", "unknown client", "nobody"])
@verifies("ORS-TOK-002", negative=True)
def check_no_token_for_strangers(roster: Roster, who: str) -> None:
    """A wrong secret, an unknown client and nobody are refused with 401 invalid_client."""
    control(roster)
    key, wrong = roster.config.credentials.key, f"{roster.rng.getrandbits(96):x}"
    login = {
        "wrong secret": (key, wrong),
        "unknown client": (wrong, roster.config.secret),
        "nobody": ("", ""),
    }[who]
    reply = roster.grant(form(roster), login)
    if who == "nobody" and reply.status == 400:
        no_token(reply, 400, "invalid_client", "invalid_request")
    else:
        no_token(reply, 401, "invalid_client")


@pytest.mark.parametrize("kind", ["password", "", "no-such-grant"])
@verifies("ORS-TOK-003", negative=True)
def check_other_grants_are_refused(roster: Roster, kind: str) -> None:
    """Another grant type, or none, is answered with 400 and its code; the right one is served."""
    control(roster)
    asked = form(roster) | {"grant_type": kind}
    if not kind:
        del asked["grant_type"]
    wanted = ("unsupported_grant_type", "unauthorized_client", "invalid_request")
    no_token(roster.grant(asked), 400, *(wanted[2:] if not kind else wanted))


@verifies("ORS-TOK-004", negative=True)
def check_scope_that_nobody_knows_is_not_granted(roster: Roster) -> None:
    """A scope that does not exist is refused, or the token says that it has others."""
    control(roster)
    made_up = roster.scope(f"no-such-{roster.rng.getrandbits(32):x}.readonly")
    reply = roster.grant(CLIENT | {"scope": made_up})
    if reply.status != 200:
        no_token(reply, 400, "invalid_scope")
        return
    granted = str(document(reply).get("scope") or made_up).split()
    expect.true(made_up not in granted, "the token says which scopes it has", reply)


@verifies("ORS-TOK-003", negative=True)
def check_token_address_takes_posts_only(roster: Roster) -> None:
    """GET of the token address brings no token, whatever its query says."""
    control(roster)
    url = roster.config.url(roster.told.token_url)
    proof = roster.login_proof()
    reply = roster.send("GET", f"{url}?grant_type=client_credentials", proof, named="token")
    expect.true(not token_in(reply), "GET brings no token", reply, str(reply.status))
    expect.true(400 <= reply.status < 500, "GET is refused", reply, str(reply.status))
