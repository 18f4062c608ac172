"""One result for other readers: CSV, Markdown, badge, PDF, Allure."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from lxml import etree

from conformance import bundle_scan, cli, runfile
from fixtures import canary
from reports.badge import COLOURS, GREY, badge
from reports.markdown import markdown
from reports.source import load
from reports.table import table
from tests.reports.conftest import a_check, a_finding, a_requirement, an_exchange
from tests.reports.test_bundle import _counted
from tests.reports.test_compare import _changed

SEED = 42
NAME = canary.name(SEED, canary.student_owner(70_000), "familyName")
STREET = canary.name(SEED, canary.student_owner(12), "address line1")
TODAY = date(2026, 11, 26)
Build = Callable[..., Path]


def test_a_badge_says_its_counts_and_its_date(faulty: Path) -> None:
    drawn = etree.fromstring(badge(load(_counted(faulty)), TODAY))
    assert drawn.get("aria-label") == "SIF receiver: 1 met, 1 not met · 2026-11-25"
    assert [one.get("fill") for one in drawn.iter("{*}rect")][1] == COLOURS["does not conform"]


@pytest.mark.parametrize(
    ("until", "today", "old"),
    [
        ("2027-01-01", date(2027, 1, 1), False),
        ("2027-01-01", date(2027, 1, 2), True),
        ("", date(2027, 11, 25), False),
        ("", date(2027, 11, 26), True),
    ],
)
def test_a_badge_goes_grey_the_day_after_it_is_good(
    conforming: Path, until: str, today: date, old: bool
) -> None:
    drawn = badge(load(_counted(_changed(conforming, valid_until=until))), today)
    assert (GREY in drawn) == old
    assert ("out of date, 2026-11-25" in drawn) == old
    assert (COLOURS["conforms"] in drawn) != old


def test_a_badge_of_a_part_is_grey_and_says_so(conforming: Path) -> None:
    drawn = badge(load(_changed(conforming, only=["INF-ONE"])), TODAY)
    assert "part only: " in drawn
    assert COLOURS["conforms"] not in drawn


def test_markdown_tells_counts_and_what_is_not_met(faulty: Path) -> None:
    told = markdown(load(_counted(faulty)))
    assert told.startswith("### SIF conformance: Reading Stars 4.2 does not conform\n")
    assert "| fail | 1 | 1 | otherwise; the vendor has to act |" in told
    assert "- `INF-BAD` MUST: The text of INF-BAD." in told


def test_markdown_keeps_marks_html_and_names_as_text(build: Build) -> None:
    check = a_check("bad", runfile.FAIL)
    row = a_requirement(check, reason="<img src=x> | **no** @someone `x` [a](b)\n# head")
    told = markdown(load(build([check], rows=[row], outcome="does not conform")))
    assert r"\<img src=x\> \| \*\*no\*\* \@someone \`x\` \[a\](b) \# head" in told


def test_csv_has_a_line_per_requirement_and_no_formula(build: Build) -> None:
    check = a_check("one")
    row = a_requirement(check, text='=1+1, "x"', reason="-5")
    lines = list(csv.reader(table(load(build([check], rows=[row]))).splitlines()))
    assert lines[0][:5] == ["id", "level", "basis", "area", "verdict"]
    assert lines[1][:5] == ["INF-ONE", "MUST", "documented", "sif/create", "pass"]
    assert (lines[1][5], lines[1][8]) == ("'-5", '\'=1+1, "x"')


def test_files_land_where_they_are_asked_for(
    faulty: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for form in ("csv", "markdown", "badge"):
        file = tmp_path / form
        assert cli.main(["export", str(faulty), "--format", form, "--out", str(file)]) == 0
        assert file.stat().st_size > 100
    assert str(tmp_path / "badge") in capsys.readouterr().out


@pytest.mark.browser
def test_the_one_page_becomes_a_pdf(faulty: Path, tmp_path: Path) -> None:
    file = tmp_path / "page.pdf"
    assert cli.main(["export", str(_counted(faulty)), "--format", "pdf", "--out", str(file)]) == 0
    data = file.read_bytes()
    assert data.startswith(b"%PDF-")
    assert data.rstrip().endswith(b"%%EOF")


@pytest.mark.parametrize(
    ("hidden", "form", "line"),
    [
        ("playwright.sync_api", "pdf", "pip install 'sif-conformance-kit[pdf]'"),
        ("allure_pytest.plugin", "allure", "pip install 'sif-conformance-kit[allure]'"),
    ],
)
def test_what_is_not_installed_is_named_with_the_line_that_installs_it(
    faulty: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    hidden: str,
    form: str,
    line: str,
) -> None:
    monkeypatch.setitem(sys.modules, hidden, None)
    out = str(tmp_path / "out")
    assert cli.main(["export", str(_counted(faulty)), "--format", form, "--out", out]) == 64
    assert line in capsys.readouterr().err


def test_a_missing_browser_is_named_with_the_line_that_installs_it(
    faulty: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "nowhere"))
    out = str(tmp_path / "page.pdf")
    assert cli.main(["export", str(_counted(faulty)), "--format", "pdf", "--out", out]) == 64
    assert "apt-get install --yes --no-install-recommends chromium" in capsys.readouterr().err


# -- Allure ----------------------------------------------------------------------------------


@pytest.fixture
def leaking(build: Build, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run whose redaction failed: persons and secrets in every place of a run file."""
    monkeypatch.setenv("VENDOR_SECRET", "a-secret-of-mine")
    body = f"<n>{NAME}</n><s>{STREET.upper()}</s><k>a-secret-of-mine</k>{NAME.encode().hex()}"
    exchange = an_exchange(1, "bad", body)
    head = [("Authorization", "Basic ZGVtbzpkZW1vLXNlY3JldC0x"), ("X-Name", NAME)]
    request = msgspec.structs.replace(exchange.request, start=f"GET /{NAME}", headers=head)
    exchange = msgspec.structs.replace(exchange, request=request)
    finding = a_finding(summary=f"{NAME} is lost", expected=NAME, actual="a-secret-of-mine")
    checks = [
        a_check("bad", runfile.FAIL, title=f"About {NAME}", findings=[finding], exchanges=[1]),
        a_check("open", runfile.NOT_VERIFIED, reason=f"no answer for {NAME}"),
        a_check("ours", runfile.OUR_FAULT, reason=f"KeyError {STREET}"),
        a_check("away", runfile.NOT_APPLICABLE, reason=f"not claimed {NAME}"),
        a_check("fine", title=f"{STREET} is kept"),
    ]
    return _counted(build(checks, [exchange], outcome="does not conform", vendor={"name": NAME}))


