"""A vendor reads its queue: gate and filter decide at the moment of reading."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import requests
from lxml import etree
from sqlalchemy import Engine, text

from reference_hub.model.infrastructure import INFRASTRUCTURE
from reference_hub.model.pod import EXPIRED, LIVE, Pod
from reference_hub.store import audits, pods
from tests.reference_hub.access.conftest import Watch
from tests.reference_hub.queues.conftest import XML, Box
from tests.reference_hub.web.conftest import SCOPE, Client, Hub

NAMES = "xStudent/@refId", "xStudent/name/givenName"


@pytest.fixture
def held(
    reader: Client, box: Callable[..., Box], subscribe: Callable[..., requests.Response]
) -> Box:
    """A vendor's queue with a subscription to students."""
    made = box(reader)
    assert subscribe(made).status_code == 201
    return made


def create(sis: Client, student: etree._Element) -> None:
    body = etree.tostring(student)
    reply = sis.send("POST", "/requests/xStudents/xStudent", body, Content_Type=XML)
    assert reply.status_code == 201, reply.text


def code(reply: requests.Response) -> tuple[int, str]:
    return reply.status_code, etree.fromstring(reply.content).findtext("{*}description", "")[:6]


def trail(store: Engine) -> list[tuple[str, str, int]]:
    with store.connect() as connection:
        found = audits.trail(connection, SCOPE)
    return [(each.action, each.object_type, each.count) for each in found if each.actor == "reader"]


def states(store: Engine) -> list[tuple[str, str]]:
    with store.connect() as connection:
        rows = connection.execute(text("SELECT state, reason FROM message ORDER BY id"))
        return [(row.state, row.reason) for row in rows]


def test_without_the_marker_nothing_is_read_and_the_message_stays(
    hub: Hub, sis: Client, held: Box, one_student: etree._Element
) -> None:
    pod = hub.pod(1, granted=NAMES)
    create(sis, one_student)
    assert code(held.read()) == (403, "403-01")
    assert states(hub.engine) == [("waiting", "")]
    assert held.read(dataPrivacyMarker=pod.token).status_code == 200
    assert code(held.read()) == (403, "403-01")


def test_an_event_is_pruned_to_the_grant_and_the_reading_is_recorded(
    hub: Hub, sis: Client, held: Box, one_student: etree._Element
) -> None:
    pod = hub.pod(1, granted=NAMES)
    create(sis, one_student)
    reply = held.read(dataPrivacyMarker=pod.token)
    (told,) = etree.fromstring(reply.content)
    leaves = {etree.QName(each).localname for each in told.iter() if not len(each)}
    assert (leaves, dict(told.attrib)) == ({"givenName"}, {"refId": one_student.get("refId")})
    assert reply.headers["dataPrivacyMarker"] == pod.token
    assert ("read", "xStudent", 1) in trail(hub.engine)


def test_the_grant_of_the_moment_of_reading_counts(
    hub: Hub, sis: Client, held: Box, one_student: etree._Element
) -> None:
    wide = hub.pod(1, granted=("xStudent",), status=LIVE)
    create(sis, one_student)
    assert held.read(dataPrivacyMarker=wide.token).status_code == 200
    with hub.engine.begin() as connection:
        pods.expire_all(connection, 1, SCOPE)
    narrow = hub.pod(1, granted=NAMES)
    assert held.read(dataPrivacyMarker=wide.token).status_code == 410
    reply = held.read(dataPrivacyMarker=narrow.token)
    assert {etree.QName(each).localname for each in etree.fromstring(reply.content).iter()} == {
        "xStudents", "xStudent", "name", "givenName",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"status": EXPIRED}, 410),
        ({"starts": date(2034, 1, 1)}, 403),
        ({"ends": date(2025, 8, 1)}, 410),
    ],
)
def test_a_pod_that_is_not_in_force_opens_nothing(
    hub: Hub,
    sis: Client,
    held: Box,
    one_student: etree._Element,
    given: dict[str, object],
    status: int,
) -> None:
    pod = hub.pod(1, **given)
    create(sis, one_student)
    assert held.read(dataPrivacyMarker=pod.token).status_code == status
    assert states(hub.engine) == [("waiting", "")]


def test_what_the_grant_does_not_name_is_purged_and_the_next_one_comes(
    hub: Hub, sis: Client, held: Box, one_student: etree._Element
) -> None:
    pod = hub.pod(1, granted=("xSchool",))
    create(sis, one_student)
    held.put(b"<xSchools><xSchool refId='1' leaRefId='2'/></xSchools>", object_type="xSchool")
    reply = held.read(dataPrivacyMarker=pod.token)
    assert (reply.status_code, reply.headers["messageType"]) == (200, "RESPONSE")
    assert states(hub.engine)[0] == ("purged", "the POD grants nothing of it")
    assert ("purged from queue", "xStudent", 1) in trail(hub.engine)


def test_where_nothing_remains_the_message_is_purged(hub: Hub, held: Box) -> None:
    pod = hub.pod(1, granted=("xStudent/@refId", "xStudent/nowhere"))
    held.put(b"<xStudents><xStudent><name/></xStudent></xStudents>")
    assert held.read(dataPrivacyMarker=pod.token).status_code == 204
    assert states(hub.engine) == [("purged", "the POD grants nothing of it")]
    assert held.look().findtext("{*}messageCount") == "0"


