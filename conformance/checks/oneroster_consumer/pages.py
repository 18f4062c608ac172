"""From page to page: nothing is lost, whatever the size and the links of a page.

Sources: OneRoster 1.2, rostering, REST binding; RFC 8288 (Link).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from conformance import expect
from conformance.checks.oneroster_consumer.looking import (
    complete,
    paged,
    read,
    rosters,
    working,
)
from conformance.problems import NotVerified
from conformance.stage import oneroster_tricks as tricks
from conformance.stage.calls import Given
from conformance.stage.oneroster_pages import ORDINARY, Style
from conformance.stage.oneroster_play import Scene
from conformance.stage.oneroster_roster import PUPILS
from conformance.stage.oneroster_tricks import answered, later
from conformance.verifies import verifies

MOST_EXTRA = 1_200
MOST_REPEATS = 3

# By what is special: the largest page, and how many pupils there are besides the usual ones.
SIZES: Mapping[str, tuple[int, int]] = {
    "pages of one": (1, 0),
    "pages of two, one left": (2, 0),
    "the last page is full": (PUPILS + 1, 0),
    "one more than a page": (PUPILS, 0),
    "two full pages": (4, 1),
}


def all_in(scene: Scene, style: Style, extra: int = 0) -> None:
    """All is read that is told in this style, and pages were turned."""
    scene.renew(style, extra=extra)
    calls = scene.synchronise()
    complete(scene, calls, "every object is read")
    if not paged(calls) and style.cap < PUPILS + 1 + extra:
        raise NotVerified("the client asked for no second page")
    expect.true(scene.whole(calls), "rosters are read", calls[-1].message, "none was given")


@pytest.mark.parametrize("form", sorted(SIZES))
@verifies("DAT-ORC-020")
def check_every_page_is_read(scene: Scene, form: str) -> None:
    """All objects are read when pages are smaller than was asked for, odd, or exactly full."""
    cap, extra = SIZES[form]
    all_in(scene, Style(cap=cap), extra)


LINKS: Mapping[str, Style] = {
    "relative addresses": Style(relative=True),
    "an address that holds no offset": Style(opaque=True),
    "a header line for each": Style(apart=True),
    "no quotation marks": Style(spelled="<{url}>; rel={rel}"),
    "more parameters": Style(spelled='<{url}>; title="page, {rel}"; rel="{rel}"'),
    "a header in small letters": Style(name="link"),
    "without a count": Style(total=False),
}


@pytest.mark.parametrize("form", sorted(LINKS))
@verifies("DAT-ORC-021")
def check_links_are_read_in_every_lawful_form(scene: Scene, form: str) -> None:
    """The next page is found by links that are relative, opaque, apart, or otherwise spelled."""
    all_in(scene, LINKS[form])


@pytest.mark.parametrize("total", [True, False])
@verifies("DAT-ORC-022")
def check_pages_without_links_are_read(scene: Scene, total: bool) -> None:
    """All objects are read from a service that sends no Link, with its count or without."""
    asked = [one.asked.given.get("limit", "100") for one in rosters(scene.calls(of_the_run=True))]
    asked = asked or [one.asked.given.get("limit", "100") for one in rosters(working(scene))]
    extra = max([int(one) for one in asked if one.isdecimal()], default=100)
    if extra > MOST_EXTRA:
        raise NotVerified(f"the client asks for {extra} objects at once: more than are served")
    all_in(scene, Style(links=False, total=total), extra)


@verifies("DAT-ORC-023", negative=True)
def check_links_in_a_circle_come_to_an_end(scene: Scene) -> None:
    """Told the same page as the next one again and again, the client stops."""
    working(scene)
    scene.renew()

    def round_again(given: Given) -> Given:
        kept = [one for one in given.headers if one[0].lower() != "link"]
        address = f"{scene.face.root}/{given.service}?limit=3&offset=0&again=1"
        return replace(given, headers=(*kept, ("Link", f'<{address}>; rel="next"')))

    scene.play(tricks.instead(answered, round_again))
    many = 40
    calls = scene.synchronise(lambda some: len(some) > many * MOST_REPEATS, endless=True)
    scene.play()
    same = [one.asked.path for one in rosters(calls)]
    most = max((same.count(one) for one in set(same)), default=0)
    said = f"the same page was asked for {most} times"
    expect.true(most <= MOST_REPEATS, f"at most {MOST_REPEATS} times the same page", None, said)
    working(scene)


@verifies("DAT-ORC-024", "TRN-PR-08", negative=True)
def check_half_a_page_is_read_again(scene: Scene) -> None:
    """Cut off in the middle of a page, the client asks for it again and loses nothing."""
    usual = read(working(scene))
    scene.renew()
    scene.play(tricks.instead(later, lambda given: replace(given, cut=True), times=1))
    calls = scene.synchronise()
    if not any(one.given.cut for one in calls):
        raise NotVerified("no page behind the first was asked for")
    if not (scene.whole(calls) and usual <= read(calls)):
        calls += scene.synchronise()
    complete(scene, calls, "all is read after a page was cut off")
    expect.equal(sorted(read(calls)), sorted(usual), "the collections that are read")


@verifies("DAT-ORC-025", negative=True)
def check_lost_place_leads_back_to_the_start(scene: Scene) -> None:
    """Told 404 for the next page, as after a restart, the client reads the collection anew."""
    usual = read(working(scene))
    scene.renew(Style(opaque=True))
    scene.play(tricks.lose_place())
    calls = scene.synchronise()
    if not any(one.given.status == 404 for one in rosters(calls)):
        raise NotVerified("no page behind the first was asked for")
    if not (scene.whole(calls) and usual <= read(calls)):
        calls += scene.synchronise()
    complete(scene, calls, "all is read after the place was lost")
    expect.equal(sorted(read(calls)), sorted(usual), "the collections that are read")


@verifies("DAT-ORC-026")
def check_slow_page_is_waited_for(scene: Scene) -> None:
    """A page that takes a few seconds is waited for, and asked for once."""
    working(scene)
    wait = min(3.0, scene.config.consumer.wait_seconds * 4)
    scene.renew()
    scene.play(tricks.instead(later, lambda given: replace(given, wait=wait), times=1))
    calls = scene.synchronise()
    slow = [one for one in calls if one.given.wait]
    if not slow:
        raise NotVerified("no page behind the first was asked for")
    complete(scene, calls, "all is read although a page was slow")
    times = [one.asked.path for one in rosters(calls)].count(slow[0].asked.path)
    expect.equal(times, 1, "how often the slow page was asked for", slow[0].message)


@verifies("DAT-ORC-027")
def check_empty_collection_is_fine(scene: Scene) -> None:
    """A collection that holds nothing is asked for and stops nothing else."""
    usual = read(working(scene, "restart"))
    if len(usual) < 2:
        raise NotVerified("the client reads one collection only")
    empty = next(one for one in ("courses", "academicSessions", "classes", "orgs", "users") if
                 one in usual)  # fmt: skip
    scene.renew(ORDINARY).objects[empty].clear()
    calls = scene.synchronise(lambda some: usual <= read(some), order="restart")
    complete(scene, calls, "all else is read")
    expect.equal(sorted(read(calls)), sorted(usual), "the collections that are read")
