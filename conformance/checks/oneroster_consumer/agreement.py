"""No more than was agreed, and nothing before the obligation document was acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import unquote_plus

import pytest

from conformance import expect, trees
from conformance.checks.oneroster_consumer.looking import read, rosters, working
from conformance.pods import Pod, Terms
from conformance.problems import NotVerified
from conformance.stage.calls import PODS, RECEIPT, Call
from conformance.stage.oneroster_play import Scene, good
from conformance.verifies import verifies

SHORTEST = 5


@verifies("DAT-ORC-070")
def check_collections_are_those_of_the_agreement(scene: Scene) -> None:
    """Every call for rosters is for a collection that was agreed."""
    working(scene)
    scene.renew()
    scene.synchronise(order="restart")
    for call in rosters(scene.calls(of_the_run=True)):
        allowed = scene.config.roster.collections
        expect.one_of(call.given.zone, allowed, "a collection that is asked for", call.message)


@verifies("DAT-ORC-071")
def check_addresses_tell_nothing_of_people(scene: Scene) -> None:
    """No name, e-mail address, birth date or local id stands in the address of a call."""
    working(scene)
    scene.renew()
    scene.synchronise(order="restart")
    known = {one for one in scene.face.roster.values() if len(one) >= SHORTEST}
    for call in scene.calls():
        query = unquote_plus(call.asked.path)
        inside = any(one in query for one in known)
        expect.true(not inside, "nothing personal in an address", call.message, "it is there")


def acknowledged(call: Call, pod: Pod) -> bool:
    """Whether a call accepts this document, explicitly or by its marker."""
    receipt = call.given.kind == RECEIPT and pod.refid in call.asked.steps
    explicit = receipt and b"REJECTED" not in call.asked.body
    return explicit or call.asked.headers.get("dataPrivacyMarker") == pod.token


def opened(calls: list[Call], pod: Pod) -> int:
    """The place of the first call that accepts the document; behind the last if none does."""
    return next((at for at, one in enumerate(calls) if acknowledged(one, pod)), len(calls))


@verifies("DAT-ORC-072")
def check_document_comes_before_the_rosters(scene: Scene) -> None:
    """Started anew, the client asks for no rosters before it acknowledged the document."""
    pod = scene.agree()
    calls = scene.synchronise(order="restart")
    at = opened(calls, pod)
    if at == len(calls) and not rosters(calls):
        raise NotVerified("the client asked for no rosters and acknowledged no document")
    early = [one for one in rosters(calls[:at]) if not acknowledged(one, pod)]
    for call in early[:1]:
        expect.true(False, "the document is acknowledged first", call.message, "rosters were asked")
    expect.true(any(map(good, calls[at:])), "rosters are read under it", None, "none were")


@verifies("DAT-ORC-073")
def check_new_document_is_found(scene: Scene) -> None:
    """Told 403 because another document is in force, the client reads it and goes on."""
    before = read(working(scene))
    pod = scene.agree()
    calls = scene.synchronise(lambda some: any(map(good, some)))
    if not any(map(good, calls)):
        calls += scene.synchronise()
    if read(calls) != before:
        calls += scene.synchronise()
    at = opened(calls, pod)
    expect.true(at < len(calls), "the new document is acknowledged", None, "it was not")
    expect.equal(sorted(read(calls[at:])), sorted(before), "the collections that are read")


def _today() -> date:
    return date.today()  # noqa: DTZ011  # a contract runs on the calendar of the district


def _ended(terms: Terms) -> Terms:
    return replace(terms, valid_from=_today() - timedelta(400), valid_to=_today() - timedelta(2))


def _early(terms: Terms) -> Terms:
    return replace(terms, valid_from=_today() + timedelta(2), valid_to=_today() + timedelta(400))


def _plain(terms: Terms) -> Terms:
    return terms


def _as_it_is(pod: Pod) -> None:
    """Nothing is spoiled."""


def _without(name: str) -> Callable[[Pod], None]:
    def spoil(pod: Pod) -> None:
        found = trees.child(pod.element, name)
        assert found is not None
        pod.element.remove(found)

    return spoil


def _draft(pod: Pod) -> None:
    found = trees.child(pod.element, "podStatus")
    assert found is not None
    found.text = "Expired"


REFUSED: Mapping[str, tuple[Callable[[Terms], Terms], Callable[[Pod], None]]] = {
    "for another party": (lambda terms: replace(terms, party="Another Party Ltd"), _as_it_is),
    "ended": (_ended, _as_it_is),
    "not begun": (_early, _as_it_is),
    "without a token": (_plain, _without("podToken")),
    "without a version": (_plain, _without("podVersion")),
    "expired": (_plain, _draft),
}


@pytest.mark.parametrize("form", sorted(REFUSED))
@verifies("DAT-ORC-074", negative=True)
def check_unusable_document_is_not_acknowledged(scene: Scene, form: str) -> None:
    """A document for others, out of its time, or invalid is not acknowledged; a good one is."""
    alter, spoil = REFUSED[form]
    pod = scene.show(alter, spoil)
    calls = scene.synchronise(
        lambda some: any(one.given.kind == PODS for one in some), order="restart"
    )
    if not any(one.given.kind == PODS for one in calls):
        raise NotVerified("the client did not read the documents")
    for call in [one for one in calls if acknowledged(one, pod)][:1]:
        expect.true(False, "the document is not acknowledged", call.message, "it was")
    good_one = scene.agree()
    calls = scene.synchronise(order="restart")
    found = opened(calls, good_one) < len(calls)
    if not found:
        raise NotVerified("the client acknowledges no ordinary document either")


@verifies("DAT-ORC-075", negative=True)
def check_end_of_the_agreement_ends_the_reading(scene: Scene) -> None:
    """Told 410 because the agreement ended, the client asks for no rosters in the next rounds."""
    working(scene)
    scene.end()
    calls = scene.synchronise(lambda some: any(one.given.status == 410 for one in some))
    if not any(one.given.status == 410 for one in rosters(calls)):
        raise NotVerified("no call met the end of the agreement")
    later = scene.synchronise(lambda some: bool(rosters(some)), silence=True)
    for call in rosters(later)[:1]:
        expect.true(False, "no rosters are asked for after the end", call.message, "a request")
    pod = scene.agree()
    calls = scene.synchronise(order="restart")
    if opened(calls, pod) == len(calls):
        raise NotVerified("the client did not come back under a new document")
