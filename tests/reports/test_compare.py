"""Products side by side: differences first, nothing compared that cannot be, in plain words."""

from __future__ import annotations

import dataclasses
import hashlib
import html
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
import pytest

from conformance import catalogue, cli, runfile
from conformance.cli_compare import _compared
from conformance.runfile import Check, RequirementVerdict
from reports.compare import ENGLISH, FAILS, MEETS, OPEN, RESERVED, UNTESTED, cell, compare
from reports.compare_text import lines
from reports.needs import NeedsError, UseCase, chosen, in_words, shipped, unnamed
from reports.source import Source, load
from reports.summary_words import LANGUAGES, words
from tests.reports.browser import PHONE, Open, violations
from tests.reports.conftest import a_check, a_requirement, a_run
from tests.reports.test_summary_words import leaves

CASES = [
    UseCase(id="a", title="Records arrive", requirements=["INF-A*"]),
    UseCase(id="b", title="Privacy comes first", areas=["privacy"]),
]
Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write the run of a product; checks are told as `name=verdict`."""

    def _make(product: str, version: str = "1", day: str = "10", **verdicts: str) -> Path:
        folder = tmp_path / f"{product}-{version}-{day}"
        folder.mkdir()
        checks = [a_check(name, verdict) for name, verdict in verdicts.items()]
        rows = [a_requirement(one, area=_area(one)) for one in checks]
        vendor = {"name": f"{product} Inc", "product": product, "version": version}
        outcome = "does not conform" if runfile.FAIL in verdicts.values() else "conforms"
        a_run(folder, checks, rows=rows, vendor=vendor, outcome=outcome)
        return _changed(folder, started=f"2026-11-{day}T10:00:00+00:00", run_id=folder.name)

    return _make


def _area(check: Check) -> str:
    return "privacy" if check.id.startswith("p") else "objects"


def _changed(folder: Path, **changes: object) -> Path:
    """Write the run again with another header; where both files tell it, both are changed."""
    run = runfile.read_run(folder / "run.jsonl")
    header = msgspec.structs.replace(run.header, **changes)
    data = b"".join(msgspec.json.encode(one) + b"\n" for one in (header, *run.checks))
    end = runfile.End(finished="", sha256=hashlib.sha256(data).hexdigest())
    (folder / "run.jsonl").write_bytes(data + msgspec.json.encode(end) + b"\n")
    verdict = runfile.read_verdict(folder / "verdict.json")
    shared = {name: value for name, value in changes.items() if hasattr(verdict, name)}
    told = msgspec.structs.replace(verdict, **shared)
    (folder / "verdict.json").write_bytes(runfile.canonical(told))
    return folder


def _cells(folders: Iterable[Path], case: int = 0) -> list[tuple[str, str]]:
    sources = [load(one) for one in folders]
    found = compare(sources, CASES, rest=False, stories=())
    row = next(one for one in (*found.differing, *found.alike) if one.case.id == CASES[case].id)
    return [(one.said, one.detail) for one in row.cells]


def test_each_word_of_a_cell_has_its_cause(make: Make) -> None:
    cells = _cells([
        make("One", a1="pass", a2="pass"),
        make("Two", a1="pass", a2="fail"),
        make("Three", a1="pass", a2="could not verify"),
        make("Four", a1="not applicable", a2="not applicable"),
    ])  # fmt: skip
    assert cells == [
        (MEETS, "all 2 requirements met"),
        (FAILS, "1 of 2 requirements not met"),
        (OPEN, "1 of 2 requirements not decided"),
        (UNTESTED, "does not apply"),
    ]


def test_a_recommendation_that_is_not_followed_is_a_reservation(source: Source) -> None:
    assert _said(source, level="SHOULD") == (RESERVED, "1 recommendation not followed")


def test_a_waiver_makes_nothing_met(source: Source) -> None:
    assert _said(source, waiver="until 2027")[0] == FAILS


def test_rules_of_this_kit_are_told_apart_from_the_standard(source: Source) -> None:
    ours = "all of them by a rule of this kit, not of the standard"
    assert _said(source, basis="profile") == (FAILS, f"1 of 2 requirements not met, {ours}")


@pytest.fixture
def source(make: Make) -> Source:
    return load(make("Two", a1="pass", a2="fail"))


def _said(source: Source, **changes: str) -> tuple[str, str]:
    first, second = source.verdict.requirements
    rows = [first, msgspec.structs.replace(second, **changes)]
    changed = msgspec.structs.replace(source.verdict, requirements=rows)
    found = cell(CASES[0], dataclasses.replace(source, verdict=changed))
    return found.said, found.detail


def test_differences_come_first(make: Make) -> None:
    good = make("One", a1="pass", p1="pass")
    bad = make("Two", a1="fail", p1="pass")
    told = list(lines(compare([load(good), load(bad)], CASES, rest=False, stories=())))
    differ = told.index("They differ in 1 use case:")
    alike = told.index("\nThey are alike in 1 use case:")
    assert told[differ + 1] == "\n  Records arrive"
    assert told[alike + 1] == "  Privacy comes first: meets"
    assert "      not met: The text of INF-A1. (INF-A1, MUST)" in told


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"suite_hash": "0" * 64}, "different versions of the suite"),
        ({"tier": "full"}, "different tiers"),
        ({"seed": 7}, "different seeds"),
        ({"only": ["INF-A1"]}, "different parts of the test"),
        ({"variants": {"style": "unity"}}, "different variants"),
    ],
)
def test_what_cannot_be_compared_is_refused_aloud(
    make: Make, change: dict[str, object], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = make("One", a1="pass"), _changed(make("Two", a1="fail"), **change)
    assert cli.main(["compare", str(one), str(two)]) == 2
    told = capsys.readouterr().out
    assert "NOT COMPARABLE" in told
    assert why in told
    assert "They differ" not in told


def test_one_product_is_told_over_time(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = make("One", day="10", a1="fail"), make("One", "2", day="12", a1="pass")
    assert cli.main(["compare", str(new), str(old)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert "One 2 over time" in told
    assert told[-2:] == [
        "    Since run One-1-10: 1 fixed.",
        "    fixed: a1 - The product does a1.",
    ]


def test_the_newest_run_of_a_product_is_the_one_compared(make: Make) -> None:
    runs = [make("One", day="10", a1="fail"), make("One", day="12", a1="pass"),
            make("Two", day="11", a1="pass")]  # fmt: skip
    assert [one.run_id for one in _compared(runs, None).products] == ["One-1-12", "Two-1-11"]


def test_json_says_what_differs(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["compare", "--json", str(make("One", a1="pass")), str(make("Two", a1="fail"))])
    told = json.loads(capsys.readouterr().out)
    (case,) = told["use_cases"]
    assert (told["comparable"], case["differs"]) == (True, True)
    assert [one["failing"] for one in case["cells"]] == [[], ["INF-A1"]]


NEEDS = """
format = "sif-needs/1"
use_cases = ["guardians"]
[[use_case]]
id = "bus"
title = "Bus lists"
requirements = ["TRN-MV-*"]
"""


def test_a_districts_own_file_picks_and_adds_use_cases(tmp_path: Path) -> None:
    file = tmp_path / "needs.toml"
    file.write_text(NEEDS, "utf-8")
    assert [one.id for one in chosen(file)] == ["guardians", "bus"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('format = "sif-needs/1"\nuse_cases = ["guardian"]', "no use case is called guardian"),
        ('format = "sif-needs/9"', "has the format 'sif-needs/9'"),
        ('format = "sif-needs/1"', "names no use case"),
        ('format = "sif-needs/1"\nusecases = []', "usecases"),
    ],
)
def test_a_needs_file_that_cannot_be_used_says_why(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "needs.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(NeedsError, match=why):
        chosen(file)


def _row(one: catalogue.Requirement) -> RequirementVerdict:
    names = ("id", "level", "basis", "area", "text", "source")
    facts = {name: getattr(one, name) for name in names}
    return RequirementVerdict(**facts, verdict="pass", checks=[])


def test_every_use_case_that_is_shipped_speaks_of_requirements_that_exist() -> None:
    rows = [_row(one) for one in catalogue.load().values()]
    for case in shipped():
        assert any(case.covers(row) for row in rows), case.id
        for pattern in case.requirements:
            assert any(UseCase(id="", title="", requirements=[pattern]).covers(row) for row in rows)


def test_what_no_use_case_covers_is_shown_all_the_same(make: Make) -> None:
    rows = load(make("One", a1="pass", z1="fail")).verdict.requirements
    left = unnamed(CASES[:1], rows, ENGLISH)
    assert left is not None
    assert left.requirements == ["INF-Z1"]


def test_both_languages_have_the_same_keys_and_fill_in_the_same_words() -> None:
    english, spanish = (dict(leaves(words(one, "compare").tables)) for one in LANGUAGES)
    spanish = {key: text for key, text in spanish.items() if not key.startswith("use_case/")}
    gaps = [{key: set(re.findall(r"{\w+}", text)) for key, text in one.items()}
            for one in (english, spanish)]  # fmt: skip
    assert gaps[0] == gaps[1]


def test_every_use_case_that_is_shipped_has_spanish_words() -> None:
    told = words("es", "compare").tables["use_case"]
    assert list(told) == [one.id for one in shipped()]
    assert all(set(one) == {"title", "says"} for one in told.values())


def test_a_need_of_the_districts_own_stays_as_it_was_written() -> None:
    own = UseCase(id="dates", title="Bus dates", requirements=["TRN-DT-*"])
    first, second = in_words([own, shipped()[3]], words("es", "compare"))
    assert (first, second.title) == (own, "Las fechas conservan su día")


def test_a_comparison_in_spanish(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    folders = [str(make("One", a1="pass", p1="pass")), str(make("Two", a1="fail", p1="pass"))]
    assert cli.main(["compare", "--language", "es", *folders]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "One 1: cumple (prueba One-1-10, 2026-11-10)"
    assert "Se diferencian en 1 necesidad:" in told
    assert "  Los datos de los alumnos llegan" in told
    assert "    Two 1: no cumple (1 de 1 requisito no cumplido)" in told


def test_a_page_in_spanish_says_nothing_of_ours_in_english(make: Make, tmp_path: Path) -> None:
    runs = [str(make("One", a1="pass")), str(make("Two", a1="fail"))]
    file = tmp_path / "page.html"
    cli.main(["compare", "--language", "es", "--html", str(file), *runs])
    text = file.read_text("utf-8")
    assert '<html lang="es">' in text
    body = re.sub(r'<(\w+) lang="en">.*?</\1>', "", text.partition("<body>")[2], flags=re.DOTALL)
    shown = html.unescape(re.sub(r"<[^>]+>", " ", body))
    english = [one for key, one in leaves(ENGLISH.tables) if "{" not in one and len(one) > 12]
    assert [one for one in english if one in shown] == []
    assert "Los textos de los requisitos" in shown


@pytest.mark.browser
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("version", ["1", "2"])
def test_the_page_is_accessible_and_fits_a_phone(
    make: Make, open_page: Open, tmp_path: Path, version: str, language: str
) -> None:
    one, two = make("One", a1="pass", p1="pass"), make("Two", a1="fail", p1="could not verify")
    if version == "2":
        _changed(two, seed=7)
    more = make("One", day="12", a1="fail", p1="pass")
    file = tmp_path / "page.html"
    runs = [str(one), str(two), str(more)]
    cli.main(["compare", *runs, "--language", language, "--html", str(file)])
    page = open_page(file, size=PHONE)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert page.locator("h2#not").count() == (version == "2")
