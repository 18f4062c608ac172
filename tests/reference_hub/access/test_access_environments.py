"""Environments: types, services, rights, conflicts, paths, expiry."""

from __future__ import annotations

import base64
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
import requests
from lxml import etree
from sqlalchemy import text

from reference_hub.settings import Access, Server
from tests.reference_hub.access.conftest import grant, rights_of
from tests.reference_hub.web.conftest import INF, Hub

DIRECT = [
    "environment",
    "requestsConnector",
    "queues",
    "subscriptions",
    "provisionRequests",
    "servicesConnector",
]


def payload(inner: str = "", namespace: str = INF) -> bytes:
    return f'<environment xmlns="{namespace}">{inner}</environment>'.encode()


def offered(environment: etree._Element) -> dict[str, str]:
    found = environment.iter("{*}infrastructureService")
    return {each.get("name", ""): each.text or "" for each in found}


@pytest.mark.requirement("INF-ENV-001", "INF-ENV-002", "INF-ENV-024", "INF-ENV-027", "NEG-001")
def test_a_created_environment_has_all_that_a_consumer_needs(
    register: Any, infrastructure: etree.XMLSchema
) -> None:
    client = register("sis")
    assert client.open().status_code == 201
    made = client.environment
    infrastructure.assertValid(made)
    assert made.find("{*}defaultZone").get("id") == "demo-district"
    assert made.findtext("{*}defaultZone/{*}description") == "Demo"
    assert made.findtext("{*}authenticationMethod") == "Basic"
    assert made.findtext("{*}applicationInfo/{*}applicationKey") == "sis"
    assert len(made.findtext("{*}sessionToken")) >= 32


@pytest.mark.requirement("INF-ENV-003")
@pytest.mark.parametrize(("kind", "extra"), [("DIRECT", []), ("BROKERED", ["eventsConnector"])])
def test_type_and_services_fit_together(
    register: Any, hub: Hub, infrastructure: etree.XMLSchema, kind: str, extra: list[str]
) -> None:
    client = register("sis", environment_type=kind)
    client.open()
    found = offered(client.environment)
    infrastructure.assertValid(client.environment)
    assert client.environment.get("type") == kind
    assert sorted(found) == sorted(DIRECT + extra)
    assert all(url.startswith(f"{hub.base}/") for url in found.values())


def test_the_public_address_stands_in_front_of_every_connector(hub_with: Any) -> None:
    client = hub_with(server=Server(public_url="https://hub.example/sif3/")).client("sis")
    client.open()
    environment_id = client.environment.get("id")
    found = offered(client.environment)
    assert found["environment"] == f"https://hub.example/sif3/environments/{environment_id}"
    assert found["requestsConnector"] == "https://hub.example/sif3/requests"


def test_a_client_that_reads_by_pattern_finds_id_and_token(register: Any) -> None:
    client = register("sis")
    raw = client.open().text
    assert re.search(r'id="([^"]*)"', raw)[1] == client.environment.get("id")  # type: ignore[index]
    token = re.search(r"<sessionToken>(.*?)</sessionToken>", raw)
    assert token is not None
    assert token[1] == client.user


PRODUCT = (
    "<vendorName>Sample</vendorName><productName>Reader</productName>"
    "<productVersion>2.1</productVersion><iconURI>https://vendor.example/i.png</iconURI>"
)


def test_the_products_are_told_again(register: Any, infrastructure: etree.XMLSchema) -> None:
    adapter = "<adapterProduct><productName>Adapter</productName></adapterProduct>"
    product = f"<applicationProduct>{PRODUCT}</applicationProduct>"
    client = register("sis")
    client.open(payload(f"<applicationInfo>{adapter}{product}</applicationInfo>"))
    infrastructure.assertValid(client.environment)
    info = client.environment.find("{*}applicationInfo")
    assert [each.text for each in info.find("{*}applicationProduct")] == [
        "Sample",
        "Reader",
        "2.1",
        "https://vendor.example/i.png",
    ]
    assert info.findtext("{*}adapterProduct/{*}productName") == "Adapter"


