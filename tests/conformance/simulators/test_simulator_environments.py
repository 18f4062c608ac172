"""The life of an environment at the simulator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests
from lxml import etree

from conformance.simulators import tokens

INF = "{http://www.sifassociation.org/infrastructure/3.3}"


def test_a_new_environment_is_valid_by_the_published_schema(stranger: Any, standards: Path) -> None:
    folder = standards / "schemas" / "official" / "infrastructure-3.3"
    schema = etree.XMLSchema(etree.parse(folder / "SIF_Message.xsd"))
    reply = stranger.open("desk-1")
    assert reply.status_code == 201
    schema.assertValid(etree.fromstring(reply.content))


def test_the_connector_has_a_path_that_nobody_would_guess(newcomer: Any) -> None:
    assert newcomer.services["requestsConnector"].endswith("/sif3/rc/7")


def test_the_same_identity_again_is_a_conflict(newcomer: Any) -> None:
    reply = newcomer.open()
    assert reply.status_code == 409
    assert etree.fromstring(reply.content).findtext(f"{INF}code") == "409"


def test_another_instance_gets_its_own_environment(newcomer: Any) -> None:
    first = newcomer.token
    assert newcomer.open("desk-2").status_code == 201
    assert newcomer.token != first


def test_no_body_is_needed_when_the_query_says_it_all(stranger: Any) -> None:
    token = tokens.basic_token(stranger.key, stranger.secret).partition(" ")[2]
    query = {"authenticationMethod": "Basic", "access_token": token, "instanceId": "q"}
    reply = stranger.http.post(f"{stranger.url}/environments/environment", params=query)
    assert reply.status_code == 201
    assert etree.fromstring(reply.content).findtext(f"{INF}instanceId") == "q"


def test_the_owner_reads_the_environment(newcomer: Any) -> None:
    reply = newcomer.http.get(newcomer.services["environment"], headers=newcomer.session())
    assert reply.status_code == 200
    assert etree.fromstring(reply.content).findtext(f"{INF}sessionToken") == newcomer.token


def test_somebody_else_does_not_read_it(newcomer: Any) -> None:
    url = newcomer.services["environment"]
    newcomer.open("other")
    assert newcomer.http.get(url, headers=newcomer.session()).status_code == 403


def test_a_deleted_environment_ends_its_token_at_once(newcomer: Any) -> None:
    url, headers = newcomer.services["environment"], newcomer.session()
    assert newcomer.http.delete(url, headers=headers).status_code == 204
    assert newcomer.http.get(url, headers=headers).status_code == 401
    assert newcomer.open().status_code == 201


@pytest.mark.parametrize(
    ("element", "status"),
    [
        ("<authenticationMethod>SIF_HMACSHA256</authenticationMethod>", 400),
        ("<authenticationMethod>basic</authenticationMethod>", 201),
        ("<instanceId/><userToken/>", 201),
    ],
)
def test_wishes_are_met_or_refused(stranger: Any, element: str, status: int) -> None:
    body = (
        f'<environment xmlns="http://sifassociation.org/infrastructure/3.2.1">{element}'
        "<applicationInfo><applicationKey>demo-vendor</applicationKey></applicationInfo></environment>"
    )
    url = f"{stranger.url}/environments/environment"
    assert stranger.http.post(url, body, headers=stranger.application()).status_code == status


@pytest.mark.parametrize(
    "info",
    [
        "<dataModelNamespace>http://www.sifassociation.org/datamodel/au/3.4</dataModelNamespace>",
        "<supportedInfrastructureVersion>2.7</supportedInfrastructureVersion>",
        "<transport>SOAP</transport>",
    ],
)
def test_what_cannot_be_served_is_400(stranger: Any, info: str) -> None:
    body = (
        '<environment xmlns="http://www.sifassociation.org/infrastructure/3.3"><applicationInfo>'
        f"<applicationKey>demo-vendor</applicationKey>{info}</applicationInfo></environment>"
    )
    url = f"{stranger.url}/environments/environment"
    assert stranger.http.post(url, body, headers=stranger.application()).status_code == 400


@pytest.mark.parametrize(
    ("method", "path"), [("GET", ""), ("PUT", ""), ("DELETE", ""), ("PUT", "/x")]
)
def test_the_collection_of_environments_is_closed(newcomer: Any, method: str, path: str) -> None:
    url = f"{newcomer.url}/environments{path}"
    assert newcomer.http.request(method, url, headers=newcomer.session()).status_code == 405


def test_nobody_gets_in_without_credentials(newcomer: Any) -> None:
    reply = requests.get(f"{newcomer.services['requestsConnector']}/xStudents")
    assert reply.status_code == 401
    assert reply.headers["messageType"] == "ERROR"
