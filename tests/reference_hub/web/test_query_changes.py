"""Changes since a marker: nothing missed, nothing partial, and markers that cannot be made up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import text

from fixtures.writers import xpress
from reference_hub.model.change import CREATE, Change
from reference_hub.model.scope import Scope
from reference_hub.store import objects

COLLECTION = "/requests/xStudents"
MARKER = "changesSinceMarker"
Students = Callable[[int], list[etree._Element]]


def start(client: Any, path: str = COLLECTION, **headers: str) -> str:
    return str(client.send("HEAD", path, **headers).headers[MARKER])


def since(client: Any, marker: str, query: str = "", **headers: str) -> Any:
    return client.send("GET", f"{COLLECTION}?{MARKER}={marker}{query}", **headers)


def refids(reply: Any) -> list[str]:
    return [each.get("refId", "") for each in etree.fromstring(reply.content)]


def put(sis: Any, one: etree._Element, inner: str) -> None:
    body = f'<xStudent xmlns="{xpress.NA4}">{inner}</xStudent>'.encode()
    assert sis.send("PUT", f"{COLLECTION}/{one.get('refId')}", body).status_code == 204


def delete(sis: Any, one: etree._Element) -> None:
    assert sis.send("DELETE", f"{COLLECTION}/{one.get('refId')}").status_code == 204


@pytest.mark.requirement("INF-HED-004", "INF-CHG-003")
def test_head_gives_the_first_marker_also_of_an_empty_type(sis: Any) -> None:
    reply = sis.send("HEAD", COLLECTION)
    assert reply.status_code == 204
    assert since(sis, reply.headers[MARKER]).status_code == 204


@pytest.mark.requirement("INF-CHG-004", "INF-CHG-008", "NEG-024")
def test_without_changes_the_answer_is_204_with_a_marker(sis: Any, three: object) -> None:
    reply = since(sis, start(sis))
    assert (reply.status_code, reply.content) == (204, b"")
    assert since(sis, reply.headers[MARKER]).status_code == 204


@pytest.mark.requirement(
    "INF-CHG-001", "INF-CHG-004", "INF-CHG-007", "INF-CHG-011", "NEG-024", "NEG-025"
)
def test_created_and_updated_come_whole_and_deleted_with_their_id(
    sis: Any, three: list[etree._Element], students: Students
) -> None:
    marker = start(sis)
    new = students(4)[3]
    put(sis, three[1], "<localId>77</localId>")
    delete(sis, three[0])
    sis.send("POST", f"{COLLECTION}/xStudent", etree.tostring(new))
    reply = since(sis, marker)
    updated, deleted, created = etree.fromstring(reply.content)
    assert updated.findtext("{*}localId") == "77"
    assert len(updated) == len(three[1])
    assert (dict(deleted.attrib), len(deleted)) == ({"refId": three[0].get("refId")}, 0)
    assert deleted.tag == three[0].tag
    assert [(x.tag, x.text) for x in created.iter()] == [(x.tag, x.text) for x in new.iter()]
    assert since(sis, reply.headers[MARKER]).status_code == 204


def test_an_object_that_changed_often_is_there_once(sis: Any, three: list[Any]) -> None:
    marker = start(sis)
    for number in range(3):
        put(sis, three[0], f"<localId>{number}</localId>")
    assert refids(since(sis, marker)) == [three[0].get("refId")]


@pytest.mark.requirement("INF-CHG-007", "NEG-025")
def test_what_came_and_went_since_is_told_as_deleted(sis: Any, students: Students) -> None:
    marker = start(sis)
    (one,) = students(1)
    sis.send("POST", f"{COLLECTION}/xStudent", etree.tostring(one))
    # The first full read comes after the marker, so the consumer may have seen it.
    delete(sis, one)
    assert refids(since(sis, marker)) == [one.get("refId")]


@pytest.mark.requirement("INF-CHG-004", "INF-CHG-006", "INF-PAG-001", "INF-PAG-010", "NEG-024")
def test_only_the_first_page_has_a_marker_and_all_have_the_navigation_id(
    sis: Any, three: list[etree._Element]
) -> None:
    marker = start(sis)
    for each in three:
        put(sis, each, "<localId>5</localId>")
    delete(sis, three[2])
    first = since(sis, marker, navigationPageSize="2")
    id_ = first.headers["navigationId"]
    asked = {"navigationPageSize": "2", "navigationId": id_}
    put(sis, three[0], "<localId>6</localId>")
    second = since(sis, marker, navigationPage="2", **asked)
    third = since(sis, marker, navigationPage="3", **asked)
    assert [*refids(first), *refids(second)] == [each.get("refId") for each in three]
    assert (MARKER in second.headers, third.status_code) == (False, 204)
    assert refids(since(sis, first.headers[MARKER])) == [three[0].get("refId")]


def test_pages_without_the_navigation_id_follow_each_other_too(sis: Any, three: list[Any]) -> None:
    marker = start(sis)
    for each in three:
        put(sis, each, "<localId>5</localId>")
    asked = {"navigationPageSize": "2", "queryIntention": "ONE-OFF"}
    pages = [since(sis, marker, navigationPage=str(number), **asked) for number in (1, 2)]
    assert [refid for each in pages for refid in refids(each)] == [x.get("refId") for x in three]
    assert [MARKER in each.headers for each in pages] == [True, False]
    assert "navigationId" not in pages[0].headers


@pytest.mark.requirement("INF-CHG-005")
def test_where_and_order_are_ignored(sis: Any, three: list[etree._Element]) -> None:
    marker = start(sis)
    put(sis, three[0], "<localId>5</localId>")
    put(sis, three[1], "<localId>6</localId>")
    reply = since(sis, marker, '&where=[localId="5"]&order=x')
    assert refids(reply) == [each.get("refId") for each in three[:2]]


@pytest.mark.requirement("INF-CHG-010")
def test_an_example_and_a_marker_cannot_be_combined(sis: Any, three: list[Any]) -> None:
    path = f"{COLLECTION}?{MARKER}={start(sis)}"
    example = f'<xStudent xmlns="{xpress.NA4}"><localId>%</localId></xStudent>'.encode()
    assert sis.send("POST", path, example, methodOverride="GET").status_code == 400


@pytest.mark.requirement("INF-CHG-002", "INF-QRY-005")
@pytest.mark.parametrize("last", ["/{}", "/{}?x=y&"])
def test_a_marker_is_not_for_one_object(sis: Any, three: list[Any], last: str) -> None:
    path = COLLECTION + last.format(three[0].get("refId")) + ("" if "?" in last else "?")
    assert sis.send("GET", f"{path}{MARKER}={start(sis)}").status_code == 400


def test_a_marker_that_was_tampered_with_is_400(sis: Any, three: object) -> None:
    marker = start(sis)
    other = start(sis, "/requests/xStaffs")
    half, swapped = marker[: len(marker) // 2], marker[:3] + ("A" if marker[3] != "A" else "B")
    for bad in ("", "41", half, swapped + marker[4:], marker[:-2] + "zz", other, "%C3%A9", "a.b.c"):
        reply = since(sis, bad)
        assert (bad, reply.status_code) == (bad, 400)
        assert b"xStudents>" not in reply.content


@pytest.mark.requirement("INF-CHG-009")
def test_a_marker_of_another_life_of_the_store_is_410(hub: Any, sis: Any, three: object) -> None:
    marker = start(sis)
    with hub.engine.begin() as connection:
        connection.execute(text("UPDATE hub_identity SET epoch = gen_random_uuid()"))
    reply = since(sis, marker)
    assert reply.status_code == 410
    assert etree.fromstring(reply.content).findtext("{*}code") == "410"
    assert since(sis, start(sis)).status_code == 204


def version(one: etree._Element) -> Change:
    refid = one.get("refId", "").replace("-", "").lower()
    return Change(CREATE, "xStudent", refid, etree.tostring(one))


@pytest.mark.requirement("INF-CHG-007", "NEG-025")
def test_a_transaction_that_commits_late_is_never_missed(
    hub: Any, sis: Any, students: Students
) -> None:
    early, late, after = students(3)
    scope = Scope("demo-district")
    with hub.engine.connect() as slow:
        # Numbered first, visible last: a marker made of numbers would stand behind it already.
        objects.store(slow, scope, "sis", [version(late)])
        sis.send("POST", f"{COLLECTION}/xStudent", etree.tostring(early))
        marker = start(sis)
        sis.send("POST", f"{COLLECTION}/xStudent", etree.tostring(after))
        second = since(sis, marker)
        assert refids(second) == [after.get("refId")]
        objects.conclude(slow, scope, datetime.now(UTC), [], [version(late)])
        slow.commit()
    assert set(refids(since(sis, marker))) == {after.get("refId"), late.get("refId")}
    assert refids(since(sis, second.headers[MARKER])) == [late.get("refId")]


@pytest.mark.requirement("INF-CHG-004")
def test_a_plain_list_gives_no_marker_but_its_head_does(sis: Any, three: object) -> None:
    assert MARKER not in sis.send("GET", COLLECTION).headers
    paged = {"navigationPage": "2", "navigationPageSize": "1"}
    assert MARKER not in sis.send("HEAD", COLLECTION, **paged).headers
