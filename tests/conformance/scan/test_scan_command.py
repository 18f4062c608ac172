"""`conformance scan` as a user meets it: lines, totals, exit codes, refusals."""

from __future__ import annotations

import gzip
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from conformance import cli_scan
from conformance.cli import main
from fixtures import canary, pods
from fixtures.district.plan import Plan
from fixtures.timeline import people

STUDENT, STAFF = canary.student_owner, canary.staff_owner
NAME = canary.name(7, STUDENT(12), "givenName")
OLD_STREET = canary.name(7, STUDENT(3), "address line1", 1)
NUMBER = canary.number(7, 40, "90")
SEED = ["--seed", "7", "--students", "60"]


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with an export: a table, a packed log, and something clean."""
    monkeypatch.chdir(tmp_path)
    Path("export/logs").mkdir(parents=True)
    Path("export/users.csv").write_text(f"id,name\n1,{NAME}\n2,{NUMBER}\n", "utf-8")
    Path("export/logs/a.gz").write_bytes(gzip.compress(f"moved to {OLD_STREET}".encode()))
    Path("export/clean.txt").write_text("nothing of interest", "utf-8")


def test_a_line_tells_owner_element_revision_and_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", *SEED, "export"]) == 1
    assert [line.split("\t") for line in capsys.readouterr().out.splitlines()] == [
        ["student 12", "givenName", "0", NAME, "7", "export/users.csv", "-", "2", "10"],
        ["student 40", "stateProvinceId", "0", NUMBER, "7", "export/users.csv", "-", "3", "26"],
        ["student 3", "address line1", "1", OLD_STREET, "7", "export/logs/a.gz", "gzip", "1", "9"],
    ]


def test_totals_and_rate_stand_beside_the_lines(capsys: pytest.CaptureFixture[str]) -> None:
    main(["scan", *SEED, "export"])
    told = capsys.readouterr().err
    assert told.startswith(
        "looking for seed 7 with 60 students, 2 schools\nscanned 3 files, 0.0 MB"
    )
    assert " MB/s\n3 sightings\n         1  student address line1\n" in told
    assert "students concerned: 3; number (sightings) " in told


def test_with_totals_only_they_are_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", *SEED, "--totals", "--only", "givenName", "export"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "1 sightings",
        "         1  student givenName",
        "students concerned: 1; number (sightings) 12 (1)",
    ]


def test_nothing_found_is_said_and_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", *SEED, "export/clean.txt"]) == 0
    shown = capsys.readouterr()
    assert (shown.out, shown.err.splitlines()[-1]) == ("", "nothing found")


def test_json_gives_one_object_a_line_and_the_totals(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", *SEED, "--json", "export"]) == 1
    first, _, third, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["kind"], first["student"], first["element"]) == ("student", 12, "givenName")
    assert (third["inside"], third["line"], third["revision"]) == (["gzip"], 1, 1)
    assert last["totals"]["sightings"] == 3
    assert last["totals"]["students"] == {"7": {"3": 1, "12": 1, "40": 1}}
    assert last["totals"]["unread"] == []


def test_standard_input_is_read() -> None:
    words = [sys.executable, "-m", "conformance", "scan", *SEED, "-"]
    packed = gzip.compress(f"<a>{NAME}</a>".encode())
    done = subprocess.run(words, input=packed, capture_output=True, check=False)
    assert done.returncode == 1
    assert done.stdout.decode() == f"student 12\tgivenName\t0\t{NAME}\t7\t-\tgzip\t1\t3\n"


def test_a_reader_that_goes_away_does_not_make_it_clean() -> None:
    Path("many.txt").write_text(f"{NAME}\n" * 50_000, "utf-8")
    words = f"{sys.executable} -m conformance scan --seed 7 many.txt | head -1; exit $PIPESTATUS"
    done = subprocess.run(["bash", "-c", words], capture_output=True, check=False)
    assert (done.stdout.count(b"\n"), b"fault" in done.stderr) == (1, False)
    assert done.returncode == 1


def test_a_full_disk_is_not_taken_for_a_file_that_cannot_be_read() -> None:
    words = f"{sys.executable} -m conformance scan --seed 7 export > /dev/full"
    done = subprocess.run(["bash", "-c", words], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "the lines cannot be written: No space left on device" in done.stderr


@pytest.mark.parametrize("ending", ["- < /dev/null", "empty", "nothing.txt"])
def test_where_there_is_nothing_it_stays_open(ending: str) -> None:
    Path("empty").mkdir()
    Path("nothing.txt").touch()
    words = f"{sys.executable} -m conformance scan --seed 7 {ending}"
    done = subprocess.run(["bash", "-c", words], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "there is not a byte in it" in done.stderr


def test_a_closed_standard_input_is_said() -> None:
    words = f"{sys.executable} -m conformance scan --seed 7 - <&-"
    done = subprocess.run(["bash", "-c", words], capture_output=True, text=True, check=False)
    assert (done.returncode, "standard input is closed" in done.stderr) == (64, True)


def test_lines_for_a_file_do_not_go_to_the_terminal() -> None:
    Path("large.txt").write_bytes(b"." * (33 << 20) + f"\n{NAME}\n".encode())
    ours, theirs = pty.openpty()
    words = [sys.executable, "-m", "conformance", "scan", *SEED, "large.txt"]
    with Path("lines").open("wb") as lines:
        process = subprocess.Popen(words, stderr=theirs, stdout=lines)
    os.close(theirs)
    while reading(ours):
        pass
    os.close(ours)
    assert process.wait() == 1
    assert Path("lines").read_text("utf-8").startswith("student 12\tgivenName\t0\t")


def test_what_is_typed_is_read_to_the_first_end() -> None:
    ours, theirs = pty.openpty()
    words = [sys.executable, "-m", "conformance", "scan", *SEED, "-"]
    process = subprocess.Popen(words, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen = b""
    while b"Ctrl-D" not in seen:
        seen += os.read(ours, 4096)
    os.write(ours, f"{NAME}\n\x04".encode())
    while more := reading(ours):
        seen += more
    os.close(ours)
    assert process.wait() == 1
    assert b"1 sightings" in seen


def reading(terminal: int) -> bytes:
    """The next bytes of a terminal; none when the other side is closed."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""


