"""The command line of the hub as a person meets it: one sentence and the right exit code."""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.reference_hub.command_line import run_in
from tests.system.processes import ROOT


class Shell:
    """Runs `reference-hub` in one folder, on one store."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url

    def __call__(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run one command; the caller looks at code and output."""
        done = run_in(self.folder, {"DATABASE_URL": self.url} | environ, *words)
        assert "Traceback" not in done.stderr
        return done


@pytest.fixture
def hub(store: Engine, tmp_path: Path) -> Shell:
    """A hub without anything registered."""
    url = store.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return Shell(tmp_path, url)


def test_an_application_is_listed_without_its_secret(hub: Shell) -> None:
    assert hub("app", "add", "sis", "--secret-env", "S", S="very-secret").returncode == 0
    listed = hub("app", "list", "--json")
    (row,) = [each for each in json.loads(listed.stdout) if each["key"] == "sis"]
    expected = {"kind": "source", "zone": "demo-district", "context": "DEFAULT"}
    expected |= {"data": "as granted"}
    assert row == {"key": "sis", "environment": "DIRECT"} | expected
    assert "very-secret" not in listed.stdout


def test_a_missing_secret_names_the_variable(hub: Shell) -> None:
    done = hub("app", "add", "sis", "--secret-env", "NOT_SET_HERE")
    assert (done.returncode, "NOT_SET_HERE" in done.stderr) == (3, True)


def test_an_unknown_vendor_is_told_with_the_command_to_add_it(hub: Shell) -> None:
    done = hub("pod", "issue", "nobody")
    assert done.returncode == 3
    assert "reference-hub vendor add" in done.stderr


def test_an_unknown_agreement_is_told_with_the_known_ones(hub: Shell) -> None:
    hub("vendor", "add", "reader", "--party", "Reader")
    done = hub("pod", "issue", "reader", "--agreement", "nothing")
    assert (done.returncode, "reading-app" in done.stderr) == (3, True)


def test_a_district_may_bring_its_own_agreement(hub: Shell) -> None:
    hub("vendor", "add", "reader", "--party", "Reader")
    text = (ROOT / "fixtures/pods/agreements/minimal.toml").read_text("utf-8")
    (hub.folder / "own.toml").write_text(text.replace('"minimal"', '"own"'), "utf-8")
    assert "it is Pending" in hub("pod", "issue", "reader", "--agreement", "own.toml").stdout


def test_a_wrong_flag_is_a_usage_fault(hub: Shell) -> None:
    assert hub("vendor", "add", "x").returncode == 64
    assert hub("nonsense").returncode == 64


def test_a_taken_port_is_told_before_anything_starts(hub: Shell) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        done = hub("serve", "--port", port)
    assert (done.returncode, port in done.stderr) == (3, True)


def test_an_unreachable_database_is_told_without_its_password(hub: Shell) -> None:
    url = "postgresql://me:pass-word@127.0.0.1:1/x"
    done = hub("migrate", DATABASE_URL=url)
    assert (done.returncode, "pass-word" in done.stderr) == (3, False)
    assert "DATABASE_URL" in done.stderr


def test_an_unknown_setting_is_told_with_the_nearest(hub: Shell) -> None:
    (hub.folder / "wrong.toml").write_text("[server]\nprot = 1\n", "utf-8")
    done = hub("--settings", "wrong.toml", "app", "list")
    assert (done.returncode, "did you mean 'port'" in done.stderr) == (3, True)


def test_a_vendors_key_never_becomes_a_sources_by_a_forgotten_option(hub: Shell) -> None:
    hub("vendor", "add", "reader", "--party", "Reader")
    hub("app", "add", "reader-key", "--vendor", "reader", "--secret-env", "S", S="one")
    done = hub("app", "add", "reader-key", "--secret-env", "S", S="two")
    assert (done.returncode, "--vendor reader" in done.stderr) == (3, True)
    listed = json.loads(hub("app", "list", "--json").stdout)
    assert {each["key"]: each["kind"] for each in listed}["reader-key"] == "vendor"


def test_a_connection_may_be_connected_again_and_shows_no_secret(hub: Shell) -> None:
    hub("vendor", "add", "reader", "--party", "Reader")
    words = ["vendor", "connect", "reader", "--format", "sif-xml", "--key", "k"]
    for port in ("1", "2"):
        url = ["--url", f"http://127.0.0.1:{port}/sif3"]
        done = hub(*words, *url, "--secret-env", "S", S="TOPSECRET")
        assert (done.returncode, "TOPSECRET" in done.stdout + done.stderr) == (0, False)
    (listed,) = json.loads(hub("vendor", "list", "--json").stdout)
    assert listed["connections"] == "sif-xml"


@pytest.mark.parametrize(
    "words",
    [
        ["app", "add", "a:b", "--secret-env", "S"],
        ["app", "add", "", "--secret-env", "S"],
        ["vendor", "add", "empty", "--party", " "],
        ["vendor", "add", "reader", "--party", "Reader", "--zone", "elsewhere"],
        ["losses", "nobody"],
        ["--settings", ".", "app", "list"],
    ],
)
def test_what_cannot_work_is_refused_in_a_sentence(hub: Shell, words: list[str]) -> None:
    hub("vendor", "add", "reader", "--party", "Reader")
    assert hub(*words, S="s").returncode == 3


@pytest.mark.parametrize("url", ["ftp://x", "ht!tp:x", "nothing"])
def test_an_address_that_is_none_is_refused(hub: Shell, url: str) -> None:
    hub("vendor", "add", "reader", "--party", "Reader")
    words = ["vendor", "connect", "reader", "--format", "sif-xml", "--key", "k", "--url", url]
    assert hub(*words, "--secret-env", "S", S="s").returncode == 3


@pytest.mark.parametrize("url", ["nonsense", "mysql://a/b", "postgresql://[::1/x"])
def test_a_database_url_that_is_none_is_refused(hub: Shell, url: str) -> None:
    done = hub("migrate", DATABASE_URL=url)
    assert (done.returncode, "DATABASE_URL" in done.stderr) == (3, True)
