"""Environments are created in JSON, in both notations."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lxml import etree

COLLECTION = "/requests/xStudents"
JSON = "application/json"
XML = "application/xml"
CREATE = {
    "environment": {
        "consumerName": "JSON consumer",
        "applicationInfo": {"applicationKey": "json", "transport": "REST"},
    }
}


@pytest.mark.parametrize("notation", ["goessner", "pesc"])
def test_an_environment_is_opened_and_used_in_json(hub: Any, notation: str) -> None:
    client = hub.client("json")
    profile = f"urn:sif:inf/global/3.3+{notation}"
    headers = client.signed("json") | {"Content-Type": JSON, "Accept-Profile": profile}
    url = f"{hub.base}/environments/environment"
    made = client.http.post(url, json.dumps(CREATE).encode(), headers=headers, timeout=5)
    assert (made.status_code, made.headers["Content-Type"]) == (201, JSON)
    environment = made.json()["environment"]
    service = environment["infrastructureServices"]["infrastructureService"][0]
    assert service["name" if notation == "pesc" else "@name"] == "environment"
    client.user = environment["sessionToken"]
    assert client.send("GET", COLLECTION, Accept=JSON).status_code == 204


def test_the_profile_of_a_json_environment_names_its_infrastructure_version(hub: Any) -> None:
    client = hub.client("json")
    body = json.dumps(CREATE).encode()
    headers = client.signed("json") | {
        "Content-Type": JSON,
        "Accept": JSON,
        "Content-Profile": "urn:sif:inf/global/3.2.1+pesc",
    }
    url = f"{hub.base}/environments/environment"
    made = client.http.post(url, body, headers=headers, timeout=5)
    client.user = made.json()["environment"]["sessionToken"]
    error = etree.fromstring(client.send("GET", f"{COLLECTION}/1", Accept=XML).content)
    assert etree.QName(error).namespace == "http://www.sifassociation.org/infrastructure/3.2.1"
