"""The probe says what a vendor does, and what it says holds in a run."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conformance import cli_profile, probe, runfile, session, target
from conformance.cli import cli
from conformance.evidence import Evidence
from conformance.roles import Setting
from conformance.simulators import serve
from conformance.simulators.mutants.roster_text import CutsNamesAt50, DropsMiddleNames
from conformance.simulators.mutants.translation import (
    DeletedStayInTheExport,
    GradesAreNumbers,
    KeepsOneRace,
)
from conformance.simulators.receiver import Receiver
from tests.conformance.translation.test_own_profile import FAMILY, MIDDLE, table


@cache
def observed(vendor: type[Receiver]) -> tuple[dict[str, Any], list[str]]:
    """The table that the probe prints of a vendor, and its notes."""
    with serve(vendor()) as handle:
        config = target.from_table(table(handle.url, {}), environ={})
        with session.wire_to(config, evidence := Evidence()) as wire:
            told = probe.probe(Setting(config, wire, evidence, 7))
    made, notes = probe.profile_of(told)
    found: dict[str, Any] = tomllib.loads(cli_profile.as_toml(made, notes, 7))["profile"]
    return found, notes


def test_a_vendor_that_keeps_all_has_nothing_to_say() -> None:
    said, notes = observed(Receiver)
    assert said == {"basis": "observed", "shown": "both", "deletes": "removed"}
    assert notes == []


def test_fields_that_are_dropped_are_named() -> None:
    said, _ = observed(DropsMiddleNames)
    assert (said["shown"], said["not_taken"]) == ("own", [MIDDLE])


def test_the_longest_name_is_counted() -> None:
    said, _ = observed(CutsNamesAt50)
    assert (said["shown"], said["longest"][FAMILY]) == ("own", 50)


def test_codes_that_become_others_are_listed() -> None:
    said, _ = observed(GradesAreNumbers)
    assert said["codes"]["xStudent/enrollment/gradeLevel"]["09"] == "9"
    assert "10" not in said["codes"]["xStudent/enrollment/gradeLevel"]


def test_what_no_profile_can_say_is_a_note() -> None:
    said, notes = observed(KeepsOneRace)
    assert "most" not in said
    assert [note for note in notes if "races/race/race is shown (own)" in note] != []


def test_the_habit_of_deletes_is_seen() -> None:
    assert observed(DeletedStayInTheExport)[0]["deletes"] == "kept"


@pytest.mark.parametrize(("vendor", "row"), [(GradesAreNumbers, "TRN-CS-07"),
                                             (CutsNamesAt50, "TRN-TX-05")])  # fmt: skip
def test_a_vendor_conforms_to_what_was_observed_of_it(vendor: type[Receiver], row: str) -> None:
    said, _ = observed(vendor)
    with serve(vendor()) as handle:
        config = target.from_table(table(handle.url, said), environ={})
        told = session.run(config, seed=7, only=(row,), examine=False).verdict
    (held,) = told.requirements
    assert (held.verdict, held.own_verdict) == ("fail", "pass")


TARGET = """
[vendor]
name = "Example Reading App"
[endpoint]
url = "{url}"
[credentials]
key = "demo-vendor"
secret = "demo-secret-1"
[capabilities]
create = true
query = true
delete = true
pod = true
"""


def test_the_command_prints_a_table_and_keeps_the_wire_redacted(tmp_path: Path) -> None:
    file = tmp_path / "conformance.toml"
    with serve(Receiver()) as handle:
        file.write_text(TARGET.format(url=handle.url))
        words = ["profile", "--target", str(file), "--seed", "7", "--out", str(tmp_path / "runs")]
        done = CliRunner().invoke(cli, words, catch_exceptions=False)
    assert tomllib.loads(done.stdout)["profile"]["basis"] == "observed"
    assert "# Not said above: deletes: there is no own form to look at" in done.stdout
    (run,) = (tmp_path / "runs").glob("*-profile/run.jsonl")
    assert len(runfile.read_run(run).exchanges) > 50
    assert "demo-secret-1" not in run.read_text("utf-8")
