"""Queries by a source: by id, whole collections, pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

COLLECTION = "/requests/xStudents"
Students = Callable[[int], list[etree._Element]]


def refids(reply: Any) -> list[str]:
    return [each.get("refId", "") for each in etree.fromstring(reply.content)]


@pytest.mark.requirement("INF-QRY-003", "INF-QRY-010", "INF-URL-001")
def test_the_list_is_the_collection_element_with_all_objects(
    sis: Any, seven: list[str], standards: Path
) -> None:
    reply = sis.send("GET", COLLECTION)
    assert reply.status_code == 200
    assert refids(reply) == seven
    folder = standards / "schemas" / "patched" / "unity-4.3-strict"
    schema = etree.XMLSchema(etree.parse(str(folder / "SIF_Message.xsd")))
    schema.assertValid(etree.fromstring(reply.content))


@pytest.mark.requirement("INF-QRY-003", "INF-STA-003")
def test_an_empty_list_is_204_without_a_body(sis: Any) -> None:
    reply = sis.send("GET", COLLECTION)
    assert (reply.status_code, reply.content) == (204, b"")
    assert "Content-Type" not in reply.headers


@pytest.mark.requirement("INF-QRY-001", "INF-QRY-010", "INF-FMT-005", "NEG-061")
def test_one_object_is_the_root(sis: Any, seven: list[str]) -> None:
    reply = sis.send("GET", f"{COLLECTION}/{seven[0].lower()}")
    assert etree.fromstring(reply.content).get("refId") == seven[0]


@pytest.mark.requirement("INF-QRY-002", "NEG-014")
@pytest.mark.parametrize("refid", ["0" * 32, "xStudent2", "%00", "..%2F", "a%20b"])
def test_an_unknown_id_is_4xx_with_an_error(sis: Any, seven: list[str], refid: str) -> None:
    reply = sis.send("GET", f"{COLLECTION}/{refid}")
    assert reply.status_code == (400 if refid == "%00" else 404)
    assert etree.fromstring(reply.content).findtext("{*}code") == str(reply.status_code)


def paged(sis: Any, as_header: bool, page: str, size: str) -> Any:
    wanted = {"navigationPage": page, "navigationPageSize": size}
    if as_header:
        return sis.send("GET", COLLECTION, **wanted)
    return sis.send("GET", f"{COLLECTION}?navigationPage={page}&navigationPageSize={size}")


@pytest.mark.requirement(
    "INF-PAG-002",
    "INF-PAG-004",
    "INF-PAG-007",
    "INF-PAG-008",
    "INF-PAG-015",
    "INF-HDR-008",
    "NEG-021",
    "NEG-022",
)
@pytest.mark.parametrize("as_header", [True, False])
def test_pages_follow_each_other(sis: Any, seven: list[str], as_header: bool) -> None:
    pages = [paged(sis, as_header, str(number), "3") for number in (1, 2, 3)]
    assert [refid for page in pages for refid in refids(page)] == seven
    last = pages[-1].headers
    assert (last["navigationPage"], last["navigationPageSize"]) == ("3", "1")
    assert (last["navigationCount"], last["navigationLastPage"]) == ("7", "3")


@pytest.mark.requirement("INF-PAG-003", "NEG-019")
def test_a_page_beyond_the_end_is_204(sis: Any, seven: list[str]) -> None:
    assert paged(sis, True, "4", "3").status_code == 204


@pytest.mark.requirement("INF-PAG-005", "INF-PAG-007")
def test_a_page_of_size_0_tells_the_count_only(sis: Any, seven: list[str]) -> None:
    reply = paged(sis, True, "1", "0")
    assert (reply.status_code, reply.headers["navigationCount"]) == (204, "7")
    assert "navigationLastPage" not in reply.headers


@pytest.mark.requirement("INF-PAG-012", "NEG-018")
@pytest.mark.parametrize(
    ("page", "size"),
    [("0", "3"), ("-1", "3"), ("abc", "3"), ("1", "-1"), ("1,1", "3"), ("1", "x"), ("\u0661", "3")],
)
def test_numbers_that_are_none_are_400(sis: Any, page: str, size: str) -> None:
    assert paged(sis, False, page, size).status_code == 400


@pytest.mark.requirement("INF-PAG-012", "NEG-018")
def test_a_page_without_a_size_is_400_and_a_size_alone_the_first_page(
    sis: Any, seven: list[str]
) -> None:
    assert sis.send("GET", COLLECTION, navigationPage="1").status_code == 400
    assert refids(sis.send("GET", COLLECTION, navigationPageSize="2")) == seven[:2]


@pytest.mark.requirement("INF-PAG-006", "INF-TRN-011", "NEG-020")
def test_a_page_that_is_too_large_is_413(sis: Any) -> None:
    assert paged(sis, True, "1", "1001").status_code == 413


@pytest.mark.requirement("INF-HDR-002")
def test_the_header_wins_over_the_query(sis: Any, seven: list[str]) -> None:
    reply = sis.send("GET", f"{COLLECTION}?navigationPageSize=2", navigationPageSize="5")
    assert refids(reply) == seven[:5]


@pytest.mark.requirement("INF-QRY-004")
def test_paging_on_one_object_is_405(sis: Any, seven: list[str]) -> None:
    path = f"{COLLECTION}/{seven[0]}"
    assert sis.send("GET", path, navigationPage="1", navigationPageSize="1").status_code == 405


@pytest.mark.parametrize("name", ["where", "order", "changesSinceMarker"])
@pytest.mark.parametrize("last", ["", "/1"])
def test_what_would_change_the_result_is_400(
    sis: Any, seven: list[str], name: str, last: str
) -> None:
    reply = sis.send("GET", f"{COLLECTION}{last}?{name}=x")
    assert reply.status_code == 400


def test_a_navigation_id_nobody_gave_is_404(sis: Any) -> None:
    assert sis.send("GET", COLLECTION, navigationId="n1", navigationPageSize="1").status_code == 404


@pytest.mark.requirement("INF-HED-001", "INF-HED-003", "INF-HED-005", "INF-HDR-004", "NEG-030")
@pytest.mark.parametrize("last", ["", "/{}"])
def test_head_is_get_without_the_body(sis: Any, seven: list[str], last: str) -> None:
    path = COLLECTION + last.format(seven[0])
    head, get = sis.send("HEAD", path), sis.send("GET", path)
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["responseAction"] == "HEAD"
    assert head.headers.get("navigationCount") == get.headers.get("navigationCount")


@pytest.mark.requirement("INF-TRN-010", "NEG-056")
def test_unknown_parameters_and_headers_are_ignored(sis: Any, seven: list[str]) -> None:
    reply = sis.send("GET", f"{COLLECTION}?colour=blue", IdType="x", connectionId="0")
    assert reply.status_code == 200
