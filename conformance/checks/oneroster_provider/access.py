"""Who is let in, and how far (RFC 6750; OneRoster 1.2 rostering, security)."""

from __future__ import annotations

import pytest

from conformance import expect
from conformance.checks.oneroster_provider.judged import reads, refused, says
from conformance.checks.preparation import control_holds
from conformance.oneroster_offer import CORE, DEMOGRAPHICS, ROSTER, Roster, ids
from conformance.reply import Reply
from conformance.verifies import verifies


def path_of(roster: Roster, what: str) -> str:
    """A path of this kind."""
    if what == "one":
        return f"users/{ids(roster.some('users'))[0]}"
    if what == "part":
        return f"schools/{ids(roster.some('schools'))[0]}/students"
    return roster.collections[0] if what == "collection" else what


@pytest.mark.parametrize("what", ["collection", "users", "one", "part", "demographics"])
@verifies("ORS-ACC-001", negative=True)
def check_nobody_reads_without_credentials(roster: Roster, what: str) -> None:
    """A request without credentials is answered with 401 and no object; with them it is served."""
    path = path_of(roster, what)
    roster.offered(*(one for one in path.split("/")[::2] if one))
    reads(roster)
    refused(roster.send("GET", roster.url(path), named=path), 401)


@pytest.mark.parametrize("fault", ["tampered", "cut", "other scheme", "client secret", "blank"])
@verifies("ORS-ACC-002", negative=True)
def check_wrong_tokens_are_refused(roster: Roster, fault: str) -> None:
    """A token that was never given, or is not sent as Bearer, is answered with 401."""
    reads(roster)
    token = roster.token(ROSTER)
    proof = {
        "tampered": f"Bearer {token[:-4]}{'AAAA' if not token.endswith('AAAA') else 'BBBB'}",
        "cut": f"Bearer {token[: len(token) // 2]}",
        "other scheme": f"Token {token}",
        "client secret": f"Bearer {roster.config.secret}",
        "blank": "Bearer ",
    }[fault]
    refused(roster.send("GET", roster.url("orgs"), proof, named="orgs"), 401, 400)


@verifies("ORS-ACC-003", negative=True)
def check_401_says_how_to_come_in(roster: Roster) -> None:
    """A 401 names the scheme Bearer in WWW-Authenticate; with a token there is none."""
    reads(roster)
    reply = roster.send("GET", roster.url("orgs"), named="orgs")
    expect.status(reply, 401)
    told = [one.partition(" ")[0].lower() for one in reply.headers.all("WWW-Authenticate")]
    expect.true("bearer" in told, "WWW-Authenticate names Bearer", reply, ", ".join(told))


def with_scope(roster: Roster, scope: str, path: str) -> Reply:
    """GET of a path with a token of this scope."""
    return roster.send("GET", roster.url(path), f"Bearer {roster.token(scope)}", named=path)


@pytest.mark.parametrize("one", [False, True], ids=["collection", "single"])
@verifies("ORS-SCP-001", negative=True)
def check_core_token_reads_no_demographics(roster: Roster, one: bool) -> None:
    """A token of the core scope is refused demographics with 403; their own scope is served."""
    path = "demographics"
    if one:
        path += f"/{ids(roster.some('demographics'))[0]}"
    control_holds(with_scope(roster, DEMOGRAPHICS, path), "the scope of demographics is enough")
    control_holds(with_scope(roster, CORE, "orgs"), "the core scope reads orgs")
    reply = with_scope(roster, CORE, path)
    refused(reply, 403)
    says(roster, reply, "forbidden")


@verifies("ORS-SCP-001", negative=True)
def check_roster_token_reads_no_demographics(roster: Roster) -> None:
    """The wider scope of rosters does not reach demographics either."""
    roster.offered("demographics")
    control_holds(with_scope(roster, ROSTER, "orgs"), "the scope of rosters reads orgs")
    refused(with_scope(roster, ROSTER, "demographics"), 403)


@pytest.mark.parametrize("path", ["users", "orgs", "enrollments"])
@verifies("ORS-SCP-002", negative=True)
def check_demographics_token_reads_nothing_else(roster: Roster, path: str) -> None:
    """A token of the scope of demographics is refused everything else with 403."""
    roster.offered("demographics", path)
    control_holds(with_scope(roster, DEMOGRAPHICS, "demographics"), "it reads demographics")
    refused(with_scope(roster, DEMOGRAPHICS, path), 403)


@verifies("ORS-ACC-002", negative=True)
def check_client_secret_reads_nothing(roster: Roster) -> None:
    """Client id and secret as Basic read no roster; the token that they bring does."""
    reads(roster)
    refused(roster.send("GET", roster.url("orgs"), roster.login_proof(), named="orgs"), 401)
