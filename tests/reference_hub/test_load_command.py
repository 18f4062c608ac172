"""`reference-hub load` as a user calls it: output, exit codes, faults of the set-up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from fixtures.generate import student
from fixtures.writers import xpress
from reference_hub import cli
from reference_hub.model.scope import Scope
from reference_hub.store import objects
from reference_hub.store.vendors import add_application

BAD = f'<xStudent xmlns="{xpress.NA4}" refId="Zelda"/>'


@dataclass(frozen=True)
class Run:
    """How a call ended."""

    code: object
    out: str
    err: str


Command = Callable[..., Run]


@pytest.fixture
def url(store: Engine) -> str:
    return store.url.render_as_string(hide_password=False)


@pytest.fixture
def hub(
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Command:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", url)

    def call(*arguments: object) -> Run:
        monkeypatch.setattr(sys, "argv", ["reference-hub", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return Run(end.value.code, *capsys.readouterr())

    return call


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Two students, one broken file, one that is no XML."""
    folder = tmp_path / "export"
    (folder / "deep").mkdir(parents=True)
    for number in (1, 2):
        sent = xpress.student(student(9, number))
        (folder / "deep" / f"{number}.xml").write_bytes(xpress.tostring(sent))
    (folder / "bad.xml").write_text(BAD)
    (folder / "notes.txt").write_text("not for the hub")
    return folder


def count(engine: Engine, zone: str = "demo-district", context: str = "DEFAULT") -> int:
    with engine.connect() as connection:
        return objects.tally(connection, Scope(zone, context), "xStudent").present


def test_a_folder_is_loaded_and_summed_up(hub: Command, export: Path, store: Engine) -> None:
    ended = hub("load", "export")
    place = "export/bad.xml:1: /xStudent/@refId: expected the pattern "
    assert ended.out.startswith(place)
    assert ended.out.endswith(
        "Files: 2 loaded, 1 refused, 1 skipped. Objects stored: 2, "
        "judged: 2 by kit schema unity-4.3-kit.\n"
    )
    assert (ended.code, ended.err, count(store)) == (1, "", 2)


def test_json_is_the_only_standard_output(hub: Command, export: Path) -> None:
    ended = hub("load", "--json", "export")
    told = json.loads(ended.out)
    (problem,) = told.pop("problems")
    assert told == {"loaded": 2, "refused": 1, "skipped": 1}
    assert "found a word of 5 characters" in problem.pop("expected")
    assert problem == {
        "file": "export/bad.xml",
        "line": 1,
        "path": "/xStudent/@refId",
        "judged_by": "kit schema unity-4.3-kit",
    }
    assert ended.err.startswith("Files: 2 loaded")


def test_no_value_of_the_data_is_printed(hub: Command, export: Path) -> None:
    ended = hub("load", "export")
    assert "Zelda" not in ended.out + ended.err


def test_a_call_without_refusals_ends_with_0(hub: Command, export: Path) -> None:
    ended = hub("load", "--json", "--quiet", export / "deep")
    assert (ended.code, ended.err) == (0, "")


def test_zone_and_context_say_where(hub: Command, export: Path, store: Engine) -> None:
    with store.begin() as connection:
        add_application(connection, "sis", "secret", Scope("north"))
    hub("load", export / "deep", "--zone", "north", "--context", "2027")
    assert (count(store, "north", "2027"), count(store)) == (2, 0)


def test_a_schema_given_for_the_call_judges(hub: Command, export: Path, standards: Path) -> None:
    folder = standards / "schemas/patched/unity-4.3-strict"
    ended = hub("load", export / "deep", "--schema", folder)
    assert "judged: 2 by unity-4.3-strict (strict)" in ended.out


def test_a_registered_schema_judges(hub: Command, export: Path, standards: Path) -> None:
    folder = standards / "schemas/patched/unity-4.3-strict"
    assert hub("schemas", "add", folder, "--model", "unity-4.3").code == 0
    ended = hub("load", export / "deep")
    assert "judged: 2 by unity-4.3 (strict)" in ended.out


def test_the_model_of_the_zone_chooses(
    hub: Command, export: Path, standards: Path, tmp_path: Path
) -> None:
    for model, place in (("4.3", "unity-4.3/strict"), ("4.0", "unity-4.0/plain-2019-05-22")):
        hub("schemas", "add", standards / "schemas/official" / place, "--model", model)
    ambiguous = hub("load", export / "deep")
    assert (ambiguous.code, ambiguous.out) == (3, "")
    assert "4.3, 4.0; choose one with --model" in ambiguous.err
    (tmp_path / "hub.toml").write_text('[zones.demo-district]\nmodel = "4.0"\n')
    assert "judged: 2 by 4.0 (strict)" in hub("load", export / "deep").out
    assert "judged: 2 by 4.3 (strict)" in hub("load", "--model", "4.3", export / "deep").out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere.xml"], "There is no file or folder nowhere.xml; correct the name."),
        (["export", "--zone", "south"], "There is no zone south; choose with --zone among demo-"),
        (["export", "--model", "na-9"], "No schema of model na-9 is registered; there are unity-"),
        (["export", "--schema", "x.xsd"], "There is no schema x.xsd; name an XSD file or the"),
        (["export", "--schema", "export"], "export holds no XSD file; name the one file"),
        (["export", "--schema", "export/bad.xml"], "bad.xml is no XML Schema; its root is"),
        (["export", "--schema", "export/notes.txt"], "notes.txt is not well-formed XML"),
    ],
)
def test_a_fault_of_the_set_up_is_one_sentence_and_3(
    hub: Command, export: Path, store: Engine, arguments: list[str], told: str
) -> None:
    ended = hub("load", "--json", *arguments)
    assert (ended.code, ended.out) == (3, "")
    assert told in ended.err
    assert ended.err.count("\n") == 1
    assert count(store) == 0


