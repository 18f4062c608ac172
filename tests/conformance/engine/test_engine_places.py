"""Where an element begins in the bytes that the vendor sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.evidence import Evidence
from conformance.places import place
from conformance.problems import Finding
from conformance.reply import Headers
from conformance.wire import Capture

BODY = """<?xml version="1.0"?>
<xStudent xmlns="urn:a" refId="A">
  <name><familyName>Müller</familyName><givenName>Jo</givenName></name>
  <otherNames><name/><name x="1">
    <givenName>Josephine</givenName></name></otherNames>
</xStudent>
""".encode()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", (2, 1)),
        ("xStudent/@refId", (2, 1)),
        ("xStudent/name/givenName", (3, 40)),
        ("xStudent/otherNames/name[2]/givenName", (5, 5)),
        ("xStudent/otherNames/name[2]/middleName", (4, 22)),
        ("error/code", None),
        ("header Content-Type", None),
        ("number of errors in the results", None),
    ],
)
def test_a_path_has_its_line_and_column(path: str, expected: tuple[int, int] | None) -> None:
    assert place(BODY, path) == expected


JSON = b"""{"xStudents": {
  "xStudent": [
    {"@refId": "A", "name": {"familyName": "M, {x}", "givenName": ["Jo"]}},
    {"@refId": "B",
     "name": {"familyName": "Mu\\"ller"}}
  ], "page": 1}}
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("xStudents", (1, 2)),
        ("xStudents/xStudent/@refId", (2, 3)),
        ("xStudents/xStudent/name/givenName", (3, 54)),
        ("xStudents/xStudent[2]", (4, 5)),
        ("xStudents/xStudent[2]/name/familyName", (5, 15)),
        ("xStudents/xStudent[2]/name/middleName", (5, 6)),
        ("xStudents/page", (6, 6)),
        ("error/code", None),
    ],
)
def test_a_path_has_its_line_and_column_in_json_too(
    path: str, expected: tuple[int, int] | None
) -> None:
    assert place(JSON, path) == expected


def test_a_body_that_nests_without_end_is_given_up() -> None:
    assert place(b'{"a":' * 50_000, "a/a") == (1, 7)
    assert place(b"<a>" * 50_000 + b"</a>" * 50_000, "a/a") == (1, 4)


@pytest.mark.parametrize("body", [b"", b"{}", b"<a><b></a>", b"<!DOCTYPE a><a/>", b"\x00<a/>"])
def test_what_cannot_be_read_has_no_place(body: bytes) -> None:
    assert place(body, "a/b") is None


def test_a_prefix_is_no_part_of_a_path() -> None:
    assert place(b'<s:a xmlns:s="urn:a">\r\n<s:b/></s:a>', "a/b") == (2, 1)


def test_a_finding_tells_the_place_before_masking() -> None:
    evidence = Evidence(None)
    for body in (BODY, b"<xStudent><name/></xStudent>"):
        evidence.record(_capture(body))
    told = [evidence.finding(_finding(number)) for number in (1, 2)]
    assert [(one.line, one.column) for one in told] == [(3, 9), (1, 11)]


def test_of_a_request_of_the_product_its_own_body_is_searched() -> None:
    evidence = Evidence(None)
    evidence.record(replace(_capture(b"<error/>"), body=BODY, direction="received"))
    told = evidence.finding(_finding(1))
    assert (told.line, told.column) == (3, 9)


def _finding(exchange: int) -> Finding:
    return Finding("changed", "a", "b", exchange, "xStudent/name/familyName")


def _capture(body: bytes) -> Capture:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    return Capture("GET", "/x", b"GET /x\r\n\r\n", b"", head, body, body, Headers(), "", 1.0)
