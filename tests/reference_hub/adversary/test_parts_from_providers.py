"""A provider tells of changes in part, so that a row filter does not find what it asks for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from fixtures.standards import MODELS
from reference_hub.model.pod import ROW_FILTER, Condition, Terms
from reference_hub.model.queue import Payload
from reference_hub.store import mailbox
from tests.reference_hub.gate.conftest import XML
from tests.reference_hub.queues.conftest import Box
from tests.reference_hub.web.conftest import SCOPE, Client, Hub

NA4 = MODELS["unity-4.3-kit"].namespace
REFID = "01B2C3D4-4F50-4162-8394-A5B6C7D8E9F0"
GRANTED = ("xStudent/@refId", "xStudent/localId")
FILTER = Condition(ROW_FILTER, "xStudent/name/givenName", "ne", "Ana")
NOT_TOLD, TOLD = "", "<name><givenName>Ben</givenName></name>"


def event(held: Box, action: str, inside: str, **headers: str) -> None:
    """An event as a provider publishes it."""
    student = f'<xStudent refId="{REFID}">{inside}<localId>7</localId></xStudent>'
    body = f'<xStudents xmlns="{NA4}">{student}</xStudents>'.encode()
    told = {"serviceType": "OBJECT", "serviceName": "xStudents"} | headers
    with held.engine.begin() as connection:
        where = (held.id, "event", SCOPE, "xStudent", action)
        mailbox.put(connection, *where, Payload(told, XML, body))


@pytest.mark.parametrize(
    ("action", "inside", "headers", "status"),
    [
        ("UPDATE", NOT_TOLD, {}, 204),
        ("UPDATE", NOT_TOLD, {"replacement": "PARTIAL"}, 204),
        ("DELETE", NOT_TOLD, {}, 204),
        ("UPDATE", TOLD, {}, 200),
        ("UPDATE", NOT_TOLD, {"Replacement": "FULL"}, 200),
        ("CREATE", NOT_TOLD, {}, 200),
    ],
)
def test_what_a_filter_cannot_judge_does_not_leave(
    hub: Hub,
    reader: Client,
    box: Callable[..., Box],
    subscribe: Callable[..., requests.Response],
    action: str,
    inside: str,
    headers: dict[str, str],
    status: int,
) -> None:
    held = box(reader)
    assert subscribe(held).status_code == 201
    entries = (Terms(granted=GRANTED, conditions=(FILTER,)),)
    pod = hub.pod(1, entries=entries)
    event(held, action, inside, **headers)
    assert held.read(dataPrivacyMarker=pod.token).status_code == status
