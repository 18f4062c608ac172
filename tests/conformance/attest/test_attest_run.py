"""Answers in a run: they stand in the header and change no verdict; the commands' exit codes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from conformance import attestation, planning, runfile, session, target
from conformance.cli import main
from conformance.problems import AttestationError
from conformance.simulators import Receiver, serve
from conformance.target import TargetConfig

SECRET = "a-secret-of-the-tests"


@pytest.fixture(scope="module")
def vendor() -> Iterator[str]:
    """The URL of a conforming vendor."""
    with serve(Receiver(secret=SECRET)) as handle:
        yield handle.url


def config_for(url: str, **capabilities: bool) -> TargetConfig:
    """A target that declares `pod` and little else."""
    table = {
        "vendor": {"name": "Example Reading App"},
        "endpoint": {"url": url},
        "credentials": {"key": "demo-vendor", "secret": SECRET},
        "capabilities": {"create": True, "pod": True} | capabilities,
    }
    return target.from_table(table, environ={})


def filled(folder: Path, role: str = "receiver", answer: str = "yes", age: int = 0) -> Path:
    """A form with every question answered the same way."""
    day = (datetime.now().astimezone().date() - timedelta(days=age)).isoformat()
    text = attestation.blank(role).replace('product = ""', 'product = "Example Reading App"')
    told = {"answer": answer, "owner": "A. Example", "date": day, "note": "as told"}
    for key, value in (told | {"evidence": "https://vendor.example/evidence"}).items():
        text = text.replace(f'{key} = ""', f'{key} = "{value}"')
    file = folder / "attestation.toml"
    file.write_text(text, "utf-8")
    return file


def run(url: str, out: Path, form: Path | None) -> session.Outcome:
    """One short run of the conforming vendor."""
    return session.run(config_for(url), seed=1, only=("POD-ACK-003",), out=out, form=form)


def test_answers_stand_in_the_header_of_the_run(vendor: str, tmp_path: Path) -> None:
    outcome = run(vendor, tmp_path, filled(tmp_path, answer="no"))
    assert outcome.directory is not None
    header = runfile.read_run(outcome.directory / "run.jsonl").header
    (laws,) = [one for one in header.attested if one.id == "ATT-11"]
    assert (laws.answer, laws.owner, laws.faults) == ("no", "A. Example", [])


@pytest.mark.requirement("POD-AUD-002")
def test_a_run_leaves_both_sides_of_every_exchange_and_the_pods(
    vendor: str, tmp_path: Path
) -> None:
    outcome = run(vendor, tmp_path, None)
    assert outcome.directory is not None
    found = runfile.read_run(outcome.directory / "run.jsonl").exchanges
    pushed = next(one for one in found if "/pods/pod" in one.request.start)
    assert "<podToken>" in pushed.request.body
    assert pushed.response is not None
    for side in (pushed.request, pushed.response):
        assert "content-type" in {name.lower() for name, _ in side.headers}


@pytest.mark.requirement("POD-AUD-002")
def test_a_run_tells_versions_hashes_and_times(vendor: str, tmp_path: Path) -> None:
    outcome = run(vendor, tmp_path, None)
    assert outcome.directory is not None
    whole = runfile.read_run(outcome.directory / "run.jsonl")
    start, end = (datetime.fromisoformat(one) for one in (whole.header.started, whole.end.finished))
    assert timedelta() < end - start < timedelta(minutes=1)
    assert (whole.header.suite_version, whole.header.suite_hash) == (
        planning.suite_version(),
        planning.suite_hash(),
    )
    data = (outcome.directory / "run.jsonl").read_bytes()
    body = data[: data.rstrip(b"\n").rfind(b"\n") + 1]
    assert whole.end.sha256 == hashlib.sha256(body).hexdigest()


def test_answers_change_no_byte_of_the_verdict(vendor: str, tmp_path: Path) -> None:
    folders = [
        run(vendor, tmp_path, form).directory for form in (None, filled(tmp_path, answer="no"))
    ]
    first, second = [(folder / "verdict.json").read_bytes() for folder in folders if folder]
    assert b"POD-ACK-003" in first
    assert first == second


def test_without_a_form_every_question_stands_unanswered() -> None:
    lines = attestation.for_run(config_for("http://127.0.0.1:1"), "receiver", None)
    assert [one.id for one in lines] == list(attestation.questions("receiver"))
    assert {(one.answer, *one.faults) for one in lines} == {("",)}


def test_a_target_without_pods_is_asked_nothing() -> None:
    assert attestation.for_run(config_for("http://127.0.0.1:1", pod=False), "receiver", None) == []


def test_the_run_prints_what_its_grant_opens(vendor: str, tmp_path: Path) -> None:
    outcome = run(vendor, tmp_path, None)
    assert outcome.directory is not None
    header = runfile.read_run(outcome.directory / "run.jsonl").header
    assert "B16" in [one.line for one in header.grant]


@pytest.mark.parametrize(("old", "new"), [("receiver", "consumer"), ("Reading App", "Other App")])
def test_a_form_of_another_role_or_product_stops_the_run(
    tmp_path: Path, old: str, new: str
) -> None:
    form = filled(tmp_path)
    form.write_text(form.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(AttestationError, match="the run's is"):
        attestation.for_run(config_for("http://127.0.0.1:1"), "receiver", form)


def test_check_of_a_complete_form_is_exit_code_0(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["attest", "check", str(filled(tmp_path))]) == 0
    count = len(attestation.questions("receiver"))
    assert capsys.readouterr().out == f"{count} of {count} entries are complete.\n"


def test_check_tells_every_no(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["attest", "check", str(filled(tmp_path, answer="no"))]) == 0
    assert "ATT-11: answered no. The laws that the POD names" in capsys.readouterr().out


def test_check_of_an_old_form_is_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["attest", "check", str(filled(tmp_path, age=400))]) == 1
    out = capsys.readouterr().out
    assert "ATT-38: date " in out
    assert "is more than 12 months ago: ask again" in out


def test_check_of_a_fresh_form_names_each_entry(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "form.toml"
    assert main(["attest", "init", "--role", "consumer", "--out", str(file)]) == 0
    assert main(["attest", "check", str(file)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert sum("not answered yet" in line for line in lines) == len(
        attestation.questions("consumer")
    )
    assert "form: product is empty: name it as in conformance.toml" in lines


@pytest.mark.parametrize(
    "words",
    [
        ["init", "--role", "pupil"],
        ["check", "nowhere.toml"],
        ["check"],
        ["init", "--out", "taken.toml"],
    ],
)
def test_wrong_usage_is_exit_code_64(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("taken.toml").touch()
    assert main(["attest", *words]) == 64


def test_a_file_that_is_no_form_is_exit_code_3(tmp_path: Path) -> None:
    file = tmp_path / "form.toml"
    file.write_text("colour = 1", "utf-8")
    assert main(["attest", "check", str(file)]) == 3
