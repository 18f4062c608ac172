"""A hub that is busy, broken, slow or elsewhere: few calls, no false step, nothing is lost."""

from __future__ import annotations

from itertools import pairwise

import pytest

from conformance import expect
from conformance.checks.consumer.seen import (
    LASTING,
    everyone,
    goes_on,
    marked,
    met,
    number,
    pages,
    ready,
    same,
    walks,
)
from conformance.checks.consumer.seen import delivered as brought
from conformance.problems import NotApplicable, NotVerified
from conformance.stage.calls import TRAP, Call
from conformance.stage.observing import through_relay
from conformance.stage.play import Stage
from conformance.stage.weather import Weather
from conformance.verifies import verifies

HTML = (("Content-Type", "text/html"),)
PAGE = b"<html><body><h1>Not now</h1></body></html>"
ODD = {
    "400 without a body": Weather(left=LASTING, status=400),
    "404 with a page": Weather(left=LASTING, status=404, headers=HTML, body=PAGE),
    "418": Weather(left=LASTING, status=418, headers=HTML, body=PAGE),
    "502 with a page": Weather(left=LASTING, status=502, headers=HTML, body=PAGE),
    "504 without a body": Weather(left=LASTING, status=504),
}


@pytest.mark.parametrize("form", sorted(ODD))
@verifies("INF-STA-002", negative=True)
def check_a_status_of_a_proxy_ends_nothing(stage: Stage, form: str) -> None:
    """Requests for lists are answered with a status of a proxy: later they are made again."""
    ready(stage)
    one = ODD[form]
    calls = met(stage, Weather(LASTING, status=one.status, headers=one.headers, body=one.body))
    goes_on(stage, calls, f"reading goes on after {form}")


@pytest.mark.parametrize("status", [301, 302, 307])
@verifies("DAT-CON-040", negative=True)
def check_credentials_do_not_follow_a_redirect(stage: Stage, status: int) -> None:
    """A list is said to stand at another host: no Authorization goes there."""
    ready(stage)
    place = f"{stage.elsewhere}/requests/xStudents"
    calls = met(stage, Weather(LASTING, status=status, headers=(("Location", place),)))
    for call in [one for one in calls if one.given.kind == TRAP]:
        told = "Authorization" in call.asked.headers or call.marker is not None
        expect.true(not told, "no credentials go to another host", call.message, "they do")
    goes_on(stage, calls, "reading goes on after a redirect")


def paused(stage: Stage, status: int) -> None:
    """A busy hub names a pause: the request comes again after it, and not before."""
    if stage.relayed:
        paused_as_told(stage, status)
        return
    seconds = stage.config.consumer.retry_after_seconds
    told = (("Retry-After", f"{seconds:g}"),)
    ready(stage)
    calls = met(stage, Weather(1, status=status, headers=told))
    refusal = next(one for one in calls if one.given.status == status)
    not_before(calls, refusal, seconds)
    goes_on(stage, calls, f"reading goes on after {status}")


def not_before(calls: list[Call], refusal: Call, seconds: float) -> None:
    """The request that was refused does not come again before this time is over."""
    later = [one for one in calls[calls.index(refusal) + 1 :] if same(one, refusal)]
    for call in later[:1]:
        took = call.moment - refusal.moment
        long = took >= 0.9 * seconds
        expect.true(long, f"a pause of {seconds:g} s", call.message, f"{took:.2f} s")


def paused_as_told(stage: Stage, status: int) -> None:
    """The pauses that a hub behind a relay named in this run."""
    stage.life()
    calls = stage.calls(of_the_run=True)
    busy = [one for one in calls if one.given.status == status]
    busy = [one for one in busy if one.given.line("Retry-After").isdigit()]
    if not busy:
        raise NotApplicable(f"the hub gave no {status} with Retry-After")
    for call in busy:
        not_before(calls, call, float(call.given.line("Retry-After")))


@through_relay
@verifies("DAT-CON-041", negative=True)
def check_a_hub_that_is_busy_gets_its_pause(stage: Stage) -> None:
    """503 with Retry-After: the request does not come again before the pause is over."""
    paused(stage, 503)


@through_relay
@verifies("DAT-CON-042", negative=True)
def check_a_limit_on_requests_leads_to_a_pause(stage: Stage) -> None:
    """429 with Retry-After: the request does not come again before the pause is over."""
    paused(stage, 429)


