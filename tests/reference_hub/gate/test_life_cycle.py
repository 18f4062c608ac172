"""Draft, Pending, Live, Expired: what each opens, and on which days in the district's own time."""

from __future__ import annotations

import itertools
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from reference_hub.clock import Clock
from reference_hub.journeys.acknowledge import acknowledge, reject
from reference_hub.journeys.catch_up import catch_up
from reference_hub.journeys.end_pod import end_pods
from reference_hub.journeys.issue_pod import issue_pod, publish_draft
from reference_hub.model.caller import Caller
from reference_hub.model.party import Vendor
from reference_hub.model.pod import DRAFT, EXPIRED, LIVE, PENDING, Pod, Terms
from reference_hub.model.scope import Scope
from reference_hub.privacy.entries import chosen
from reference_hub.store import pods, vendors
from tests.reference_hub.delivery.district import obligations
from tests.reference_hub.gate.conftest import GRANTED, LIST, NARROW, NEW_YORK, Ground, code
from tests.reference_hub.gate.doors import MARKER
from tests.reference_hub.web.conftest import SCOPE

# A day in winter, five hours behind UTC: at 03:00 UTC it is still the evening before.
FIRST, LAST = date(2027, 1, 11), date(2027, 1, 15)
MOMENTS = {
    "the evening before, the next day in UTC": (datetime(2027, 1, 11, 3, tzinfo=UTC), (403, "")),
    "the first minute": (datetime(2027, 1, 11, 5, 0, 30, tzinfo=UTC), (200, "")),
    "the last evening, the next day in UTC": (datetime(2027, 1, 16, 3, tzinfo=UTC), (200, "")),
    "the minute after": (datetime(2027, 1, 16, 5, 0, 30, tzinfo=UTC), (410, "410-20")),
}


def issued(ground: Ground, *granted: str, **given: Any) -> Pod:
    """A POD as the district issues it, running for three months from yesterday."""
    today = ground.clock.today("demo-district")
    starts = given.get("starts", today - timedelta(days=1))
    terms = obligations(starts, given.get("ends", today + timedelta(days=90)))
    with ground.hub.engine.begin() as connection:
        version = given.get("version", "1.0.0")
        return issue_pod(
            connection, vendor_of(ground), version, granted or GRANTED, terms, ground.clock
        )


def vendor_of(ground: Ground) -> Vendor:
    """The vendor at the gate."""
    with ground.hub.engine.connect() as connection:
        found = vendors.vendor_by_id(connection, 1)
    assert found is not None
    return found


def ask(ground: Ground, pod: Pod) -> tuple[int, str]:
    """The answer to the marker of a POD."""
    return code(ground.reader.send("GET", LIST, **{MARKER: pod.token}))


def status(ground: Ground, pod: Pod) -> str:
    """Where the POD is in its life."""
    with ground.hub.engine.connect() as connection:
        found = pods.by_id(connection, pod.id)
    assert found is not None
    return found.status


@pytest.mark.requirement("POD-LC-003")
@pytest.mark.parametrize("moment", MOMENTS)
def test_both_days_count_in_the_district_s_own_time(ground: Ground, moment: str) -> None:
    pod = ground.pod(starts=FIRST, ends=LAST, entries=(Terms(granted=GRANTED),))
    now, expected = MOMENTS[moment]
    ground.watch.ahead = now - datetime.now(UTC)
    ground.reader.open()
    assert ask(ground, pod) == expected


@pytest.mark.requirement("POD-LC-003")
@pytest.mark.parametrize("moment", MOMENTS)
def test_the_days_of_the_chosen_entry_count_too(ground: Ground, moment: str) -> None:
    entry = Terms(granted=GRANTED, starts=FIRST, ends=LAST)
    pod = ground.pod(starts=date(2020, 1, 1), ends=None, entries=(entry,))
    now, expected = MOMENTS[moment]
    ground.watch.ahead = now - datetime.now(UTC)
    ground.reader.open()
    assert ask(ground, pod) == (expected if expected[0] == 200 else (403, ""))


@pytest.mark.requirement("POD-LC-003", "POD-LC-004")
def test_the_calendar_brings_it_to_life_and_ends_it(ground: Ground) -> None:
    pod = ground.pod(starts=FIRST, ends=LAST, acknowledged=datetime.now(UTC))
    found = []
    for now, _ in MOMENTS.values():
        clock = Clock(now=lambda now=now: now, zones={"demo-district": NEW_YORK})  # type: ignore[misc]
        catch_up(ground.hub.engine, clock)
        found.append(status(ground, pod))
    assert found == [PENDING, LIVE, LIVE, EXPIRED]


