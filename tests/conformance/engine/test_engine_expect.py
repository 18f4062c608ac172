"""Each claim holds when it should, and its finding says what was expected and seen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance import expect, trees
from conformance.problems import Finding
from conformance.reply import Headers, Reply

ERROR = (
    f'<error xmlns="{trees.INF}"><code>403</code><scope>s</scope><message>m</message>'
    "<description>403-01 no marker</description></error>"
)


def reply(status: int = 200, body: str = "", *headers: tuple[str, str]) -> Reply:
    """An answer numbered 7."""
    return Reply(status, Headers(headers), body.encode(), 7, "GET xStudents", body.encode())


HOLDS: list[Callable[[], object]] = [
    lambda: expect.status(reply(204), 200, 204),
    lambda: expect.header(reply(200, "", ("A", "x")), "a", "x"),
    lambda: expect.header(reply(200, "", ("A", "X")), "A", ["y", "x"], fold=True),
    lambda: expect.matches(reply(200, "", ("A", "12")), "A", r"\d+", "a number"),
    lambda: expect.content_type(reply(200, "", ("Content-Type", "Text/XML; x=y")), "text/xml"),
    lambda: expect.present(reply(200, "", ("A", "x")), "A"),
    lambda: expect.absent(reply(), "A"),
    lambda: expect.no_body(reply()),
    lambda: expect.xml(reply(200, "<a xmlns='urn:x'/>"), "a"),
    lambda: expect.xml(reply(200, "<a xmlns='urn:x'/>"), "{urn:x}a"),
    lambda: expect.error(reply(403, ERROR), 403),
    lambda: expect.refused(reply(403, ERROR), 403, marker_error="403-01"),
    lambda: expect.refused(reply(403, ERROR)),
    lambda: expect.equal(1, 1, "one"),
    lambda: expect.one_of(1, [1, 2], "one"),
    lambda: expect.true(True, "so"),
    lambda: expect.same_id("AB-C", "abc", "the id"),
    lambda: expect.uuid("0b0e7f33-9c1d-4f0e-8a51-0c8d5c6f2b11", "the id"),
    lambda: expect.uuid("0B0E7F33-9C1D-1F0E-8A51-0C8D5C6F2B11", "the id"),
]
FAILS: list[tuple[Callable[[], object], str, str]] = [
    (lambda: expect.status(reply(500), 200, 204), "200 or 204", "500"),
    (lambda: expect.header(reply(), "A", "x"), "x", "no such header"),
    (lambda: expect.header(reply(200, "", ("A", "x"), ("a", "x")), "A", "x"), "x", "x, x"),
    (lambda: expect.header(reply(200, "", ("A", "X")), "A", "x"), "x", "X"),
    (lambda: expect.matches(reply(200, "", ("A", "1a")), "A", r"\d+", "digits"), "digits", "1a"),
    (lambda: expect.content_type(reply(), "text/xml"), "text/xml", "none"),
    (lambda: expect.present(reply(200, "", ("A", "")), "A"), "a header A", "no such header"),
    (lambda: expect.absent(reply(200, "", ("A", "x")), "A"), "no such header", "x"),
    (lambda: expect.no_body(reply(204, "x")), "no body", "1 bytes"),
    (lambda: expect.xml(reply(200, "<a/>"), "b"), "b", "a"),
    (lambda: expect.xml(reply(200, "nonsense"), "b"), "one well-formed", "8 bytes of no type"),
    (lambda: expect.infrastructure(reply(200, "<error/>"), "error"), trees.INF, "no namespace"),
    (lambda: expect.error(reply(400, ERROR)), "400", "403"),
    (lambda: expect.error(reply(403, ERROR.replace("m</m", "</m"))), "error/message", "nothing"),
    (lambda: expect.refused(reply(200)), "a 4xx status", "200"),
    (lambda: expect.refused(reply(403, ERROR), 410), "410", "403: m"),
    (lambda: expect.refused(reply(403, ERROR), marker_error="410-20"), "410-20", "403-01"),
    (lambda: expect.equal(1, 2, "one"), "2", "1"),
    (lambda: expect.one_of(3, [1, 2], "one"), "1 or 2", "3"),
    (lambda: expect.true(False, "it rains", actual="it snows"), "it rains", "it snows"),
    (lambda: expect.same_id("", "abc", "the id"), "abc", "no id"),
    (lambda: expect.uuid("0b0e7f33-9c1d-7f0e-8a51-0c8d5c6f2b11", "id"), "version 1 or 4", "7f0e"),
]  # fmt: skip


@pytest.mark.parametrize("claim", HOLDS, ids=range(len(HOLDS)))
def test_a_true_claim_raises_nothing(claim: Callable[[], object]) -> None:
    claim()


@pytest.mark.parametrize(("claim", "expected", "actual"), FAILS, ids=range(len(FAILS)))
def test_a_false_claim_tells_both_sides(
    claim: Callable[[], object], expected: str, actual: str
) -> None:
    with pytest.raises(Finding) as caught:
        claim()
    assert expected in caught.value.expected
    assert actual in caught.value.actual
    assert caught.value.exchange in (7, None)


SENT = b'<s refId="AA"><n><f>Ng</f></n><p>1</p><p>2</p><schoolRefId>AB-C</schoolRefId></s>'


@pytest.mark.parametrize(
    ("received", "path"),
    [
        (SENT, ""),
        (SENT.replace(b'"AA"', b'"BB"'), ""),
        (SENT.replace(b"AB-C", b"abc"), ""),
        (SENT.replace(b"<n>", b"<own>new</own><n>"), ""),
        (SENT.replace(b"Ng", b"NG"), "s/n/f"),
        (SENT.replace(b"<f>Ng</f>", b""), "s/n/f"),
        (SENT.replace(b"<p>1</p><p>2</p>", b"<p>2</p><p>1</p>"), "s/p"),
        (SENT.replace(b"<p>2</p>", b"<p>2</p><p>2</p>"), "s/p[3]"),
        (SENT.replace(b"AB-C", b"other"), "s/schoolRefId"),
    ],
)
def test_the_same_facts_are_the_same_leaves(received: bytes, path: str) -> None:
    sent, got = trees.parse(SENT), trees.parse(received)
    if not path:
        expect.same_facts(sent, got)
        return
    with pytest.raises(Finding) as caught:
        expect.same_facts(sent, got)
    assert (caught.value.path, caught.value.personal) == (path, True)


def test_the_own_id_counts_when_asked_for() -> None:
    other = trees.parse(SENT.replace(b'"AA"', b'"BB"'))
    with pytest.raises(Finding, match="refId came back changed"):
        expect.same_facts(trees.parse(SENT), other, ids=True)


@pytest.mark.parametrize(
    ("path", "found"), [("s/n", True), ("s/n/f", True), ("s/n/g", False), ("s/p", True)]
)
def test_what_must_be_absent_is_found_below_its_path(path: str, found: bool) -> None:
    tree = trees.parse(SENT)
    if not found:
        expect.lacks(tree, [path])
        return
    with pytest.raises(Finding, match="must not be there"):
        expect.lacks(tree, [path])
