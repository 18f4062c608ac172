"""`conformance generate` as a user meets it: files, refusals, interruption, a full disk."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from lxml import etree

from conformance.cli import main
from fixtures.export import Wish, parts
from fixtures.export.estimate import pieces
from fixtures.generate import Plan

XPRESS = ["generate", "--seed", "7", "--model", "xpress-4.3", "--out", "data"]
# A shell that put a job into the background lets it ignore interrupts; a person at a terminal not.
PROGRAM = """
import resource, signal, sys
from conformance import cli_generate
from conformance.cli import main
cli_generate.PATIENCE = 0
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
        (["--students", "1000000000000"], "Identifiers suffice for 80,000,000 students"),
        (["--schools", "400001"], "and 400,000 schools; asked for 300 and 400,001."),
        (["--students", "3000000", "--schools", "2"], "A school has at most 1,000,000 students"),
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


@pytest.mark.parametrize(
    "number", [pytest.param(signal.SIGINT, marks=pytest.mark.soak), signal.SIGKILL]
)
def test_an_interrupted_run_leaves_whole_files_and_goes_on(number: signal.Signals) -> None:
    words = [*XPRESS, "--students", "1000"]
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


def test_full_temporary_files_are_told_from_a_full_folder() -> None:
    words = ["generate", "--format", "oneroster-csv", "--students", "500", "--out", "data"]
    run = subprocess.run(command(words, 100_000), capture_output=True, text=True, check=False)
    assert run.returncode == 3
    assert f"Temporary files cannot be written in {tempfile.gettempdir()}" in run.stderr


HOSTILE = ("../keep", "a/../../keep", "{folder}/keep", ".", "", "a\\u0000b", ".hidden", "C:keep")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_list_cannot_lead_out_of_its_folder(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("keep").write_text("mine", "utf-8")
    entry = f'{{"records": 0, "bytes": 4, "sha256": "{"0" * 64}"}}'
    Path("data").mkdir()
    listed = f'{{"files": {{"{name.format(folder=tmp_path)}": {entry}}}}}'
    Path("data/district.json").write_text(listed, "utf-8")
    assert main([*XPRESS, "--students", "3", "--replace"]) == 3
    assert "cannot be read as the list of a generated district" in capsys.readouterr().err
    assert Path("keep").read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    "text",
    ["[]", "null", '{"files": []}', '{"files": {"a": 1}}', '{"files": {"a": {}}}', "[" * 100_000],
)
def test_a_list_of_another_shape_is_none(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("data").mkdir()
    Path("data/district.json").write_text(text, "utf-8")
    assert main([*XPRESS, "--students", "3", "--resume"]) == 3
    assert "cannot be read as the list of a generated district" in capsys.readouterr().err


def test_a_pipe_in_place_of_the_list_does_not_hang(capsys: pytest.CaptureFixture[str]) -> None:
    Path("data").mkdir()
    os.mkfifo("data/district.json")
    assert main([*XPRESS, "--students", "3"]) == 3
    assert "cannot be read as the list" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["--replace"]])
