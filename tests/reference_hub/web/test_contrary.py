"""A contrary hub says the same in other, legal ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import requests
from lxml import etree

from reference_hub.settings import Settings
from reference_hub.web.contrary import ONE_IN, rewritten
from tests.reference_hub.web.conftest import Client, Hub, Students

# Headers of the server below the hub.
SERVERS = ("server", "date", "connection", "transfer-encoding")


@pytest.fixture
def odd(another: Callable[..., Hub], web_settings: Settings) -> Client:
    """A source at a hub with seed 7."""
    server = msgspec.structs.replace(web_settings.server, contrary=7)
    hub = another(settings=msgspec.structs.replace(web_settings, server=server))
    client = hub.client("sis")
    assert client.open().status_code == 201
    return client


def patiently(client: Client, *words: Any) -> requests.Response:
    """Ask once more where the hub is busy."""
    reply: requests.Response = client.send(*words)
    if reply.status_code == 503:
        assert reply.headers["Retry-After"] == "0"
        reply = client.send(*words)
    return reply


def test_the_environment_tells_addresses_that_nobody_could_guess(odd: Client) -> None:
    reply = odd.open()
    places = etree.fromstring(reply.content).iterfind(".//{*}infrastructureService")
    assert {(place.text or "").split("/")[3] for place in places} == {"odd~7"}


def test_what_is_stored_comes_back_the_same_below_those_addresses(
    odd: Client, students: Students
) -> None:
    student = students(1)[0]
    body = etree.tostring(student)
    assert odd.send("POST", "/requests/xStudents/xStudent", body).status_code == 201
    place = f"/odd~7/requests/xStudents/{student.get('refId')}"
    reply = patiently(odd, "GET", place)
    assert b"<odd:xStudent" in reply.content
    values = [element.text for element in etree.fromstring(reply.content).iter("*")]
    assert values == [element.text for element in student.iter("*")]


def test_a_read_is_put_off_now_and_then(odd: Client) -> None:
    answers = [odd.send("GET", "/requests/zones").status_code for _ in range(8 * ONE_IN)]
    assert 2 <= answers.count(503) <= 16


def test_whoever_is_put_off_gets_through_the_next_time(odd: Client) -> None:
    statuses = [patiently(odd, "GET", "/requests/zones").status_code for _ in range(8 * ONE_IN)]
    assert set(statuses) == {200}


def test_bodies_come_in_chunks_and_header_names_are_small(odd: Client) -> None:
    reply = patiently(odd, "GET", "/requests/zones")
    assert "Content-Length" not in reply.headers
    ours = [name for name in reply.headers if name.lower() not in {*SERVERS}]
    assert "messageid" in ours
    assert ours == [name.lower() for name in ours]


def test_a_document_keeps_its_names_and_values() -> None:
    old = b'<a xmlns="urn:one" k="1">x<b>y</b>z<c xmlns="urn:two"/></a>'
    told = etree.fromstring(rewritten(old, 5))
    plain = etree.fromstring(old)
    assert [(one.tag, one.text, one.tail, dict(one.attrib)) for one in told.iter("*")] == [
        (one.tag, one.text, one.tail, dict(one.attrib)) for one in plain.iter("*")
    ]
    assert rewritten(b"not XML", 5) == b"not XML"
