"""From page to page: to the end, without loss, whatever the hub tells or forgets."""

from __future__ import annotations

from conformance import expect
from conformance.checks.consumer.seen import (
    delivered,
    everyone,
    goes_on,
    list_of,
    met,
    missing,
    number,
    page_two,
    paged,
    pages,
    ready,
)
from conformance.problems import NotApplicable, NotVerified
from conformance.readback import ReadBack
from conformance.stage.calls import Call
from conformance.stage.observing import through_relay
from conformance.stage.play import Stage, answered
from conformance.stage.weather import Weather
from conformance.trees import folded
from conformance.verifies import verifies


def walk_on(stage: Stage) -> list[list[Call]]:
    """The walks of one more round, at least one of more than one page if the hub has as much."""
    stage.agree()
    return paged(stage.synchronise(lambda some: False if not some else answered(some)))


def given(stage: Stage, walks: list[list[Call]]) -> list[list[Call]]:
    """The walks with a page that the hub gave; to its end, where it is not the suite's own."""
    found = [one for one in walks if any(it.given.status < 300 for it in one)]
    if stage.relayed:
        found = [one for one in found if one[-1].given.status < 300]
    if not found:
        raise NotVerified("the hub refused a page of every list")
    return found


def whole(stage: Stage, walks: list[list[Call]]) -> None:
    """In each zone that was walked through, one walk brought everyone."""
    walks = given(stage, walks)
    for place in sorted({list_of(one[0]) for one in walks}):
        mine = [one for one in walks if list_of(one[0]) == place]
        left = min(missing(stage, one) for one in mine)
        expect.equal(left, 0, "students that no page brought", mine[-1][-1].message)


@through_relay
@verifies("DAT-CON-020")
def check_each_page_is_read_once(stage: Stage) -> None:
    """A walk asks for pages 1, 2, 3 and so on in one size, each once, and misses nobody."""
    walks = walk_on(stage)
    for walk in walks:
        asked = [number(one) for one in walk]
        expect.equal(asked, list(range(1, len(walk) + 1)), "pages asked for", walk[-1].message)
        sizes = {one.asked.says("navigationPageSize") for one in walk}
        expect.equal(len(sizes), 1, "page sizes of one walk", walk[-1].message)
    whole(stage, walks)


@verifies("NEG-023", negative=True)
def check_a_walk_needs_no_last_page(stage: Stage) -> None:
    """The hub tells neither count nor last page: everything is read all the same."""
    ready(stage)
    stage.behave(totals=False)
    whole(stage, walk_on(stage))


@through_relay
@verifies("INF-PAG-013")
def check_an_empty_page_is_the_end(stage: Stage) -> None:
    """Without a count, no page is asked for behind one that was answered 204."""
    if not stage.relayed:
        ready(stage)
        stage.behave(totals=False)
    walks = walk_on(stage)
    if stage.relayed and not any(one.given.status == 204 for walk in walks for one in walk):
        raise NotApplicable("the hub tells where each list ends, so no empty page was met")
    for walk in walks:
        empty = [at for at, one in enumerate(walk) if one.given.status == 204]
        for call in walk[empty[0] + 1 :] if empty else []:
            expect.true(False, "no page is asked for after 204", call.message, "a request")


@through_relay
@verifies("INF-PAG-009")
def check_the_navigation_id_goes_along(stage: Stage) -> None:
    """The pages after the first carry the navigationId that the first one was given."""
    if not stage.relayed:
        ready(stage)
        stage.behave(keeps=True)
    walks = [one for one in walk_on(stage) if len(one) > 1]
    if not walks:
        raise NotVerified("no walk had a second page")
    named = [one for one in walks if one[0].given.line("navigationId")]
    if stage.relayed and not named:
        raise NotApplicable("the hub keeps no result under a navigationId")
    for walk in named:
        told = walk[0].given.line("navigationId")
        for call in walk[1:]:
            expect.equal(call.asked.says("navigationId"), told, "navigationId", call.message)


