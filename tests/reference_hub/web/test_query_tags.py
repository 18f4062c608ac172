"""Entity tags: of collections and of single objects, in the ways of SIF and of HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import event

from fixtures.writers import xpress

COLLECTION = "/requests/xStudents"
Students = Callable[[int], list[etree._Element]]


def change(sis: Any, one: etree._Element, local_id: str) -> None:
    body = f'<xStudent xmlns="{xpress.NA4}"><localId>{local_id}</localId></xStudent>'
    reply = sis.send("PUT", f"{COLLECTION}/{one.get('refId')}", body.encode())
    assert reply.status_code == 204


def tag(client: Any, path: str = COLLECTION, **headers: str) -> str:
    return str(client.send("GET", path, **headers).headers["ETag"])


@pytest.mark.requirement("INF-QRY-007", "INF-STA-003")
@pytest.mark.parametrize("name", ["ETag", "If-None-Match"])
@pytest.mark.parametrize("verb", ["GET", "HEAD"])
def test_an_unchanged_collection_is_304(sis: Any, three: object, name: str, verb: str) -> None:
    reply = sis.send(verb, COLLECTION, **{name: tag(sis)})
    assert (reply.status_code, reply.content) == (304, b"")
    assert reply.headers["ETag"] == tag(sis)
    assert "Content-Type" not in reply.headers


@pytest.mark.requirement("INF-QRY-007", "INF-QRY-008")
def test_any_change_of_the_type_changes_its_tag(sis: Any, three: list[etree._Element]) -> None:
    seen = [tag(sis)]
    change(sis, three[0], "1")
    seen.append(tag(sis))
    sis.send("DELETE", f"{COLLECTION}/{three[1].get('refId')}")
    seen.append(tag(sis))
    assert len(set(seen)) == 3
    for old in seen[:2]:
        assert sis.send("GET", COLLECTION, ETag=old).status_code == 200


def test_other_types_leave_a_tag_alone(sis: Any, three: object) -> None:
    before = tag(sis)
    sis.send("POST", "/requests/xLeas/xLea", f'<xLea xmlns="{xpress.NA4}"/>'.encode())
    assert tag(sis) == before


@pytest.mark.requirement("INF-QRY-007")
def test_an_empty_collection_has_a_tag_as_well(sis: Any) -> None:
    first = sis.send("GET", COLLECTION)
    assert first.status_code == 204
    assert sis.send("GET", COLLECTION, ETag=first.headers["ETag"]).status_code == 304


def test_lists_weak_tags_and_the_star_are_understood(sis: Any, three: object) -> None:
    for word in ("*", f'"x", W/{tag(sis)}'):
        assert sis.send("GET", COLLECTION, If_None_Match=word).status_code == 304
    for word in ('"x"', 'W/"y", "z"', '""'):
        assert sis.send("GET", COLLECTION, If_None_Match=word).status_code == 200


def test_a_tag_of_sif_is_known_without_its_quotes(sis: Any, three: object) -> None:
    assert sis.send("GET", COLLECTION, ETag=tag(sis).strip('"')).status_code == 304


def test_a_cache_never_takes_one_page_for_another(sis: Any, three: object) -> None:
    first = tag(sis, navigationPage="1", navigationPageSize="2")
    second = {"navigationPage": "2", "navigationPageSize": "2"}
    assert sis.send("GET", COLLECTION, If_None_Match=first, **second).status_code == 200
    assert sis.send("GET", COLLECTION, ETag=first, **second).status_code == 304


def test_another_query_is_no_unchanged_one(sis: Any, three: object) -> None:
    every = tag(sis)
    where = f'{COLLECTION}?where=[localId!="x"]'
    assert sis.send("GET", where, ETag=every).status_code == 200
    assert sis.send("GET", where, ETag=tag(sis, where)).status_code == 304


def test_a_tag_is_opaque(sis: Any, three: list[etree._Element]) -> None:
    seen = []
    for number in range(4):
        change(sis, three[0], str(number))
        seen.append(tag(sis))
    assert len({each[:4] for each in seen}) == 4


@pytest.mark.parametrize("name", ["ETag", "If-None-Match"])
def test_an_unchanged_object_is_304(sis: Any, three: list[etree._Element], name: str) -> None:
    path = f"{COLLECTION}/{three[0].get('refId')}"
    known = {name: tag(sis, path)}
    change(sis, three[1], "9")
    assert sis.send("GET", path, **known).status_code == 304
    change(sis, three[0], "9")
    assert sis.send("GET", path, **known).status_code == 200


@pytest.mark.requirement("INF-UPD-005")
@pytest.mark.parametrize("name", ["ETag", "If-Match"])
@pytest.mark.parametrize("verb", ["PUT", "DELETE"])
def test_a_change_based_on_an_old_state_is_412(
    sis: Any, three: list[etree._Element], name: str, verb: str
) -> None:
    path = f"{COLLECTION}/{three[0].get('refId')}"
    body = f'<xStudent xmlns="{xpress.NA4}"><localId>2</localId></xStudent>'.encode()
    old = tag(sis, path)
    change(sis, three[0], "1")
    reply = sis.send(verb, path, body, **{name: old})
    assert reply.status_code == 412
    assert etree.fromstring(reply.content).findtext("{*}code") == "412"
    assert b">1</localId>" in sis.send("GET", path).content
    assert sis.send(verb, path, body, **{name: tag(sis, path)}).status_code == 204


def test_a_plain_page_is_one_statement(hub: Any, sis: Any, three: list[etree._Element]) -> None:
    seen: list[str] = []
    tag(sis)

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(hub.engine, "before_cursor_execute", note)
    try:
        assert sis.send("GET", COLLECTION, navigationPageSize="2").status_code == 200
    finally:
        event.remove(hub.engine, "before_cursor_execute", note)
    tables = ("object_version", "object_tally", "hub_identity", "sif_object", "result_set")
    assert len([each for each in seen if any(table in each for table in tables)]) == 1


def test_a_condition_on_an_object_that_is_gone_is_404(sis: Any, one_student: Any) -> None:
    path = f"{COLLECTION}/{one_student.get('refId')}"
    assert sis.send("DELETE", path, If_Match="*").status_code == 404
