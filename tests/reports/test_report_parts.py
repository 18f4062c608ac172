"""The small parts: marked differences, command lines, indented bodies."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from conformance.runfile import Message
from reports.difference import compare
from reports.exchange import curl, pretty, view_exchange

ENDPOINT = "http://127.0.0.1:8090/sif3"


def _request(start: str, headers: list[tuple[str, str]] | None = None, body: str = "") -> Message:
    return Message(start=start, headers=headers or [], body=body, body_bytes=len(body))


def test_the_differing_middle_is_marked() -> None:
    difference = compare("grade = 09, active", "grade = 9, active")
    assert (difference.expected.different, difference.actual.different) == ("09", "9")


def test_a_lost_part_is_marked_as_nothing() -> None:
    assert compare("Anna Maria Li", "Anna Li").actual.different == "⟨nothing⟩"


def test_texts_without_a_common_part_are_not_marked() -> None:
    assert compare("201", "200").actual.different == ""


@pytest.mark.parametrize(
    ("expected", "actual", "points"),
    [
        ("José", "Jose\u0301", "expected U+00E9, received U+0065 U+0301"),
        ("De La", "De\u00a0La", "expected U+0020, received U+00A0"),
    ],
)
def test_look_alikes_are_spelled_out(expected: str, actual: str, points: str) -> None:
    assert points in compare(expected, actual).note


@pytest.mark.parametrize(
    ("start", "target"),
    [
        (
            "GET /sif3/rc/7/xStudents?navigationPage=1 HTTP/1.1",
            "/sif3/rc/7/xStudents?navigationPage=1",
        ),
        ("GET http://127.0.0.1:8090/sif3/pods", "/sif3/pods"),
    ],
)
def test_curl_knows_both_forms_of_a_request_line(start: str, target: str) -> None:
    assert target in curl(_request(start), ENDPOINT).splitlines()[-1]
    assert "http://127.0.0.1:8090/" in curl(_request(start), ENDPOINT)


def test_curl_hides_a_token_in_the_query() -> None:
    line = curl(_request("GET /x?access_token=abc123&zoneId=z"), ENDPOINT)
    assert "access_token=<access_token>&zoneId=z" in line
    assert "abc123" not in line


def test_curl_turns_the_mark_of_a_secret_into_a_placeholder() -> None:
    assert "X-Note: <secret>" in curl(_request("GET /x", [("X-Note", "[secret]")]), ENDPOINT)


def test_curl_quotes_what_a_shell_would_run() -> None:
    line = curl(_request("POST /x", [("X-Name", "a'; rm -rf ~ #")], "$(id)"), ENDPOINT)
    assert """-H 'X-Name: a'"'"'; rm -rf ~ #'""" in line
    assert "--data-raw '$(id)'" in line


def test_a_document_type_is_not_expanded() -> None:
    assert pretty('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>') is None


@pytest.mark.parametrize("body", ["", "{}", "<a>", "plain", "<a>\x00</a>", "sourcedId,name\n1,A"])
def test_what_is_not_xml_is_shown_as_it_came(body: str) -> None:
    assert pretty(body) is None


def test_indenting_keeps_declaration_comment_and_text() -> None:
    body = '<?xml version="1.0" encoding="ISO-8859-1"?><a><!--b--><c> d </c></a>'
    expected = '<?xml version="1.0" encoding="ISO-8859-1"?>\n<a>\n  <!--b-->\n  <c> d </c>\n</a>\n'
    assert pretty(body) == expected


def test_what_the_product_sent_has_no_curl_line(make: Any) -> None:
    exchange = replace(make.exchange(1, "x"), direction="received")
    view = view_exchange(exchange, ENDPOINT, marked=False)
    assert (view.who, view.curl) == ("product to suite", "")
