"""The same answers in another spelling, packed, or in pieces: a client reads their meaning."""

from __future__ import annotations

import pytest

from conformance import expect
from conformance.checks.consumer.looking import why
from conformance.checks.consumer.notations import xml_only
from conformance.checks.consumer.seen import delivered as brought
from conformance.checks.consumer.seen import everyone, number, paged, ready
from conformance.problems import NotApplicable, NotVerified
from conformance.stage import dress
from conformance.stage.calls import ENVIRONMENT, Call
from conformance.stage.dress import Dress
from conformance.stage.play import Stage, answered
from conformance.verifies import verifies

SPELLINGS = {"prefixes": dress.PREFIXES, "remarks": dress.COMMENTS, "quotes": dress.QUOTES}


def started(stage: Stage, what: str, **ways: object) -> list[Call]:
    """The client starts while the hub speaks in these ways, and comes to read data."""
    ready(stage)
    stage.behave(**ways)
    stage.hub.forget()
    calls = stage.synchronise(order="restart")
    made = [one for one in calls if one.given.kind == ENVIRONMENT and one.given.status < 300]
    if not made:
        raise NotVerified("the client did not ask for an environment")
    expect.true(answered(calls), what, made[-1].message, why(calls))
    return calls


def walked(stage: Stage, calls: list[Call], what: str) -> None:
    """The walks through pages came to their ends."""
    for walk in read_walks(paged(calls)):
        missing = len(everyone(stage, walk[0].zone) - brought(walk))
        more = number(walk[-1]) > 1 or missing == 0
        expect.true(more, what, walk[-1].message, f"{missing} students are missing")


def read_walks(walks: list[list[Call]]) -> list[list[Call]]:
    """The walks with a page that the hub gave; a wrong marker is a matter of its own."""
    found = [one for one in walks if any(it.given.status < 300 for it in one)]
    if not found:
        raise NotVerified("the hub gave no page")
    return found


def spelled(stage: Stage, way: Dress) -> None:
    """Environment, queue and pages come in this dress: all is read."""
    xml_only(stage)
    what = "answers in another spelling are read"
    walked(stage, started(stage, what, dress=way), what)


@pytest.mark.parametrize("form", sorted(SPELLINGS))
@verifies("DAT-CON-030")
def check_answers_are_read_by_their_meaning(stage: Stage, form: str) -> None:
    """Answers with prefixes, remarks, CDATA and white space are read like any other."""
    spelled(stage, SPELLINGS[form])


@verifies("INF-FMT-002")
def check_an_environment_of_another_version_is_read(stage: Stage) -> None:
    """Environment and queue in the namespace of 3.2.1 without `www.` are understood."""
    xml_only(stage)
    started(stage, "an environment of another version is understood", dress=dress.OLDER)


@verifies("DAT-CON-031")
def check_what_is_not_known_is_passed_over(stage: Stage) -> None:
    """An environment with an element and an attribute of another namespace is taken."""
    xml_only(stage)
    started(stage, "what is not known is passed over", dress=dress.EXTENSIONS)


@verifies("INF-HDR-001")
def check_header_names_of_answers_have_any_case(stage: Stage) -> None:
    """Answers whose header names stand in capitals, an unknown one among them, are read."""
    what = "header names in capitals are read"
    calls = started(stage, what, shouts=True, keeps=True)
    walked(stage, calls, what)
    for walk in [one for one in paged(calls) if len(one) > 1]:
        told = dict(walk[0].given.headers).get("NAVIGATIONID", "")
        named = walk[1].asked.says("navigationId")
        expect.equal(named, told, "navigationId", walk[1].message)


@verifies("DAT-CON-032")
def check_packed_answers_are_read(stage: Stage) -> None:
    """Answers packed by gzip go to a client that asks for them, and are read."""
    asks = [one for one in stage.life() if "gzip" in one.asked.headers.get("Accept-Encoding")]
    if not asks:
        raise NotApplicable("the client does not ask for gzip")
    what = "packed answers are read"
    walked(stage, started(stage, what, zips=True), what)


@verifies("DAT-CON-033")
def check_answers_in_pieces_are_read(stage: Stage) -> None:
    """Answers that come in chunks, their length not told, are read."""
    what = "answers in pieces are read"
    calls = started(stage, what, chunks=True)
    walked(stage, calls, what)
