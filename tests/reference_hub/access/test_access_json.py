"""Environments and provision requests for consumers that speak JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from reference_hub.settings import Access
from tests.reference_hub.access.conftest import grant
from tests.reference_hub.web.conftest import INF, Hub

JSON = "application/json"
ENVIRONMENT = {"environment": {"@xmlns": INF, "instanceId": "desk-4", "consumerName": "Demo"}}
RIGHT = {"@type": "QUERY", "#text": "REQUESTED"}
SERVICE = {"@type": "OBJECT", "@name": "xStaffs", "@contextId": "DEFAULT"}
ZONE = {"@id": "demo-district", "services": {"service": SERVICE | {"rights": {"right": RIGHT}}}}
REQUEST = {"provisionRequest": {"@xmlns": INF, "provisionedZones": {"provisionedZone": ZONE}}}


@pytest.mark.parametrize("path", ["environment", "environment.json"])
def test_an_environment_is_created_in_json(hub: Hub, register: Any, path: str) -> None:
    client = register("sis")
    named = {} if path.endswith(".json") else {"Content-Type": JSON, "Accept": JSON}
    headers = client.signed("sis") | named
    reply = requests.post(
        f"{hub.base}/environments/{path}", data=json.dumps(ENVIRONMENT), headers=headers
    )
    made = reply.json()["environment"]
    assert (reply.status_code, reply.headers["Content-Type"]) == (201, JSON)
    assert (made["instanceId"], made["@type"]) == ("desk-4", "DIRECT")
    client.user = made["sessionToken"]
    again = client.send("GET", f"/environments/{made['@id']}", Accept=JSON)
    assert again.json() == reply.json()


def test_the_conflict_is_in_json_too(hub: Hub, register: Any) -> None:
    client = register("sis")
    client.open()
    reply = client.open(Accept=JSON)
    assert reply.status_code == 409
    assert reply.json()["environment"]["sessionToken"] == client.user


def test_an_error_is_in_json_too(hub_with: Any) -> None:
    client = hub_with(access=Access(conflict="error")).client("sis")
    client.open()
    assert str(client.open(Accept=JSON).json()["error"]["code"]) == "409"


def test_a_provision_request_is_made_in_json(register: Any) -> None:
    client = register("sis", requestable=[grant("xStaffs", QUERY="APPROVED")])
    client.open()
    body = json.dumps(REQUEST).encode()
    reply = client.send("POST", "/provisionRequests", body, Content_Type=JSON, Accept=JSON)
    assert reply.status_code == 201
    assert reply.json()["provisionRequest"]["@completionStatus"] == "ACCEPTED"
