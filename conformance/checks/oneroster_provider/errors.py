"""Errors: their payload, and what they must not do (OneRoster 1.2 rostering; 1.1, section 3.5)."""

from __future__ import annotations

import pytest

from conformance import expect
from conformance.checks.oneroster_provider.judged import complete_error, minors, reads, refused
from conformance.oneroster_offer import Roster, document, inner
from conformance.problems import NotApplicable
from conformance.reply import Reply
from conformance.target_rostering import V1_2
from conformance.verifies import verifies


def provoked(roster: Roster, what: str) -> Reply:
    """A refusal of this kind."""
    if what == "401":
        return roster.send("GET", roster.url("orgs"), named="orgs")
    if what == "404":
        return roster.get(f"users/no-such-{roster.rng.getrandbits(64):x}")
    if not roster.declared("filter"):
        raise NotApplicable("the target declares no filter, whose refusal is looked at")
    return roster.get("users", filter="shoeSize='9'", limit="1")


@pytest.mark.parametrize("what", ["401", "404", "400"])
@verifies("ORS-ERR-001", negative=True)
def check_errors_of_1_2_are_complete(roster: Roster, what: str) -> None:
    """A refusal is JSON with major, severity, description and a known minor code."""
    roster.only_in(V1_2)
    reads(roster)
    reply = provoked(roster, what)
    refused(reply, int(what))
    expect.content_type(reply, "application/json")
    complete_error(reply)


@pytest.mark.parametrize(
    ("what", "minor"),
    [("401", "unauthorisedrequest"), ("404", "unknownobject"), ("400", "invalid_filter_field")],
)
@verifies("ORS-ERR-001", negative=True)
def check_minor_codes_say_what_was_wrong(roster: Roster, what: str, minor: str) -> None:
    """The minor code of a refusal is the one for what was wrong."""
    roster.only_in(V1_2)
    reads(roster)
    reply = provoked(roster, what)
    refused(reply, int(what))
    expect.true(minor in minors(reply), f"the error says {minor}", reply, ", ".join(minors(reply)))


@verifies("ORS-ERR-002", negative=True)
def check_errors_of_1_1_hold_a_failure(roster: Roster) -> None:
    """An error of 1.1 is JSON that calls itself a failure, where it says anything."""
    older = roster.in_1_1()
    reads(older)
    reply = provoked(older, "404")
    refused(reply, 404)
    infos = inner(document(reply), "statusInfoSet") or [document(reply)]
    majors = {str(one.get("imsx_codeMajor", "failure")) for one in infos}
    expect.equal(majors, {"failure"}, "imsx_codeMajor", reply)


@pytest.mark.parametrize("where", ["filter", "path"])
@verifies("ORS-ERR-003", negative=True)
def check_errors_repeat_nothing_that_was_sent(roster: Roster, where: str) -> None:
    """An error repeats no name of a person that a client sent."""
    reads(roster)
    name = f"Qvex{roster.rng.getrandbits(40):x}"
    if where == "filter":
        reply = roster.get("users", filter=f"shoeSize='{name}' XOR familyName='{name}'")
    else:
        reply = roster.get(f"users/{name}")
    if reply.ok:
        raise NotApplicable("the request is served; filters that are ignored are judged elsewhere")
    head = reply.head.decode("latin-1") + reply.body.decode("utf-8", "replace")
    expect.true(name.lower() not in head.lower(), "the error does not repeat it", reply)


ODD = {
    "long filter": f"filter=familyName%3D'{'a' * 4000}'",
    "nul": "filter=familyName%3D'%00'",
    "bad utf-8": "filter=familyName%3D'%ff%fe'",
    "bad percent": "filter=%zz",
    "twice": "limit=1&limit=2",
    "huge offset": "offset=99999999999999999999",
    "huge limit": "limit=99999999999999999999",
    "quote": "filter=familyName%3D'O''Neil'",
    "statement": "filter=familyName%3D'x'%3B%20DROP%20TABLE%20users",
    "empty fields": "fields=",
    "empty filter": "filter=",
}


@pytest.mark.parametrize("query", list(ODD.values()), ids=list(ODD))
@verifies("ORS-ERR-004", negative=True)
def check_odd_requests_break_nothing(roster: Roster, query: str) -> None:
    """An odd query is served or refused as the fault of the client, never a server error."""
    reads(roster, "users")
    reply = roster.ask("GET", "users", query)
    expect.true(reply.status < 500, "no server error", reply, str(reply.status))
    reads(roster, "users")
