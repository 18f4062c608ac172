"""Objects without the namespace of a data model are refused at the door, whatever the verb."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from fixtures.generate import student
from fixtures.writers import xpress

XML = {"Content_Type": "application/xml"}
REFID = "8A2A0C1B-55F3-4B6C-9C0F-0123456789AB"
INF = "{http://www.sifassociation.org/infrastructure/3.3}"
NAMESPACES = ["", ' xmlns="http://vendor.example/datamodel/1"']


def sub_code(body: bytes) -> str:
    return etree.fromstring(body).findtext(f"{INF}description", "")[:6]


@pytest.mark.requirement("INF-FMT-003", "INF-CRE-008", "NEG-038")
@pytest.mark.parametrize("namespace", NAMESPACES)
@pytest.mark.parametrize("name", ["xStudent", "StudentPersonal"])
def test_a_create_outside_of_the_data_models_is_400(sis: Any, name: str, namespace: str) -> None:
    key = "refId" if name == "xStudent" else "RefId"
    body = f'<{name}{namespace} {key}="{REFID}"/>'.encode()
    reply = sis.send("POST", f"/requests/{name}s/{name}", body, **XML)
    assert (reply.status_code, sub_code(reply.content)) == (400, "400-01")
    assert sis.send("GET", f"/requests/{name}s/{REFID}").status_code == 404


@pytest.mark.requirement("INF-BLK-002", "NEG-038")
@pytest.mark.parametrize("namespace", NAMESPACES)
def test_each_object_of_a_collection_needs_its_namespace(sis: Any, namespace: str) -> None:
    body = f'<xStudents{namespace}><xStudent refId="{REFID}"/></xStudents>'.encode()
    reply = sis.send("POST", "/requests/xStudents", body, **XML)
    assert reply.status_code == 200
    assert b'statusCode="400"' in reply.content


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_a_partial_update_outside_of_the_data_models_is_400(sis: Any, namespace: str) -> None:
    sent = xpress.student(student(3, 1))
    door = f"/requests/xStudents/{sent.get('refId')}"
    created = sis.send("POST", "/requests/xStudents/xStudent", xpress.tostring(sent), **XML)
    assert created.status_code == 201
    body = f"<xStudent{namespace}><localId>9</localId></xStudent>".encode()
    reply = sis.send("PUT", door, body, **XML)
    assert (reply.status_code, sub_code(reply.content)) == (400, "400-01")
