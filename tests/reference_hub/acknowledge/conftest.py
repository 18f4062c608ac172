"""A vendor with its PODs, and what it sends to the privacy services."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from reference_hub.codec.pod_json import pod_hash
from reference_hub.model.pod import Pod
from tests.reference_hub.web.conftest import (  # noqa: F401  # fixtures
    another,
    ear,
    hub,
    listening,
    one_student,
    reader,
    sis,
    students,
    three,
    web_settings,
)

Post = Callable[..., Any]


def record(pod: Pod, **changes: object) -> dict[str, object]:
    """A receipt that fits the POD."""
    told: dict[str, object] = {
        "podId": pod.id,
        "podVersion": pod.version,
        "podToken": pod.token,
        "podHash": pod_hash(pod.document),
        "decision": "ACKNOWLEDGED",
        "acknowledgedAt": "2026-11-26T08:00:00Z",
        "acknowledgedBy": {"system": "reader 1.0", "contact": "privacy@reading.example"},
    }
    return told | changes


def post(client: Any, path: str, told: object, **headers: str) -> Any:
    """POST a record as JSON."""
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    fields = {"Content_Type": "application/json", "Accept": "application/json"} | headers
    return client.send("POST", path, body, **fields)


def acknowledge(client: Any, pod: Pod, **changes: object) -> Any:
    """POST a receipt of the POD."""
    return post(client, f"/privacy/pods/{pod.id}/acknowledgements", record(pod, **changes))


@pytest.fixture
def receipts_only(hub: Any, reader: Any) -> None:  # noqa: F811
    """The vendor of `reader` acknowledges by receipt."""
    with hub.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE vendor SET acknowledge_by = 'receipt'")


@pytest.fixture
def stranger(hub: Any, reader: Any) -> Any:  # noqa: F811
    """Another vendor with a session."""
    client = hub.client("stranger", hub.vendor("other"))
    assert client.open().status_code == 201
    return client
