"""Environments and authentication, row by row."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

INF = "http://www.sifassociation.org/infrastructure/3.3"
XML = {"Content-Type": "application/xml"}
# The sequence of the schema (section 3.1 of the environment).
CHILDREN = (
    "fingerprint", "sessionToken", "solutionId", "defaultZone", "authenticationMethod",
    "instanceId", "userToken", "consumerName", "applicationInfo", "infrastructureServices",
    "provisionedZones",
)  # fmt: skip


def payload(inner: str = "", namespace: str = INF) -> bytes:
    return f'<environment xmlns="{namespace}">{inner}</environment>'.encode()


def info(inner: str) -> bytes:
    return payload(f"<applicationInfo>{inner}</applicationInfo>")


@pytest.mark.requirement("INF-ENV-002", "INF-ENV-027", "INF-FMT-020")
def test_the_children_stand_in_the_order_of_the_schema(hub: Any) -> None:
    client = hub.client("sis")
    client.open(payload("<consumerName>Demo</consumerName><instanceId>a</instanceId>"))
    names = [etree.QName(each).localname for each in client.environment]
    assert names == [each for each in CHILDREN if each in names]
    must = {"sessionToken", "defaultZone", "authenticationMethod", "applicationInfo"}
    assert must | {"infrastructureServices"} <= set(names)
    assert {"id", "type"} <= set(client.environment.attrib)


@pytest.mark.requirement("INF-ENV-021")
def test_a_user_token_is_neither_shown_nor_stored(hub: Any) -> None:
    client = hub.client("sis")
    reply = client.open(payload("<userToken>Kanarie7</userToken>"))
    assert reply.status_code == 201
    assert b"Kanarie7" not in reply.content
    with hub.engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT e::text FROM environment e").scalars().all()
    assert len(stored) == 1
    assert "Kanarie7" not in stored[0]


@pytest.mark.requirement("INF-ENV-023")
def test_what_is_left_out_at_create_is_the_latest_and_the_transport_in_use(hub: Any) -> None:
    client = hub.client("sis")
    assert client.open(payload()).status_code == 201
    told = client.environment.find("{*}applicationInfo")
    assert told.findtext("{*}supportedInfrastructureVersion") == "3.3"
    assert told.findtext("{*}transport") == "REST"
    assert told.find("{*}dataModelNamespace") is None


@pytest.mark.requirement("INF-ENV-029", "INF-ENV-030")
def test_the_url_of_an_environment_stands_in_its_body(hub: Any) -> None:
    client = hub.client("sis")
    client.open(payload())
    (url,) = client.environment.xpath("//*[@name='environment']/text()")
    headers = client.signed(client.user)
    assert client.http.get(url, headers=headers).status_code == 200
    assert client.http.delete(url, headers=headers).status_code == 204


@pytest.mark.requirement("INF-AUT-025")
def test_a_session_token_is_random_and_tells_nothing(hub: Any) -> None:
    tokens = set()
    for key in ("sis", "other"):
        client = hub.client(key)
        client.open(payload())
        tokens.add(client.user)
        assert "a-secret" not in client.user
        assert key not in client.user
    assert len(tokens) == 2
    assert min(map(len, tokens)) >= 32


@pytest.mark.requirement("INF-AUT-004", "INF-AUT-005", "INF-AUT-006", "INF-AUT-015", "NEG-006")
@pytest.mark.parametrize(
    "timestamp", ["", "yesterday", "2001-01-01T00:00:00Z", "2901-01-01T00:00:00Z"]
)
def test_a_signed_request_with_another_timestamp_is_401(hub: Any, timestamp: str) -> None:
    client = hub.client("sis", method="SIF_HMACSHA256")
    assert client.open().status_code == 201
    signed = client.signed(client.user) | {"timestamp": timestamp}
    reply = client.http.get(f"{hub.base}/requests/xStudents", headers=signed)
    assert reply.status_code == 401


@pytest.mark.requirement("INF-AUT-012", "INF-HDR-008", "NEG-010")
def test_a_session_may_prove_itself_in_the_query(hub: Any) -> None:
    client = hub.client("sis", method="SIF_HMACSHA256")
    client.open()
    signed = client.signed(client.user)
    method, _, token = signed["Authorization"].partition(" ")
    query = {
        "access_token": token,
        "authenticationMethod": method,
        "timestamp": signed["timestamp"],
    }
    url = f"{hub.base}/requests/xStudents"
    assert client.http.get(url, params=query).status_code == 204
    assert client.http.get(url, params=query | {"timestamp": "now"}).status_code == 401


@pytest.mark.requirement("INF-AUT-013", "INF-HDR-002")
def test_a_wrong_header_is_not_mended_by_a_good_query(hub: Any) -> None:
    client = hub.client("sis")
    client.open()
    token = client.signed(client.user)["Authorization"].partition(" ")[2]
    query = {"access_token": token, "authenticationMethod": "Basic"}
    url = f"{hub.base}/requests/xStudents"
    wrong = client.http.get(url, params=query, headers={"Authorization": "Basic eDp5"})
    assert wrong.status_code == 401
    assert client.http.get(url, params=query).status_code == 204


@pytest.mark.requirement("INF-AUT-022", "NEG-007")
@pytest.mark.parametrize("method", ["basic", "BASIC", "Basic"])
def test_the_method_is_recognised_in_any_case(hub: Any, method: str) -> None:
    client = hub.client("sis")
    token = client.signed("sis")["Authorization"].partition(" ")[2]
    assert client.open(Authorization=f"{method} {token}").status_code == 201


@pytest.mark.requirement("NEG-039", "INF-ENV-005")
@pytest.mark.parametrize(
    ("namespace", "status"),
    [
        ("http://www.sifassociation.org/datamodel/na/4.x", 201),
        ("http://www.sifassociation.org/datamodel/na/4.3", 201),
        ("http://www.sifassociation.org/na/datamodel/4.3", 201),
        ("urn:none", 400),
    ],
)
def test_a_data_model_is_taken_in_either_spelling_and_no_other_kind(
    hub: Any, namespace: str, status: int
) -> None:
    body = info(f"<dataModelNamespace>{namespace}</dataModelNamespace>")
    assert hub.client("sis").open(body).status_code == status


@pytest.mark.requirement("NEG-040")
def test_a_version_that_differs_from_the_namespace_is_taken(hub: Any) -> None:
    client = hub.client("sis")
    version = "<supportedInfrastructureVersion>3.2.1</supportedInfrastructureVersion>"
    assert client.open(info(version)).status_code == 201
    assert etree.QName(client.environment).namespace == INF
    told = client.environment.findtext("{*}applicationInfo/{*}supportedInfrastructureVersion")
    assert told == "3.2.1"


@pytest.mark.requirement("NEG-038")
@pytest.mark.parametrize("namespace", ["", "http://sifassociation.org/infrastructure/3.2"])
def test_another_namespace_of_an_environment_loses_nothing(hub: Any, namespace: str) -> None:
    client = hub.client("sis")
    reply = client.open(payload("<consumerName>Demo</consumerName>", namespace))
    assert reply.status_code == 201
    assert client.environment.findtext("{*}consumerName") == "Demo"


@pytest.mark.requirement("INF-ACL-006", "INF-ACL-010", "INF-ACL-008")
def test_each_service_has_one_default_context_and_no_right_the_schema_lacks(sis: Any) -> None:
    rights = [each.get("type") for each in sis.environment.iter("{*}right")]
    assert set(rights) <= {"QUERY", "CREATE", "UPDATE", "DELETE", "SUBSCRIBE", "PROVIDE"}
    for zone in sis.environment.iter("{*}provisionedZone"):
        named = [
            (each.get("type"), each.get("name"), each.get("contextId"))
            for each in zone.iter("{*}service")
        ]
        assert len(named) == len(set(named)) > 0
        assert all(context for _, _, context in named)
    provide = {
        each.text for each in sis.environment.iter("{*}right") if each.get("type") == "PROVIDE"
    }
    assert (sis.environment.get("type"), "APPROVED" in provide) == ("DIRECT", False)
