"""The commands as a user meets them: exit codes, one sentence per error, files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from conformance import coverage
from conformance.cli import cli, main
from conformance.planning import suite_hash
from tests.conformance.engine.conftest import SECRET

COVERAGE_KEYS = {
    "requirements", "must", "must_checked", "must_untested_with_reason", "checks",
    "checks_killed", "negative_checks", "presence_only_assertions", "assertions", "cases",
}  # fmt: skip
SCHEMA = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:a">
<xs:element name="a" type="{}"/></xs:schema>"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory, and a registry of our own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONFORMANCE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CONFORMANCE_SECRET", SECRET)


def target_for(url: str) -> Path:
    """The template with another address."""
    main(["init", "--force"])
    path = Path("conformance.toml")
    path.write_text(path.read_text("utf-8").replace("http://127.0.0.1:8090/sif3", url), "utf-8")
    return path


def a_check() -> str:
    """The id of a requirement with a check that the conforming vendor passes."""
    return "INF-CRE-001"


def test_init_does_not_overwrite_without_force(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init"]) == 0
    assert main(["init"]) == 64
    assert "--force" in capsys.readouterr().err
    assert main(["init", "--force"]) == 0


def test_a_run_leaves_its_files_and_says_where(
    vendor: str, capsys: pytest.CaptureFixture[str]
) -> None:
    target_for(vendor)
    assert main(["run", "--seed", "7", "--only", a_check()]) == 0
    (directory,) = Path("reports/runs").iterdir()
    names = {file.name for file in directory.iterdir()}
    pages = {"report.html", "summary.html", "summary.es.html", "forms.html", "forms.csv"}
    assert names == {"run.jsonl", "verdict.json", "junit.xml", "results.sarif", *pages}
    shown = capsys.readouterr()
    assert "conforms (seed 7, exit code 0)" in shown.out
    assert "pass" in shown.err


def test_a_quiet_run_says_two_lines(vendor: str, capsys: pytest.CaptureFixture[str]) -> None:
    target_for(vendor)
    capsys.readouterr()
    main(["run", "--quiet", "--only", a_check()])
    shown = capsys.readouterr()
    assert len(shown.out.splitlines()) == 2
    assert shown.err == ""


def test_json_on_stdout_can_be_parsed(vendor: str, capsys: pytest.CaptureFixture[str]) -> None:
    target_for(vendor)
    capsys.readouterr()
    main(["run", "--json", "--only", a_check()])
    told = json.loads(capsys.readouterr().out)
    assert (told["outcome"], told["exit_code"]) == ("conforms", 0)
    assert Path(told["files"]["verdict"]).is_file()


def test_an_unreachable_target_is_exit_code_3(capsys: pytest.CaptureFixture[str]) -> None:
    target_for("http://127.0.0.1:1/sif3")
    assert main(["run"]) == 3
    said = capsys.readouterr().err
    assert "[endpoint] url" in said
    assert "Traceback" not in said


def test_a_missing_secret_is_exit_code_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target_for("http://127.0.0.1:1/sif3")
    monkeypatch.delenv("CONFORMANCE_SECRET")
    assert main(["doctor"]) == 3
    assert "export CONFORMANCE_SECRET" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["no-such-command"],
        ["run", "--no-such-option"],
        ["run", "--seed", "x"],
        ["run", "--fail-on", "may"],
        ["explain", "INF-CRE-01"],
        ["generate"],
        ["simulate", "--mutant", "NoSuchMutant"],
        ["schemas", "remove", "none"],
        ["report", "no-such-folder"],
    ],
)
def test_wrong_usage_is_exit_code_64(words: list[str]) -> None:
    assert main(words) == 64


def test_an_unknown_role_or_name_is_exit_code_64(vendor: str) -> None:
    target_for(vendor)
    assert main(["run", "--role", "sender"]) == 64
    assert main(["run", "--only", "NO-SUCH-ID"]) == 64


def test_a_mistake_of_ours_is_exit_code_4_in_one_sentence(
    vendor: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target_for(vendor)
    monkeypatch.setattr("conformance.session.run", lambda *_, **__: 1 / 0)
    capsys.readouterr()
    assert main(["run"]) == 4
    said = capsys.readouterr().err
    assert "our fault" in said
    assert len(said.splitlines()) == 1


def test_doctor_says_that_all_is_well(vendor: str, capsys: pytest.CaptureFixture[str]) -> None:
    target_for(vendor)
    assert main(["doctor"]) == 0
    assert "can be judged" in capsys.readouterr().out


def test_explain_tells_text_source_and_checks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "INF-CRE-001"]) == 0
    said = capsys.readouterr().out
    assert "Base Architecture, 5.12" in said
    assert "written in the standard" in said


def test_explain_names_the_nearest_ids(capsys: pytest.CaptureFixture[str]) -> None:
    main(["explain", "INF-CRE-01"])
    assert "INF-CRE-001" in capsys.readouterr().err


def test_list_can_be_narrowed_and_parsed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--level", "must", "--area", "paging", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows
    assert {(row["level"], row["area"]) for row in rows} == {("MUST", "paging")}


def test_coverage_has_exactly_the_agreed_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["coverage", "--json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert set(table) == {"roles"}
    assert set(table["roles"]["receiver"]) == COVERAGE_KEYS


def test_a_kill_matrix_of_another_suite_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "kill-matrix.json"
    path.write_text(json.dumps({"suite_hash": "old", "kills": {"a": ["M"]}}), "utf-8")
    assert coverage.read_kills("new", path).by_check == {}
    assert coverage.read_kills("old", path).by_check == {"a": ("M",)}
    assert "not there" in coverage.read_kills("new", tmp_path / "none.json").note


def test_the_suite_hash_is_64_hex_digits_and_stays() -> None:
    assert suite_hash() == suite_hash()
    assert len(bytes.fromhex(suite_hash())) == 32


def test_a_schema_that_compiles_is_registered(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.xsd").write_text(SCHEMA.format("xs:string"), "utf-8")
    assert main(["schemas", "add", "model-a", "a.xsd", "--lax"]) == 0
    capsys.readouterr()
    assert main(["schemas", "list"]) == 0
    assert "model-a  urn:a  lax" in capsys.readouterr().out
    assert main(["schemas", "add", "model-a", "a.xsd"]) == 64
    assert main(["schemas", "remove", "model-a"]) == 0


def test_a_schema_that_does_not_compile_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.xsd").write_text(SCHEMA.format("xs:no-such-type"), "utf-8")
    assert main(["schemas", "add", "model-a", "a.xsd"]) == 64
    assert "does not compile" in capsys.readouterr().err
    assert not Path("home").exists()


def test_report_renders_an_earlier_run_again(vendor: str) -> None:
    target_for(vendor)
    main(["run", "--quiet", "--only", a_check()])
    (directory,) = Path("reports/runs").iterdir()
    (directory / "report.html").unlink()
    assert main(["report", str(directory)]) == 0
    assert (directory / "report.html").is_file()


def test_report_refuses_a_run_that_was_changed(
    vendor: str, capsys: pytest.CaptureFixture[str]
) -> None:
    target_for(vendor)
    main(["run", "--quiet", "--only", a_check()])
    (directory,) = Path("reports/runs").iterdir()
    file = directory / "run.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"pass"', b'"fail"'))
    assert main(["report", str(directory)]) == 64
    assert "was changed" in capsys.readouterr().err


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_helps_with_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    assert "Example" in capsys.readouterr().out


def test_the_module_runs_and_imports_nothing_heavy_for_help() -> None:
    code = "import sys, conformance.cli; print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for heavy in ("pytest", "lxml", "requests", "rich", "jinja2", "msgspec"):
        assert f"'{heavy}'" not in done.stdout


def test_a_partial_run_says_so_everywhere(vendor: str, capsys: pytest.CaptureFixture[str]) -> None:
    target_for(vendor)
    assert main(["run", "--only", a_check()]) == 0
    (directory,) = Path("reports/runs").iterdir()
    page = (directory / "report.html").read_text("utf-8")
    assert "part of the test only" in capsys.readouterr().out
    assert "Only a part of the test was run" in page
    assert "Every requirement of this profile was tested" not in page


def test_only_takes_the_area_that_the_summary_prints(vendor: str) -> None:
    target_for(vendor)
    assert main(["run", "--quiet", "--only", "paging"]) == 0


@pytest.mark.parametrize(("name", "hint"), [("inf-cre-001", "INF-CRE-001"), ("NOPE", "list")])
def test_an_unknown_only_is_told_with_the_nearest(
    name: str, hint: str, vendor: str, capsys: pytest.CaptureFixture[str]
) -> None:
    target_for(vendor)
    assert main(["run", "--only", name]) == 64
    assert hint in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_told_before_the_run(
    vendor: str, capsys: pytest.CaptureFixture[str]
) -> None:
    target_for(vendor)
    Path("file").write_text("", "utf-8")
    assert main(["run", "--out", "file/sub"]) == 64
    assert main(["init", "file/x.toml"]) == 64
    assert "--out" in capsys.readouterr().err


def test_a_closed_pipe_does_not_change_the_verdict(vendor: str) -> None:
    target_for(vendor)
    command = f"{sys.executable} -m conformance run --quiet --only {a_check()}"
    script = f"{command} | true; echo ${{PIPESTATUS[0]}} >&2"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert done.stderr.split()[-1] == "0"