@pytest.fixture
def results(leaking: Path, tmp_path: Path) -> Path:
    out = tmp_path / "results"
    assert cli.main(["export", str(leaking), "--format", "allure", "--out", str(out)]) == 0
    return out


def test_no_written_file_holds_a_person_or_a_secret(results: Path, leaking: Path) -> None:
    files = {one.name: one.read_bytes() for one in results.iterdir()}
    before = {"run.jsonl": (leaking / "run.jsonl").read_bytes()}
    assert len(bundle_scan.leaks(before, SEED, ["a-secret-of-mine"], most=100)) > 10
    assert bundle_scan.leaks(files, SEED, ["a-secret-of-mine"]) == []
    assert not any(b"Traceback" in data or b'"trace"' in data for data in files.values())


def _by_check(results: Path) -> dict[str, dict[str, Any]]:
    told = [json.loads(one.read_bytes()) for one in results.glob("*-result.json")]
    return {_labels(one, "as_id")[0]: one for one in told}


def _labels(result: dict[str, Any], name: str) -> list[str]:

    return [one["value"] for one in result["labels"] if one["name"] == name]


def test_five_verdicts_stay_apart_in_allure(results: Path) -> None:
    told = _by_check(results)
    assert {name: (one["status"], *_labels(one, "verdict")) for name, one in told.items()} == {
        "bad": ("failed", "fail"),
        "open": ("skipped", "could not verify"),
        "ours": ("broken", "our fault"),
        "away": ("skipped", "not applicable"),
        "fine": ("passed", "pass"),
    }


def test_a_result_carries_steps_attachments_and_labels_of_the_catalogue(results: Path) -> None:
    bad = _by_check(results)["bad"]
    (step,) = bad["steps"]
    assert step["name"] == "1 GET /[personal] -> 201 Created, 12 ms"
    assert [one["name"] for one in step["attachments"]] == ["request", "response"]
    assert (_labels(bad, "requirement"), _labels(bad, "tag")) == (
        ["INF-BAD"], ["MUST", "documented"]
    )  # fmt: skip
    assert bad["statusDetails"]["message"].startswith("DoesNotConform: fail: ")


def test_categories_name_what_allure_calls_skipped(results: Path) -> None:
    rules = json.loads((results / "categories.json").read_bytes())
    assert [one["name"] for one in rules] == [
        "The vendor does not conform", "Our fault", "Could not be verified", "Not applicable"
    ]  # fmt: skip
    assert "role = receiver" in (results / "environment.properties").read_text("utf-8")


def test_a_folder_with_something_else_in_it_is_left_alone(
    faulty: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "thesis.txt").write_text("x", "utf-8")
    assert cli.main(["export", str(faulty), "--format", "allure", "--out", str(out)]) == 3
    assert "thesis.txt, which is no Allure result" in capsys.readouterr().err
    assert (out / "thesis.txt").is_file()
