"""Runs of the suite as processes: watched, stopped, interrupted, read, compared, handed on."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from reference_hub.journeys import console_child
from tests.reference_hub.console.vendor_at_work import (
    SECRET,
    Taking,
    product,
    runs_desk,
    runs_settings,
    taking,
)
from tests.waiting import until

__all__ = ["runs_desk", "runs_settings", "taking"]


@pytest.fixture
def begun(taking: Taking) -> Iterator[Taking]:
    """A connected vendor that does not answer: its port takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listener:
        taking.enter()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/sif3"
        taking.connect(url, users="", demographics="")
        yield taking


def test_the_doctor_names_what_is_wrong(taking: Taking) -> None:
    taking.enter()
    taking.connect("http://127.0.0.1:9/sif3")
    page = taking.ran("doctor")
    assert "cannot be tested yet" in page
    assert "http://127.0.0.1:9/sif3" in page
    [(state, code, fault)] = taking.desk.run(
        "SELECT state, exit_code, result -> 'fault' ->> 'key' FROM console_run"
    )
    assert (state, code) == ("ended", 3)
    assert "[endpoint] url = 'http://127.0.0.1:9/sif3'" in str(fault)


def test_one_run_at_a_time_and_it_can_be_stopped(begun: Taking) -> None:
    begun.press("start/run", "run")
    begun.press("start/run", "run")
    assert "Another run for this vendor is going on" in begun.web.get(f"{begun.at}/run").text
    assert begun.desk.run("SELECT count(*) FROM console_run") == [(1,)]
    begun.press("stop/run", "run")
    until(lambda: begun.state("run") == "cancelled", 20)
    assert "stopped this run" in begun.web.get(f"{begun.at}/run").text


def test_a_run_whose_hub_is_gone_is_interrupted_and_can_start_again(begun: Taking) -> None:
    begun.desk.run(
        "INSERT INTO console_run (zone_id, context_id, vendor_id, kind, folder, options, started,"
        " started_by, beat) SELECT zone_id, context_id, id, 'run', 'gone', '{}', now(), 'ana',"
        " now() - interval '16 seconds' FROM vendor"
    )
    page = begun.web.get(f"{begun.at}/run").text
    assert "The hub stopped while this run was going on" in page
    assert "Start it again" in page
    begun.press("start/run", "run")
    assert begun.state("run") == "running"


def test_the_suite_ends_with_the_hub_that_started_it(tmp_path: Path) -> None:
    hold = [sys.executable, "-c", "import time; time.sleep(60)", str(tmp_path)]
    between = [sys.executable, "-m", console_child.__name__, "60", *hold]
    with subprocess.Popen(between, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        until(lambda: len(commands(str(tmp_path))) == 2)
        assert process.stdin
        process.stdin.close()
        assert process.wait(5) != 0
    assert commands(str(tmp_path)) == []


def test_a_vendor_that_never_answers_costs_bounded_time(tmp_path: Path) -> None:
    hold = [sys.executable, "-c", "import time; time.sleep(60)"]
    between = [sys.executable, "-m", console_child.__name__, "0.3", *hold]
    with subprocess.Popen(between, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.wait(5) == console_child.LATE


@pytest.mark.soak
def test_a_run_is_read_summed_up_packed_and_checked(taking: Taking, tmp_path: Path) -> None:
    with product(tmp_path) as url:
        taking.enter()
        taking.connect(url)
        page = taking.ran("run", quick="yes")
    assert ">conforms<" in page
    [(number, result)] = taking.desk.run("SELECT id, result FROM console_run")
    assert isinstance(result, dict)
    assert (result["outcome"], result["counts"]["fail"]) == ("conforms", 0)
    summary = taking.web.get(f"/runs/{number}/pages/summary.html")
    assert "Reading App" in summary.text
    assert "sandbox" in summary.headers["Content-Security-Policy"]
    assert taking.web.get(f"/runs/{number}/pages/run.jsonl").status_code == 404
    packed = taking.web.get(f"/runs/{number}/export/bundle")
    assert packed.headers["Content-Disposition"].endswith('.bundle.zip"')
    assert "DAT-FID-002,MUST,profile" in taking.web.get(f"/runs/{number}/export/csv").text
    assert "whole, not signed" in checked(taking, packed.content).text
    broken = packed.content[:-200] + bytes(200)
    assert "not whole: do not rely on it" in checked(taking, broken).text
    assert checked(taking, b"no bundle").status_code == 422
    few = taking.web.get(f"/runs/compare?run={number}")
    assert "Tick at least two runs" in few.text
    both = taking.web.get(f"/runs/compare?run={number}&run={copied(taking)}")
    assert both.status_code == 200, both.text
    assert "sandbox" in both.headers["Content-Security-Policy"]
    assert "Example Reading App" in both.text


def checked(taking: Taking, content: bytes) -> requests.Response:
    """What the console says of an uploaded bundle."""
    fields = {"csrf": taking.web.csrf("/runs/verify")}
    return taking.web.http.post(
        f"{taking.desk.base}/console/runs/verify",
        data=fields,
        files={"bundle": ("../a.bundle.zip", content)},
        timeout=60,
    )


def copied(taking: Taking) -> int:
    """Another run of the same files; its id."""
    rows = taking.desk.run(
        "INSERT INTO console_run (zone_id, context_id, vendor_id, kind, state, folder, options,"
        " started, started_by, beat, result) SELECT zone_id, context_id, vendor_id, kind, state,"
        " folder || '/../' || folder, options, started, started_by, beat, result FROM console_run"
        " RETURNING id"
    )
    return int(str(rows[0][0]))


def test_progress_comes_as_events_until_the_end(begun: Taking) -> None:
    begun.press("start/run", "run")
    [(number,)] = begun.desk.run("SELECT id FROM console_run")
    headers = {"Accept": "text/event-stream"}
    with begun.web.get(f"/runs/{number}/events", headers=headers, stream=True) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        lines = stream.iter_lines(decode_unicode=True)
        assert next(lines) == "retry: 1500"
        begun.press("stop/run", "run")
        assert "event: end" in list(lines)


def test_no_secret_stands_on_a_command_line_or_in_a_file_of_the_run(begun: Taking) -> None:
    begun.press("start/run", "run")
    until(lambda: bool(commands("target.toml")))
    assert [line for line in commands("") if SECRET in line] == []
    [(folder,)] = begun.desk.run("SELECT folder FROM console_run")
    place = Path(begun.desk.settings.console.folder) / "runs" / str(folder)
    held = [path for path in place.rglob("*") if path.is_file() and SECRET in path.read_text()]
    assert held == []


def commands(part: str) -> list[str]:
    """The command lines of this machine that hold a part."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if part in line:
            found.append(line)
    return found
