"""Pages of a result set that stays the same, and the intention behind a query."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from lxml import etree

from fixtures.writers import xpress
from reference_hub.clock import Clock
from reference_hub.settings import Queries

COLLECTION = "/requests/xStudents"
ALL = {"queryIntention": "ALL", "navigationPageSize": "3"}
Students = Callable[[int], list[etree._Element]]


def refids(reply: Any) -> list[str]:
    if reply.status_code == 204:
        return []
    return [each.get("refId", "") for each in etree.fromstring(reply.content)]


def page(client: Any, number: int, id_: str, path: str = COLLECTION, **headers: str) -> Any:
    asked = {"navigationPage": str(number), "navigationPageSize": "3", "navigationId": id_}
    return client.send("GET", path, **(asked | headers))


@pytest.mark.requirement("INF-PAG-010", "INF-PAG-011")
def test_the_pages_of_a_result_set_stay_the_same(sis: Any, seven: list[str]) -> None:
    first = sis.send("GET", COLLECTION, **ALL)
    id_ = first.headers["navigationId"]
    sis.send("DELETE", f"{COLLECTION}/{seven[0]}")
    sis.send("DELETE", f"{COLLECTION}/{seven[4]}")
    sis.send("POST", f"{COLLECTION}/xStudent", f'<xStudent xmlns="{xpress.NA4}"/>'.encode())
    replies = [first, *(page(sis, number, id_) for number in (2, 3, 4))]
    assert [refid for reply in replies for refid in refids(reply)] == seven
    assert [reply.headers["navigationId"] for reply in replies] == [id_] * 4
    assert [reply.headers["navigationCount"] for reply in replies] == ["7"] * 4
    assert replies[-1].status_code == 204
    assert page(sis, 999_999_999, id_).status_code == 204


@pytest.mark.requirement("INF-PAG-011", "NEG-031")
@pytest.mark.parametrize("word", ["ONE-OFF", "NO-CACHING", "NO-CACHE", "no-caching", ""])
def test_without_the_intention_to_read_all_there_is_no_result_set(
    sis: Any, seven: list[str], word: str
) -> None:
    asked = {"navigationPage": "2", "navigationPageSize": "3", "queryIntention": word}
    reply = sis.send("GET", COLLECTION, **asked)
    assert (reply.status_code, refids(reply)) == (200, seven[3:6])
    assert "navigationId" not in reply.headers
    sis.send("DELETE", f"{COLLECTION}/{seven[0]}")
    assert refids(sis.send("GET", COLLECTION, **asked)) == seven[4:7]


def test_an_intention_that_is_none_is_400(sis: Any) -> None:
    assert sis.send("GET", COLLECTION, queryIntention="SOME").status_code == 400


def test_a_query_without_pages_makes_no_result_set(sis: Any, seven: list[str]) -> None:
    assert "navigationId" not in sis.send("GET", COLLECTION, queryIntention="ALL").headers
    asked = {"queryIntention": "ALL", "navigationPageSize": "0"}
    assert "navigationId" not in sis.send("GET", COLLECTION, **asked).headers


@pytest.mark.requirement("INF-PAG-010")
@pytest.mark.parametrize("id_", ["x", "%00", "8a2a0c1b-55f3-4b6c-9c0f-0123456789ab"])
def test_an_unknown_result_set_is_404(sis: Any, seven: list[str], id_: str) -> None:
    assert page(sis, 1, id_).status_code == 404


@pytest.mark.requirement("INF-PAG-010")
def test_the_result_set_of_somebody_else_is_404(hub: Any, sis: Any, seven: list[str]) -> None:
    id_ = sis.send("GET", COLLECTION, **ALL).headers["navigationId"]
    other = hub.client("other")
    other.open()
    assert page(other, 1, id_).status_code == 404
    assert page(sis, 1, id_).status_code == 200


@pytest.mark.requirement("INF-PAG-010")
@pytest.mark.parametrize(
    "path",
    [
        "/requests/xStaffs",
        f'{COLLECTION}?where=[localId="x"]',
        f"{COLLECTION}?order=[localId=ascending]",
    ],
)
def test_a_result_set_does_not_answer_another_query(sis: Any, seven: list[str], path: str) -> None:
    id_ = sis.send("GET", COLLECTION, **ALL).headers["navigationId"]
    assert page(sis, 1, id_, path).status_code == 404


@pytest.mark.requirement("INF-PAG-001", "INF-PAG-010", "INF-WHR-007")
def test_a_filtered_and_ordered_set_has_pages_too(sis: Any, seven: list[str]) -> None:
    path = f'{COLLECTION}?where=[@refId!="{seven[0]}"]&order=[@refId=descending]'
    first = sis.send("GET", path, **ALL)
    id_ = first.headers["navigationId"]
    shown = [*refids(first), *refids(page(sis, 2, id_, path)), *refids(page(sis, 3, id_))]
    assert shown == sorted(seven[1:], reverse=True)
    assert first.headers["navigationLastPage"] == "2"


@dataclass
class Wrist:
    """A clock that a test moves on."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def timed(another: Any, web_settings: Any) -> tuple[Any, Wrist]:
    """A client of a hub that keeps result sets for a minute, and the clock of that hub."""
    wrist = Wrist()
    settings = msgspec.structs.replace(web_settings, queries=Queries(result_set_seconds=60))
    client = another(settings, Clock(now=wrist.now)).client("timed")
    client.open()
    return client, wrist


