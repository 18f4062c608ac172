"""Every operation answers with its status, and every answer carries the header fields of SIF."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
import requests
from lxml import etree

from tests.reference_hub.web.conftest import Hub
from tests.reference_hub.web.operations_table import ENV, OPERATIONS, Asked, Ground

ACTIONS = {"GET": "QUERY", "HEAD": "HEAD", "POST": "CREATE", "PUT": "UPDATE", "DELETE": "DELETE"}
OVERRIDDEN = {"GET": "QUERY", "DELETE": "DELETE"}


@pytest.fixture
def ground(hub: Hub) -> Ground:
    """A hub with something to work on."""
    return Ground(hub)


def faults(asked: Asked, reply: requests.Response, schema: etree.XMLSchema) -> list[str]:
    """What is wrong with an answer."""
    # The environment that exists already is an answer and no error (INF-ENV-008).
    failed = asked.status >= 400 and (asked.status, asked.path) != (409, ENV)
    empty = asked.verb == "HEAD" or asked.status in (202, 204, 304)
    expected = {
        "status": asked.status,
        "messageType": "ERROR" if failed else "RESPONSE",
        "responseAction": OVERRIDDEN.get(asked.more.get("methodOverride", ""), "")
        or ACTIONS[asked.verb],
        "messageId": 4,
        "timestamp": timedelta(0),
        "Content-Type": reply.headers.get("Content-Type") if asked.verb == "HEAD"
        else None if empty else "application/xml",
        "empty": empty,
        "code": str(asked.status) if failed and not empty else "",
    }  # fmt: skip
    headers = reply.headers
    found = {
        "status": reply.status_code,
        "messageType": headers["messageType"],
        "responseAction": headers["responseAction"],
        "messageId": uuid.UUID(headers["messageId"]).version,
        "timestamp": datetime.fromisoformat(headers["timestamp"]).utcoffset(),
        "Content-Type": headers.get("Content-Type"),
        "empty": reply.content == b"",
        "code": code(reply, schema) if reply.content and failed else "",
    }
    return [
        f"{asked}: {n} is {found[n]}, not {expected[n]}" for n in found if found[n] != expected[n]
    ]


def code(reply: requests.Response, schema: etree.XMLSchema) -> str:
    """The code of a valid error."""
    error = etree.fromstring(reply.content)
    schema.assertValid(error)
    return error.findtext("{*}code", "") if error.tag.endswith("}error") else error.tag


@pytest.mark.requirement(
    "INF-STA-001", "INF-STA-003", "INF-HDR-003", "INF-HDR-004", "INF-ERR-001", "INF-ERR-002",
    "INF-FMT-010", "NEG-016", "NEG-030", "NEG-058",
)  # fmt: skip
def test_what_reads_or_fails_has_its_status_and_its_header_fields(
    ground: Ground, infrastructure: etree.XMLSchema
) -> None:
    harmless = [each for each in OPERATIONS if each.is_harmless]
    assert len(harmless) > 80
    wrong = [one for each in harmless for one in faults(each, ground.send(each), infrastructure)]
    assert wrong == []


@pytest.mark.requirement(
    "INF-STA-001", "INF-STA-003", "INF-HDR-003", "INF-HDR-004", "INF-ERR-001", "INF-ERR-002",
    "INF-FMT-010", "NEG-016", "NEG-030", "NEG-058",
)  # fmt: skip
@pytest.mark.parametrize("asked", [each for each in OPERATIONS if not each.is_harmless], ids=str)
def test_what_changes_something_has_its_status_and_its_header_fields(
    ground: Ground, infrastructure: etree.XMLSchema, asked: Asked
) -> None:
    assert faults(asked, ground.send(asked), infrastructure) == []