@pytest.mark.parametrize("version", ["3.0.1", "3.1", "3.2", "3.2.1"])
def test_older_consumers_get_what_their_schema_knows(
    register: Any, standards: Path, version: str
) -> None:
    client = register("sis", environment_type="BROKERED")
    namespace = f"http://www.sifassociation.org/infrastructure/{version}"
    # Infrastructure 3.0.1 wants a name, a data model and a product in every environment.
    model = "http://www.sifassociation.org/datamodel/na/3.3"
    info = f"<dataModelNamespace>{model}</dataModelNamespace>"
    info += f"<applicationProduct>{PRODUCT}</applicationProduct>"
    inner = f"<consumerName>Demo</consumerName><applicationInfo>{info}</applicationInfo>"
    client.open(payload(inner, namespace))
    folder = standards / "schemas" / "official" / f"infrastructure-{version}"
    entry = folder / ("Collections.xsd" if version >= "3.2" else "environment.xsd")
    schema = etree.XMLSchema(etree.parse(str(entry)))
    assert schema.validate(client.environment), schema.error_log


@pytest.mark.requirement("INF-ENV-020")
def test_the_fingerprint_is_none_of_the_other_names(register: Any) -> None:
    client = register("sis")
    client.open(payload("<userToken>a-user</userToken>"))
    made = client.environment
    others = {made.get("id"), made.findtext("{*}sessionToken"), "a-user", "sis"}
    assert made.findtext("{*}fingerprint") not in others | {"", None}


@pytest.mark.requirement("INF-ENV-021")
def test_a_user_token_is_neither_shown_nor_kept(register: Any, hub: Hub) -> None:
    client = register("sis")
    reply = client.open(payload("<userToken>a-users-secret</userToken>"))
    with hub.engine.connect() as connection:
        kept = connection.execute(text("SELECT user_token FROM environment")).scalar_one()
    assert "a-users-secret" not in reply.text + kept


@pytest.mark.requirement("INF-AUT-025")
def test_a_session_token_is_random(register: Any) -> None:
    one, two = register("one"), register("two")
    one.open(), two.open()
    assert one.user != two.user
    assert base64.urlsafe_b64decode(one.user + "==").find(b"one") == -1


@pytest.mark.requirement("INF-ENV-023")
def test_what_is_not_said_is_the_latest_version_over_rest(register: Any) -> None:
    client = register("sis")
    client.open(payload())
    info = client.environment.find("{*}applicationInfo")
    assert info.findtext("{*}supportedInfrastructureVersion") == "3.3"
    assert info.findtext("{*}transport") == "REST"
    assert info.find("{*}dataModelNamespace") is None


@pytest.mark.requirement("INF-ENV-005", "INF-ENV-028")
@pytest.mark.parametrize(
    "inner",
    [
        "<authenticationMethod>SIF_HMACSHA256</authenticationMethod>",
        "<applicationInfo><transport>SOAP</transport></applicationInfo>",
        "<applicationInfo><supportedInfrastructureVersion>4.0</supportedInfrastructureVersion>"
        "</applicationInfo>",
        "<applicationInfo><dataModelNamespace>urn:none</dataModelNamespace></applicationInfo>",
    ],
)
def test_a_wish_that_cannot_be_met_is_400(register: Any, inner: str) -> None:
    reply = register("sis").open(payload(inner))
    assert reply.status_code == 400
    assert etree.fromstring(reply.content).findtext("{*}code") == "400"


@pytest.mark.requirement("NEG-039")
@pytest.mark.parametrize(
    ("namespace", "status"),
    [
        ("http://www.sifassociation.org/au/datamodel/3.4", 400),
        ("http://www.sifassociation.org/datamodel/au/3.4", 201),
    ],
)
def test_which_data_models_are_served_is_a_setting(
    hub_with: Any, namespace: str, status: int
) -> None:
    client = hub_with(access=Access(data_models=("*.org/datamodel/*",))).client("sis")
    inner = f"<dataModelNamespace>{namespace}</dataModelNamespace>"
    reply = client.open(payload(f"<applicationInfo>{inner}</applicationInfo>"))
    assert reply.status_code == status


