"""Whoever is never to be shared is left out, also where the district asks a vendor for no POD."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from reference_hub.codec.xml import fold
from reference_hub.store import exclusions
from tests.reference_hub.web.conftest import SCOPE, Client, Hub

COLLECTION = "/requests/xStudents"

pytestmark = pytest.mark.requirement("POD-MIN-011")


@pytest.fixture(params=["off", "offered"])
def unbound(request: pytest.FixtureRequest, hub: Hub) -> Client:
    """A vendor without a POD, of whom none is asked."""
    client = hub.client("unbound", hub.vendor("unbound", policy=request.param))
    assert client.open().status_code == 201
    return client


def exclude(hub: Hub, student: etree._Element, vendor_id: int | None) -> str:
    refid = student.get("refId", "")
    with hub.engine.begin() as connection:
        exclusions.add(connection, SCOPE, fold(refid), [vendor_id], "operator")
    return refid


def listed(reply: Any) -> set[str]:
    return {each.get("refId", "") for each in etree.fromstring(reply.content)}


@pytest.mark.parametrize("everybody", [True, False])
def test_nothing_of_the_person_is_shown(
    hub: Hub, unbound: Client, three: Any, everybody: bool
) -> None:
    refid = exclude(hub, three[1], None if everybody else 1)
    reply = unbound.send("GET", COLLECTION)
    assert listed(reply) == {each.get("refId") for each in three} - {refid}
    assert fold(refid).encode() not in reply.content.replace(b"-", b"").lower()
    assert unbound.send("GET", f"{COLLECTION}/{refid}").status_code == 404
    assert unbound.send("HEAD", COLLECTION).headers["navigationCount"] == "2"


def test_another_vendors_exclusion_hides_nothing(hub: Hub, unbound: Client, three: Any) -> None:
    exclude(hub, three[1], hub.vendor("stranger"))
    assert len(listed(unbound.send("GET", COLLECTION))) == 3


def test_the_rest_of_the_others_is_whole(
    hub: Hub, unbound: Client, sis: Client, three: Any
) -> None:
    exclude(hub, three[1], None)
    refid = three[0].get("refId")
    seen, stored = (each.send("GET", f"{COLLECTION}/{refid}") for each in (unbound, sis))
    canonical = [
        etree.tostring(etree.fromstring(each.content), method="c14n") for each in (seen, stored)
    ]
    assert canonical[0] == canonical[1]


def test_a_new_student_is_on_the_next_page(
    hub: Hub, unbound: Client, sis: Client, students: Any
) -> None:
    found = students(5)
    for one in found[:4]:
        sis.send("POST", f"{COLLECTION}/xStudent", etree.tostring(one))
    exclude(hub, found[0], None)
    page = f"{COLLECTION}?navigationPage=2&navigationPageSize=2"
    assert listed(unbound.send("GET", page)) == {found[3].get("refId")}
    sis.send("POST", f"{COLLECTION}/xStudent", etree.tostring(found[4]))
    assert listed(unbound.send("GET", page)) == {found[3].get("refId"), found[4].get("refId")}