def tried(stage: Stage, status: int) -> list[list[Call]]:
    """Everything about lists is answered with this status: the tries of each request."""
    ready(stage)
    calls = met(stage, Weather(LASTING, status=status))
    refused = [one for one in calls if one.given.status == status]
    found: list[list[Call]] = []
    for call in refused:
        known = next((one for one in found if same(one[0], call)), None)
        if known is None:
            found.append([call])
        else:
            known.append(call)
    goes_on(stage, calls, f"reading goes on when there is no {status} any more")
    return found


def few(stage: Stage, status: int) -> list[list[Call]]:
    """No request is sent more often than is fine."""
    most = stage.config.consumer.most_tries
    rows = tried(stage, status)
    for row in rows:
        fine = len(row) <= most
        expect.true(fine, f"at most {most} tries", row[-1].message, str(len(row)))
    return rows


@verifies("DAT-CON-043", negative=True)
def check_a_hub_that_is_broken_is_spared(stage: Stage) -> None:
    """500 to everything: few tries of a request, and a pause between two of them."""
    least = stage.config.consumer.backoff_seconds
    for row in few(stage, 500):
        for one, other in pairwise(row):
            gap = other.moment - one.moment
            fine = gap >= least
            expect.true(fine, f"a pause of {least:g} s", other.message, f"{gap * 1000:.0f} ms")


@verifies("DAT-CON-044", negative=True)
def check_what_is_forbidden_is_not_tried_for_ever(stage: Stage) -> None:
    """403 without a word about markers: few tries of a request."""
    few(stage, 403)


@verifies("DAT-CON-049", negative=True)
def check_what_is_too_large_is_not_tried_for_ever(stage: Stage) -> None:
    """413 to every list: few tries of a request in one size."""
    few(stage, 413)


@pytest.mark.parametrize("status", [404, 410])
@verifies("DAT-CON-045", negative=True)
def check_what_is_missing_in_one_zone_spares_the_others(stage: Stage, status: int) -> None:
    """A list is not there in the first zone: the other zone is read, in the same round or next."""
    ready(stage)
    first, other = stage.zones
    calls = met(stage, Weather(LASTING, zone=first, status=status))
    if not any(one.zone == other and one.covered for one in calls):
        calls += stage.synchronise(silence=True)
    read = any(one.zone == other and one.covered and one.given.status < 300 for one in calls)
    if not read:
        marked([one for one in calls if one.zone == other])
    expect.true(read, "the other zone is read", calls[-1].message, "it is not")
    goes_on(stage, calls, f"reading goes on after {status}")


def again(stage: Stage, trouble: Weather) -> None:
    """An answer was none: what it should have brought is asked for again, in this round or next."""
    ready(stage)
    with stage.weather(trouble):
        calls = stage.synchronise()
    if not trouble.met:
        raise NotVerified("no call came that the fault could meet")
    bad = pages(calls)[0]
    later = [one for one in calls if one is not bad]
    if not any(same(one, bad) for one in later):
        later += stage.synchronise(silence=True)
    found = [one for one in later if same(one, bad)]
    marked(found)
    expect.true(bool(found), "the page is asked for again", bad.message, "it is not")
    mine = [one for one in walks(later) if one[0].zone == bad.zone]
    whole = any(brought(one) >= everyone(stage, bad.zone) for one in mine if number(one[0]) < 2)
    expect.true(whole, "everyone is read in the end", bad.message, "students are missing")


@verifies("DAT-CON-046", negative=True)
def check_half_an_answer_is_asked_for_again(stage: Stage) -> None:
    """A page is cut in its middle: it is not taken for whole."""
    again(stage, Weather(1, half=True))


@verifies("DAT-CON-048", negative=True)
def check_a_web_page_is_no_answer(stage: Stage) -> None:
    """A page is answered 200 with a web page, by a proxy: it is not taken for the end."""
    again(stage, Weather(1, status=200, headers=HTML, body=PAGE))


@verifies("DAT-CON-047", negative=True)
def check_a_slow_answer_is_waited_for(stage: Stage) -> None:
    """A page takes its time: the request is not sent a second time before it came."""
    seconds = stage.config.consumer.slow_seconds
    ready(stage)
    calls = met(stage, Weather(1, wait=seconds))
    slow = pages(calls)[0]
    for call in [one for one in calls if one is not slow and same(one, slow)]:
        late = call.moment - slow.moment >= 0.9 * seconds
        expect.true(late, "no second request meanwhile", call.message, "it came early")
    goes_on(stage, calls, "reading goes on after a slow answer")
