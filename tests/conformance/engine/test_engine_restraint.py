"""A run that keeps what it made, one that changes nothing, and progress for machines."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from click.testing import CliRunner

from conformance import restraint, runfile, session, target
from conformance.cli import cli
from conformance.problems import NotVerified
from conformance.simulators import Receiver, serve
from conformance.simulators.message import Request, Response
from conformance.simulators.provider import Provider
from tests.conformance.engine.conftest import SECRET, config_for
from tests.conformance.provider.judging import table_for


@pytest.mark.parametrize("keep", [False, True])
def test_what_a_run_created_is_deleted_unless_it_is_kept(keep: bool) -> None:
    product = Receiver(secret=SECRET)
    with serve(product) as handle:
        config = dataclasses.replace(config_for(handle.url), keep=keep)
        result = session.run(config, seed=7, only=["INF-CRE-001"], examine=False)
    assert result.verdict.outcome == "conforms"
    assert (len(product.state.students) > 0) == keep


class Watched(Provider):
    """Remembers what it was asked that could change its data."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.changes: list[str] = []

    def answer(self, request: Request) -> Response:
        """Note the method unless the request reads, or is about the session."""
        verb = request.header("methodOverride") or request.method
        if verb not in {"GET", "HEAD", "OPTIONS"} and "environments" not in request.segments:
            self.changes.append(verb)
        return super().answer(request)


@pytest.mark.parametrize("read_only", [False, True])
def test_a_read_only_run_sends_no_change(read_only: bool) -> None:
    product = Watched()
    with serve(product) as handle:
        config = target.from_table(table_for(handle.url), environ={})
        route = dataclasses.replace(config.route, read_only=read_only)
        result = session.run(dataclasses.replace(config, route=route), seed=7, only=["quick"])
    verdicts = {check.verdict for check in result.verdict.checks}
    assert (product.changes == [], runfile.NOT_VERIFIED in verdicts) == (read_only, read_only)
    assert runfile.FAIL not in verdicts


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HERE = "http://127.0.0.1/"


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "requests/xStudents", {}),
        ("POST", "requests/xStudents", {"methodOverride": "GET"}),
        ("POST", "environments/environment", {}),
        ("POST", "token", FORM),
    ],
)
def test_reads_and_the_session_are_let_through(
    method: str, path: str, headers: dict[str, str]
) -> None:
    restraint.refuse_change(method, HERE + path, headers.items())
    with pytest.raises(NotVerified, match="so no DELETE was sent"):
        restraint.refuse_change("DELETE", f"{HERE}requests/xStudents/1", ())


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "requests/xStudents/xStudent", {}),
        ("PUT", "requests/xStudents", {"methodOverride": "DELETE"}),
        ("PUT", "token", FORM),
    ],
)
def test_changes_are_not_sent(method: str, path: str, headers: dict[str, str]) -> None:
    with pytest.raises(NotVerified, match="the run is read-only"):
        restraint.refuse_change(method, HERE + path, headers.items())


def test_progress_can_be_read_by_a_machine(tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONFORMANCE_SECRET", "demo-secret-1")
    with serve(Provider()) as handle:
        runner = CliRunner()
        assert runner.invoke(cli, ["init", "--role", "provider"]).exit_code == 0
        text = (tmp_path / "conformance.toml").read_text()
        (tmp_path / "conformance.toml").write_text(
            text.replace("http://127.0.0.1:8090/sif3", handle.url)
        )
        words = ["run", "--quick", "--seed", "7", "--progress", "json"]
        done = runner.invoke(cli, words, catch_exceptions=False)
    lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert (done.exit_code, lines[-1]["done"]) == (0, lines[-1]["total"])
    assert {line["verdict"] for line in lines} == {"pass", "not applicable"}
