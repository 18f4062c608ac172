"""Asking for what changed: markers come back as they are, outlive a restart, and grow old."""

from __future__ import annotations

from conformance import expect, trees
from conformance.checks.consumer.later import renamed, row
from conformance.checks.consumer.seen import number, pages, ready, wanted
from conformance.problems import NotVerified
from conformance.readback import ReadBack
from conformance.stage.calls import Asked, Call
from conformance.stage.observing import through_relay
from conformance.stage.play import Stage, answered
from conformance.stage.shelf import CREATE, DELETE, UPDATE
from conformance.stage.weather import Weather
from conformance.verifies import verifies

MARKER = "changesSinceMarker"


def about_changes(asked: Asked) -> bool:
    """Whether a call asks for what changed."""
    return MARKER in asked.given


def changes(calls: list[Call]) -> list[Call]:
    """The requests for what changed."""
    return [one for one in calls if about_changes(one.asked)]


def marked(stage: Stage) -> list[Call]:
    """Rounds until the client holds a marker and used it; the requests for changes."""
    ready(stage)
    calls = stage.synchronise()
    if not changes(calls):
        calls += stage.synchronise(silence=True)
    return list(wanted(changes(calls), "request with changesSinceMarker"))


def told(stage: Stage) -> dict[str, set[str]]:
    """By zone every marker that the hub told in this run."""
    found: dict[str, set[str]] = {zone: set() for zone in stage.zones}
    for call in stage.calls(of_the_run=True):
        marker = call.given.line(MARKER)
        if marker and call.zone in found:
            found[call.zone].add(marker)
    return found


def kept(stage: Stage) -> set[str]:
    """Markers that the client sent before the hub told any: it may hold them from before."""
    sent: set[str] = set()
    seen: set[str] = set()
    for call in stage.calls(of_the_run=True):
        if about_changes(call.asked) and call.zone not in seen:
            sent.add(call.asked.given[MARKER])
        if call.given.line(MARKER):
            seen.add(call.zone)
    return sent


def altered(stage: Stage, count: int = 5) -> None:
    """Some students of each zone are renamed."""
    for zone in stage.zones:
        for at, one in enumerate(list(stage.hub.students[zone])[:count]):
            stage.hub.history.change(zone, UPDATE, renamed(one, f"Dora {at}"))


@through_relay
@verifies("DAT-CON-070")
def check_markers_come_back_letter_by_letter(stage: Stage) -> None:
    """A marker with signs that must be escaped arrives as it was told, for the zone it is of."""
    old = kept(stage) if stage.relayed else set()
    for call in marked(stage):
        sent, known = call.asked.given[MARKER], told(stage).get(call.zone, set())
        if sent in old:
            continue
        expect.one_of(sent, known, MARKER, call.message)


@verifies("DAT-CON-071")
def check_pages_of_changes_share_a_marker(stage: Stage) -> None:
    """The second page of changes is asked for with the marker of the first one."""
    marked(stage)
    altered(stage)
    calls = changes(stage.synchronise())
    later = [one for one in calls if number(one) > 1]
    for call in wanted(later, "second page of changes"):
        before = [one for one in calls[: calls.index(call)] if one.zone == call.zone]
        first = next((one for one in reversed(before) if number(one) == 1), None)
        if first is not None:
            sent = call.asked.given[MARKER]
            expect.equal(sent, first.asked.given[MARKER], MARKER, call.message)


@verifies("DAT-CON-072")
def check_markers_outlive_a_restart(stage: Stage) -> None:
    """After a restart changes are asked for with the last marker, not with an older one or none."""
    marked(stage)
    altered(stage, 1)
    last = {one.zone: one for one in changes(stage.synchronise())}
    if not last or not stage.by_machine("restart"):
        raise NotVerified("whether the client was restarted is not known")
    calls = changes(stage.synchronise(order="restart"))
    for zone, before in last.items():
        mine = [one for one in calls if one.zone == zone]
        kept = bool(mine) and mine[0].asked.given[MARKER] == stage.hub.history.marker(zone)
        expect.true(kept, "the last marker is used after a restart", before.message, "it is not")


@verifies("DAT-CON-073", negative=True)
def check_an_old_marker_leads_to_a_new_beginning(stage: Stage) -> None:
    """A marker is too old, 410: everything is read, and from then on a new marker is used."""
    marked(stage)
    stage.hub.history.expire()
    calls = stage.synchronise()
    refused = [one for one in changes(calls) if one.given.status == 410]
    if not refused:
        raise NotVerified("no old marker was sent")
    calls += stage.synchronise(silence=True)
    for first in refused[:1]:
        later = [one for one in calls[calls.index(first) + 1 :] if one.zone == first.zone]
        expect.true(bool(pages(later)), "everything is read", first.message, "it is not")
        renewed = [one for one in changes(later) if one.given.status < 300]
        expect.true(bool(renewed), "a new marker is used", first.message, "none is")


@verifies("DAT-CON-074", negative=True)
def check_changes_that_did_not_arrive_are_asked_for_again(stage: Stage) -> None:
    """The second page of changes is refused for good: the next round begins with the old marker."""
    marked(stage)
    altered(stage)

    def second(asked: Asked) -> bool:
        return about_changes(asked) and asked.says("navigationPage") == "2"

    trouble = Weather(10_000, second, status=500)
    with stage.weather(trouble):
        calls = changes(stage.synchronise())
    if not trouble.met:
        raise NotVerified("no second page of changes was asked for")
    lost = next(one for one in calls if one.given.status == 500)
    later = changes(stage.synchronise())
    mine = [one for one in later if one.zone == lost.zone]
    again = bool(mine) and mine[0].asked.given[MARKER] == lost.asked.given[MARKER]
    expect.true(again, "the old marker is used again", lost.message, "it is not")


@verifies("DAT-CON-075")
def check_changes_are_taken(stage: Stage, stored: ReadBack) -> None:
    """A student that changed shows its new name, one that was deleted is gone."""
    marked(stage)
    zone = stage.zones[0]
    first, other = stage.newcomer(zone), stage.newcomer(zone)
    for one in (first, other):
        stage.hub.history.change(zone, CREATE, one)
    stage.synchronise(answered)
    stage.hub.history.change(zone, UPDATE, renamed(first, "Emma"))
    stage.hub.history.change(zone, DELETE, other)
    calls = changes(stage.synchronise(answered))
    if not [one for one in calls if one.zone == zone]:
        raise NotVerified("the client did not ask for changes")
    found = row(stored, trees.refid(first)) or {}
    expect.equal(found.get("givenName", ""), "Emma", "given name afterwards", calls[-1].message)
    gone = row(stored, trees.refid(other)) is None
    expect.true(gone, "a deleted student is gone", calls[-1].message, "it is there")
