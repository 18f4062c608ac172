"""What a vendor gets from a provider behind the hub: the gate first, then only granted fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import text
from werkzeug.wrappers import Response

from tests.reference_hub.broker.conftest import MODEL, STUDENT, STUDENTS, Elsewhere
from tests.reference_hub.web.conftest import Client, Hub

LIST = "/requests/xStudents"
ONE = f"{LIST}/7A1D7C0E-5B0E-4E7B-9A33-0F3B8E1D2C06"
BARE = (
    f'<xStudent xmlns="{MODEL}" refId="7A1D7C0E-5B0E-4E7B-9A33-0F3B8E1D2C06">'
    "<name><givenName>Ada</givenName></name></xStudent>"
)


@pytest.fixture
def vendor(hub: Hub, join: Callable[..., Client], registered: Callable[..., Any]) -> Client:
    """A brokered vendor whose POD waits for the marker; students come from the provider."""
    registered("xStudents")
    client = join("reader", vendor_id=hub.vendor())
    client.http.headers["dataPrivacyMarker"] = hub.pod(1).token
    return client


def canonical(body: bytes | str) -> str:
    """For comparing documents."""
    return etree.canonicalize(body.decode() if isinstance(body, bytes) else body)


def test_the_gate_stands_before_the_provider(vendor: Client, elsewhere: Elsewhere) -> None:
    del vendor.http.headers["dataPrivacyMarker"]
    assert vendor.send("GET", LIST).status_code == 403
    assert vendor.send("GET", ONE).status_code == 403
    assert elsewhere.seen == []


def test_a_collection_is_pruned_to_the_grant(vendor: Client) -> None:
    reply = vendor.send("GET", LIST)
    assert reply.status_code == 200
    assert canonical(reply.content) == canonical(f'<xStudents xmlns="{MODEL}">{BARE}</xStudents>')


def test_one_object_is_pruned_to_the_grant(vendor: Client, elsewhere: Elsewhere) -> None:
    elsewhere.says(STUDENT)
    reply = vendor.send("GET", ONE)
    assert canonical(reply.content) == canonical(BARE)


def test_the_reading_is_audited(hub: Hub, vendor: Client) -> None:
    vendor.send("GET", LIST)
    statement = "SELECT actor, object_type, count FROM audit WHERE action = 'read'"
    with hub.engine.connect() as connection:
        assert [tuple(row) for row in connection.execute(text(statement))] == [
            ("reader", "xStudent", 1)
        ]


UNUSABLE = {
    "json": '{"xStudents": {"name": "Canary"}}',
    "not closed": "<xStudents><name>Canary",
    "one for many": STUDENT,
    "another kind": f'<xStaffs xmlns="{MODEL}"><xStaff><name>Canary</name></xStaff></xStaffs>',
    "wrapped": f"<xStudents>{STUDENTS}</xStudents>",
    "doctype": f"<!DOCTYPE x>{STUDENTS}",
    "page": "<html><body>Canary</body></html>",
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_cannot_be_pruned_is_503(vendor: Client, elsewhere: Elsewhere, name: str) -> None:
    elsewhere.says(UNUSABLE[name])
    reply = vendor.send("GET", LIST)
    assert reply.status_code == 503
    assert "Canary" not in reply.text + str(reply.headers)


def test_a_collection_for_an_object_is_503(vendor: Client) -> None:
    reply = vendor.send("GET", ONE)
    assert reply.status_code == 503
    assert "Canary" not in reply.text


def test_nothing_granted_is_nothing_shown(vendor: Client, elsewhere: Elsewhere) -> None:
    foreign = STUDENTS.replace(MODEL, "urn:other").replace('refId="7A', 'other="7A')
    elsewhere.says(foreign.replace("givenName", "nick"))
    assert vendor.send("GET", LIST).status_code == 204
    elsewhere.says(STUDENT.replace('refId="7A', 'other="7A').replace("givenName", "nick"))
    assert vendor.send("GET", ONE).status_code == 404


@pytest.mark.parametrize("status", [400, 404, 500])
def test_reasons_of_the_provider_are_withheld(
    vendor: Client, elsewhere: Elsewhere, status: int
) -> None:
    elsewhere.says("<error><message>Canary</message></error>", status, Reason="Canary")
    reply = vendor.send("GET", LIST)
    assert reply.status_code == status
    assert "Canary" not in reply.text + str(reply.headers)


@pytest.mark.requirement("NEG-022")
def test_paging_headers_stay_and_others_go(vendor: Client, elsewhere: Elsewhere) -> None:
    paging = {"navigationCount": "7", "navigationPage": "1", "navigationLastPage": "7"}
    elsewhere.says(STUDENTS, 200, **paging, Odd="Canary", ETag="Canary", changesSinceMarker="c")
    headers = vendor.send("GET", LIST).headers
    assert {name: headers[name] for name in paging} == paging
    assert not {"Odd", "ETag", "changesSinceMarker"} & set(headers)


def test_head_brings_headers_only(vendor: Client, elsewhere: Elsewhere) -> None:
    elsewhere.answer = lambda _: Response("", 200, {"navigationCount": "7"})
    reply = vendor.send("HEAD", LIST)
    assert (reply.status_code, reply.headers["navigationCount"]) == (200, "7")


@pytest.mark.parametrize(
    ("verb", "path", "headers", "status"),
    [
        ("GET", f"{LIST}?where=%5BxStudent%2Flocal%3D1%5D", {}, 400),
        ("GET", f"{LIST}?order=%5BxStudent%2Flocal%3Dascending%5D", {}, 400),
        ("GET", f"{LIST}?changesSinceMarker=1", {}, 400),
        ("GET", LIST, {"where": "[xStudent/local=1]"}, 400),
        ("POST", LIST, {"methodOverride": "GET"}, 403),
        ("GET", "/requests/xSchools/1/xStudents", {"serviceType": "SERVICEPATH"}, 403),
        ("GET", "/requests/timetables", {"serviceType": "UTILITY"}, 403),
        ("GET", "/services/yearRollovers", {}, 403),
    ],
)
def test_what_would_be_an_oracle_is_refused(
    vendor: Client,
    registered: Callable[..., Any],
    elsewhere: Elsewhere,
    verb: str,
    path: str,
    headers: dict[str, str],
    status: int,
) -> None:
    registered("xSchools/{}/xStudents", "SERVICEPATH")
    registered("timetables", "UTILITY")
    registered("yearRollovers", "FUNCTIONAL")
    assert vendor.send(verb, path, STUDENT.encode(), **headers).status_code == status
    assert elsewhere.seen == []


def test_of_a_vendor_only_paging_is_sent_on(vendor: Client, elsewhere: Elsewhere) -> None:
    path = f"{LIST}?navigationPage=2&navigationPageSize=5&name=Canary&%77here2=x"
    vendor.send("GET", path, Odd="1", ETag="e", If_None_Match="e")
    (seen,) = elsewhere.seen
    assert seen.path.partition("?")[2] == "navigationPage=2&navigationPageSize=5"
    assert not {"odd", "etag", "if-none-match", "dataprivacymarker"} & set(seen.headers)
    assert seen.headers["accept"] == "application/xml"


def test_a_vendor_may_not_write_through_the_hub(
    join: Callable[..., Client],
    hub: Hub,
    registered: Callable[..., Any],
    granted: Callable[..., Any],
    elsewhere: Elsewhere,
) -> None:
    registered("xStudents")
    client = join("writer", vendor_id=hub.vendor(), grants=[granted("*", "QUERY", "CREATE")])
    reply = client.send("POST", f"{LIST}/xStudent", STUDENT.encode())
    assert reply.status_code == 403
    assert elsewhere.seen == []
