"""The environments service over a socket."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

INF = "http://www.sifassociation.org/infrastructure/3.3"


def payload(inner: str = "", namespace: str = INF) -> bytes:
    return f'<environment xmlns="{namespace}">{inner}</environment>'.encode()


def services(environment: etree._Element) -> dict[str, str]:
    found = environment.iter("{*}infrastructureService")
    return {each.get("name", ""): each.text or "" for each in found}


@pytest.mark.requirement("INF-ENV-001", "INF-ENV-002", "INF-ENV-027", "INF-AUT-002")
@pytest.mark.parametrize("method", ["Basic", "SIF_HMACSHA256"])
def test_create_answers_201_with_a_valid_environment(
    hub: Any, infrastructure: etree.XMLSchema, method: str
) -> None:
    client = hub.client("sis", method=method)
    reply = client.open(payload("<consumerName>Demo</consumerName><instanceId>a</instanceId>"))
    assert reply.status_code == 201
    infrastructure.assertValid(client.environment)
    assert client.environment.get("type") == "DIRECT"
    assert client.environment.findtext("{*}authenticationMethod") == method


@pytest.mark.requirement("INF-ENV-003", "INF-ENV-024", "NEG-001")
def test_the_environment_names_zone_and_connectors(hub: Any, sis: Any) -> None:
    assert sis.environment.find("{*}defaultZone").get("id") == "demo-district"
    assert services(sis.environment) == {
        "environment": f"{hub.base}/environments/{sis.environment.get('id')}",
        "requestsConnector": f"{hub.base}/requests",
        "queues": f"{hub.base}/queues",
        "subscriptions": f"{hub.base}/subscriptions",
        "provisionRequests": f"{hub.base}/provisionRequests",
        "servicesConnector": f"{hub.base}/services",
    }


@pytest.mark.requirement("INF-ENV-020")
def test_the_fingerprint_is_no_other_id(sis: Any) -> None:
    environment = sis.environment
    others = {environment.get("id"), environment.findtext("{*}sessionToken"), "sis"}
    assert environment.findtext("{*}fingerprint") not in others


def rights(environment: etree._Element, name: str) -> dict[str, str]:
    (service,) = [each for each in environment.iter("{*}service") if each.get("name") == name]
    return {each.get("type", ""): each.text or "" for each in service.iter("{*}right")}


def test_a_source_may_read_and_write(sis: Any) -> None:
    names = ("QUERY", "CREATE", "UPDATE", "DELETE", "SUBSCRIBE")
    found = rights(sis.environment, "xStudents")
    assert found == dict.fromkeys(names, "APPROVED") | {"PROVIDE": "UNSUPPORTED"}


def test_a_vendor_may_only_read(reader: Any) -> None:
    found = rights(reader.environment, "xStudents")
    changes = dict.fromkeys(("CREATE", "UPDATE", "DELETE"), "REJECTED")
    others = {"QUERY": "APPROVED", "SUBSCRIBE": "APPROVED", "PROVIDE": "UNSUPPORTED"}
    assert found == changes | others


@pytest.mark.requirement("INF-FMT-001", "INF-FMT-002", "NEG-038")
@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.sifassociation.org/infrastructure/3.2.1",
        "http://sifassociation.org/infrastructure/3.3",
    ],
)
def test_the_answer_is_in_the_namespace_of_the_caller(hub: Any, namespace: str) -> None:
    client = hub.client("sis")
    client.open(payload(namespace=namespace))
    assert etree.QName(client.environment).namespace == namespace
    refused = etree.fromstring(client.send("GET", "/requests/nothings").content)
    assert refused.tag == f"{{{namespace}}}error"


@pytest.mark.requirement("INF-FMT-001")
def test_the_answer_to_an_older_consumer_is_valid_by_its_schema(hub: Any, standards: Path) -> None:
    client = hub.client("sis")
    client.open(payload(namespace="http://www.sifassociation.org/infrastructure/3.2.1"))
    entry = standards / "schemas" / "official" / "infrastructure-3.2.1" / "Collections.xsd"
    etree.XMLSchema(etree.parse(str(entry))).assertValid(client.environment)


@pytest.mark.requirement("INF-ENV-009", "INF-AUT-012", "NEG-010")
def test_an_empty_body_takes_parameters_from_headers_and_query(hub: Any) -> None:
    client = hub.client("sis")
    token = base64.b64encode(b"sis:a-secret").decode()
    reply = client.http.post(
        f"{hub.base}/environments/environment",
        params={"access_token": token, "authenticationMethod": "Basic", "instanceId": "desk-4"},
        headers={"consumerName": "Demo"},
    )
    made = etree.fromstring(reply.content)
    assert (made.findtext("{*}instanceId"), made.findtext("{*}consumerName")) == ("desk-4", "Demo")


@pytest.mark.requirement("NEG-004")
def test_empty_elements_count_as_absent(hub: Any) -> None:
    client = hub.client("sis")
    assert client.open(payload("<instanceId/><userToken></userToken>")).status_code == 201
    assert client.open(payload()).status_code == 409


@pytest.mark.requirement("INF-ENV-006", "INF-ENV-007", "INF-ENV-008", "NEG-003")
def test_a_second_environment_is_409_with_the_existing_one(sis: Any) -> None:
    reply = sis.open()
    assert reply.status_code == 409
    assert reply.content == etree.tostring(sis.environment)
    assert reply.headers["messageType"] == "RESPONSE"
    assert sis.send("GET", "/requests/xStudents").status_code == 204


@pytest.mark.requirement("INF-ENV-006", "INF-ENV-007")
def test_another_instance_gets_its_own_environment(sis: Any) -> None:
    assert sis.open(payload("<instanceId>two</instanceId>")).status_code == 201


@pytest.mark.requirement("INF-ENV-005", "INF-ENV-028")
@pytest.mark.parametrize(
    "inner",
    [
        "<authenticationMethod>SIF_HMACSHA256</authenticationMethod>",
        "<applicationInfo><applicationKey>else</applicationKey></applicationInfo>",
        "<applicationInfo><transport>SOAP</transport></applicationInfo>",
        "<applicationInfo><supportedInfrastructureVersion>2.8</supportedInfrastructureVersion>"
        "</applicationInfo>",
        "<applicationInfo><dataModelNamespace>urn:none</dataModelNamespace></applicationInfo>",
    ],
)
def test_what_cannot_be_met_is_400(hub: Any, inner: str) -> None:
    assert hub.client("sis").open(payload(inner)).status_code == 400


@pytest.mark.requirement("NEG-017")
@pytest.mark.parametrize("body", [b"<environment", b"<other/>", payload(namespace="urn:x")])
def test_another_document_is_400(hub: Any, body: bytes) -> None:
    assert hub.client("sis").open(body).status_code == 400


@pytest.mark.requirement("INF-ENV-022")
def test_the_authentication_method_is_compared_without_case(hub: Any) -> None:
    body = payload("<authenticationMethod>BASIC</authenticationMethod>")
    assert hub.client("sis").open(body).status_code == 201


@pytest.mark.requirement("INF-ENV-004", "INF-AUT-016", "INF-AUT-023", "NEG-007")
@pytest.mark.parametrize(
    "header", ["Basic !!!", "Basic", "Basic eDp5", "Digest eDp5", "Basic AA=="]
)
def test_wrong_credentials_are_401_with_a_challenge(hub: Any, header: str) -> None:
    reply = hub.client("sis").open(Authorization=header)
    assert reply.status_code == 401
    assert "Basic" in reply.headers["WWW-Authenticate"]


@pytest.mark.requirement("INF-ENV-011")
def test_get_shows_the_environment_again(sis: Any, infrastructure: etree.XMLSchema) -> None:
    reply = sis.send("GET", f"/environments/{sis.environment.get('id')}")
    assert reply.status_code == 200
    infrastructure.assertValid(etree.fromstring(reply.content))
    assert reply.content == etree.tostring(sis.environment)


@pytest.mark.requirement("INF-ENV-012", "NEG-059")
def test_a_foreign_environment_cannot_be_told_from_none(hub: Any, sis: Any) -> None:
    other = hub.client("other")
    other.open()
    foreign = other.send("GET", f"/environments/{sis.environment.get('id')}")
    unknown = other.send("GET", "/environments/00000000-0000-4000-8000-000000000000")
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert b"sessionToken" not in foreign.content


@pytest.mark.requirement("INF-ENV-012")
def test_a_foreign_environment_cannot_be_deleted(hub: Any, sis: Any) -> None:
    other = hub.client("other")
    other.open()
    assert other.send("DELETE", f"/environments/{sis.environment.get('id')}").status_code == 404
    assert sis.send("GET", "/requests/xStudents").status_code == 204


@pytest.mark.requirement("INF-ENV-014", "INF-ENV-017", "INF-AUT-015", "NEG-065")
def test_after_delete_the_token_is_refused_and_the_key_may_return(sis: Any) -> None:
    path = f"/environments/{sis.environment.get('id')}"
    assert sis.send("DELETE", path).status_code == 204
    assert sis.send("GET", "/requests/xStudents").status_code == 401
    assert sis.open().status_code == 201


@pytest.mark.requirement("INF-AUT-009", "NEG-009")
def test_the_application_key_does_not_open_services(sis: Any) -> None:
    sis.user = "sis"
    assert sis.send("GET", "/requests/xStudents").status_code == 401


@pytest.mark.requirement("INF-ENV-013")
@pytest.mark.parametrize(
    ("verb", "path"),
    [("GET", "/environments"), ("PUT", "/environments"), ("DELETE", "/environments/")],
)
def test_the_collection_is_405(sis: Any, verb: str, path: str) -> None:
    assert sis.send(verb, path).status_code == 405


@pytest.mark.requirement("INF-ENV-013")
def test_an_environment_cannot_be_updated(sis: Any) -> None:
    path = f"/environments/{sis.environment.get('id')}"
    assert sis.send("PUT", path, payload()).status_code == 405


def test_a_trailing_slash_creates_as_well(hub: Any) -> None:
    client = hub.client("sis")
    url = f"{hub.base}/environments/environment/"
    assert client.http.post(url, headers=client.signed("sis")).status_code == 201


@pytest.mark.parametrize("instance", ["%00", "a" * 257])
def test_an_instance_id_that_cannot_be_kept_is_400(hub: Any, instance: str) -> None:
    client = hub.client("sis")
    url = f"{hub.base}/environments/environment?instanceId={instance}"
    assert client.http.post(url, headers=client.signed("sis")).status_code == 400
