"""The second verdict: on the page, for build servers, and never kinder than the evidence."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import lxml.html
import msgspec
import pytest
from lxml import etree

from conformance import runfile
from conformance.runfile import OwnCheck, OwnProfile, OwnVerdict, RunFileError
from reports.junit import write_junit
from reports.own import own
from reports.render import write_report
from reports.source import load
from tests.reports.conftest import a_check, a_requirement, a_run

SAYS = ["xStudent/name/middleName is not taken", "xStudent/name/familyName has at most 64"]
PROFILE = OwnProfile(basis="declared", format="OneRoster", version="1.2", readback="csv", says=SAYS)


def with_profile(
    directory: Path, first: str, second: str, outcome: str = "conforms", **changes: Any
) -> Path:
    """A run of one check with a verdict by the standard and one by the vendor's own profile."""
    check = a_check("create", first, reason="it was lost" if first != runfile.PASS else "")
    row = a_requirement(check, own_verdict=second, own_reason="" if second == "pass" else "lost")
    told = "conforms" if first == runfile.PASS else "does not conform"
    a_run(directory, [check], outcome=told, rows=[row])
    again = OwnCheck(id="create", says=SAYS[:1], verdict=second, reason="")
    told_own = OwnVerdict(profile=PROFILE, outcome=outcome, untested=SAYS[1:], checks=[again])
    file = directory / "verdict.json"
    verdict = msgspec.structs.replace(runfile.read_verdict(file), own_profile=told_own)
    file.write_bytes(runfile.canonical(msgspec.structs.replace(verdict, **changes)))
    lines = (directory / "run.jsonl").read_bytes().splitlines()
    header = msgspec.json.decode(lines[0], type=runfile.Header)
    header = msgspec.structs.replace(header, own_profile=PROFILE)
    written = [msgspec.json.encode(header), *lines[1:-1], msgspec.json.encode(again)]
    body = b"".join(line + b"\n" for line in written)
    end = runfile.End(finished="2026-11-20T00:00:00Z", sha256=hashlib.sha256(body).hexdigest())
    (directory / "run.jsonl").write_bytes(body + msgspec.json.encode(end) + b"\n")
    return directory


def test_a_failure_that_was_declared_stands_apart(tmp_path: Path) -> None:
    view = own(load(with_profile(tmp_path, "fail", "pass")))
    assert view is not None
    assert [row.id for row in view.declared] == ["INF-CREATE"]
    assert (view.broken, view.shape, view.basis) == ([], "pass", "declared by the vendor")
    assert view.says == [(SAYS[0], True), (SAYS[1], False)]


def test_the_page_tells_both_verdicts_and_keeps_that_of_the_standard(tmp_path: Path) -> None:
    file = write_report(with_profile(tmp_path, "fail", "pass"))
    page = lxml.html.fromstring(file.read_bytes())
    (section,) = page.xpath("//section[@aria-labelledby='own']")
    text = " ".join(" ".join(section.itertext()).split())
    assert "conforms to its own profile as far as tested" in text
    assert "OneRoster 1.2, read back as csv; declared by the vendor" in text
    assert f"{SAYS[1]} not tested in this run" in text
    assert "fail" in page.xpath("//section[@aria-labelledby='outcome']/@class")[0]


def test_junit_names_the_second_verdict(tmp_path: Path) -> None:
    tree = etree.parse(str(write_junit(with_profile(tmp_path, "fail", "pass"))))
    values = tree.xpath("//testcase//property[@name='own profile']/@value")
    assert values == ["pass"]
    assert tree.xpath("//testsuite/properties/property[@name='own profile']/@value") == ["conforms"]
    assert len(tree.xpath("//failure")) == 1


def test_a_run_without_a_profile_has_no_such_section(conforming: Path) -> None:
    assert own(load(conforming)) is None
    page = lxml.html.fromstring(write_report(conforming).read_bytes())
    assert page.xpath("//section[@aria-labelledby='own']") == []


@pytest.mark.parametrize("first", [runfile.NOT_VERIFIED, runfile.OUR_FAULT])
def test_what_is_open_by_the_standard_is_never_settled_by_a_profile(
    tmp_path: Path, first: str
) -> None:
    with pytest.raises(RunFileError, match="INF-CREATE passed by the vendor's own profile"):
        load(with_profile(tmp_path, first, "pass"))


def test_a_broken_word_is_no_conformance(tmp_path: Path) -> None:
    with pytest.raises(RunFileError, match="conforms to its own profile, but INF-CREATE"):
        load(with_profile(tmp_path, "fail", "fail"))


def test_a_second_verdict_that_the_run_does_not_hold_is_refused(tmp_path: Path) -> None:
    directory = with_profile(tmp_path, "fail", "fail", "does not conform")
    file = directory / "verdict.json"
    told = runfile.read_verdict(file)
    assert told.own_profile is not None
    kind = OwnCheck(id="create", says=SAYS[:1], verdict="pass", reason="")
    kinder = msgspec.structs.replace(told.own_profile, checks=[kind])
    file.write_bytes(runfile.canonical(msgspec.structs.replace(told, own_profile=kinder)))
    with pytest.raises(RunFileError, match=r"own_profile\.checks"):
        load(directory)
