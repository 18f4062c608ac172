"""`reference-hub import` as a user calls it, and flat files into the store."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from sqlalchemy import Engine

from reference_hub import cli
from reference_hub.model.scope import Scope
from reference_hub.store import objects
from reference_hub.translate.bundle_writing import DELTA, gone, write_bundle
from reference_hub.translate.flat_files import write_files
from reference_hub.translate.flat_layout import read_layout
from tests.reference_hub.translate.districts import district, packed, written

FLAT = Path(str(files("reference_hub.translate"))) / "tables" / "flat.toml"
SINCE = ("--operational-since", "2000-07-01")


@dataclass(frozen=True)
class Run:
    """How a call ended."""

    code: object
    out: str
    err: str


Command = Callable[..., Run]


@pytest.fixture
def hub(
    store: Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Command:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", store.url.render_as_string(hide_password=False))

    def call(*arguments: object) -> Run:
        monkeypatch.setattr(sys, "argv", ["reference-hub", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return Run(end.value.code, *capsys.readouterr())

    return call


def present(store: Engine, object_type: str) -> int:
    with store.connect() as connection:
        return objects.tally(connection, Scope("demo-district"), object_type).present


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "roster.zip"
    path.write_bytes(packed(written(district(4), "oneroster-1.2"), "1.2"))
    return path


def test_a_bundle_becomes_objects_and_its_losses_a_file(
    hub: Command, bundle: Path, store: Engine, tmp_path: Path
) -> None:
    run = hub(
        "import", bundle, "--format", "oneroster-1.2-csv", "--as", "xpress-4.3",
        "--ledger", tmp_path / "lost.csv", "--json",
    )  # fmt: skip
    told = json.loads(run.out)
    assert (run.code, told["faults"], told["left_out"]) == (0, [], [])
    assert told["stored"]["xStudent"] == present(store, "xStudent") == 12
    with (tmp_path / "lost.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == told["losses"] > 0


def test_what_classics_cannot_hold_refuses_all_until_it_may_be_left_out(
    hub: Command, bundle: Path, store: Engine
) -> None:
    ask = ("import", bundle, "--format", "oneroster-1.2-csv", *SINCE)
    strict = hub(*ask)
    assert strict.code == 1
    assert "StudentContactRelationship cannot be made: Code is required" in strict.out
    assert "Nothing was stored." in strict.out
    assert present(store, "StudentPersonal") == 0
    lenient = hub(*ask, "--leave-out")
    assert lenient.code == 0
    assert "StudentContactRelationship left out: Code is required and not known" in lenient.out
    assert present(store, "StudentPersonal") == 12


def test_a_faulty_bundle_is_told_with_row_and_column(
    hub: Command, standards: Path, store: Engine
) -> None:
    folder = standards / "samples" / "oneroster" / "moodle-1.2-almost-valid"
    run = hub("import", folder, "--format", "oneroster-1.2-csv")
    assert run.code == 1
    assert "users.csv row 2, column enabledUser: expected one of true, false" in run.out
    assert present(store, "StudentPersonal") == 0


def test_a_delta_deletes_what_it_marks_and_says_so(
    hub: Command, bundle: Path, store: Engine, tmp_path: Path
) -> None:
    ask = ("--format", "oneroster-1.2-csv", "--as", "xpress-4.3")
    assert hub("import", bundle, *ask).code == 0
    rows = written(district(4), "oneroster-1.2").ready()
    one = next(x for x in rows["users"] if "grades" in x)
    moment = datetime(2026, 11, 26, 12, tzinfo=UTC)
    with write_bundle({"users": [gone(one)]}, "1.2", DELTA, moment).content as content:
        (tmp_path / "delta.zip").write_bytes(content.read())
    run = hub("import", tmp_path / "delta.zip", *ask)
    assert (run.code, "Deleted: 1 xStudent." in run.out) == (0, True)
    assert present(store, "xStudent") == 11


def test_files_of_school_data_sync_become_objects(
    hub: Command, tmp_path: Path, store: Engine
) -> None:
    layout = read_layout(FLAT.parent / "sds-2.1.toml")
    with write_files(written(district(4), "sds-2.1").ready(), layout).content as content:
        (tmp_path / "sds.zip").write_bytes(content.read())
    run = hub("import", tmp_path / "sds.zip", "--format", "sds-2.1", "--as", "xpress-4.3")
    sections = sum(entity == "Section" for entity, _ in district(4).all())
    assert (run.code, run.err) == (0, "")
    assert (present(store, "xStudent"), present(store, "xRoster")) == (12, sections)


def test_flat_files_become_objects(hub: Command, tmp_path: Path, store: Engine) -> None:
    layout = read_layout(FLAT)
    with write_files(written(district(4), "flat").ready(), layout).content as content:
        (tmp_path / "plain.zip").write_bytes(content.read())
    ask = ("import", tmp_path / "plain.zip", "--format", "flat", "--mapping", FLAT)
    run = hub(*ask, "--as", "xpress-4.3")
    assert (run.code, run.err) == (0, "")
    sections = sum(entity == "Section" for entity, _ in district(4).all())
    assert (present(store, "xStudent"), present(store, "xRoster")) == (12, sections)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--format", "flat"), "--format flat needs --mapping"),
        (("--format", "oneroster-1.2-csv", "--operational-since", "soon"), "is a date YYYY-MM-DD"),
        (("--format", "edfi"), "'edfi' is not one of"),
    ],
)
def test_a_wrong_call_is_told_how_to_put_it_right(
    more: tuple[str, ...], words: str, hub: Command, bundle: Path
) -> None:
    run = hub("import", bundle, *more)
    assert run.code != 0
    assert words in run.err


def test_a_missing_file_is_a_fault_of_the_set_up(hub: Command) -> None:
    run = hub("import", "nowhere.zip", "--format", "oneroster-1.2-csv")
    assert (run.code, "There is no file or folder nowhere.zip" in run.err) == (3, True)