@pytest.mark.requirement("POD-LC-001")
def test_a_draft_opens_nothing_and_is_not_shown(ground: Ground) -> None:
    draft = ground.pod(status=DRAFT)
    assert ask(ground, draft) == (403, "403-PO")
    assert ground.reader.send("GET", "/requests/pods").status_code == 204
    assert ground.reader.send("GET", f"/requests/pods/{draft.id}").status_code == 404
    with ground.hub.engine.begin() as connection:
        assert not acknowledge(connection, 1, draft.token, "receipt", ground.clock)
        assert publish_draft(connection, draft, ground.clock)
    assert ask(ground, draft)[0] == 200


@pytest.mark.requirement("POD-LC-002", "POD-GATE-001")
def test_pending_opens_nothing_where_a_receipt_is_asked_for(ground: Ground) -> None:
    with ground.hub.engine.begin() as connection:
        given = {"acknowledge_by": "receipt"}
        vendors.add_vendor(connection, "reading", "reading Inc", SCOPE, **given)
    pod = ground.pod()
    assert ask(ground, pod) == (403, "403-PO")
    assert status(ground, pod) == PENDING
    with ground.hub.engine.begin() as connection:
        assert acknowledge(connection, 1, pod.token, "receipt", ground.clock)
    assert (ask(ground, pod), status(ground, pod)) == ((200, ""), LIVE)


@pytest.mark.requirement("POD-LC-002")
def test_the_request_with_its_token_makes_a_pending_pod_live(ground: Ground) -> None:
    pod = ground.pod()
    assert ground.reader.send("GET", LIST).status_code == 403
    assert status(ground, pod) == PENDING
    assert (ask(ground, pod), status(ground, pod)) == ((200, ""), LIVE)


@pytest.mark.requirement("POD-LC-002", "POD-LC-004")
def test_a_rejected_pod_has_expired_for_good(ground: Ground) -> None:
    pod = ground.pod()
    with ground.hub.engine.begin() as connection:
        assert reject(connection, 1, pod.token, "receipt", "no", ground.clock)
        assert not acknowledge(connection, 1, pod.token, "receipt", ground.clock)
    assert (ask(ground, pod), status(ground, pod)) == ((410, "410-20"), EXPIRED)


@pytest.mark.requirement("POD-LC-004")
def test_nothing_brings_an_expired_pod_back(ground: Ground) -> None:
    pod = issued(ground)
    assert ask(ground, pod)[0] == 200
    with ground.hub.engine.begin() as connection:
        end_pods(connection, vendor_of(ground), "a test", ground.clock)
        for word in (LIVE, PENDING, DRAFT):
            assert not pods.set_status(connection, pod.id, word)
        assert not acknowledge(connection, 1, pod.token, "operator", ground.clock)
        assert not publish_draft(connection, replace(pod, status=EXPIRED), ground.clock)
    catch_up(ground.hub.engine, ground.clock)
    assert (ask(ground, pod), status(ground, pod)) == ((410, "410-20"), EXPIRED)


@pytest.mark.requirement("POD-LC-005")
def test_the_store_keeps_one_live_pod_for_a_place_and_application(ground: Ground) -> None:
    ground.pod(status=LIVE)
    ground.pod(status=LIVE, app_id="maths")
    ground.pod(status=LIVE, app_id="reading")
    for app_id in ("", "maths"):
        with pytest.raises(IntegrityError):
            ground.pod(status=LIVE, app_id=app_id)


@pytest.mark.requirement("POD-LC-005", "POD-VER-002", "POD-GATE-003")
def test_the_token_of_a_replaced_pod_is_gone_at_once(ground: Ground) -> None:
    old = issued(ground)
    assert ask(ground, old)[0] == 200
    new = issued(ground, *NARROW, version="2.0.0")
    assert (ask(ground, old), status(ground, old)) == ((410, "410-20"), EXPIRED)
    assert (ask(ground, new), status(ground, new)) == ((200, ""), LIVE)


@pytest.mark.requirement("POD-LC-005", "POD-VER-002")
def test_of_two_issued_at_once_the_later_replaces_the_earlier(ground: Ground) -> None:
    terms = obligations(ground.clock.today("demo-district"), date(2035, 1, 1))
    vendor = vendor_of(ground)
    with ThreadPoolExecutor(1) as other, ground.hub.engine.begin() as connection:
        first = issue_pod(connection, vendor, "1.0.0", GRANTED, terms, ground.clock)
        second = other.submit(issued, ground, *NARROW, version="2.0.0")
        time.sleep(0.3)
        connection.commit()
        newer = second.result(10)
    assert [status(ground, each) for each in (first, newer)] == [EXPIRED, PENDING]
    assert ask(ground, first) == (410, "410-20")


