"""How verdicts join, row by row."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance import verdict
from conformance.catalogue import Requirement
from conformance.runfile import (
    FAIL,
    NOT_APPLICABLE,
    NOT_VERIFIED,
    OUR_FAULT,
    PASS,
    VERDICTS,
    Check,
)

CHAIN = [NOT_APPLICABLE, PASS, NOT_VERIFIED, FAIL, OUR_FAULT]
SOME = st.lists(st.sampled_from(VERDICTS), max_size=6)


def row(name: str, level: str = "MUST", **changes: object) -> Requirement:
    """A catalogue row."""
    fields: dict[str, object] = {
        "id": name,
        "level": level,
        "basis": "documented",
        "role": ("receiver",),
        "source": "somewhere",
        "text": "Something holds.",
    }
    return Requirement(**(fields | changes))  # type: ignore[arg-type]


def check(name: str, requirement: str, result: str, reason: str = "") -> Check:
    """A check line with this verdict."""
    return Check(
        id=name,
        title="t",
        requirements=[requirement],
        area="a",
        negative=False,
        verdict=result,
        reason=reason,
        findings=[],
        exchanges=[],
        cases=1,
    )


def decided(*lines: tuple[str, str]) -> list[str]:
    """The requirement verdicts of MUST rows R0, R1, ... with one check each."""
    rows = {f"R{n}": row(f"R{n}", level) for n, (level, _) in enumerate(lines)}
    checks = [check(f"c{n}", f"R{n}", result) for n, (_, result) in enumerate(lines)]
    return [one.verdict for one in verdict.requirements(rows, checks, "3.3", {})]


@pytest.mark.parametrize(("one", "other"), list(product(CHAIN, CHAIN)))
def test_two_verdicts_join_to_the_higher_one(one: str, other: str) -> None:
    assert verdict.join([one, other]) == CHAIN[max(CHAIN.index(one), CHAIN.index(other))]


@given(SOME, SOME)
def test_joining_does_not_depend_on_order_or_grouping(one: list[str], other: list[str]) -> None:
    together = verdict.join(one + other)
    assert together == verdict.join(other + one)
    assert together == verdict.join([verdict.join(one), verdict.join(other)])


def test_nothing_joined_is_not_applicable() -> None:
    assert verdict.join([]) == NOT_APPLICABLE


OUTCOMES = [
    ([("MUST", PASS)], "conforms", 0),
    ([("MUST", PASS), ("MUST NOT", FAIL)], "does not conform", 1),
    ([("MUST", PASS), ("MUST", NOT_VERIFIED)], "could not decide", 2),
    ([("MUST", FAIL), ("MUST", NOT_VERIFIED)], "does not conform", 1),
    ([("MUST", PASS), ("MUST", NOT_APPLICABLE)], "conforms", 0),
    ([("MUST", NOT_APPLICABLE)], "could not decide", 2),
    ([("MUST", PASS), ("SHOULD", FAIL)], "conforms", 0),
    ([("MUST", PASS), ("MAY", NOT_VERIFIED)], "conforms", 0),
    ([("MUST", PASS), ("MUST", OUR_FAULT)], "could not decide", 4),
    ([("MUST", FAIL), ("SHOULD", OUR_FAULT)], "does not conform", 4),
    ([], "could not decide", 2),
]


@pytest.mark.parametrize(("lines", "outcome", "code"), OUTCOMES)
def test_the_must_rows_decide(lines: list[tuple[str, str]], outcome: str, code: int) -> None:
    rows = {f"R{n}": row(f"R{n}", level) for n, (level, _) in enumerate(lines)}
    checks = [check(f"c{n}", f"R{n}", result) for n, (_, result) in enumerate(lines)]
    joined = verdict.requirements(rows, checks, "3.3", {})
    assert verdict.outcome(joined) == outcome
    assert verdict.exit_code(joined, checks) == code


def test_should_rows_count_when_asked_for() -> None:
    rows = {"R0": row("R0"), "R1": row("R1", "SHOULD")}
    checks = [check("a", "R0", PASS), check("b", "R1", FAIL)]
    joined = verdict.requirements(rows, checks, "3.3", {})
    assert verdict.exit_code(joined, checks, "should") == 1
    assert verdict.outcome(joined) == "conforms"


def test_a_row_takes_the_reason_of_its_worst_check() -> None:
    checks = [check("a", "R0", PASS), check("b", "R0", FAIL, "it broke")]
    (joined,) = verdict.requirements({"R0": row("R0")}, checks, "3.3", {})
    assert (joined.verdict, joined.reason, joined.checks) == (FAIL, "it broke", ["a", "b"])


def test_a_row_without_check_is_not_verified() -> None:
    (joined,) = verdict.requirements({"R0": row("R0")}, [], "3.3", {})
    assert joined.verdict == NOT_VERIFIED


def test_an_untestable_row_does_not_apply_and_says_why() -> None:
    rows = {"R0": row("R0", untestable="inside the product")}
    (joined,) = verdict.requirements(rows, [], "3.3", {})
    assert joined.verdict == NOT_APPLICABLE
    assert "inside the product" in joined.reason


@pytest.mark.parametrize(
    ("since", "until", "version", "applies"),
    [
        ("3.6", "", "3.3", False),
        ("3.3", "", "3.3", True),
        ("3.2.1", "", "3.3", True),
        ("", "3.0.1", "3.3", False),
        ("3.1", "3.5", "3.3", True),
        ("3.6+", "", "3.7", True),
    ],
)
def test_a_row_applies_within_its_versions(
    since: str, until: str, version: str, applies: bool
) -> None:
    rows = {"R0": row("R0", since=since, until=until)}
    (joined,) = verdict.requirements(rows, [check("a", "R0", PASS)], version, {})
    assert joined.verdict == (PASS if applies else NOT_APPLICABLE)


def test_a_waiver_stands_beside_the_verdict() -> None:
    checks = [check("a", "R0", FAIL)]
    (joined,) = verdict.requirements({"R0": row("R0")}, checks, "3.3", {"R0": "waived by Jo"})
    assert (joined.verdict, joined.waiver) == (FAIL, "waived by Jo")


@pytest.mark.parametrize(
    ("text", "stable"),
    [
        ("id 0B0E7f33-9c1d-4f0e-8a51-0c8d5c6f2b11 differs", "id <uuid v4> differs"),
        ("at 2026-11-25T22:19:17.904Z", "at <time>"),
        ("Wed, 25 Nov 2026 22:19:17 GMT", "<time>"),
        ("Xxxxx-99#a1b2c3", "Xxxxx-99"),
        ("token 4f0e8a510c8d5c6f2b11aa", "token <token>"),
        ("POST xStudents/xStudent answered 200", "POST xStudents/xStudent answered 200"),
        ("http://www.sifassociation.org/infrastructure/3.3", None),
    ],
)
def test_what_differs_between_runs_is_left_out_of_the_verdict(
    text: str, stable: str | None
) -> None:
    assert verdict.stable(text) == (text if stable is None else stable)