def test_several_seeds_are_looked_for_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    Path("two.txt").write_text(f"{NAME} {canary.name(8, STUDENT(1), 'givenName')}", "utf-8")
    main(["scan", "--seed", "7", "--seed", "8", "two.txt"])
    assert [line.split("\t")[4] for line in capsys.readouterr().out.splitlines()] == ["7", "8"]


@pytest.mark.parametrize("path", ["export", "export/users.csv", "export/logs/a.gz"])
def test_the_list_of_a_generated_district_says_what_to_look_for(
    path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = {"seed": 7, "students": 60, "schools": 3, "timeline": False}
    Path("export/district.json").write_text(json.dumps(listed), "utf-8")
    assert main(["scan", path]) == 1
    told = capsys.readouterr().err.splitlines()[0]
    assert told.startswith("looking for seed 7 with 60 students, 3 schools (from ")
    assert told.endswith("export/district.json)")


def test_the_folder_of_a_district_says_it_for_any_export(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("planted").mkdir()
    listed = {"seed": 7, "students": 60, "schools": 3, "timeline": False}
    Path("planted/district.json").write_text(json.dumps(listed), "utf-8")
    assert main(["scan", "--district", "planted", "export"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("looking for seed 7 with 60 students, 3 schools (from ")
    assert "Is it another one?" not in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--district", "export", "--seed", "7"], "leave out --seed, --students, --schools"),
        (["--district", "export"], "--district export: there is no district.json."),
        (["--students", "80000001"], "80000001 is not in the range"),
    ],
)
def test_a_district_that_cannot_be_is_refused(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scan", *words, "export"]) == 64
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["--seed", "7"]])
def test_a_guess_is_said_to_be_one(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    main(["scan", *words, "export"])
    assert "Is it another one? Name it with --district DIR" in capsys.readouterr().err


def test_the_help_names_the_agreements(capsys: pytest.CaptureFixture[str]) -> None:
    main(["scan", "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert f"grant: {', '.join(pods.AGREEMENTS)} or a file." in shown


@pytest.mark.parametrize("text", ["", "[]", '{"seed": 1}', '{"seed":1,"students":-1,"schools":1}'])
def test_a_list_that_says_nothing_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("export/district.json").write_text(text, "utf-8")
    assert main(["scan", "export"]) == 64
    assert "Name it with --seed and --students." in capsys.readouterr().err
    assert main(["scan", *SEED, "export"]) == 1


def test_without_a_list_or_a_seed_the_default_of_generate_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["scan", "export"])
    told = capsys.readouterr().err
    assert told.startswith("looking for seed 1 with 300 students, 2 schools, the default\n")


def test_newcomers_of_a_timeline_are_seen(capsys: pytest.CaptureFixture[str]) -> None:
    last = people(Plan(7, 60)) - 1
    Path("new.txt").write_text(canary.name(7, STUDENT(last), "familyName"), "utf-8")
    assert main(["scan", *SEED, "new.txt"]) == 1
    Path("new.txt").write_text(canary.name(7, STUDENT(last + 1), "familyName"), "utf-8")
    assert main(["scan", *SEED, "new.txt"]) == 0


def test_what_an_agreement_grants_is_no_finding(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", *SEED, "--granted", "reading-app", "export"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("\t")[1] for line in lines] == ["stateProvinceId", "address line1"]


def test_an_own_agreement_counts_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    shipped = Path(cli_scan.__file__).parents[1] / "fixtures/pods/agreements/reading-app.toml"
    text = shipped.read_text("utf-8").replace('"B15.1",', '"B15.1", "B15.2", "B14.1",')
    Path("mine.toml").write_text(text, "utf-8")
    assert main(["scan", *SEED, "--granted", "mine.toml", "export"]) == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "nothing to scan: name a file or folder, or - for standard input"),
        (["nowhere"], "Path 'nowhere' does not exist"),
        (["--only", "givenname", "export"], "no element or kind is called so; there is givenName"),
        (["--granted", "reading", "export"], "or one of these: minimal, reading-app, rostering."),
        (["--students", "-1", "export"], "-1 is not in the range"),
        (["--seed", "x", "export"], "'x' is not a valid integer"),
    ],
)
def test_wrong_words_are_refused(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scan", *words]) == 64
    assert told in capsys.readouterr().err


def test_what_cannot_be_read_leaves_it_open_whether_something_is_there(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("cut.gz").write_bytes(gzip.compress(b"a,b" * 5000)[:20])
    assert main(["scan", *SEED, "cut.gz"]) == 2
    assert "not read: cut.gz: gzip is cut short after " in capsys.readouterr().err


def test_links_are_passed_by_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    Path("other").mkdir()
    Path("other/link").symlink_to(Path("export/users.csv").resolve())
    Path("other/loop").symlink_to(Path("other").resolve())
    os.mkfifo("other/pipe")
    Path("other/clean").write_text("nothing of interest", "utf-8")
    assert main(["scan", *SEED, "other"]) == 0
    assert "passed by, links and what is no file: " in capsys.readouterr().err
    assert main(["scan", *SEED, "other/link"]) == 1


def test_the_name_of_a_file_is_scanned(capsys: pytest.CaptureFixture[str]) -> None:
    Path(f"export/{NAME}.pdf").write_bytes(b"%PDF")
    main(["scan", *SEED, "--only", "givenName", "export"])
    names = {line.split("\t")[5] for line in capsys.readouterr().out.splitlines()}
    assert names == {"export/users.csv", f"name of export/{NAME}.pdf"}


def test_a_name_with_controls_stays_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a\tb\n\x1b[31m.txt").write_text(NAME, "utf-8")
    main(["scan", *SEED, "a\tb\n\x1b[31m.txt"])
    (line,) = capsys.readouterr().out.splitlines()
    assert line.split("\t")[5] == "a?b??[31m.txt"
