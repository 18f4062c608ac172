"""Privacy on the page: observed, attested and not checked apart; a receipt never reads as more."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lxml.html
import msgspec
import pytest

from conformance import runfile
from conformance.runfile import FAIL, NOT_APPLICABLE, NOT_VERIFIED, PASS, Attested, Granted
from reports import parts
from reports.render import write_report

# What may be said of a person or a paper, never of a product after a look at its messages.
BOASTS = re.compile(r"\bcompl(?:y|ies|ian)|\bcertif|\bguarantee|\bGDPR|\bFERPA", re.IGNORECASE)
DENIALS = re.compile(r"\b(?:not|never|no|cannot|nothing)\b", re.IGNORECASE)


def an_answer(id: str, answer: str = "yes", **changes: Any) -> Attested:
    """One entry of a form as the header of a run holds it."""
    told = {"owner": "A. Example", "date": "2026-11-20", "evidence": "https://vendor.example/e"}
    line = {"id": id, "obligation": f"The duty of {id} is done.", "answer": answer}
    return Attested(**(told | line | changes))


@pytest.fixture
def private(build: Callable[..., Path], make: Any) -> Callable[..., Path]:
    """Build a run of privacy rows: `private({id: (verdict, basis)}, [answers], outcome=...)`."""

    def _build(rows: dict[str, tuple[str, str]], answers: list[Attested], **options: Any) -> Path:
        checks = [make.check(name.lower(), verdict, area="pod/gate", requirements=[name])
                  for name, (verdict, _) in rows.items()]  # fmt: skip
        told = [make.row(check, area="privacy", basis=rows[check.requirements[0]][1],
                         reason="needs a hand" if check.verdict == NOT_APPLICABLE else "")
                for check in checks]  # fmt: skip
        grant = [Granted(line="B16", title="Student name", rating="M", paths=["xStudent/name"])]
        seen = options.pop("exchanges", ())
        return build(checks, seen, rows=told, attested=answers, grant=grant, **options)

    return _build


def section(directory: Path, first: str = "observed", last: str = "") -> str:
    """The text of the page from one heading to another."""
    tree = lxml.html.fromstring(write_report(directory).read_bytes())
    text = "".join(
        f"#{one.get('id')}# {' '.join(one.itertext())}"
        for one in tree.xpath("//section[@aria-labelledby='privacy']/*")
    )
    after = text.split(f"#{first}#")[1]
    return " ".join((after.split(f"#{last}#")[0] if last else after).split())


ROWS = {
    "POD-A": (PASS, "documented"),
    "POD-B": (PASS, "inferred"),
    "POD-C": (FAIL, "profile"),
    "POD-D": (NOT_APPLICABLE, "profile"),
}


@pytest.mark.requirement("POD-ATT-002")
def test_the_three_groups_stand_apart(private: Callable[..., Path]) -> None:
    page = private(ROWS, [an_answer("ATT-11"), an_answer("ATT-12", "")], outcome="does not conform")
    borders = (("observed", "attested"), ("attested", "unchecked"), ("unchecked", "grant"))
    groups = [section(page, first, last) for first, last in borders]
    found = [re.findall(r"POD-[A-D]|ATT-1[12]", text) for text in groups]
    assert [sorted(set(names)) for names in found] == [
        ["POD-A", "POD-B", "POD-C"],
        ["ATT-11"],
        ["ATT-12", "POD-D"],
    ]


def test_an_answer_is_told_with_who_when_and_evidence(private: Callable[..., Path]) -> None:
    text = section(private(ROWS, [an_answer("ATT-11")], outcome="does not conform"), "attested")
    assert "attested: yes ATT-11 The duty of ATT-11 is done." in text
    assert "A. Example 2026-11-20 https://vendor.example/e" in text


def test_a_no_is_as_loud_as_a_failure(private: Callable[..., Path]) -> None:
    page = private({"POD-A": ROWS["POD-A"]}, [an_answer("ATT-11"), an_answer("ATT-12", "no")])
    tree = lxml.html.fromstring(write_report(page).read_bytes())
    (loud,) = tree.xpath(
        "//section[@aria-labelledby='privacy']//*[contains(@class,'verdict fail')]"
    )
    assert loud.text_content().strip() == "attested: no"
    (line,) = tree.find_class("denied")
    assert line.text_content().split("Which")[0].strip() == (
        "1 privacy obligation attested as not kept."
    )


def test_a_no_is_heard_even_if_its_entry_is_faulty(private: Callable[..., Path]) -> None:
    page = private(ROWS, [an_answer("ATT-12", "no", faults=["owner is empty"])],
                   outcome="does not conform")  # fmt: skip
    assert "attested: no ATT-12" in section(page, "attested", "unchecked")


def test_a_faulty_yes_counts_as_not_checked(private: Callable[..., Path]) -> None:
    page = private(ROWS, [an_answer("ATT-11", faults=["owner is empty"])],
                   outcome="does not conform")  # fmt: skip
    assert "ATT-11" not in section(page, "attested", "unchecked")
    told = "Answered 'yes', which does not count: owner is empty."
    assert told in section(page, "unchecked", "grant")


@pytest.mark.requirement("POD-ATT-002")
def test_what_was_not_checked_has_its_reason(private: Callable[..., Path]) -> None:
    rows = ROWS | {"POD-E": (NOT_VERIFIED, "profile")}
    text = section(
        private(rows, [an_answer("ATT-12", "")], outcome="does not conform"), "unchecked"
    )
    for reason in (
        "1: needs a hand",
        "1: could not verify: no reason",
        "1: Nobody answered for it;",
    ):
        assert reason in text


def test_a_row_that_was_attested_is_not_told_as_unchecked(private: Callable[..., Path]) -> None:
    page = private(ROWS, [an_answer("POD-D")], outcome="does not conform")
    assert "POD-D" not in section(page, "unchecked", "grant")


def test_a_grant_is_printed_in_the_words_of_the_form(private: Callable[..., Path]) -> None:
    text = section(private(ROWS, [], outcome="does not conform"), "grant")
    assert "B16 Student name M xStudent/name" in text
    assert "inferred by this kit" in text


def test_the_pace_of_acknowledgements_is_told(private: Callable[..., Path], make: Any) -> None:
    def pushed(number: int) -> Any:
        plain = make.exchange(number, "pod-a", status="HTTP/1.1 201 Created")
        start = msgspec.structs.replace(plain.request, start="POST /sif3/rc/7/pods/pod HTTP/1.1")
        return msgspec.structs.replace(plain, request=start, milliseconds=float(number))

    seen = section(private(ROWS, [], exchanges=[pushed(n) for n in range(1, 21)]))
    told = "20 pushed documents acknowledged: half of them within 10 ms, 95 of 100 within 19 ms"
    assert told in seen
    assert "pushed document" not in section(private(ROWS, []))


def test_a_run_without_privacy_has_no_such_section(conforming: Path) -> None:
    html = write_report(conforming).read_text("utf-8")
    assert 'id="privacy"' not in html


def test_the_two_parts_are_counted_apart(make: Any) -> None:
    rows = [
        make.row(make.check(name, verdict), basis=basis) for name, (verdict, basis) in ROWS.items()
    ]
    standard, profile = parts.parts(rows)
    assert (standard.title, standard.said) == ("The standard’s part", "met as far as tested")
    assert standard.detail == ("1 of 1 documented requirement met, 1 of 1 inferred requirement met")
    assert (profile.title, profile.said, profile.detail) == (
        "This profile’s part", "not met", "0 of 1 rule met"
    )  # fmt: skip


def test_both_parts_stand_beside_the_outcome(private: Callable[..., Path]) -> None:
    page = private(ROWS, [], outcome="does not conform")
    tree = lxml.html.fromstring(write_report(page).read_bytes())
    lines = tree.find_class("outcome")[0].find_class("parts")[0]
    told = [" ".join(one.text_content().split()) for one in lines]
    assert [line.split(",")[0] for line in told] == [
        "The standard’s part: met as far as tested",
        "This profile’s part: not met",
    ]


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        ([PASS, NOT_APPLICABLE], "met as far as tested"),
        ([NOT_APPLICABLE], "not tested"),
        ([PASS, NOT_VERIFIED], "not decided"),
        ([PASS, runfile.OUR_FAULT], "not decided"),
        ([FAIL, NOT_VERIFIED], "not met"),
    ],
)
def test_a_part_is_met_only_if_nothing_is_open(make: Any, verdicts: list[str], said: str) -> None:
    rows = [make.row(make.check(f"c{at}", one)) for at, one in enumerate(verdicts)]
    assert parts.parts(rows)[0].said == said


def test_what_is_not_settled_is_counted(make: Any) -> None:
    rows = [make.row(make.check(f"c{at}", one)) for at, one in enumerate((PASS, NOT_VERIFIED))]
    told = "1 of 1 documented requirement met and 1 not settled, no inferred requirement tested"
    assert parts.parts(rows)[0].detail == told


def test_a_failed_recommendation_does_not_break_a_part(make: Any) -> None:
    rows = [make.row(make.check("a")), make.row(make.check("b", FAIL), level="SHOULD")]
    assert parts.parts(rows)[0].said == "met as far as tested"


def sentences(directory: Path) -> list[str]:
    """Every sentence of the rendered page."""
    body = lxml.html.fromstring(write_report(directory).read_bytes()).find("body")
    for script in body.xpath("//script|//style"):
        script.drop_tree()
    blocks = (" ".join(text.split()) for text in body.itertext())
    return [one for text in blocks for one in re.split(r"(?<=[.!?])\s+", text) if one]


@pytest.mark.requirement("POD-ACK-016")
@pytest.mark.parametrize("role", ["receiver", "consumer", "broker"])
def test_no_sentence_of_a_green_page_boasts(private: Callable[..., Path], role: str) -> None:
    green = {name: (PASS, basis) for name, (_, basis) in ROWS.items()}
    told = sentences(private(green, [an_answer("ATT-11")], role=role))
    boasts = [one for one in told if BOASTS.search(one)]
    assert boasts == ["A receipt is not compliance."]
    assert all(DENIALS.search(one) for one in boasts)


@pytest.mark.parametrize("role", ["consumer", "broker"])
def test_a_green_privacy_run_is_not_headed_conforms(
    private: Callable[..., Path], role: str
) -> None:
    tree = lxml.html.fromstring(
        write_report(private({"POD-A": ROWS["POD-A"]}, [], role=role)).read_bytes()
    )
    assert (
        tree.get_element_by_id("outcome").text_content().strip() == "Passed what messages can show"
    )


@pytest.mark.requirement("POD-ACK-016")
def test_an_acknowledgement_is_called_a_receipt(private: Callable[..., Path]) -> None:
    told = sentences(private(ROWS, [], outcome="does not conform"))
    named = [one for one in told if re.search("acknowledge", one, re.IGNORECASE)]
    assert "An acknowledgement is the receipt of a document: it arrived in this version." in named
    assert [one for one in named if re.search("promise|agree|accept|consent", one)] == []