@pytest.mark.requirement("NEG-040", "NEG-038")
@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.sifassociation.org/infrastructure/3.2.1",
        "http://sifassociation.org/infrastructure/3.0.1",
        "",
    ],
)
def test_version_and_namespace_may_differ(register: Any, namespace: str) -> None:
    version = "<supportedInfrastructureVersion>3.3</supportedInfrastructureVersion>"
    inner = f"<instanceId>kept</instanceId><applicationInfo>{version}</applicationInfo>"
    client = register("sis")
    assert client.open(payload(inner, namespace)).status_code == 201
    assert etree.QName(client.environment).namespace == (namespace or INF)
    assert client.environment.findtext("{*}instanceId") == "kept"


@pytest.mark.requirement("INF-ENV-022", "INF-AUT-002")
@pytest.mark.parametrize("method", ["Basic", "SIF_HMACSHA256"])
def test_the_method_is_compared_without_case_and_told_as_used(register: Any, method: str) -> None:
    client = register("sis")
    client.method = method
    inner = f"<authenticationMethod>{method.lower()}</authenticationMethod>"
    assert client.open(payload(inner)).status_code == 201
    assert client.environment.findtext("{*}authenticationMethod") == method


@pytest.mark.requirement("INF-ENV-009")
def test_an_empty_body_creates_with_what_headers_and_query_say(hub: Hub, register: Any) -> None:
    register("sis")
    token = base64.b64encode(b"sis:a-secret").decode()
    query = {"access_token": token, "authenticationMethod": "Basic", "applicationKey": "sis"}
    reply = requests.post(
        f"{hub.base}/environments/environment", params=query, headers={"instanceId": "desk-4"}
    )
    made = etree.fromstring(reply.content)
    assert (reply.status_code, made.findtext("{*}instanceId")) == (201, "desk-4")


@pytest.mark.requirement("NEG-004")
@pytest.mark.parametrize(
    "inner", ["<instanceId/>", "<userToken></userToken>", "<instanceId> </instanceId>"]
)
def test_empty_elements_make_no_other_identity(register: Any, inner: str) -> None:
    client = register("sis")
    assert [client.open().status_code, client.open(payload(inner)).status_code] == [201, 409]


def test_a_conflict_may_be_an_error(hub_with: Any, infrastructure: etree.XMLSchema) -> None:
    client = hub_with(access=Access(conflict="error")).client("sis")
    client.open()
    reply = client.open()
    infrastructure.assertValid(etree.fromstring(reply.content))
    assert (reply.status_code, reply.headers["messageType"]) == (409, "ERROR")
    assert b"sessionToken" not in reply.content


def test_a_conflict_shows_nothing_to_who_has_not_the_secret(register: Any) -> None:
    client = register("sis")
    client.open()
    client.secret = "wrong"
    reply = client.open()
    assert (reply.status_code, b"sessionToken" in reply.content) == (401, False)


@pytest.mark.requirement("INF-ENV-006", "INF-ENV-007")
def test_a_conflict_is_one_of_the_same_instance_and_user_only(register: Any) -> None:
    client = register("sis")
    inners = ["<instanceId>a</instanceId>", "<userToken>u</userToken>", ""]
    replies = [client.open(payload(inner)) for inner in inners]
    tokens = {etree.fromstring(each.content).findtext("{*}sessionToken") for each in replies}
    assert [each.status_code for each in replies] == [201, 201, 201]
    assert len(tokens) == 3


@pytest.mark.requirement("INF-ENV-011")
def test_get_tells_the_whole_environment_again(register: Any) -> None:
    client = register("sis")
    client.open()
    reply = client.send("GET", f"/environments/{client.environment.get('id')}")
    assert reply.status_code == 200
    assert reply.content == etree.tostring(client.environment)