@verifies("DAT-CON-021", negative=True)
def check_a_restart_of_the_hub_costs_no_page(stage: Stage) -> None:
    """The hub restarts before the second page: session and queue are made anew, all is read."""
    ready(stage)
    trouble = Weather(about=page_two, before=stage.hub.forget)
    calls = met(stage, trouble)
    refused = [one for one in calls if one.given.status == 401]
    if not refused:
        raise NotVerified("no call met the hub after its restart")
    if not answered(calls[calls.index(refused[-1]) :]):
        calls += stage.synchronise(silence=True)
    walks = paged(calls)
    zone = trouble.zone or refused[0].zone or walks[0][0].zone
    whole(stage, [one for one in walks if one[0].zone in (zone, walks[0][0].zone)])


@verifies("DAT-CON-022", negative=True)
def check_a_lost_result_is_read_from_the_start(stage: Stage) -> None:
    """The result behind a navigationId is lost, 404: the walk begins at page 1 again."""
    ready(stage)
    stage.behave(keeps=True)
    calls = met(stage, Weather(about=page_two, before=stage.hub.sets.clear))
    lost = [one for one in calls if one.given.status == 404 and number(one) > 1]
    if not lost:
        raise NotVerified("no page met the loss")
    later = calls[calls.index(lost[0]) + 1 :]
    if not any(one.zone == lost[0].zone and number(one) == 1 for one in pages(later)):
        later += stage.synchronise(silence=True)
    again = [one for one in pages(later) if one.zone == lost[0].zone and number(one) == 1]
    expect.true(bool(again), "page 1 is asked for again", lost[0].message, "it is not")
    whole(stage, [one for one in paged(later) if one[0].zone == lost[0].zone])


@verifies("DAT-CON-023", negative=True)
def check_nothing_to_read_is_no_error(stage: Stage) -> None:
    """A zone without students, 204, is asked for once, and the next zone is read."""
    ready(stage)
    stage.behave(empty=frozenset(stage.zones[:1]))
    calls = stage.synchronise(lambda some: any(one.zone == stage.zones[1] for one in some))
    empty = [one for one in calls if one.given.status == 204 and one.zone == stage.zones[0]]
    empty = [one for one in empty if number(one) == 1 or not one.asked.says("navigationPage")]
    if not empty:
        raise NotVerified("the empty zone was not asked for")
    asked = [one for one in empty if "changesSinceMarker" not in one.asked.given]
    asked = [one for one in asked if one.asked.method == "GET"]
    most = 2
    few = len(asked) <= most
    expect.true(few, f"at most {most} requests for nothing", empty[-1].message, str(len(asked)))
    other = [one for one in calls if one.zone == stage.zones[1] and one.covered]
    expect.true(bool(other), "the other zone is read", empty[-1].message, "it is not")
    stage.behave()
    goes_on(stage, calls, "reading goes on when there are students again")


@through_relay
@verifies("DAT-CON-024")
def check_what_the_pages_held_is_stored(stage: Stage, stored: ReadBack) -> None:
    """The read back shows every student of the zones that were read, each once."""
    walks = given(stage, walk_on(stage))
    rows = [folded(row["sourcedId"]) for row in stored.table("users")]
    for zone in sorted({one[0].zone for one in walks}):
        everybody = read(walks, zone) if stage.relayed else everyone(stage, zone)
        found = [one for one in rows if one in everybody]
        expect.equal(len(found), len(everybody), "students stored", walks[-1][-1].message)


def read(walks: list[list[Call]], zone: str) -> set[str]:
    """The ids of the students that a hub behind a relay gave in a zone."""
    names = ("xStudents", "StudentPersonals")
    mine = [one for one in walks if one[0].zone == zone and one[0].given.service in names]
    return set().union(*map(delivered, mine))
