"""`conformance generate` as a user meets it: files, refusals, interruption, a full disk."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from lxml import etree

from conformance.cli import main

XPRESS = ["generate", "--seed", "7", "--model", "xpress-4.3", "--out", "data"]
# A shell that put a job into the background lets it ignore interrupts; a person at a terminal not.
PROGRAM = """
import resource, signal, sys
from conformance.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
if limit := int(sys.argv[1]):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
sys.exit(main(sys.argv[2:]))
"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)


def content(folder: str = "data") -> dict[str, bytes]:
    """Every file of a folder with its bytes, hidden ones too."""
    files = (path for path in Path(folder).rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def command(words: list[str], limit: int = 0) -> list[str]:
    """The command in a process of its own, with a limit for the size of a file."""
    return [sys.executable, "-c", PROGRAM, str(limit), *words]


def test_one_file_per_collection_and_a_list_of_them() -> None:
    assert main([*XPRESS, "--students", "3"]) == 0
    assert len(etree.parse("data/xStudents.xml").getroot()) == 3
    listed = json.loads(Path("data/district.json").read_text("utf-8"))
    assert (listed["seed"], listed["students"], listed["schools"]) == (7, 3, 2)
    assert {*listed["files"], "district.json"} == set(content())


def test_the_same_again_gives_the_same_bytes() -> None:
    main([*XPRESS, "--students", "3"])
    first = content()
    assert main([*XPRESS, "--students", "3"]) == 0
    assert content() == first


def test_another_district_in_the_folder_is_not_touched(capsys: pytest.CaptureFixture[str]) -> None:
    main([*XPRESS, "--students", "3"])
    first = content()
    assert main([*XPRESS, "--students", "4"]) == 3
    assert "students 3, not 4. Choose another folder" in capsys.readouterr().err
    assert content() == first


def test_replace_leaves_nothing_of_the_other_district() -> None:
    main([*XPRESS, "--students", "3"])
    assert (
        main(["generate", "--format", "csv", "--students", "2", "--out", "data", "--replace"]) == 0
    )
    assert [name for name in content() if name.endswith(".xml")] == []


def test_one_collection_can_be_chosen() -> None:
    assert main([*XPRESS, "--students", "3", "--collection", "xStudents"]) == 0
    assert sorted(content()) == ["district.json", "xStudents.xml"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--collection", "xPupils"], "no collection called 'xPupils'. Use one of: xLeas"),
        (["--students", "-1"], "-1 is not in the range x>=0"),
        (["--schools", "0"], "0 is not in the range x>=1"),
        (["--model", "unity-5"], "'unity-5' is not one of 'unity-4.3'"),
        (["--format", "csv"], "--model xpress-4.3 chooses between SIF models, and csv is none"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*XPRESS, *words]) == 64
    assert sentence in capsys.readouterr().err
    assert not Path("data").exists()


def test_a_folder_that_cannot_be_made_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    Path("data").write_text("a file", "utf-8")
    assert main([*XPRESS[:-1], "data/inside", "--students", "3"]) == 3
    assert "data/inside cannot be made or written" in capsys.readouterr().err


def test_nothing_to_resume_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*XPRESS, "--students", "3", "--resume"]) == 3
    assert "nothing to resume in data" in capsys.readouterr().err


def test_a_broken_list_of_files_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    main([*XPRESS, "--students", "3"])
    Path("data/district.json").write_text("{", "utf-8")
    assert main([*XPRESS, "--students", "3"]) == 3
    assert "data/district.json cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_leaves_whole_files_and_goes_on(number: signal.Signals) -> None:
    words = [*XPRESS, "--students", "2500"]
    process = subprocess.Popen(command(words), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    while not Path("data/xStaffs.xml").exists():
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(number)
    said = process.communicate()[1].decode()
    begun = json.loads(Path("data/.district.json.part").read_text("utf-8"))["files"]
    visible = {name for name in content() if not name.startswith(".")}
    # A kill may come before the small files of the last megabyte are noted.
    assert set(begun) <= visible
    assert number == signal.SIGKILL or set(begun) == visible
    assert all(etree.parse(f"data/{name}") for name in visible)
    assert number == signal.SIGKILL or "--resume goes on" in said
    assert main([*words, "--resume"]) == 0
    resumed = content()
    main([*words[:-3], "whole", *words[-2:]])
    assert resumed == content("whole")


def test_a_full_disk_is_said_and_leaves_no_half_file() -> None:
    words = [*XPRESS, "--students", "300"]
    run = subprocess.run(command(words, 100_000), capture_output=True, text=True, check=False)
    assert run.returncode == 3
    assert "data/xStudents.xml cannot be written (File too large)" in run.stderr
    assert "xStaffs.xml" in content()
    assert not {"xStudents.xml", ".xStudents.xml.part", "district.json"} & set(content())


def test_a_file_that_was_changed_is_written_anew_on_resume() -> None:
    main([*XPRESS, "--students", "3"])
    first = content()
    Path("data/xLeas.xml").write_bytes(Path("data/xLeas.xml").read_bytes().replace(b"0", b"1"))
    assert main([*XPRESS, "--students", "3", "--resume"]) == 0
    assert content() == first


def test_a_terminal_sees_rate_and_time_left() -> None:
    ours, theirs = pty.openpty()
    words = command([*XPRESS, "--students", "600"])
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen(words, stderr=theirs, stdout=subprocess.DEVNULL, env=environment)
    os.close(theirs)
    seen = b""
    while chunk := _read(ours):
        seen += chunk
    os.close(ours)
    assert process.wait() == 0
    assert b" objects, " in seen
    assert b"0:00:0" in seen


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux: the other side is closed
        return b""