@pytest.mark.requirement("INF-ENV-012", "NEG-059")
@pytest.mark.parametrize("verb", ["GET", "DELETE"])
def test_somebody_elses_environment_looks_like_none(register: Any, verb: str) -> None:
    sis, other = register("sis"), register("other")
    sis.open(), other.open()
    foreign = other.send(verb, f"/environments/{sis.environment.get('id')}")
    unknown = other.send(verb, f"/environments/{uuid.uuid4()}")
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert sis.user.encode() not in foreign.content
    assert sis.send("GET", "/requests/xStudents").status_code == 204


@pytest.mark.requirement("INF-ENV-013")
@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/environments"),
        ("PUT", "/environments"),
        ("POST", "/environments"),
        ("DELETE", "/environments"),
        ("GET", "/environments/environment"),
        ("PUT", "/environments/environment"),
        ("PUT", "/environments/{id}"),
        ("POST", "/environments/{id}"),
    ],
)
def test_what_no_consumer_may_do_is_405(register: Any, verb: str, path: str) -> None:
    client = register("sis")
    client.open()
    reply = client.send(verb, path.format(id=client.environment.get("id")), payload())
    assert reply.status_code == 405
    assert verb not in reply.headers.get("Allow", "")


@pytest.mark.requirement("INF-ENV-019", "INF-ENV-026")
def test_what_does_not_concern_environments_changes_nothing(register: Any) -> None:
    client = register("sis")
    extra = {"zoneId": "nowhere", "contextId": "X", "serviceType": "OBJECT"}
    assert client.open(requestType="DELAYED", queueId="q", **extra).status_code == 201
    path = f"/environments/{client.environment.get('id')};zoneId=nowhere"
    query = "?where=[a='b']&order=[a=ascending]&navigationPage=7&navigationPageSize=1"
    reply = client.send("GET", path + query, requestType="DELAYED", **extra)
    assert (reply.status_code, reply.content) == (200, etree.tostring(client.environment))


@pytest.mark.requirement("NEG-061")
def test_an_id_is_found_in_any_spelling(register: Any) -> None:
    client = register("sis")
    client.open()
    for spelling in (str.upper, lambda text: text.replace("-", "")):
        path = f"/environments/{spelling(client.environment.get('id'))}"
        assert client.send("GET", path).status_code == 200


@pytest.mark.parametrize("path", ["environment.xml", "environment/", "environment;zoneId=x"])
def test_ways_to_write_the_create_path(register: Any, hub: Hub, path: str) -> None:
    client = register("sis")
    url = f"{hub.base}/environments/{path}"
    assert requests.post(url, headers=client.signed("sis")).status_code == 201


@pytest.mark.parametrize("path", ["environment/more", "%FF", "%00"])
def test_paths_of_no_environment(register: Any, path: str) -> None:
    client = register("sis")
    client.open()
    assert client.send("GET", f"/environments/{path}").status_code in (400, 404)


@pytest.mark.requirement("INF-ACL-001", "INF-ACL-006")
def test_rights_are_listed_per_zone_context_and_service(register: Any) -> None:
    grants = [
        grant("xStudents", QUERY="APPROVED", CREATE="REJECTED"),
        grant("xStudents", zone="other-district", QUERY="APPROVED", DELETE="UNSUPPORTED"),
    ]
    client = register("sis", grants=grants)
    client.open()
    own = rights_of(client.environment, "xStudents", "demo-district")
    other = rights_of(client.environment, "xStudents", "other-district")
    assert own == {"QUERY": "APPROVED", "CREATE": "REJECTED"}
    assert other == {"QUERY": "APPROVED", "DELETE": "UNSUPPORTED"}
    places = [each.get("contextId") for each in client.environment.iter("{*}service")]
    assert places == ["DEFAULT", "DEFAULT"]
