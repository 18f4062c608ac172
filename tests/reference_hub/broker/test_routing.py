"""Which provider a request reaches, and which subscribers an event: all four parts decide."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from reference_hub.model.scope import Scope
from tests.reference_hub.broker.conftest import STUDENTS, Elsewhere, drained
from tests.reference_hub.web.conftest import INF, Client

Any_ = Callable[..., Any]
PRODUCT = "<applicationProduct><productName>X</productName></applicationProduct>"
LIST = "/requests/xStudents"
UTILITY = {"serviceType": "UTILITY", "Content-Type": "application/xml"}
EVENT = {
    "messageType": "EVENT", "eventAction": "CREATE", "serviceType": "OBJECT",
    "serviceName": "xStudents", "zoneId": "demo-district", "Content-Type": "application/xml",
}  # fmt: skip


@pytest.fixture
def both(join: Any_, granted: Any_) -> Client:
    """A consumer with rights in two zones."""
    rights = ("QUERY", "SUBSCRIBE")
    zones = ("demo-district", "other-district")
    client: Client = join("both", grants=[granted("xStudents", *rights, zone=z) for z in zones])
    return client


@pytest.mark.requirement("INF-RQC-001", "INF-ZON-001")
def test_the_zone_decides_who_answers(both: Client, registered: Any_, elsewhere: Elsewhere) -> None:
    registered("xStudents", scope=Scope("other-district"))
    assert both.send("GET", LIST).status_code == 204
    assert both.send("GET", f"{LIST};zoneId=demo-district").status_code == 204
    assert elsewhere.seen == []
    assert both.send("GET", f"{LIST};zoneId=other-district").content == STUDENTS.encode()
    place = ";zoneId=other-district;contextId=DEFAULT"
    assert [each.path for each in elsewhere.seen] == [f"/sif/xStudents{place}"]


@pytest.mark.requirement("INF-RQC-001")
def test_context_and_service_type_decide_who_answers(
    consumer: Client, registered: Any_, elsewhere: Elsewhere
) -> None:
    registered("xStudents", scope=Scope("demo-district", "2026"))
    registered("xStudents", kind="FUNCTIONAL")
    assert consumer.send("GET", LIST).status_code == 204
    assert elsewhere.seen == []


@pytest.mark.requirement("INF-RQC-005", "INF-ERR-001")
def test_where_nobody_listens_the_answer_is_503(
    consumer: Client, provider: Client, registered: Any_, elsewhere: Elsewhere,
    infrastructure: etree.XMLSchema,
) -> None:  # fmt: skip
    elsewhere.url = "http://127.0.0.1:9/sif"
    registered("xStudents")
    for verb, path in (("GET", LIST), ("DELETE", f"{LIST}/1")):
        reply = consumer.send(verb, path)
        error = etree.fromstring(reply.content)
        infrastructure.assertValid(error)
        assert (reply.status_code, error.findtext("{*}code")) == (503, "503")
        assert reply.headers["messageType"] == "ERROR"


@pytest.mark.requirement("INF-EVT-009")
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"zoneId": "other-district"},
        {"contextId": "2026"},
        {"serviceName": "xSchools"},
        {"serviceType": "UTILITY"},
    ],
)
def test_an_event_reaches_whoever_subscribed_to_just_this(
    both: Client, join: Any_, granted: Any_, subscribed: Any_, changes: dict[str, str]
) -> None:
    places = [granted(each, "PROVIDE") for each in ("xStudents", "xSchools")]
    places += [granted("xStudents", "PROVIDE", zone="other-district")]
    places += [granted("xStudents", "PROVIDE", kind="UTILITY")]
    publisher = join("publisher", kind="provider", grants=places)
    here, there = subscribed(both), subscribed(both, zone="other-district")
    name = changes.get("serviceName", "xStudents")
    body = STUDENTS.replace("xStudents", name).encode()
    status = publisher.send("POST", "/eventsConnector", body, **(EVENT | changes)).status_code
    assert status == (403 if "contextId" in changes else 202)
    found = [len(drained(both, each)) for each in (here, there)]
    assert found == {"": [1, 0], "zoneId": [0, 1]}.get("".join(changes), [0, 0])


@pytest.mark.requirement("INF-PRG-005")
@pytest.mark.parametrize("own", ["", PRODUCT])
def test_the_registry_tells_the_products_of_the_providers_session(
    join: Any_, consumer: Client, elsewhere: Elsewhere, own: str
) -> None:
    far = join("far", kind="provider")
    far.send("DELETE", f"/environments/{far.environment.get('id')}")
    products = (
        "<applicationProduct><vendorName>Far</vendorName><productName>Far SIS</productName>"
        "<productVersion>7</productVersion></applicationProduct><adapterProduct><productName>Bridge"
        "</productName></adapterProduct>"
    )
    info = f"<applicationInfo>{products}</applicationInfo>"
    assert far.open(f'<environment xmlns="{INF}">{info}</environment>'.encode()).status_code == 201
    body = (
        f'<provider xmlns="{INF}"><serviceType>OBJECT</serviceType><serviceName>xStudents'
        "</serviceName><contextId>DEFAULT</contextId><zoneId>demo-district</zoneId><providerName>Far"
        f"</providerName><querySupport><paged>true</paged>{own}</querySupport><endPoint><location>"
        f"{elsewhere.url}</location></endPoint></provider>"
    )
    made = far.send("POST", "/requests/providers/provider", body.encode(), **UTILITY)
    path = f"/requests/providers/{etree.fromstring(made.content).get('id')}"
    support = etree.fromstring(consumer.send("GET", path).content).find("{*}querySupport")
    assert [each.text for each in support.find("{*}applicationProduct")] == ["Far", "Far SIS", "7"]
    assert support.findtext("{*}adapterProduct/{*}productName") == "Bridge"


@pytest.mark.requirement("INF-FMT-004")
@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("6d1e4b2a-7c8d-4e9f-8a0b-1c2d3e4f5a12", True),
        ("6d1e4b2a-7c8d-1e9f-8a0b-1c2d3e4f5a12", True),
        ("0190163d-8694-739b-aea5-966c26f8ad91", False),
        ("a-word", False),
    ],
)
def test_a_message_goes_out_with_an_id_of_version_1_or_4_only(
    provider: Client, consumer: Client, subscribed: Any_, sent: str, kept: bool
) -> None:
    queue = subscribed(consumer)
    body = STUDENTS.encode()
    assert provider.send("POST", "/eventsConnector", body, **EVENT, messageId=sent).ok
    (message,) = drained(consumer, queue)
    given = uuid.UUID(message.headers["messageId"])
    assert (str(given) == sent, given.version in (1, 4)) == (kept, True)
