"""A whole run: verdicts, files, repeatability, and isolation from other pytest settings."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from lxml import etree

from conformance import runfile, session, verifies
from conformance.listener import Answer, Relay
from conformance.planning import Plan
from conformance.problems import SetupFault, UsageFault
from tests.conformance.engine import sample_checks
from tests.conformance.engine.conftest import config_for
from tests.conformance.engine.test_engine_verdict import row

SAMPLES = {
    name: spec for name, spec in verifies.CHECKS.items() if spec.module == sample_checks.__name__
}


def plan_of(*names: str, **changes: object) -> Plan:
    """The sample checks of these names, each with its own row."""
    checks = {f"sample_{name}": SAMPLES[f"sample_{name}"] for name in names}
    ids = [one for spec in checks.values() for one in spec.requirements]
    return Plan({one: row(one, **changes) for one in ids}, checks)


def run(url: str, plan: Plan, out: Path | None = None, seed: int = 7) -> session.Outcome:
    """One run of this plan without the doctor."""
    return session.run(config_for(url), seed=seed, planned=plan, out=out, examine=False)


def only(url: str, name: str) -> runfile.Check:
    """The line of one sample check."""
    (check,) = run(url, plan_of(name)).verdict.checks
    return check


ENDINGS = [
    ("passes", runfile.PASS, ""),
    ("fails", runfile.FAIL, "POST xStudents/xStudent answered 201, expected 299"),
    ("is_not_verified", runfile.NOT_VERIFIED, "it was too dark to see"),
    ("does_not_apply", runfile.NOT_APPLICABLE, "not claimed"),
    ("times_out", runfile.NOT_VERIFIED, "nothing listens at 127.0.0.1:<port>"),
    ("reads_back", runfile.PASS, ""),
]


@pytest.mark.parametrize(("name", "verdict", "reason"), ENDINGS)
def test_each_ending_has_its_verdict(vendor: str, name: str, verdict: str, reason: str) -> None:
    check = only(vendor, name)
    assert (check.verdict, check.reason) == (verdict, reason)


def test_a_mistake_of_ours_names_the_place_but_no_value(vendor: str) -> None:
    check = only(vendor, "is_broken")
    assert check.verdict == runfile.OUR_FAULT
    assert re.fullmatch(r"KeyError at tests/conformance/engine/sample_checks.py:\d+", check.reason)


def test_cases_make_one_line_with_the_joined_verdict(vendor: str) -> None:
    check = only(vendor, "has_cases")
    assert (check.verdict, check.cases, len(check.findings)) == (runfile.FAIL, 3, 2)
    assert "case 299" in check.reason


def test_a_finding_of_names_shows_masks(vendor: str) -> None:
    (finding,) = only(vendor, "shows_names").findings
    assert finding.path.startswith("xStudent/")
    assert not re.search(r"[a-wyz]", finding.expected)


def test_an_undeclared_capability_makes_a_check_not_applicable(vendor: str) -> None:
    config = config_for(vendor, capabilities={"create": False})
    plan = plan_of("passes", needs=("create",))
    outcome = session.run(config, seed=1, planned=plan, examine=False)
    (check,) = outcome.verdict.checks
    assert (check.verdict, check.exchanges) == (runfile.NOT_APPLICABLE, [])
    assert check.reason == "the target does not declare create"


def test_a_broken_preparation_is_no_failure(vendor: str) -> None:
    with Relay(vendor) as relay:
        relay.script("POST environments/", Answer(500), times=9)
        check = only(relay.url, "passes")
    assert check.verdict == runfile.NOT_VERIFIED
    assert "no usable environment" in check.reason


def test_everything_created_is_deleted_again(vendor: str) -> None:
    with Relay(vendor) as relay:
        run(relay.url, plan_of("passes"))
        deleted = [one for one in relay.exchanges if one.request.method == "DELETE"]
    assert [one.status for one in deleted] == [204, 204]


def test_the_run_file_is_complete_and_holds_no_name(vendor: str, tmp_path: Path) -> None:
    outcome = run(vendor, plan_of("passes", "fails"), tmp_path)
    assert outcome.directory is not None
    found = runfile.read_run(outcome.directory / "run.jsonl")
    assert [exchange.number for exchange in found.exchanges] == list(range(1, 11))
    data = (outcome.directory / "run.jsonl").read_bytes()
    assert b"demo-vendor" in data
    assert b"a-secret-of-the-tests" not in data


def test_the_same_seed_gives_the_same_verdict_file(vendor: str, tmp_path: Path) -> None:
    plan = plan_of(
        "passes", "fails", "shows_names", "draws", "has_cases", "is_broken", "reads_back"
    )
    both = [run(vendor, plan, tmp_path) for _ in range(2)]
    texts = [(one.directory / "verdict.json").read_bytes() for one in both if one.directory]
    assert texts[0] == texts[1]
    assert both[0].directory != both[1].directory


def test_another_seed_draws_other_data(vendor: str) -> None:
    plan = plan_of("draws")
    told = [run(vendor, plan, seed=seed).verdict.checks[0].findings[0].actual for seed in (1, 2)]
    assert told[0] != told[1]


def test_a_set_up_fault_stops_the_run_before_anything_is_written(tmp_path: Path) -> None:
    config = config_for("http://127.0.0.1:1/sif3")
    with pytest.raises(SetupFault):
        session.run(config, planned=plan_of("passes"), out=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_exchanges_of_the_doctor_stand_first(vendor: str, tmp_path: Path) -> None:
    outcome = session.run(config_for(vendor), seed=1, planned=plan_of("passes"), out=tmp_path)
    assert outcome.directory is not None
    found = runfile.read_run(outcome.directory / "run.jsonl")
    names = [one.check for one in found.exchanges]
    first = names.index("sample_passes")
    assert (set(names[:first]), "doctor" in names[first:]) == ({"doctor"}, False)


def test_an_observer_sees_every_exchange(vendor: str) -> None:
    seen: list[int] = []
    session.run(
        config_for(vendor),
        planned=plan_of("passes"),
        observer=lambda exchange: seen.append(exchange.number),
        examine=False,
    )
    assert seen == [1, 2, 3, 4, 5]


def test_an_unknown_name_in_only_is_refused(vendor: str) -> None:
    with pytest.raises(UsageFault, match="NO-SUCH"):
        session.run(config_for(vendor), only=["NO-SUCH"], examine=False)


@pytest.fixture
def hostile_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of a vendor whose pytest settings would break any run."""
    (tmp_path / "conftest.py").write_text("raise RuntimeError('loaded')\n", "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n", "utf-8")
    (tmp_path / "tox.ini").write_text("[pytest]\npython_files = nothing\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    return tmp_path


def test_settings_of_the_vendor_do_not_leak_in(vendor: str, hostile_folder: Path) -> None:
    assert only(vendor, "passes").verdict == runfile.PASS
    assert os.environ["PYTEST_PLUGINS"] == "no_such_plugin"


def test_students_are_valid_and_differ_between_checks(vendor: str) -> None:
    seen: list[str] = []

    def note(exchange: runfile.Exchange) -> None:
        if exchange.request.start.startswith("POST /sif3/rc/7/xStudents"):
            seen.append(etree.fromstring(exchange.request.body).get("refId") or "")

    plan = plan_of("passes", "fails", "has_cases")
    session.run(config_for(vendor), planned=plan, observer=note, examine=False)
    assert len(set(seen)) == 5
