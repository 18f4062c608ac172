"""The classics of Unity, here StudentPersonal, live the same life as the x objects."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from fixtures import standards

NA4 = "http://www.sifassociation.org/datamodel/na/4.x"
XML = {"Content_Type": "application/xml"}
FIRST = "8A2A0C1B-55F3-4B6C-9C0F-0123456789AB"
SECOND = "8A2A0C1B-55F3-4B6C-9C0F-0123456789AC"
DOOR = "/requests/StudentPersonals"


def student(refid: str, local_id: str) -> str:
    """A StudentPersonal with what the published schema demands."""
    return (
        f'<StudentPersonal xmlns="{NA4}" RefId="{refid}"><LocalId>{local_id}</LocalId>'
        '<Name Type="04"><LastName>Qvex</LastName><FirstName>Abra</FirstName></Name>'
        "</StudentPersonal>"
    )


def canonical(body: bytes | str) -> bytes:
    """Canonical XML, to compare what was sent with what comes back."""
    return etree.tostring(etree.fromstring(body), method="c14n")


@pytest.fixture
def both(sis: Any) -> Any:
    """A SIS that has posted two students in one request."""
    body = f'<StudentPersonals xmlns="{NA4}">{student(FIRST, "1")}{student(SECOND, "2")}'
    reply = sis.send("POST", DOOR, f"{body}</StudentPersonals>".encode(), **XML)
    assert (reply.status_code, reply.content.count(b'statusCode="201"')) == (200, 2)
    return sis


@pytest.mark.requirement("INF-FMT-003", "INF-URL-001", "INF-URL-003", "NEG-053")
def test_many_posted_at_once_come_back_as_they_were_sent(both: Any) -> None:
    assert canonical(both.send("GET", f"{DOOR}/{FIRST}").content) == canonical(student(FIRST, "1"))
    listed = etree.fromstring(both.send("GET", DOOR).content)
    assert [one.get("RefId") for one in listed] == [FIRST, SECOND]


@pytest.mark.requirement("INF-CRE-001", "INF-CRE-007")
def test_one_posted_is_201_and_twice_is_409(sis: Any) -> None:
    body = student(FIRST, "1").encode()
    replies = [sis.send("POST", f"{DOOR}/StudentPersonal", body, **XML) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [201, 409]
    assert canonical(replies[0].content) == canonical(body)


@pytest.mark.requirement("INF-UPD-003")
def test_an_update_changes_what_was_sent_and_nothing_else(both: Any) -> None:
    body = f'<StudentPersonal xmlns="{NA4}" RefId="{FIRST}"><LocalId>9</LocalId></StudentPersonal>'
    assert both.send("PUT", f"{DOOR}/{FIRST}", body.encode(), **XML).status_code == 204
    assert canonical(both.send("GET", f"{DOOR}/{FIRST}").content) == canonical(student(FIRST, "9"))


@pytest.mark.requirement("INF-DEL-001")
def test_a_deletion_takes_one_and_leaves_the_other(both: Any) -> None:
    assert both.send("DELETE", f"{DOOR}/{FIRST}").status_code == 204
    assert both.send("GET", f"{DOOR}/{FIRST}").status_code == 404
    assert both.send("GET", f"{DOOR}/{SECOND}").status_code == 200


def test_every_object_of_the_kits_schemas_is_served_before_there_is_one(sis: Any) -> None:
    known = {name for model in standards.MODELS.values() for name in model.objects}
    assert len(known) == 48
    asked = {name: sis.send("GET", f"/requests/{name}s").status_code for name in known}
    assert asked == dict.fromkeys(known, 204)
