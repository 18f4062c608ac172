"""The requirement catalogue: well-formed, honest about its sources, in its own words."""

from __future__ import annotations

import csv
import re
import tomllib
from difflib import SequenceMatcher
from importlib import resources
from pathlib import Path

import pytest

from conformance import catalogue
from conformance.catalogue import Requirement
from conformance.coverage import coverage
from conformance.target import CAPABILITIES, ROLES
from conformance.verifies import load_checks

ROWS = catalogue.load()
CHECKS = load_checks()
CHECKED = {(name, spec.role) for spec in CHECKS.values() for name in spec.requirements}
SHEETS = ("sif3-infrastructure.md", "pod-privacy.md", "translation.md")
# -S: the same case with SIF as the form that is read back.
ID = re.compile(r"(INF|POD|TRN|DAT|EDF|ORS)-[A-Z]{2,4}-\d{2,3}(-S)?|NEG-\d{3}|REG-\d{3}")
OWN = {name for name in ROWS if name.startswith("DAT-")}
# Standards whose clauses no sheet numbers: the ids are ours, the rules theirs.
UNNUMBERED = {name for name in ROWS if name.startswith(("EDF-", "ORS-"))}
IN_ROLE = [(name, role) for name, row in ROWS.items() for role in row.role]


def sheet_texts(standards: Path) -> dict[str, str]:
    """What the fact sheets say about each id, all cells joined."""
    texts: dict[str, str] = {}
    for name in SHEETS:
        for line in (standards / "spec" / name).read_text("utf-8").splitlines():
            row = re.match(r"\| ((?:INF|NEG|POD|REG|TRN)-[A-Z0-9-]+) \|(.*)", line)
            if row:
                texts[row[1]] = f"{texts.get(row[1], '')} {row[2]}"
    with (standards / "spec" / "trn_cases.csv").open(encoding="utf-8") as file:
        for case in csv.DictReader(file):
            texts[case["id"]] = (
                f"{texts.get(case['id'], '')} {case['title']} {case['pass_criterion']}"
            )
    return texts


def case(name: str) -> str:
    """The id of a row without the letter of its leg."""
    return name.removesuffix("-S")


def words(text: str) -> list[str]:
    """The words of a text in small letters, without signs."""
    return re.findall(r"[a-z0-9]+", text.lower())


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_row_is_well_formed(row: Requirement) -> None:
    assert ID.fullmatch(row.id)
    assert set(row.role) <= {*ROLES, "suite"}
    assert {need for role in row.role for need in row.needs_in(role)} <= set(CAPABILITIES)
    assert row.area
    assert row.text.endswith(".")
    assert row.text[0].isupper() or row.text[0].isdigit() or row.text.startswith("gzip")
    assert row.source.split(",")[0]


def test_row_ids_exist_in_the_fact_sheets(standards: Path) -> None:
    assert (
        sorted({case(name) for name in ROWS} - OWN - UNNUMBERED - set(sheet_texts(standards))) == []
    )


def test_rows_of_our_own_are_not_called_documented() -> None:
    assert OWN
    assert [name for name in sorted(OWN) if ROWS[name].basis == "documented"] == []


def test_row_levels_are_those_of_the_fact_sheets(standards: Path) -> None:
    texts = sheet_texts(standards)
    rows = [row for row in ROWS.values() if row.id.startswith("INF-")]
    different = [
        row.id for row in rows if not re.match(rf" *{row.level}\b(?! NOT)", texts[row.id].lstrip())
    ]
    # One row is ours to strengthen: a receiver must tolerate what a consumer must not send.
    assert different == ["INF-ENV-026"]


def test_row_texts_are_our_own_words(standards: Path) -> None:
    texts = sheet_texts(standards)
    copied = []
    for row in (row for name, row in ROWS.items() if name not in OWN | UNNUMBERED):
        own, theirs = words(row.text), words(texts[case(row.id)])
        shared = SequenceMatcher(None, own, theirs, autojunk=False).find_longest_match().size
        if shared > 6 or (shared > 4 and shared > len(own) / 2):
            copied.append(row.id)
    assert copied == []


def test_every_row_is_checked_in_each_role_or_says_why_not() -> None:
    silent = [one for one in IN_ROLE if not ROWS[one[0]].untestable_in(one[1])]
    assert sorted(set(silent) - CHECKED) == []


def test_no_checked_row_calls_itself_untestable() -> None:
    assert sorted(one for one in CHECKED if ROWS[one[0]].untestable_in(one[1])) == []


def test_every_check_verifies_rows_of_its_role() -> None:
    assert sorted(CHECKED - set(IN_ROLE)) == []


def test_a_check_verifies_privacy_rows_of_one_basis() -> None:
    bases = {
        spec.id: {ROWS[name].basis for name in spec.requirements}
        for spec in CHECKS.values()
        if all(ROWS[name].area == "privacy" for name in spec.requirements)
    }
    assert [name for name, found in bases.items() if len(found) > 1] == []


def test_at_least_two_in_five_checks_are_negative() -> None:
    negative = sum(spec.negative for spec in CHECKS.values())
    assert negative / len(CHECKS) >= 0.4


def test_few_assertions_are_satisfied_by_presence() -> None:
    counts = coverage("")[0]["roles"]["receiver"]
    assert counts["presence_only_assertions"] / counts["assertions"] <= 0.25


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("tier", catalogue.TIERS)
def test_profile_names_the_rows_of_its_tier(role: str, tier: str) -> None:
    file = resources.files("conformance") / "catalogue" / "profiles" / f"{role}-{tier}.toml"
    if not catalogue.select(ROWS, role, tier):
        assert not file.is_file()
        return
    profile = tomllib.loads(file.read_text(encoding="utf-8"))
    assert (profile["role"], profile["tier"]) == (role, tier)
    assert profile["requirements"] == sorted(catalogue.select(ROWS, role, tier))
