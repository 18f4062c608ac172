"""What changed since an earlier run is told in words, or the comparison is refused in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from conformance import runfile
from conformance.change import Change, changes
from conformance.cli import main
from conformance.runfile import FAIL, NOT_VERIFIED, PASS
from conformance.simulators import serve
from conformance.simulators.registry import registry
from tests.conformance.again.conftest import SECRET


def a_run(verdicts: Mapping[str, str], **changed: object) -> runfile.Run:
    """A run with these verdicts; `changed` are fields of its header."""
    facts: dict[str, object] = {
        "format": runfile.FORMAT,
        "suite_version": "1",
        "suite_hash": "a",
        "planned": sorted(verdicts),
        "planned_hash": "",
        "seed": 7,
        "role": "receiver",
        "tier": "full",
        "only": [],
        "variants": {},
        "vendor": {"name": "A", "product": "B", "version": "1"},
        "endpoint": "",
        "started": "",
        "run_id": "before",
    }
    header = runfile.Header(**(facts | changed))  # type: ignore[arg-type]
    checks = [a_check(name, verdict) for name, verdict in verdicts.items()]
    end = runfile.End(finished="", sha256="")
    return runfile.Run(header=header, exchanges=[], checks=checks, end=end)


def a_check(name: str, verdict: str) -> runfile.Check:
    return runfile.Check(
        id=name,
        title=f"It does {name}.",
        requirements=["INF-1"],
        area="sif/x",
        negative=False,
        verdict=verdict,
        reason="timeout" if verdict == NOT_VERIFIED else "",
        findings=[],
        exchanges=[],
        cases=1,
    )


def test_each_kind_of_change_is_told() -> None:
    before = a_run({"a": FAIL, "b": PASS, "c": PASS, "d": NOT_VERIFIED, "e": PASS, "f": PASS})
    after = a_run({"a": PASS, "b": FAIL, "c": NOT_VERIFIED, "d": FAIL, "f": PASS, "g": FAIL})
    assert changes(before, after).lines() == [
        "Since run before: 2 new failures, 1 failing after a pass, 1 fixed, 2 no longer tested.",
        "new failure: d - It does d.",
        "new failure: g - It does g.",
        "passed then, fails now: b - It does b.",
        "fixed: a - It does a.",
        "no longer tested: c (could not verify: timeout)",
        "no longer tested: e (the suite has no such check in this run)",
    ]


def test_nothing_changed_is_said() -> None:
    run = a_run({"a": FAIL, "b": PASS})
    assert changes(run, run).lines() == ["Since run before: nothing changed."]


def test_a_failure_that_could_not_be_tried_again_is_not_fixed() -> None:
    change = changes(a_run({"a": FAIL}), a_run({"a": NOT_VERIFIED}))
    assert change.fixed == ()
    assert change.untested == {"a": "could not verify: timeout"}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"role": "provider"}, "made in role receiver, this one in role provider"),
        ({"tier": "core"}, "made in tier full, this one in tier core"),
        ({"vendor": {"name": "Z", "product": "B"}}, "judged name A, this one Z"),
        ({"planned": ["z"]}, "no check in common"),
    ],
)
def test_what_cannot_be_compared_is_refused(changed: dict[str, object], told: str) -> None:
    change = changes(a_run({"a": FAIL}), a_run({"a": PASS}, **changed))
    assert change.fixed == ()
    assert len(change.lines()) == 1
    assert told in change.lines()[0]


def test_another_suite_or_seed_is_said_before_the_rest() -> None:
    change = changes(a_run({"a": FAIL}), a_run({"a": PASS}, suite_hash="b", seed=8))
    suite, seed, counts, *_ = change.lines()
    assert suite.startswith("The suite has changed in between")
    assert (seed, counts) == ("The seed was 7 and is 8.", "Since run before: 1 fixed.")


def test_a_narrowed_run_says_nothing_about_the_rest() -> None:
    change = changes(a_run({"a": FAIL, "b": PASS}), a_run({"a": PASS}, only=["a"]))
    assert (change.fixed, change.untested) == (("a",), {})
    assert change.notes == ("Only what this run tried is compared: a.",)


TARGET = """
[vendor]
name = "Example Reading App"
[endpoint]
url = "{url}"
[credentials]
key = "demo-vendor"
secret = "{secret}"
[capabilities]
create = true
pod = true
"""
CHECK = "single_create_returns_the_new_object"


def run_against(vendor: str, folder: Path, *words: str) -> int:
    """`conformance run` of one check against a receiver with this fault, or none."""
    product = registry("receiver").compose((vendor,) if vendor else ())
    with serve(product(secret=SECRET)) as handle:
        file = folder / "conformance.toml"
        file.write_text(TARGET.format(url=handle.url, secret=SECRET), encoding="utf-8")
        out = str(folder / "runs")
        return main(["run", "--target", str(file), "--only", CHECK, "--out", out, "--quiet",
                     "--seed", "7", *words])  # fmt: skip


def test_the_command_compares_and_keeps_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_against("CreateAnswers200", tmp_path) == 1
    (before,) = (tmp_path / "runs").iterdir()
    capsys.readouterr()
    assert run_against("", tmp_path, "--json", "--changed-since", str(before)) == 0
    told = json.loads(capsys.readouterr().out)["changed_since"]
    assert (told["run"], told["fixed"], told["new"], told["flipped"]) == (
        before.name,
        [CHECK],
        [],
        [],
    )
    assert run_against("CreateAnswers200", tmp_path, "--changed-since", str(before)) == 1
    assert f"Since run {before.name}: nothing changed." in capsys.readouterr().out


def test_a_folder_that_holds_no_run_is_refused_before_anything_is_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_against("", tmp_path, "--changed-since", str(tmp_path)) == 64
    assert "is no finished run" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_a_refused_comparison_is_json_too() -> None:
    assert Change("x", "why").lines() == ["Not compared with run x: why"]
