"""The leak watch sees canaries in any dress, and keeps their values to itself."""

from __future__ import annotations

import base64
import gzip

import pytest
from lxml import etree

from conformance import leaks, trees
from conformance.evidence import Evidence
from conformance.listener import Incoming, Relayed
from conformance.problems import Finding
from conformance.reply import Headers
from conformance.wire import Capture
from fixtures import generate
from fixtures.writers import xpress


def drawn(index: int = 12345) -> etree._Element:
    """A student with canaries."""
    return xpress.student(generate.student(7, index))


def body() -> bytes:
    """The student as it goes on the wire."""
    return trees.tostring(drawn())


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (body(), "an answer"),
        (base64.b64encode(body()), "base64 in an answer"),
        (gzip.compress(body()), "gzip in an answer"),
        (body().upper(), "an answer"),
    ],
    ids=["plain", "base64", "gzip", "capitals"],
)
def test_a_canary_is_seen_however_it_is_packed(data: bytes, where: str) -> None:
    watch = leaks.Watch()
    watch.know(drawn())
    watch.look("an answer", data, 4)
    first = watch.leaks[0]
    assert (first.path, first.student, first.exchange) == ("xStudent/name/familyName", 1, 4)
    assert first.where == where


def test_what_is_granted_is_seen_and_no_leak() -> None:
    watch = leaks.Watch()
    watch.know(drawn(), ("xStudent/name",))
    watch.look("an answer", trees.tostring(drawn()[0]))
    watch.look("an answer", body())
    assert (1, "xStudent/name/familyName") in watch.seen
    leaked = {leak.path for leak in watch.leaks}
    assert "xStudent/loginId" in leaked
    assert [path for path in leaked if path.startswith("xStudent/name/")] == []


def test_a_grant_that_ends_makes_leaks_of_what_follows() -> None:
    watch = leaks.Watch()
    number = watch.know(drawn(), leaks.WHOLE)
    watch.look("an answer", body())
    assert watch.leaks == []
    watch.allow(number, ())
    watch.look("an answer", body())
    assert len(watch.leaks) >= 8


def test_students_nobody_spoke_of_and_staff_are_no_leaks() -> None:
    watch = leaks.Watch()
    watch.know(drawn())
    watch.look("an answer", trees.tostring(drawn(54321)))
    for tag in ("homeRoomTeacher", "counselor"):
        for one in trees.every(drawn(), tag):
            watch.look("an answer", trees.tostring(one))
    assert watch.leaks == []


def test_parts_of_codes_that_look_like_a_canary_are_none() -> None:
    student = drawn()
    login = student.find("{*}loginId")
    assert login is not None
    login.text = f"Native{login.text}OrOther"
    watch = leaks.Watch()
    watch.know(student)
    watch.look("an answer", login.text.encode())
    assert watch.leaks == []


def test_a_call_is_looked_through_from_its_path_to_its_body() -> None:
    login = trees.text(drawn(), "loginId")
    calls = [
        Incoming("GET", f"/collect?who={login}", Headers(), b""),
        Incoming("POST", "/collect", Headers((("X-Who", login),)), b""),
        Incoming("POST", "/collect", Headers(), login.encode()),
    ]
    for request in calls:
        watch = leaks.Watch()
        watch.know(drawn())
        watch.called(Relayed(request, 204, Headers(), b"", True), 3)
        assert [(leak.path, leak.where) for leak in watch.leaks][:1] == [
            ("xStudent/loginId", "call 3 at the listener")
        ]


@pytest.mark.parametrize(
    ("direction", "part", "where"),
    [
        ("to target", "head", ["the head of the answer"]),
        ("to target", "decoded", ["the body of the answer"]),
        ("to target", "sent", []),
        ("received", "sent", ["a request of the target"]),
        ("received", "decoded", []),
    ],
)
def test_what_the_target_says_is_looked_through_and_what_we_say_is_not(
    direction: str, part: str, where: list[str]
) -> None:
    parts = dict.fromkeys(("sent", "body", "head", "raw", "decoded"), b"")
    parts[part] = trees.text(drawn(), "loginId").encode()
    evidence = Evidence()
    with leaks.watching(evidence) as watch:
        watch.know(drawn())
        evidence.record(Capture("GET", "x", headers=Headers(), fault="", milliseconds=1.0,
                                direction=direction, **parts))  # fmt: skip
    assert [leak.where for leak in watch.leaks] == where
    assert evidence.watch is None


def test_a_finding_names_element_and_student_and_no_value() -> None:
    watch = leaks.Watch()
    watch.know(drawn(54321), leaks.WHOLE)
    watch.know(drawn())
    watch.look("the body of the answer", body(), 17)
    with pytest.raises(Finding) as caught:
        leaks.refuse(watch)
    finding = caught.value
    assert finding.summary.startswith("xStudent/name/familyName of student 2 of this check")
    assert (finding.exchange, finding.path) == (17, "xStudent/name/familyName")
    told = f"{finding.summary} {finding.expected} {finding.actual}".lower()
    values = [value.lower() for _, value in trees.leaves(drawn()) if len(value) > 5]
    assert [value for value in values if value in told] == []
