"""A vendor hears of its PODs: events in its queue, documents ahead of pushed data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from lxml import etree

from conformance.simulators import serve
from reference_hub.journeys.acknowledge import acknowledge, reject
from reference_hub.journeys.deliver import deliver_next
from reference_hub.journeys.end_pod import end_pods
from reference_hub.journeys.issue_pod import publish_draft
from reference_hub.model.pod import DRAFT
from reference_hub.settings import Settings, Worker
from reference_hub.store import outbox, pods, vendors
from reference_hub.workers.loop import transports
from tests.reference_hub.delivery.district import SETTINGS, Vendor
from tests.reference_hub.gate.conftest import GRANTED, Ground, seen
from tests.reference_hub.gate.test_life_cycle import issued, vendor_of
from tests.reference_hub.queues.conftest import Box
from tests.reference_hub.web.conftest import SCOPE, Client

Subscribe = Callable[..., requests.Response]
MakeBox = Callable[..., Box]


@pytest.fixture
def hearing(ground: Ground, box: MakeBox, subscribe: Subscribe) -> Box:
    """A queue of the vendor that hears of its PODs."""
    made = box(ground.reader)
    assert subscribe(made, "pods", "UTILITY").status_code == 201
    return made


def heard(box: Box) -> list[tuple[str, str, str]]:
    """Action, status and token of each event."""
    found = []
    for reply in box.all():
        (pod,) = etree.fromstring(reply.content)
        told = (pod.findtext("{*}podStatus", ""), pod.findtext("{*}podToken", ""))
        found.append((reply.headers["eventAction"], *told))
    return found


@pytest.mark.requirement("POD-DEL-004")
def test_each_turn_of_a_pod_is_an_event_with_the_whole_document(
    ground: Ground, hearing: Box
) -> None:
    old = issued(ground)
    with ground.hub.engine.begin() as connection:
        assert acknowledge(connection, 1, old.token, "receipt", ground.clock)
    new = issued(ground, version="2.0.0")
    with ground.hub.engine.begin() as connection:
        end_pods(connection, vendor_of(ground), "a test", ground.clock)
    assert heard(hearing) == [
        ("CREATE", "Pending", old.token),
        ("UPDATE", "Live", old.token),
        ("UPDATE", "Expired", old.token),
        ("CREATE", "Pending", new.token),
        ("UPDATE", "Expired", new.token),
    ]


@pytest.mark.requirement("POD-DEL-004", "POD-SCH-001")
def test_the_document_of_an_event_is_the_one_of_the_service(
    ground: Ground, hearing: Box, infrastructure: etree.XMLSchema
) -> None:
    pod = issued(ground)
    event = hearing.read()
    infrastructure.assertValid(etree.fromstring(event.content))
    assert (event.headers["serviceName"], event.headers["serviceType"]) == ("pods", "UTILITY")
    (told,) = etree.fromstring(event.content)
    shown = etree.fromstring(ground.reader.send("GET", f"/requests/pods/{pod.id}").content)
    forms = [etree.canonicalize(etree.tostring(each).decode()) for each in (told, shown)]
    assert forms[0] == forms[1]


@pytest.mark.requirement("POD-DEL-004", "POD-LC-001")
def test_a_draft_is_no_event_until_it_is_published(ground: Ground, hearing: Box) -> None:
    draft = ground.pod(status=DRAFT)
    assert heard(hearing) == []
    with ground.hub.engine.begin() as connection:
        assert publish_draft(connection, draft, ground.clock)
    assert heard(hearing) == [("CREATE", "Pending", draft.token)]


@pytest.mark.requirement("POD-DEL-004", "POD-LC-002")
def test_a_rejection_is_an_event(ground: Ground, hearing: Box) -> None:
    pod = issued(ground)
    with ground.hub.engine.begin() as connection:
        assert reject(connection, 1, pod.token, "receipt", "no", ground.clock)
    assert heard(hearing)[-1] == ("UPDATE", "Expired", pod.token)


@pytest.mark.requirement("POD-DEL-002", "POD-DEL-004")
def test_no_other_party_hears_of_it(
    ground: Ground, box: MakeBox, subscribe: Subscribe, hearing: Box
) -> None:
    stranger = ground.hub.client("stranger", ground.hub.vendor("stranger"))
    assert stranger.open().status_code == 201
    others = [box(client) for client in (stranger, ground.sis)]
    for each in others:
        assert subscribe(each, "pods", "UTILITY").status_code == 201
    issued(ground)
    assert [len(each.all()) for each in (*others, hearing)] == [0, 0, 1]


@pytest.mark.requirement("POD-DEL-004", "POD-LC-005")
def test_a_pod_for_one_application_is_told_to_that_one(
    ground: Ground, hearing: Box, box: MakeBox, subscribe: Subscribe
) -> None:
    with ground.hub.engine.begin() as connection:
        vendors.add_application(connection, "maths", "a-secret", SCOPE, vendor_id=1, app_id="maths")
    maths = Client(ground.hub.base, "maths")
    assert maths.open().status_code == 201
    own = box(maths)
    assert subscribe(own, "pods", "UTILITY").status_code == 201
    draft = ground.pod(status=DRAFT, app_id="maths")
    with ground.hub.engine.begin() as connection:
        assert publish_draft(connection, draft, ground.clock)
    assert (len(own.all()), len(hearing.all())) == (1, 0)


@pytest.fixture
def pushed(ground: Ground) -> Iterator[Callable[..., Vendor]]:
    """Push what waits to a simulated vendor over each transport; what it was sent."""
    app = Vendor()
    with serve(app) as handle:
        with ground.hub.engine.begin() as connection:
            vendors.add_vendor(connection, "reading", "Example Reading App", SCOPE)
            vendors.add_subscriber(
                connection, 1, "push", SCOPE, url=handle.url, format="sif-xml",
                transport="sif_push", objects=["xStudent"],
                credentials={"key": "demo-vendor", "secret": "demo-secret-1", "method": "Basic"},
            )  # fmt: skip

        def push(settings: Settings = SETTINGS) -> Vendor:
            with transports(settings, ground.clock) as ways:
                while deliver_next(ground.hub.engine, settings, ways, ground.clock):
                    pass
            return app

        yield push


@pytest.mark.requirement("POD-DEL-006", "POD-GATE-001")
def test_the_document_goes_out_ahead_of_data(ground: Ground, pushed: Any) -> None:
    ground.change(0, "Another")
    assert pushed().seen == []
    issued(ground)
    kinds = ["pods" in each.segments for each in pushed().seen]
    assert (kinds[0], kinds.count(True), len(kinds) > 1) == (True, 1, True)


@pytest.mark.requirement("POD-DEL-006", "POD-VER-005")
def test_after_a_narrowing_the_new_document_goes_ahead_again(ground: Ground, pushed: Any) -> None:
    issued(ground, *GRANTED)
    vendor = pushed()
    vendor.seen.clear()
    issued(ground, "xStudent/@refId", "xStudent/localId", version="2.0.0")
    ground.change(0, "Another")
    told = pushed().seen
    assert ["pods" in each.segments for each in told] == [True, False]
    assert seen(told[1].body) == {("student", "RefId"), ("student", "localId")}


@pytest.mark.requirement("POD-END-001", "DAT-POD-005")
def test_after_the_end_no_push_but_the_ended_document(ground: Ground, pushed: Any) -> None:
    issued(ground)
    vendor = pushed()
    vendor.seen.clear()
    with ground.hub.engine.begin() as connection:
        end_pods(connection, vendor_of(ground), "a test", ground.clock)
    ground.change(0, "Another")
    (told,) = pushed().seen
    assert ("pods" in told.segments, b">Expired<" in told.body) == (True, True)


@pytest.mark.requirement("DAT-POD-005", "POD-END-001")
def test_the_next_agreement_begins_afresh_with_everything_stored(
    ground: Ground, pushed: Any
) -> None:
    issued(ground)
    pushed()
    with ground.hub.engine.begin() as connection:
        end_pods(connection, vendor_of(ground), "a test", ground.clock)
    vendor = pushed()
    vendor.seen.clear()
    issued(ground, version="2.0.0")
    told = [each for each in pushed().seen if "pods" not in each.segments]
    refids = {each.get("refId", "").encode() for each in ground.students}
    assert {one for one in refids if any(one in each.body for each in told)} == refids


def test_a_deletion_is_asked_for_once(ground: Ground) -> None:
    pod = issued(ground)
    with ground.hub.engine.begin() as connection:
        assert acknowledge(connection, 1, pod.token, "receipt", ground.clock)
        end_pods(connection, vendor_of(ground), "a test", ground.clock)
        end_pods(connection, vendor_of(ground), "a test", ground.clock)
    rows = ground.query("SELECT pod_id::text, confirmed FROM deletion")
    assert rows == [(pod.id, None)]
    reply = ground.reader.send("GET", "/privacy/deletions")
    assert [each["podId"] for each in reply.json()["deletions"]] == [pod.id]


@pytest.mark.requirement("POD-GATE-001", "DAT-POD-004")
def test_files_wait_at_the_gate(ground: Ground) -> None:
    settings = Settings(worker=Worker(lease_seconds=5, poll_seconds=0.05, timeout_seconds=5))
    app = Vendor()
    with serve(app) as handle:
        with ground.hub.engine.begin() as connection:
            vendors.add_subscriber(
                connection, 1, "file", SCOPE, url=f"{handle.url}/in", format="oneroster-1.2-csv",
                transport="http_put", objects=["xStudent", "xSchool"], credentials={},
            )  # fmt: skip
            outbox.renew_files(connection, 1, SCOPE)
        with transports(settings, ground.clock) as ways:
            while deliver_next(ground.hub.engine, settings, ways, ground.clock):
                pass
    assert app.data() == []
    assert ground.query("SELECT state, reason FROM message WHERE kind = 'file'") == [
        ("held", "POD not acknowledged")
    ]
    with ground.hub.engine.connect() as connection:
        assert pods.current(connection, 1, SCOPE) is None
