"""The questions: those of the fact sheet, in our own words, and the rows no check decides."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from conformance import attestation, catalogue, exhibit


@pytest.fixture(scope="module")
def sheet(standards: Path) -> str:
    """The fact sheet on privacy."""
    return (standards / "spec" / "pod-privacy.md").read_text("utf-8")


def obligations(sheet: str) -> dict[str, tuple[str, str, str]]:
    """Path, obligation and verdict (Y, P, A, N) by id of the rows of section 4.4."""
    section = sheet.partition("### 4.4")[2].partition("### 4.5")[0]
    rows = re.findall(r"^\| (\d+) \| (.*?) \| (.*?) \| (.*?) \|", section, re.MULTILINE)
    return {f"ATT-{int(number):02}": (path, told, how) for number, path, told, how in rows}


def test_every_obligation_for_people_is_a_question(sheet: str) -> None:
    rows = obligations(sheet)
    wanted = [name for name, (_, _, how) in rows.items() if re.search("[AP]", how)]
    ours = [name for name in attestation.questions("receiver") if name.startswith("ATT-")]
    assert len(rows) == 41
    assert ours == wanted


def test_what_the_wire_shows_in_part_is_said_so(sheet: str) -> None:
    rows = obligations(sheet)
    ours = {name: one.wire for name, one in attestation.questions("receiver").items()}
    partly = [name for name, (_, _, how) in rows.items() if re.search("[P]", how)]
    # 20 and 21 are P and P/A; 14 is A/P; what is A or A/N shows nothing.
    assert [name for name, wire in ours.items() if wire == "partly"] == partly


def test_every_path_is_one_of_a_pod(sheet: str) -> None:
    tree = sheet.partition("## 2. Complete POD schema")[2].partition("### 2.1")[0]
    names = set(re.findall(r"[A-Za-z]+", tree))
    paths = [path for one in attestation.questions("receiver").values() for path in one.paths]
    assert len(paths) > 28
    assert {part for path in paths for part in path.split("/")} - names == set()


def test_every_clause_is_one_of_the_agreement(sheet: str) -> None:
    section = sheet.partition("### 7.2")[2].partition("## 8")[0]
    known = set(re.findall(r"\d\.\d", section)) | {"Exhibit A"}
    clauses = {one.clause for one in attestation.questions("receiver").values() if one.clause}
    assert clauses - known == set()
    assert len(clauses) > 10


def test_obligations_are_in_our_own_words(sheet: str) -> None:
    rows = obligations(sheet)
    copied = []
    for name, question in attestation.questions("receiver").items():
        theirs = re.findall(r"[a-z]+", " ".join(rows.get(name, ())).lower())
        own = re.findall(r"[a-z]+", question.obligation.lower())
        match = SequenceMatcher(None, own, theirs, autojunk=False).find_longest_match()
        copied += [name] if match.size > 4 else []
    assert copied == []


@pytest.mark.parametrize("role", ["receiver", "consumer", "broker"])
def test_privacy_rows_that_no_check_decides_are_asked(role: str) -> None:
    rows = catalogue.select(catalogue.load(), role).values()
    open_rows = [row.id for row in rows if row.area == "privacy" and row.must and row.untestable]
    asked = [name for name in attestation.questions(role) if not name.startswith("ATT-")]
    assert asked == [name for name in open_rows if name != "POD-ATT-001"]


def test_a_hub_is_not_asked_what_vendors_owe() -> None:
    assert [name for name in attestation.questions("broker") if name.startswith("ATT-")] == []


def test_a_grant_is_told_as_lines_of_exhibit_b() -> None:
    (line,) = exhibit.lines(["xStudent/demographics/birthDate"])
    assert (line.line, line.rating) == ("B07.1", "H")
    assert line.paths == ["xStudent/demographics/birthDate"]


def test_a_wide_grant_opens_many_lines_and_names_their_paths() -> None:
    opened = {one.line: one.paths for one in exhibit.lines(["xStudent"])}
    assert opened["B14.2"] == ["xStudent/email", "xStudent/otherEmails"]
    assert "B09.1" not in opened


def test_a_narrow_grant_inside_a_line_is_shown_as_it_is() -> None:
    opened = {one.line: one.paths for one in exhibit.lines(["xStudent/name/familyName"])}
    assert opened == {"B16": ["xStudent/name/familyName"]}
