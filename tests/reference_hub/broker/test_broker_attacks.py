"""Ways around the gate and the rights through the broker, tried as an adversary would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from werkzeug.wrappers import Response

from reference_hub.model.infrastructure import INFRASTRUCTURE
from reference_hub.store import pods, vendors
from tests.reference_hub.broker.conftest import MODEL, STUDENT, STUDENTS, Elsewhere, drained
from tests.reference_hub.broker.test_events import published
from tests.reference_hub.web.conftest import SCOPE, SECRET, Client, Hub

LIST = "/requests/xStudents"
NARROW = ("xStudent/@refId",)


@pytest.fixture
def vendor(hub: Hub, join: Callable[..., Client]) -> Client:
    """A brokered vendor whose POD waits for the marker."""
    client = join("reader", vendor_id=hub.vendor())
    client.http.headers["dataPrivacyMarker"] = hub.pod(1).token
    return client


@pytest.mark.parametrize(
    "namespace", [INFRASTRUCTURE, "http://sifassociation.org/infrastructure/3"]
)
def test_an_event_that_calls_data_infrastructure_is_pruned(
    vendor: Client, provider: Client, subscribed: Any, namespace: str
) -> None:
    messages = subscribed(vendor)
    assert published(provider, STUDENTS.replace(MODEL, namespace).encode()).status_code == 202
    (message,) = drained(vendor, messages)
    assert "Ada" in message.text
    assert "Canary" not in message.text


def test_an_event_of_an_object_called_like_a_utility_is_pruned(
    vendor: Client, provider: Client, subscribed: Any
) -> None:
    messages = subscribed(vendor, "alerts")
    body = f'<alerts xmlns="{INFRASTRUCTURE}"><alert><cause>Canary</cause></alert></alerts>'
    assert published(provider, body.encode(), serviceName="alerts").status_code == 202
    assert drained(vendor, messages) == []


@pytest.mark.parametrize("granted", [NARROW, ("xSchool",)])
def test_a_grant_that_shrinks_while_the_provider_answers_counts(
    hub: Hub,
    vendor: Client,
    registered: Callable[..., Any],
    elsewhere: Elsewhere,
    granted: tuple[str, ...],
) -> None:
    registered()

    def shrink(_: object) -> Response:
        with hub.engine.begin() as connection:
            pods.expire_all(connection, 1, SCOPE)
        hub.pod(1, granted=granted)
        return Response(STUDENTS, 200, content_type="application/xml")

    elsewhere.answer = shrink
    reply = vendor.send("GET", LIST)
    assert reply.status_code == 410
    assert "Ada" not in reply.text


def test_a_vendor_is_never_the_provider_that_others_write_to(
    hub: Hub, join: Callable[..., Client], consumer: Client, registered: Callable[..., Any],
    granted: Callable[..., Any], elsewhere: Elsewhere,
) -> None:  # fmt: skip
    rights = [granted("*", "QUERY", "PROVIDE")]
    join("greedy", vendor_id=hub.vendor(), grants=rights, requestable=rights)
    registered(key="greedy")
    reply = consumer.send("POST", f"{LIST}/xStudent", STUDENT.encode())
    assert (reply.status_code, elsewhere.seen) == (503, [])
    assert consumer.send("GET", f"{LIST}?where=[xStudent/localId='7']").status_code == 503
    assert elsewhere.seen == []


def test_a_vendor_neither_registers_nor_publishes(
    hub: Hub, join: Callable[..., Client], granted: Callable[..., Any]
) -> None:
    rights = [granted("*", "QUERY", "PROVIDE"), granted("*", "QUERY", "CREATE", kind="UTILITY")]
    client = join("greedy", vendor_id=hub.vendor(), grants=rights)
    body = (
        f'<provider xmlns="{INFRASTRUCTURE}"><serviceType>OBJECT</serviceType>'
        "<serviceName>xStudents</serviceName><contextId>DEFAULT</contextId>"
        "<zoneId>demo-district</zoneId><providerName>Greedy</providerName>"
        "<endPoint>http://vendor.example/</endPoint></provider>"
    )
    headers = {"serviceType": "UTILITY", "Content-Type": "application/xml"}
    reply = client.send("POST", "/requests/providers/provider", body.encode(), **headers)
    assert reply.status_code == 403, reply.text
    assert published(client).status_code == 403


def test_a_utility_of_a_zone_without_rights_is_out_of_reach(
    hub: Hub, consumer: Client, registered: Callable[..., Any], elsewhere: Elsewhere
) -> None:
    registered("timetables", "UTILITY", scope=type(SCOPE)("other-district"))
    path = "/requests/timetables;zoneId=other-district"
    reply = consumer.send("GET", path, serviceType="UTILITY")
    assert (reply.status_code, elsewhere.seen) == (404, [])


@pytest.mark.parametrize("dots", ["..", "%2e%2e", ".", "%2E."])
@pytest.mark.parametrize(
    ("verb", "before", "after"),
    [("GET", "/requests/xSchools/", "/xStudents"), ("PUT", "/services/yearRollovers/", "/rolls")],
)
def test_dots_in_a_path_do_not_lead_to_another_service(
    consumer: Client, registered: Callable[..., Any], elsewhere: Elsewhere,
    verb: str, before: str, dots: str, after: str,
) -> None:  # fmt: skip
    registered("xSchools/{}/xStudents", "SERVICEPATH")
    registered("yearRollovers", "FUNCTIONAL")
    # A client of the socket: others would resolve the dots themselves.
    asked = requests.Request(verb, consumer.base, headers=consumer.signed(consumer.user)).prepare()
    asked.url = f"{consumer.base}{before}{dots}{after}"
    reply = consumer.http.send(asked)
    assert (reply.status_code, elsewhere.seen) == (400, [])


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("", {"X-HTTP-Method-Override": "DELETE"}),
        ("", {"X-Method-Override": "DELETE"}),
        ("", {"X-HTTP-Method": "DELETE"}),
        ("?methodOverride=DELETE", {}),
        ("?methodoverride=DELETE", {}),
        ("?requestAction=DELETE", {}),
        ("?sourceName=somebody", {}),
        ("?requestType=DELAYED&queueId=1", {}),
    ],
)
def test_what_was_permitted_is_all_that_the_provider_hears(
    consumer: Client, registered: Callable[..., Any], elsewhere: Elsewhere,
    query: str, headers: dict[str, str],
) -> None:  # fmt: skip
    registered()
    assert consumer.send("GET", LIST + query, **headers).status_code == 200
    (seen,) = elsewhere.seen
    told = seen.path.partition("?")[2], *seen.headers.values()
    assert not any(word in each for each in told for word in ("DELETE", "somebody", "DELAYED"))


@pytest.mark.parametrize("verb", ["GET", "HEAD", "DELETE"])
def test_only_what_can_be_overridden_may_be(
    consumer: Client, registered: Callable[..., Any], elsewhere: Elsewhere, verb: str
) -> None:
    registered()
    reply = consumer.send(verb, LIST, methodOverride="UPDATE")
    assert (reply.status_code, elsewhere.seen) == (400, [])


@pytest.mark.parametrize("name", ["authenticatedUser", "generatorId", "sourceName", "Odd"])
def test_a_vendor_is_not_told_who_stands_behind_an_event(
    hub: Hub, vendor: Client, provider: Client, subscribed: Any, name: str
) -> None:
    messages = subscribed(vendor)
    published(provider, **{name: "Canary"})
    (message,) = drained(vendor, messages)
    assert "Canary" not in str(message.headers)


def test_headers_of_a_provider_hold_no_text(
    vendor: Client, registered: Callable[..., Any], elsewhere: Elsewhere
) -> None:
    registered()
    told = ("navigationCount", "navigationPage", "navigationLastPage", "navigationId", "messageId")
    elsewhere.says(STUDENTS, 200, **dict.fromkeys(told, "Ann Canary"))
    reply = vendor.send("GET", LIST)
    assert (reply.status_code, "Canary" in str(reply.headers)) == (200, False)


@pytest.mark.parametrize("vendor_id", [None, 1])
def test_who_may_no_longer_subscribe_hears_no_more(
    hub: Hub, join: Callable[..., Client], provider: Client, subscribed: Any,
    granted: Callable[..., Any], vendor_id: int | None,
) -> None:  # fmt: skip
    client = join("portal", vendor_id=hub.vendor() if vendor_id else None)
    client.http.headers["dataPrivacyMarker"] = hub.pod(1).token if vendor_id else ""
    messages = subscribed(client)
    published(provider)
    with hub.engine.begin() as connection:
        vendors.add_application(
            connection, "portal", SECRET, SCOPE, vendor_id=vendor_id,
            grants=[granted("xSchools", "QUERY", "SUBSCRIBE")],
        )  # fmt: skip
    published(provider)
    assert drained(client, messages) == []


def test_nobody_publishes_what_the_hub_itself_holds(
    provider: Client, consumer: Client, subscribed: Any, join: Callable[..., Client]
) -> None:
    source = join("sis", environment_type="DIRECT")
    stored = source.send(
        "POST", f"{LIST}/xStudent", STUDENT.encode(), Content_Type="application/xml"
    )
    assert stored.status_code == 201, stored.text
    messages = subscribed(consumer)
    assert published(provider).status_code == 403
    assert drained(consumer, messages) == []