@pytest.mark.parametrize(
    ("body", "media"),
    [(b'{"xStudents": {}}', "application/json"), (b"<xStudents><a", XML), (b"\xff\xfe", "text/x")],
)
def test_what_cannot_be_filtered_never_reaches_a_vendor(
    hub: Hub, held: Box, body: bytes, media: str
) -> None:
    pod = hub.pod(1, granted=("xStudent",))
    held.put(body, media=media)
    reply = held.read(dataPrivacyMarker=pod.token)
    assert (reply.status_code, reply.content) == (204, b"")
    assert states(hub.engine) == [("purged", "its format cannot be filtered")]


def test_an_answer_is_pruned_whatever_its_headers_claim(hub: Hub, held: Box) -> None:
    pod = hub.pod(1, granted=NAMES)
    body = b"<xStudents><xStudent refId='1'><name><givenName>A</givenName></name><x>s</x>"
    held.put(
        body + b"</xStudent></xStudents>", serviceType="UTILITY", serviceName="zones",
        **{"X-Own": "secret", "navigationCount": "1", "dataPrivacyMarker": "other"},
    )  # fmt: skip
    reply = held.read(dataPrivacyMarker=pod.token)
    names = [etree.QName(each).localname for each in etree.fromstring(reply.content).iter()]
    assert names == ["xStudents", "xStudent", "name", "givenName"]
    assert (reply.headers["navigationCount"], "X-Own" in reply.headers) == ("1", False)
    assert reply.headers["dataPrivacyMarker"] == pod.token


def test_one_object_that_is_no_collection_is_pruned_too(hub: Hub, held: Box) -> None:
    pod = hub.pod(1, granted=("xStudent/@refId",))
    held.put(b"<xStudent refId='1'><name>secret</name></xStudent>")
    reply = held.read(dataPrivacyMarker=pod.token)
    assert reply.content == b'<xStudent refId="1"/>'


def test_a_delete_tells_the_id_only_where_it_is_granted(
    hub: Hub, sis: Client, held: Box, one_student: etree._Element
) -> None:
    pod = hub.pod(1, granted=NAMES)
    create(sis, one_student)
    assert sis.send("DELETE", f"/requests/xStudents/{one_student.get('refId')}").status_code == 204
    told = held.all(dataPrivacyMarker=pod.token)
    assert [each.headers["eventAction"] for each in told] == ["CREATE", "DELETE"]
    (only,) = etree.fromstring(told[1].content)
    assert dict(only.attrib) == {"refId": one_student.get("refId")}


def test_a_delete_of_what_is_not_granted_tells_nothing(
    hub: Hub, sis: Client, held: Box, one_student: etree._Element
) -> None:
    pod = hub.pod(1, granted=("xSchool",))
    create(sis, one_student)
    assert sis.send("DELETE", f"/requests/xStudents/{one_student.get('refId')}").status_code == 204
    assert held.read(dataPrivacyMarker=pod.token).status_code == 204
    assert [state for state, _ in states(hub.engine)] == ["purged", "purged"]


def test_a_pod_document_is_never_gated(hub: Hub, held: Box) -> None:
    pod: Pod = hub.pod(1, granted=NAMES)
    held.put(
        b"<pods xmlns='%b'>%b</pods>" % (INFRASTRUCTURE.encode(), pod.document), "event", "pod"
    )
    reply = held.read()
    assert (reply.status_code, pod.document in reply.content) == (200, True)


def test_data_below_an_infrastructure_element_is_still_data(hub: Hub, held: Box) -> None:
    hub.pod(1, granted=NAMES)
    held.put(b"<job xmlns='%b'><xStudent xmlns='urn:x'/></job>" % INFRASTRUCTURE.encode())
    assert code(held.read()) == (403, "403-01")


def test_where_the_district_asks_for_no_pod_everything_is_read_and_recorded(
    hub: Hub, sis: Client, box: Callable[..., Box], subscribe: Callable[..., requests.Response],
    one_student: etree._Element,
) -> None:  # fmt: skip
    free = hub.client("free", hub.vendor("free", "off"))
    free.open()
    made = box(free)
    subscribe(made)
    create(sis, one_student)
    (reply,) = made.all()
    (told,) = etree.fromstring(reply.content)
    assert len(told) == len(one_student)
    with hub.engine.connect() as connection:
        found = audits.trail(connection, SCOPE)
    assert [each.count for each in found if (each.actor, each.action) == ("free", "read")] == [1]


def test_a_source_reads_all_without_a_marker(
    hub: Hub, sis: Client, box: Callable[..., Box], subscribe: Callable[..., requests.Response],
    one_student: etree._Element,
) -> None:  # fmt: skip
    made = box(sis)
    subscribe(made)
    create(sis, one_student)
    (reply,) = made.all()
    assert len(etree.fromstring(reply.content)[0]) == len(one_student)


def test_the_first_right_marker_that_reads_data_acknowledges_the_pod(
    hub: Hub, sis: Client, held: Box, watch: Watch, one_student: etree._Element
) -> None:
    pod = hub.pod(1, granted=NAMES)
    assert held.read(dataPrivacyMarker=pod.token).status_code == 204
    before = found(hub, pod).acknowledged
    create(sis, one_student)
    watch.forward(1.1)
    assert held.read(dataPrivacyMarker=pod.token).status_code == 200
    assert (before, found(hub, pod).status) == (None, LIVE)


def found(hub: Hub, pod: Pod) -> Pod:
    with hub.engine.connect() as connection:
        stored = pods.by_id(connection, pod.id)
    assert stored is not None
    return stored