def test_files_of_others_stay(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    Path("data").mkdir()
    Path("data/xStudents.xml").write_text("mine", "utf-8")
    assert main([*XPRESS, "--students", "3", *words]) == 3
    assert "such as xStudents.xml. Choose a new or an empty folder." in capsys.readouterr().err
    assert content() == {"xStudents.xml": b"mine"}


def test_replace_takes_nothing_away_where_something_else_lies() -> None:
    main([*XPRESS, "--students", "3"])
    Path("data/notes").mkdir()
    Path("data/notes/mine.txt").write_text("mine", "utf-8")
    before = content()
    assert main([*XPRESS, "--students", "4", "--replace"]) == 3
    assert content() == before


def test_links_are_not_followed_to_other_files(capsys: pytest.CaptureFixture[str]) -> None:
    Path("other").mkdir()
    Path("keep").write_text("mine", "utf-8")
    Path("data").mkdir()
    for name in (".xLeas.xml.part", "..district.json.part.draft"):
        Path("data", name).symlink_to("../keep")
    Path("data/.hidden").mkdir()
    assert main([*XPRESS, "--students", "3"]) == 0
    Path("data/timeline").symlink_to("../other")
    shown = json.loads(Path("data/district.json").read_text("utf-8"))
    Path("data/district.json").write_text(json.dumps({**shown, "timeline": True}), "utf-8")
    assert main([*XPRESS, "--students", "3", "--timeline"]) == 3
    assert "data/timeline is a link to elsewhere" in capsys.readouterr().err
    assert (Path("keep").read_text("utf-8"), content("other")) == ("mine", {})


def test_one_run_at_a_time_writes_into_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    Path("data").mkdir()
    handle = os.open("data", os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    assert main([*XPRESS, "--students", "3"]) == 3
    os.close(handle)
    assert "Another run is writing to data." in capsys.readouterr().err
    assert main([*XPRESS, "--students", "3"]) == 0


def test_a_file_that_was_taken_away_comes_back_on_resume() -> None:
    main([*XPRESS, "--students", "3"])
    first = content()
    Path("data/xLeas.xml").unlink()
    assert main([*XPRESS, "--students", "3", "--resume"]) == 0
    assert content() == first


@pytest.mark.parametrize("ending", ["| head -1", ">&-", ">&- 2>&-", "> /dev/full"])
def test_all_is_written_though_nobody_listens(ending: str) -> None:
    words = f"{sys.executable} -m conformance {' '.join(XPRESS)} --students 3 {ending}"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {words}"], capture_output=True, check=False
    )
    assert (done.returncode, b"fault" in done.stderr) == (0, False)
    assert "district.json" in content()


def on_a_terminal(words: list[str], **environment: str) -> str:
    """What a terminal sees of standard error, while standard output goes to a file."""
    ours, theirs = pty.openpty()
    told = os.environ | {"TERM": "xterm", "COLUMNS": "100", **environment}
    with Path("lines").open("wb") as lines:
        process = subprocess.Popen(command(words), stderr=theirs, stdout=lines, env=told)
    os.close(theirs)
    seen = b""
    while chunk := _read(ours):
        seen += chunk
    os.close(ours)
    assert process.wait() == 0
    return seen.decode()


def test_a_terminal_sees_rate_and_time_left() -> None:
    seen = on_a_terminal([*XPRESS, "--students", "600"])
    assert re.search(r"[\d,]+ records, [\d,]+/s .* 0:00:0", seen)
    assert "data is complete: seed 7, 600 students, 2 schools; 8 files" in seen


def test_lines_for_a_file_do_not_go_to_the_terminal() -> None:
    seen = on_a_terminal([*XPRESS, "--students", "600"], NO_COLOR="1", COLUMNS="20")
    assert "xStudents.xml" not in seen
    assert "xStudents.xml  600 objects" in Path("lines").read_text("utf-8")


def test_what_was_there_already_counts_on_resume() -> None:
    words = ["generate", "--format", "csv", "--students", "300", "--out", "data"]
    main(words)
    Path("data/teachers.csv").unlink()
    seen = on_a_terminal([*words, "--resume"])
    counts = [int(one.replace(",", "")) for one in re.findall(r"([\d,]+) records", seen)]
    assert counts[0] > 3000
    assert counts == sorted(counts)


@pytest.mark.parametrize(
    ("model", "form", "timeline"),
    [("xpress-4.3", "xml", True), ("", "csv", False), ("", "oneroster-csv", False)],
)
def test_the_estimate_behind_the_bar_is_near(model: str, form: str, timeline: bool) -> None:
    wish = Wish(Plan(7, 240, 3), model, form, timeline)
    real = sum(sum(1 for _ in part.chunks()) for part in parts(wish))
    assert real * 0.9 < pieces(wish) < real * 1.1


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux: the other side is closed
        return b""
