"""gzip both ways: only where it was asked for, and no body can blow up or be half read."""

from __future__ import annotations

import gzip
import zlib
from typing import Any

import pytest
import requests
from lxml import etree

from reference_hub.codec.xml import tostring

COLLECTION = "/requests/xStudents"
SINGLE = f"{COLLECTION}/xStudent"
LIMIT = 1_000_000


def raw(client: Any, path: str, accept_encoding: str | None) -> tuple[requests.Response, bytes]:
    """An answer and its body as it came over the wire."""
    headers = client.signed(client.user) | {"Accept-Encoding": accept_encoding}
    reply = client.http.get(client.base + path, headers=headers, stream=True, timeout=5)
    return reply, reply.raw.read(decode_content=False)


@pytest.fixture
def stored(sis: Any, one_student: etree._Element) -> bytes:
    """A student in the store, as it was sent."""
    body = tostring(one_student)
    assert sis.send("POST", SINGLE, body).status_code == 201
    return body


@pytest.mark.requirement("INF-TRN-007", "INF-TRN-008", "NEG-037")
@pytest.mark.parametrize("asked", ["gzip", "gzip,identity", "deflate, GZIP;q=0.5", "x-gzip"])
def test_a_caller_who_lists_gzip_gets_it_labelled(sis: Any, stored: bytes, asked: str) -> None:
    reply, body = raw(sis, COLLECTION, asked)
    assert reply.headers["Content-Encoding"] == "gzip"
    assert int(reply.headers["Content-Length"]) == len(body)
    assert stored in gzip.decompress(body)


@pytest.mark.requirement("INF-TRN-008", "INF-TRN-009", "NEG-037")
@pytest.mark.parametrize(
    "asked", [None, "", "identity", "gzip;q=0", "deflate, br", "*", "gzip;q=0.1, identity;q=0.9"]
)
def test_nobody_else_gets_gzip(sis: Any, stored: bytes, asked: str | None) -> None:
    reply, body = raw(sis, COLLECTION, asked)
    assert "Content-Encoding" not in reply.headers
    assert reply.headers["Vary"] == "Accept-Encoding"
    assert stored in body


def test_errors_and_json_are_compressed_too(sis: Any) -> None:
    for path in ("/nothing", "/nothing.json"):
        reply, body = raw(sis, path, "gzip")
        assert (reply.status_code, reply.headers["Content-Encoding"]) == (404, "gzip")
        assert b"404" in gzip.decompress(body)


def test_an_answer_without_a_body_is_not_compressed(sis: Any) -> None:
    reply, body = raw(sis, COLLECTION, "gzip")
    assert (reply.status_code, body) == (204, b"")
    assert "Content-Encoding" not in reply.headers


@pytest.mark.requirement("INF-TRN-007", "NEG-037")
@pytest.mark.parametrize("encoding", ["gzip", "GZIP"])
def test_a_compressed_request_is_read(sis: Any, one_student: etree._Element, encoding: str) -> None:
    body = gzip.compress(tostring(one_student))
    reply = sis.send("POST", SINGLE, body, Content_Encoding=encoding)
    assert (reply.status_code, reply.content) == (201, tostring(one_student))


def test_members_of_gzip_may_follow_one_another(sis: Any, one_student: etree._Element) -> None:
    body = tostring(one_student)
    parts = gzip.compress(body[:100]) + gzip.compress(body[100:])
    reply = sis.send("POST", SINGLE, parts, Content_Encoding="gzip")
    assert (reply.status_code, reply.content) == (201, body)


def small(student: bytes) -> bytes:
    return gzip.compress(student)


BAD = {
    "cut in the trailer": (lambda student: small(student)[:-3], 400),
    "cut in the middle": (lambda student: small(student)[:-60], 400),
    "only a header": (lambda student: small(student)[:10], 400),
    "no gzip": (lambda student: student, 400),
    "zlib instead of gzip": (zlib.compress, 400),
    "a wrong checksum": (lambda student: small(student)[:-8] + b"\0" * 8, 400),
    "a byte changed": (lambda student: small(student)[:40] + b"\xff" + small(student)[41:], 400),
    "something behind": (lambda student: small(student) + b"more", 400),
    "a second member cut": (lambda student: small(student) + small(student)[:20], 400),
    "many members": (lambda student: small(b"") * 1000, 400),
    "nothing": (lambda student: small(b""), 400),
    "a bomb": (lambda student: small(b" " * 50 * LIMIT), 413),
    "a bomb in parts": (lambda student: small(b" " * LIMIT) * 5, 413),
    "a bomb in a bomb": (lambda student: small(small(b" " * 50 * LIMIT)), 400),
}


@pytest.mark.parametrize("name", BAD)
def test_a_gzip_body_that_is_none_or_too_large_is_refused(
    sis: Any, one_student: etree._Element, name: str
) -> None:
    make, status = BAD[name]
    reply = sis.send("POST", SINGLE, make(tostring(one_student)), Content_Encoding="gzip")
    assert reply.status_code == status
    assert sis.send("GET", COLLECTION).status_code == 204


@pytest.mark.parametrize("encoding", ["deflate", "br", "gzip, gzip", "gzip;q=1"])
def test_other_encodings_are_415(sis: Any, encoding: str) -> None:
    reply = sis.send("POST", SINGLE, b"<x/>", Content_Encoding=encoding)
    assert reply.status_code == 415