def test_a_schema_that_does_not_compile_loads_nothing(
    hub: Command, export: Path, standards: Path
) -> None:
    broken = standards / "schemas/official/na-3.5"
    ended = hub("load", export, "--schema", broken)
    assert ended.code == 3
    assert "does not compile: SIFglobalBaseTypes.xsd, line 376:" in ended.err


def test_several_zones_need_a_choice(hub: Command, export: Path, tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_text("[zones.north]\n[zones.south]\n")
    ended = hub("load", export)
    assert ended.code == 3
    assert "The settings have several zones; choose with --zone among north, south" in ended.err


def test_a_call_without_paths_is_a_usage_fault(hub: Command) -> None:
    assert hub("load").code == 64


def test_a_folder_without_anything_to_load_is_a_fault(hub: Command, tmp_path: Path) -> None:
    (tmp_path / "csv").mkdir()
    empty = hub("load", "csv")
    assert (empty.code, empty.out) == (3, "")
    assert "Nothing was loaded: no XML document in csv (there is no file in it)." in empty.err
    for number in range(7):
        (tmp_path / "csv" / f"{number}.csv").write_text("id,name")
    ended = hub("load", "--json", "csv")
    assert (ended.code, ended.out, ended.err.count("\n")) == (3, "", 1)
    assert "csv/4.csv and 2 more skipped: neither .xml nor begins with <" in ended.err


@pytest.mark.parametrize("context", ["", " ", "a b", "a/b", "a\n", "é"])
def test_a_context_with_other_characters_is_a_usage_fault(
    hub: Command, export: Path, store: Engine, context: str
) -> None:
    ended = hub("load", export / "deep", "--context", context)
    assert (ended.code, ended.out, count(store)) == (64, "", 0)
    assert "'--context'" in ended.err


def test_what_is_no_file_is_refused_and_the_rest_loaded(
    hub: Command, export: Path, store: Engine
) -> None:
    os.mkfifo(export / "pipe.xml")
    (export / "gone.xml").symlink_to(export / "nowhere")
    ended = hub("load", "export")
    assert "export/pipe.xml: expected a regular file or a folder; found a pipe\n" in ended.out
    assert "export/gone.xml: expected a regular file or a folder; found a link" in ended.out
    assert (ended.code, count(store)) == (1, 2)


def test_a_pipe_named_in_the_call_is_refused(hub: Command, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    ended = hub("load", "pipe")
    assert (ended.code, "pipe: expected a regular file" in ended.out) == (1, True)


INTERRUPTED_AT_THE_SECOND_FILE = (
    "import os, signal, sys\n"
    "from reference_hub import cli; from reference_hub.journeys import load\n"
    "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "write = load._Writer.write; calls = []\n"
    "def second(*given):\n"
    "    write(*given); calls.append(1)\n"
    "    if len(calls) == 2: os.kill(os.getpid(), signal.SIGINT)\n"
    "load._Writer.write = second; sys.argv = ['hub', 'load', *sys.argv[1:]]; cli.main()\n"
)


@pytest.mark.parametrize("as_json", [False, True])
def test_an_interrupted_load_tells_what_is_done(
    url: str, export: Path, store: Engine, tmp_path: Path, as_json: bool
) -> None:
    options = ["--json"] if as_json else []
    environ = {**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(Path(cli.__file__).parents[1])}
    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_AT_THE_SECOND_FILE, *options, "export/deep"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
    )
    assert (ended.returncode, ended.stderr.splitlines()[-1]) == (130, "interrupted")
    if as_json:
        assert json.loads(ended.stdout)["loaded"] == 1
    else:
        assert ended.stdout.startswith("Files: 1 loaded, 0 refused")
    assert count(store) == 1


def test_a_killed_load_leaves_nothing(url: str, store: Engine, tmp_path: Path) -> None:
    """A killed process commits no part of a file."""
    members = [xpress.student(student(9, number)) for number in range(3000)]
    root = xpress.collection("xStudents", members)
    (tmp_path / "a.xml").write_bytes(xpress.tostring(root).removesuffix(b"</xStudents>"))
    program = (
        "import os, sys; from reference_hub import cli; from reference_hub.journeys import load\n"
        "write = load._Writer.write; calls = []\n"
        "def third(*given):\n"
        "    write(*given); calls.append(1)\n"
        "    if len(calls) == 3: os._exit(9)\n"
        "load._Writer.write = third; sys.argv = ['hub', 'load', 'a.xml']; cli.main()\n"
    )
    environ = {**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(Path(cli.__file__).parents[1])}
    ended = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environ)
    assert ended.returncode == 9
    with store.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM object_version")).scalar_one() == 0


def test_the_installed_program_prints_json_only(url: str, export: Path, tmp_path: Path) -> None:
    program = "import sys; from reference_hub.cli import main; sys.argv[0] = 'hub'; main()"
    environ = {**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(Path(cli.__file__).parents[1])}
    ended = subprocess.run(
        [sys.executable, "-c", program, "load", "--json", "export/deep", "export/bad.xml"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
    )
    assert json.loads(ended.stdout)["loaded"] == 2
    assert ended.returncode == 1
