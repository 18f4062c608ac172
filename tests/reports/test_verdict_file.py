"""`verdict.json` is whole or every reader refuses it; what differs between runs is not in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from conformance import runfile
from conformance.runfile import NOT_VERIFIED, PASS, VERDICT_SCHEMA, RunFileError, canonical
from reports.forms import write_forms
from reports.junit import write_junit
from reports.render import write_report
from reports.sarif import write_sarif
from reports.schema import verdict_schema
from reports.source import load
from reports.summary import write_summaries

READERS = [load, write_report, write_summaries, write_forms, write_junit, write_sarif]


def _named(directory: Path, **changes: object) -> Path:
    """The result as a run of today writes it, with changes."""
    path = directory / "verdict.json"
    verdict = runfile.read_verdict(path)
    told: dict[str, Any] = {
        "schema": VERDICT_SCHEMA,
        "counts": runfile.counts(row.verdict for row in verdict.requirements),
        "redaction": dict.fromkeys(runfile.REDACTED, 1),
        "check_counts": runfile.counts(check.verdict for check in verdict.checks),
    }
    path.write_bytes(canonical(msgspec.structs.replace(verdict, **(told | changes))))
    return path


def _without(directory: Path, *keys: str) -> None:
    path = directory / "verdict.json"
    verdict = json.loads(path.read_bytes())
    verdict["checks"] = [one for one in verdict["checks"] if one["id"] != "bad"]
    if "planned" in keys:
        verdict["planned"].remove("bad")
    if "planned_hash" in keys:
        verdict["planned_hash"] = runfile.planned_hash(verdict["planned"])
    if "requirements" in keys:
        verdict["requirements"] = [one for one in verdict["requirements"] if one["id"] != "INF-BAD"]
    path.write_text(json.dumps(verdict))


@pytest.mark.parametrize("reader", READERS)
def test_a_result_with_a_check_missing_is_refused_by_every_reader(
    faulty: Path, reader: Callable[[Path], object]
) -> None:
    _without(faulty)
    with pytest.raises(RunFileError, match="lacks the verdict of 1 planned checks, first bad"):
        reader(faulty)


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        (("planned",), "the list of planned checks was changed"),
        (("planned", "planned_hash"), "INF-BAD rests on bad, which has no verdict"),
        (("planned", "planned_hash", "requirements"), "differ in planned_hash, bad"),
    ],
)
def test_a_missing_check_is_found_however_well_it_is_hidden(
    faulty: Path, keys: tuple[str, ...], why: str
) -> None:
    _without(faulty, *keys)
    with pytest.raises(RunFileError, match=why):
        load(faulty)


def test_a_check_that_was_not_planned_is_refused(faulty: Path, make: Any) -> None:
    checks = [*runfile.read_verdict(faulty / "verdict.json").checks, make.check("guest")]
    path = _named(faulty, checks=checks)
    with pytest.raises(RunFileError, match="holds the check guest, which was not planned"):
        runfile.read_verdict(path)


@pytest.mark.parametrize("name", ["counts", "check_counts"])
def test_counts_that_are_not_those_of_the_verdicts_are_refused(faulty: Path, name: str) -> None:
    path = _named(faulty, **{name: runfile.counts([PASS, PASS, PASS])})
    with pytest.raises(RunFileError, match=f"its {name} are not those of its verdicts"):
        runfile.read_verdict(path)


@pytest.mark.parametrize("redaction", [{"values": 7, "secrets": 1}, {"name": 7}])
def test_a_result_of_today_counts_every_class_of_what_was_taken_out(
    faulty: Path, redaction: dict[str, int]
) -> None:
    path = _named(faulty, redaction=redaction)
    with pytest.raises(RunFileError, match="its redaction must count name, birth, address"):
        runfile.read_verdict(path)


def test_a_result_of_the_schema_before_is_read_with_its_own_words(faulty: Path) -> None:
    counted = {"values": 7, "secrets": 1}
    _named(faulty, schema=runfile.SECOND_SCHEMA, redaction=counted)
    assert load(faulty).verdict.redaction == counted
    text = write_report(faulty).read_text("utf-8")
    assert '<tr><th scope="row">values</th><td class="figure">7</td></tr>' in text


def test_the_report_says_what_was_taken_out_in_words(faulty: Path) -> None:
    _named(faulty, redaction=dict.fromkeys(runfile.REDACTED, 0) | {"birth": 3})
    text = write_report(faulty).read_text("utf-8")
    told = '<tr><th scope="row">dates and places of birth</th><td class="figure">3</td></tr>'
    assert told in text
    assert runfile.REDACTED["contact"] not in text


def test_a_schema_of_a_later_kit_is_refused_with_what_to_do(faulty: Path) -> None:
    path = _named(faulty, schema="sif-conformance-verdict/9")
    with pytest.raises(RunFileError, match=r"verdict/9'.*Use the version of the kit"):
        runfile.read_verdict(path)


def test_results_before_the_schema_had_a_name_are_read(undecided: Path) -> None:
    verdict = load(undecided).verdict
    assert (verdict.schema, verdict.check_counts) == (runfile.FIRST_SCHEMA, {})


def test_both_counts_name_all_five_verdicts(undecided: Path) -> None:
    verdict = runfile.read_verdict(_named(undecided))
    assert verdict.check_counts == verdict.counts
    assert list(verdict.counts) == sorted(runfile.VERDICTS)
    assert verdict.counts[NOT_VERIFIED] == 1


def test_the_published_schema_names_its_version_and_every_field() -> None:
    schema = json.loads(verdict_schema())
    fields = {field.encode_name for field in msgspec.structs.fields(runfile.Verdict)}
    assert schema["$id"] == f"urn:sif-conformance-kit:{VERDICT_SCHEMA}"
    assert set(schema["$defs"]["Verdict"]["properties"]) == fields


@pytest.mark.parametrize(
    "name", ["started", "finished", "vendor", "executor", "valid_until", "endpoint", "run_id"]
)
def test_what_differs_between_runs_stands_in_no_verdict(name: str) -> None:
    assert name not in {field.name for field in msgspec.structs.fields(runfile.Verdict)}
