"""A vendor with rights to write meets the gate before its body is looked at."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from lxml import etree

from fixtures.generate import student
from fixtures.writers import xpress
from reference_hub.model.pod import EXPIRED
from reference_hub.model.rights import Grant
from reference_hub.store import vendors
from tests.reference_hub.gate.conftest import LIST, XML, Ground, code, seen
from tests.reference_hub.gate.doors import MARKER
from tests.reference_hub.web.conftest import SCOPE, SECRET, Client

NEW = etree.tostring(xpress.student(student(12, 90)))
PART = f'<xStudent xmlns="{xpress.NA4}"><localId>77001</localId></xStudent>'
RIGHTS = ("QUERY", "CREATE", "UPDATE", "DELETE", "SUBSCRIBE")


@pytest.fixture
def writer(ground: Ground) -> Client:
    """An application of the vendor that the district lets write."""
    grant = Grant("demo-district", "DEFAULT", "OBJECT", "*", dict.fromkeys(RIGHTS, "APPROVED"))
    with ground.hub.engine.begin() as connection:
        vendors.add_application(connection, "writer", SECRET, SCOPE, vendor_id=1, grants=(grant,))
    client = Client(ground.hub.base, "writer")
    assert client.open().status_code == 201
    return client


def write(ground: Ground, writer: Client, way: str, **marker: str) -> requests.Response:
    """One write in one of four ways."""
    many = etree.tostring(xpress.collection("xStudents", [etree.fromstring(NEW)]))
    part = etree.fromstring(PART)
    part.set("refId", ground.one)
    ways: dict[str, tuple[str, str, bytes]] = {
        "create one": ("POST", f"{LIST}/xStudent", NEW),
        "create many": ("POST", LIST, many),
        "update one": ("PUT", f"{LIST}/{ground.one}", PART.encode()),
        "update many": ("PUT", LIST, etree.tostring(xpress.collection("xStudents", [part]))),
    }
    verb, path, body = ways[way]
    return writer.send(verb, path, body, Content_Type=XML, **marker)


WAYS = ("create one", "create many", "update one", "update many")


def stored(ground: Ground) -> list[tuple[Any, ...]]:
    """Every version in the store."""
    return ground.query("SELECT id FROM object_version ORDER BY id")


@pytest.mark.requirement("POD-GATE-002", "POD-GATE-004", "DAT-POD-003")
@pytest.mark.parametrize("way", WAYS)
def test_a_write_without_the_right_marker_is_refused(
    ground: Ground, writer: Client, way: str
) -> None:
    stale, before = ground.pod(status=EXPIRED), stored(ground)
    ground.pod()
    wrong = {"": (403, "403-01"), "guess": (403, "403-PO"), stale.token: (410, "410-20")}
    for token, expected in wrong.items():
        marker = {MARKER: token} if token else {}
        reply = write(ground, writer, way, **marker)
        assert (code(reply), seen(reply.content)) == (expected, set())
    assert stored(ground) == before