@pytest.mark.requirement("INF-PAG-010", "INF-PAG-011")
def test_a_result_set_lives_as_long_as_the_intention_is_repeated(
    sis: Any, seven: list[str], timed: tuple[Any, Wrist]
) -> None:
    client, wrist = timed
    id_ = client.send("GET", COLLECTION, **ALL).headers["navigationId"]
    for _ in range(3):
        wrist.ahead += timedelta(seconds=45)
        assert page(client, 2, id_, queryIntention="ALL").status_code == 200
    wrist.ahead += timedelta(seconds=45)
    assert page(client, 2, id_).status_code == 200
    wrist.ahead += timedelta(seconds=45)
    assert page(client, 2, id_).status_code == 404


def test_result_sets_of_one_environment_do_not_pile_up(sis: Any, seven: list[str]) -> None:
    made = [sis.send("GET", COLLECTION, **ALL).headers["navigationId"] for _ in range(52)]
    assert page(sis, 1, made[0]).status_code == 404
    assert page(sis, 1, made[2]).status_code == 200


@pytest.mark.requirement("INF-PAG-006", "INF-QRY-003", "NEG-020")
def test_the_largest_page_is_a_setting(another: Any, web_settings: Any, students: Students) -> None:
    settings = msgspec.structs.replace(web_settings, queries=Queries(largest_page=2))
    client = another(settings).client("sis")
    client.open()
    body = etree.tostring(xpress.collection("xStudents", students(3)))
    client.send("POST", COLLECTION, body)
    assert client.send("GET", COLLECTION).status_code == 413
    assert client.send("GET", f'{COLLECTION}?where=[@refId!="x"]').status_code == 413
    assert client.send("GET", COLLECTION, navigationPageSize="3").status_code == 413
    assert len(refids(client.send("GET", COLLECTION, navigationPageSize="2"))) == 2


@pytest.mark.requirement("INF-PAG-012", "NEG-018")
def test_a_parameter_that_is_given_twice_is_400(sis: Any, seven: list[str]) -> None:
    for name in ("navigationPageSize=2", "order=[localId=ascending]", 'where=[localId="1"]'):
        assert sis.send("GET", f"{COLLECTION}?{name}&{name}").status_code == 400


@pytest.mark.requirement("INF-PAG-005", "INF-PAG-007")
def test_a_filtered_page_of_size_0_tells_how_many_would_match(sis: Any, seven: list[str]) -> None:
    reply = sis.send("GET", f'{COLLECTION}?where=[@refId!="{seven[0]}"]', navigationPageSize="0")
    assert (reply.status_code, reply.headers["navigationCount"]) == (204, "6")
    assert "navigationLastPage" not in reply.headers
