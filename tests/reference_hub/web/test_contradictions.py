"""Where the standard contradicts itself the hub takes both readings and sends the schema's."""

from __future__ import annotations

import base64
import uuid
from typing import Any

import pytest
from lxml import etree

from reference_hub.store import vendors
from tests.reference_hub.web.conftest import INF, SCOPE, SECRET, Client

XML = {"Content_Type": "application/xml"}
PRODUCT = "<applicationProduct><productName>Far SIS</productName></applicationProduct>"


@pytest.fixture
def far(hub: Any) -> Client:
    """A provider in a brokered environment."""
    with hub.engine.begin() as connection:
        vendors.add_application(
            connection, "far", SECRET, SCOPE, environment_type="BROKERED", kind="provider"
        )
    client = Client(hub.base, "far")
    client.open()
    return client


@pytest.mark.parametrize("name", ["messageId", "messageID"])
def test_the_message_of_an_alert_is_named_in_either_spelling(
    sis: Any, infrastructure: etree.XMLSchema, name: str
) -> None:
    told = "<reporter>a</reporter><cause>b</cause><exchange>EVENT</exchange><level>INFO</level>"
    body = f'<alert xmlns="{INF}">{told}<{name}>m-1</{name}></alert>'.encode()
    made = etree.fromstring(sis.send("POST", "/requests/alerts/alert", body, **XML).content)
    infrastructure.assertValid(made)
    assert made.findtext("{*}messageID") == "m-1"


@pytest.mark.parametrize("size", ["pageSize", "maxPageSize"])
@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize("end", ["<location>{}</location>", "{}"])
def test_a_provider_is_registered_as_the_sample_and_as_the_schema_has_it(
    far: Client, infrastructure: etree.XMLSchema, size: str, inside: bool, end: str
) -> None:
    support = f"<paged>true</paged><{size}>5</{size}>{PRODUCT if inside else ''}"
    where = end.format("https://sis.example/sif")
    inner = (
        "<serviceType>OBJECT</serviceType><serviceName>xStudents</serviceName><contextId>DEFAULT"
        "</contextId><zoneId>demo-district</zoneId><providerName>Far</providerName>"
        f"<querySupport>{support}</querySupport>{'' if inside else PRODUCT}<endPoint>{where}"
        "</endPoint>"
    )
    body = f'<provider xmlns="{INF}">{inner}</provider>'.encode()
    reply = far.send("POST", "/requests/providers/provider", body, serviceType="UTILITY", **XML)
    made = etree.fromstring(reply.content)
    infrastructure.assertValid(made)
    assert made.findtext("{*}querySupport/{*}maxPageSize") == "5"
    assert made.findtext("{*}querySupport/{*}applicationProduct/{*}productName") == "Far SIS"


@pytest.mark.requirement("INF-FMT-006")
def test_environments_and_queues_have_uuids_as_ids(sis: Any) -> None:
    made = sis.send("POST", "/queues", f'<queue xmlns="{INF}"/>'.encode(), **XML)
    ids = [each.get("id") for each in (sis.environment, etree.fromstring(made.content))]
    assert [uuid.UUID(each).version for each in ids] == [4, 4]


@pytest.mark.parametrize("inside", [True, False])
def test_an_instance_is_named_at_the_top_wherever_it_was_sent(hub: Any, inside: bool) -> None:
    client, named = hub.client("sis"), "<instanceId>desk-4</instanceId>"
    inner = f"<applicationInfo>{named}</applicationInfo>" if inside else named
    assert client.open(f'<environment xmlns="{INF}">{inner}</environment>'.encode()).ok
    assert [each.getparent().tag for each in client.environment.iter("{*}instanceId")] == [
        client.environment.tag
    ]


@pytest.mark.parametrize("method", ["HMAC", "SIF_HMACSHA1", "SIF_HMACSHA512"])
def test_no_other_mac_than_that_of_sha_256_is_taken(hub: Any, method: str) -> None:
    token = base64.b64encode(b"sis:a-secret").decode()
    assert hub.client("sis").open(Authorization=f"{method} {token}").status_code == 401


@pytest.mark.requirement("INF-ENV-002")
@pytest.mark.parametrize("kind", ["DIRECT", "BROKERED"])
def test_every_environment_lists_the_two_services_that_all_have(hub: Any, kind: str) -> None:
    with hub.engine.begin() as connection:
        vendors.add_application(connection, "any", SECRET, SCOPE, environment_type=kind)
    client = Client(hub.base, "any")
    client.open()
    assert client.environment is not None
    names = [each.get("name") for each in client.environment.iter("{*}infrastructureService")]
    assert {"environment", "requestsConnector"} < set(names)
    assert len(names) == len(set(names))
