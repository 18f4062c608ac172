"""The card of a failed check: where, whether it blocks, the waiver, how to dispute it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from msgspec.structs import replace

from conformance.runfile import FAIL, NOT_VERIFIED, Waived
from reports.budget import EVIDENCE_BYTES, ROOMS, Room, Shown, room_for
from reports.exchange import line_of, view_exchange
from reports.render import write_report
from tests.reports.large_run import large_run

XML = '<?xml version="1.0"?>\n<a xmlns="urn:a">\n  <b/>\n  <b c="1">\n    <d>x</d>\n  </b>\n</a>\n'


def _card(directory: Path, name: str) -> Any:
    tree: Any = lxml.html.fromstring(write_report(directory).read_bytes())
    return tree.get_element_by_id(name)


def _words(element: Any) -> str:
    return " ".join(element.text_content().split())


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (
            {"line": 3, "column": 17},
            "Where: exchange 1, line 3, column 17 of the body as sent, "
            "XPath /xStudent/name/familyName",
        ),
        ({"path": "header Content-Type"}, "Where: exchange 1, header Content-Type"),
        ({"path": "", "expected": "400 or 409"}, "Where: exchange 1, status line"),
        ({"path": "number of errors", "expected": "2"}, "Where: exchange 1"),
        ({"path": "/"}, "Where: exchange 1, XPath /"),
    ],
)
def test_a_finding_says_where_it_stands(
    build: Callable[..., Path], make: Any, finding: dict[str, Any], words: str
) -> None:
    check = make.check("bad", FAIL, findings=[make.finding(**finding)], exchanges=[1])
    directory = build([check], [make.exchange(1, "bad")], outcome="does not conform")
    assert _words(_card(directory, "c-bad").find_class("where")[0]) == words


def test_the_line_of_a_finding_is_marked_in_the_body(faulty: Path) -> None:
    marks = [one.text_content() for one in _card(faulty, "e-bad-1").iter("mark")]
    assert marks == ["<familyName>Müller</familyName>"]


@pytest.mark.parametrize(
    ("path", "line"),
    [("a", 2), ("a/b", 3), ("a/b[2]", 4), ("a/b[2]/@c", 4), ("a/b[2]/d", 5), ("a/b[2]/x", 4),
     ("z/b", None), ("a sentence", None), ("/", 2)],
)  # fmt: skip
def test_a_path_has_its_line_in_what_is_shown(path: str, line: int | None) -> None:
    assert line_of(XML, path) == line


@pytest.mark.parametrize(
    ("verdict", "row", "says"),
    [
        (FAIL, {}, "Yes, a MUST: the outcome is ‘does not conform’ while this fails."),
        (FAIL, {"level": "SHOULD"}, "No. It is a recommendation"),
        (FAIL, {"basis": "profile"}, "Yes, a MUST of this kit’s profile"),
        (NOT_VERIFIED, {}, "Yes, a MUST: there is no positive outcome while this is open."),
    ],
)
def test_a_card_says_whether_it_blocks(
    build: Callable[..., Path], make: Any, verdict: str, row: dict[str, str], says: str
) -> None:
    check = make.check("bad", verdict)
    directory = build([check], rows=[make.row(check, **row)], outcome="does not conform")
    told = _card(directory, "c-bad").find_class("standing")[0].find("div/dd").text_content()
    assert told.startswith(says)


def test_a_card_tells_the_state_of_its_waiver(build: Callable[..., Path], make: Any) -> None:
    check = make.check("bad", FAIL)
    waiver = Waived(
        requirement="INF-BAD", owner="Jo", reason="next version", until="2026-01-31",
        state="expired", verdict=FAIL,
    )  # fmt: skip
    directory = build([check], waivers=[waiver], outcome="does not conform")
    told = _words(_card(directory, "c-bad").find_class("standing")[0])
    assert "expired, until 2026-01-31: next version (Jo)." in told


def test_a_dispute_names_what_was_judged_and_by_which_suite(faulty: Path) -> None:
    text = _card(faulty, "c-bad").find_class("dispute")[0].find("pre").text_content()
    assert text.splitlines()[:4] == [
        "Check: bad, verdict: fail",
        "INF-BAD (MUST, documented), Base Architecture, 5.12: The text of INF-BAD.",
        "Expected: Müller",
        "Received: Muller, exchange 1",
    ]
    assert "role receiver, seed 42, run run-1" in text


def test_more_than_three_findings_are_folded(build: Callable[..., Path], make: Any) -> None:
    findings = [make.finding(summary=f"Case {at}.", exchange=None) for at in range(8)]
    directory = build([make.check("bad", FAIL, findings=findings)], outcome="does not conform")
    folded = next(_card(directory, "c-bad").iter("details"))
    assert folded.find("summary").text_content() == "5 further findings of this check"
    assert len(folded.find_class("finding")) == 5


def test_only_the_evidence_has_a_curl_line(build: Callable[..., Path], make: Any) -> None:
    check = make.check("bad", FAIL, findings=[make.finding(exchange=2)], exchanges=[1, 2])
    exchanges = [make.exchange(1, "bad"), make.exchange(2, "bad")]
    card = _card(build([check], exchanges, outcome="does not conform"), "c-bad")
    told = [[one.get("id") for one in step.iter("li")] for step in card.iter("ol")]
    assert told == [["e-bad-1", "e-bad-2"]]
    assert ["curl" in step.text_content() for step in card.iter("li") if step.get("id")] == [
        False,
        True,
    ]


@pytest.mark.parametrize(("direction", "marked"), [("received", 0), ("to target", 1)])
def test_the_mark_stands_in_the_message_of_the_product(
    make: Any, direction: str, marked: int
) -> None:
    exchange = replace(make.exchange(1, "x"), direction=direction)
    view = view_exchange(exchange, "http://127.0.0.1/", marked=True, path="xStudent/name")
    sides = [one.body.different for one in (view.request, view.response) if one]
    assert sides[marked] == "<name>"
    assert sides[1 - marked] == ""


def test_little_evidence_gets_all_the_room(make: Any) -> None:
    assert room_for([Shown([make.exchange(1, "bad")], 1)]) == ROOMS[0]


def test_much_evidence_gets_less_of_what_no_finding_points_at(make: Any) -> None:
    exchange = make.exchange(1, "bad", body="x" * 3_000)
    room = room_for([Shown([exchange] * 8, 1)] * 100)
    assert room == Room(15, 2_000, 0)
    assert EVIDENCE_BYTES < 5_000_000


def test_a_body_without_room_says_where_it_is(make: Any) -> None:
    view = view_exchange(make.exchange(1, "x"), "http://127.0.0.1/", marked=False, limit=0)
    assert view.request.body.before == ""
    assert view.request.note.endswith("not shown for its size, all in run.jsonl")


def test_a_page_of_500_failures_stays_under_5_mb(tmp_path: Path) -> None:
    page = write_report(large_run(tmp_path, failing_every=1))
    assert 2_000_000 < page.stat().st_size < 5_000_000
    assert page.read_text("utf-8").count('<article class="card fail"') == 500