@pytest.mark.requirement("POD-VER-001")
def test_each_pod_has_a_random_token_and_an_id_of_its_own(ground: Ground) -> None:
    made = [issued(ground, version=f"1.0.{n}") for n in range(20)]
    assert len({pod.token for pod in made}) == len({pod.id for pod in made}) == 20
    # 24 random bytes are 192 bits; no two tokens begin alike.
    assert {len(pod.token) for pod in made} == {len(secrets.token_urlsafe(24))}
    assert len({pod.token[:4] for pod in made}) == 20
    assert all(pod.token.encode() in pod.document for pod in made)


@pytest.mark.requirement("DAT-POD-001")
def test_an_id_is_never_given_out_again(ground: Ground) -> None:
    pod = issued(ground)
    with ground.hub.engine.begin() as connection:
        end_pods(connection, vendor_of(ground), "a test", ground.clock)
    again = issued(ground)
    assert (again.id == pod.id, again.token == pod.token) == (False, False)
    with pytest.raises(IntegrityError):
        ground.pod(id=pod.id)


HERE = Scope("demo-district")
CALLER = Caller(
    1, HERE, app_id="maths", fingerprint="f1", endpoint="https://v.example/sif3/x",
    namespace="http://www.sifassociation.org/datamodel/na/4.3",
)  # fmt: skip
FAMILY = "http://www.sifassociation.org/datamodel/na/4.x"
# From the closest to the furthest; the order is ours.
RANKED = {
    "application": Terms(granted=("1",), app_ids=("maths",)),
    "fingerprint": Terms(granted=("2",), fingerprints=("f1",)),
    "place": Terms(granted=("3",), places=(("demo-district", ""),)),
    "end point": Terms(granted=("4",), endpoints=("https://v.example/sif3/",)),
    "data model": Terms(granted=("5",), namespace=FAMILY),
    "default": Terms(granted=("6",)),
    "no default": Terms(granted=("7",), is_default=False),
}


@pytest.mark.requirement("POD-LC-006")
@pytest.mark.parametrize(("close", "far"), list(itertools.combinations(RANKED, 2)))
def test_the_closest_entry_counts_alone(close: str, far: str) -> None:
    for order in ([RANKED[close], RANKED[far]], [RANKED[far], RANKED[close]]):
        assert chosen(order, CALLER) == RANKED[close]


FOREIGN = {
    "application": Terms(app_ids=("reading",)),
    "fingerprint": Terms(fingerprints=("f2",)),
    "zone": Terms(places=(("other-district", ""),)),
    "context": Terms(places=(("demo-district", "NEXT"),)),
    "both of a place": Terms(places=(("other-district", "DEFAULT"), ("demo-district", "NEXT"))),
    "end point": Terms(endpoints=("https://v.example/sif",)),
    "look-alike end point": Terms(endpoints=("https://v.example/sif3/xy",)),
    "data model": Terms(namespace="http://www.sifassociation.org/datamodel/au/3.4"),
    "too new a model": Terms(version_min="4.4"),
    "too old a model": Terms(version_max="4.2"),
}


@pytest.mark.requirement("POD-LC-006", "POD-GATE-006")
@pytest.mark.parametrize("name", FOREIGN)
def test_an_entry_for_others_is_never_chosen(name: str) -> None:
    assert chosen([FOREIGN[name]], CALLER) is None
    assert chosen([FOREIGN[name], RANKED["default"]], CALLER) == RANKED["default"]


@pytest.mark.requirement("POD-LC-006")
def test_where_no_entry_fits_nothing_is_answered(ground: Ground) -> None:
    pod = ground.pod(entries=(Terms(granted=GRANTED, app_ids=("another",)),))
    assert ask(ground, pod)[0] == 403


@pytest.mark.requirement("POD-LC-006")
def test_a_closer_entry_that_has_ended_hides_the_others(ground: Ground) -> None:
    ended = Terms(granted=GRANTED, places=(("demo-district", ""),), ends=date(2026, 1, 1))
    pod = ground.pod(entries=(ended, Terms(granted=GRANTED)))
    assert ask(ground, pod)[0] == 403
