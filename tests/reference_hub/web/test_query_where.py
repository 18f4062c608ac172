"""where, order and query by example on a collection, over the wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from lxml import etree

from fixtures.writers import xpress
from reference_hub.settings import Queries

COLLECTION = "/requests/xStudents"
Students = Callable[[int], list[etree._Element]]


def one(refid: int, family: str, grade: str, local: str = "") -> str:
    """An xStudent with a name, a grade and perhaps a localId."""
    local = f"<localId>{local}</localId>" if local else ""
    return (
        f'<xStudent refId="00000000-0000-4000-8000-00000000000{refid}"><name><type>LegalName</type>'
        f"<familyName>{family}</familyName><givenName>Ann</givenName></name>{local}"
        "<enrollment><leaRefId>10000000-0000-4000-8000-000000000000</leaRefId>"
        "<schoolRefId>20000000-0000-4000-8000-000000000000</schoolRefId>"
        f"<entryDate>2025-09-0{refid}</entryDate><gradeLevel>{grade}</gradeLevel></enrollment>"
        "</xStudent>"
    )


@pytest.fixture
def four(sis: Any) -> Any:
    """A SIS that has stored four students."""
    body = one(1, "Ng", "07", "10") + one(2, "McCoy", "07", "9") + one(3, "ng", "08")
    body += one(4, "McAdam", "08", "100")
    sent = f'<xStudents xmlns="{xpress.NA4}">{body}</xStudents>'.encode()
    assert sis.send("POST", COLLECTION, sent).content.count(b'"201"') == 4
    return sis


def shown(reply: Any) -> str:
    """The last digits of the ids, in order; '' for 204."""
    if reply.status_code == 204:
        return ""
    assert reply.status_code == 200, reply.text
    root = etree.fromstring(reply.content)
    assert root.tag == f"{{{xpress.NA4}}}xStudents"
    return "".join(each.get("refId", "")[-1] for each in root)


def query(client: Any, **words: str) -> Any:
    encoded = "&".join(f"{name}={quote(word)}" for name, word in words.items())
    return client.send("GET", f"{COLLECTION}?{encoded}")


@pytest.mark.requirement(
    "INF-WHR-001", "INF-WHR-002", "INF-WHR-003", "INF-WHR-007", "INF-URL-007", "NEG-062"
)
@pytest.mark.parametrize(
    ("where", "found"),
    [
        ('[name/familyName="Ng"]', "1"),
        ('[(name/familyName="Ng")and(enrollment/gradeLevel="07")]', "1"),
        ('[name/familyName="Ng" or enrollment/gradeLevel="08"]', "134"),
        ('[enrollment/entryDate>="2025-09-03"]', "34"),
        ("[localId<10]", "2"),
        ('[name/familyName!="Ng"]', "234"),
        ('[@refId="00000000000040008000000000000004"]', "4"),
        ('[name/familyName="Nobody"]', ""),
        ('[notThere="x"]', ""),
    ],
)
def test_where_leaves_what_meets_it(four: Any, where: str, found: str) -> None:
    reply = query(four, where=where)
    assert shown(reply) == found
    assert reply.headers["navigationCount"] == str(len(found))
    assert reply.headers["responseAction"] == "QUERY"


@pytest.mark.requirement("INF-URL-006", "INF-WHR-007")
def test_a_slash_before_the_query_changes_nothing(four: Any) -> None:
    where = quote('[localId="9"]')
    assert shown(four.send("GET", f"{COLLECTION}/?where={where}")) == "2"


@pytest.mark.requirement("INF-WHR-005", "INF-QRY-005", "INF-ERR-005", "NEG-062")
@pytest.mark.parametrize("where", ["", "x", '[name="Zog"', "[contains(name,'Zog')]"])
def test_a_where_that_cannot_be_followed_is_400_02(four: Any, where: str) -> None:
    reply = query(four, where=where)
    assert reply.status_code == 400
    assert b"400-02" in reply.content
    assert b"Zog" not in reply.content


@pytest.mark.requirement("INF-ORD-001")
@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("[name/familyName=ascending]", "4213"),
        ("[name/familyName=descending]", "3124"),
        ("[localId=ascending]", "3214"),
        ("[localId=descending]", "4123"),
        ("[enrollment/gradeLevel=descending;name/familyName=ascending]", "4321"),
        ("[notThere=ascending]", "1234"),
    ],
)
def test_order_sorts_by_its_keys_in_turn(four: Any, order: str, found: str) -> None:
    assert shown(query(four, order=order)) == found


@pytest.mark.requirement("INF-ORD-002")
@pytest.mark.parametrize("order", ["", "name", "[name]", "[name=upwards]"])
def test_an_order_that_cannot_be_followed_is_400_03(four: Any, order: str) -> None:
    reply = query(four, order=order)
    assert (reply.status_code, b"400-03" in reply.content) == (400, True)


@pytest.mark.requirement("INF-PAG-001", "INF-WHR-007", "INF-ORD-001")
def test_where_order_and_pages_go_together(four: Any) -> None:
    words = {"where": '[enrollment/gradeLevel="07"]', "order": "[@refId=descending]"}
    pages = [
        query(four, **words, navigationPage=str(number), navigationPageSize="1")
        for number in (1, 2, 3)
    ]
    assert [shown(each) for each in pages] == ["2", "1", ""]
    assert [each.headers["navigationLastPage"] for each in pages] == ["2"] * 3


@pytest.mark.requirement("INF-HED-001", "INF-HED-005")
@pytest.mark.parametrize(("where", "status"), [('[localId="9"]', 200), ('[localId="8"]', 204)])
def test_head_of_a_filtered_collection_is_get_without_the_body(
    four: Any, where: str, status: int
) -> None:
    reply = four.send("HEAD", f"{COLLECTION}?where={quote(where)}")
    assert (reply.status_code, reply.content) == (status, b"")
    assert reply.headers["navigationCount"] == ("1" if status == 200 else "0")


def example(client: Any, inner: str, query: str = "", **headers: str) -> Any:
    body = f'<xStudent xmlns="{xpress.NA4}">{inner}</xStudent>'.encode()
    return client.send("POST", f"{COLLECTION}{query}", body, methodOverride="GET", **headers)


@pytest.mark.requirement(
    "INF-QBE-001", "INF-QBE-003", "INF-QBE-004", "INF-QBE-005", "INF-HDR-004", "NEG-030"
)
@pytest.mark.parametrize(
    ("inner", "found"),
    [
        ("<name><familyName>Mc%</familyName></name>", "24"),
        ("<name><familyName>%o%</familyName></name>", "2"),
        ("<name><familyName>Mc</familyName></name>", ""),
        ("<localId>9</localId>", "2"),
        (
            "<name><familyName>Mc%</familyName></name>"
            "<enrollment><gradeLevel>08</gradeLevel></enrollment>",
            "4",
        ),
    ],
)
def test_an_example_finds_what_is_like_it(four: Any, inner: str, found: str) -> None:
    reply = example(four, inner)
    assert shown(reply) == found
    assert reply.headers["responseAction"] == "QUERY"
    assert four.send("GET", COLLECTION).headers["navigationCount"] == "4"


@pytest.mark.requirement("INF-QBE-005", "INF-PAG-001", "INF-PAG-010")
def test_an_example_has_pages_and_a_result_set(four: Any) -> None:
    inner = "<name><givenName>A%</givenName></name>"
    asked = {"navigationPageSize": "3", "queryIntention": "ALL"}
    first = example(four, inner, "?order=[@refId=descending]", **asked)
    id_ = first.headers["navigationId"]
    again = {"navigationId": id_, "navigationPage": "2", "navigationPageSize": "3"}
    assert shown(first) + shown(example(four, inner, **again)) == "4321"
    assert example(four, "<localId>9</localId>", **again).status_code == 404


@pytest.mark.requirement("INF-QBE-001", "INF-QBE-006", "NEG-027")
@pytest.mark.parametrize(
    "body",
    [
        f'<xStudent xmlns="{xpress.NA4}"/>',
        f'<xStudents xmlns="{xpress.NA4}"><xStudent><localId>9</localId></xStudent></xStudents>',
        f'<xStaff xmlns="{xpress.NA4}"><localId>9</localId></xStaff>',
        "<xStudent",
        "",
    ],
)
def test_an_example_that_is_none_is_400(four: Any, body: str) -> None:
    reply = four.send("POST", COLLECTION, body.encode(), methodOverride="GET")
    assert reply.status_code == 400
    assert four.send("GET", COLLECTION).headers["navigationCount"] == "4"


@pytest.mark.requirement("INF-QBE-002")
@pytest.mark.parametrize("headers", [{}, {"methodOverride": "POST"}])
def test_without_the_header_the_same_body_is_a_create(four: Any, headers: dict[str, str]) -> None:
    body = f'<xStudents xmlns="{xpress.NA4}"><xStudent><localId>9</localId></xStudent></xStudents>'
    assert b'"201"' in four.send("POST", COLLECTION, body.encode(), **headers).content
    assert four.send("GET", COLLECTION).headers["navigationCount"] == "5"


@pytest.mark.requirement("INF-TRN-011", "INF-QRY-003")
def test_a_query_over_too_many_objects_is_413(another: Any, web_settings: Any, four: Any) -> None:
    settings = msgspec.structs.replace(web_settings, queries=Queries(largest_scan=3))
    client = another(settings).client("small")
    client.open()
    for reply in (query(client, where='[localId="9"]'), example(client, "<localId>9</localId>")):
        assert reply.status_code == 413
        assert "pages" in etree.fromstring(reply.content).findtext("{*}message", "")
    assert shown(client.send("GET", COLLECTION)) == "1234"
