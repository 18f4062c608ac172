"""A store that was saved, destroyed and brought back: everything in it, and honest markers."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import text

from fixtures.generate import student
from fixtures.writers import xpress
from reference_hub.settings import Database, Settings
from reference_hub.store import identity
from reference_hub.store.db import connect, open_engine
from tests.reference_hub.command_line import run_in

COUNTED = ("application", "vendor", "subscriber", "object_version", "sif_object", "message", "pod")


class Place:
    """A folder with an embedded store and the command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.settings = Settings(database=Database(directory=str(folder / ".hub" / "postgres")))

    def __call__(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return run_in(self.folder, {"DATABASE_URL": ""} | environ, *words)

    def content(self) -> dict[str, list[str]]:
        """The rows of the store as text, without what a restore renews."""
        engine = connect(self.settings)
        with engine.connect() as connection:
            found = {
                name: [
                    str({key: value for key, value in row.items() if key != "txid"})
                    for row in connection.execute(
                        text(f"SELECT * FROM {name} ORDER BY 1, 4")
                    ).mappings()
                ]
                for name in COUNTED
            }
        engine.dispose()
        return found

    def scalar(self, statement: str) -> object:
        engine = connect(self.settings)
        with engine.connect() as connection:
            found = connection.execute(text(statement)).scalar_one()
        engine.dispose()
        return found


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, Path]:
    """A store with a vendor, a POD and twelve students, and its backup."""
    place = Place(tmp_path_factory.mktemp("saved") / "hub")
    export = place.folder / "export"
    export.mkdir()
    students = [xpress.student(student(3, number)) for number in range(12)]
    (export / "xStudents.xml").write_bytes(etree.tostring(xpress.collection("xStudents", students)))
    for words in (
        ("vendor", "add", "reading", "--party", "Example Reading App"),
        ("vendor", "connect", "reading", "--format", "sif-xml", "--url", "http://127.0.0.1:1/",
         "--key", "k", "--secret-env", "S"),
        ("pod", "issue", "reading"),
        ("load", "export"),
        ("backup", "saved.dump"),
    ):  # fmt: skip
        done = place(*words, S="canary-secret")
        assert done.returncode == 0, done.stderr
    return place, place.folder / "saved.dump"


@pytest.fixture
def empty(tmp_path: Path) -> Place:
    """Another machine's store."""
    return Place(tmp_path / "other")


@pytest.mark.soak
def test_a_backup_is_for_its_owner_alone_and_says_so(saved: tuple[Place, Path]) -> None:
    place, file = saved
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = place("backup", "second.dump")
    assert "personal data and secrets" in again.stdout
    assert not list(place.folder.glob("*.part"))


def test_what_was_saved_comes_back_in_another_cluster(
    saved: tuple[Place, Path], empty: Place
) -> None:
    place, file = saved
    done = empty("restore", str(file))
    assert (done.returncode, done.stderr) == (0, "Reading the backup ...\n")
    found = empty.content()
    assert found == place.content()
    assert [len(found[name]) for name in ("sif_object", "pod", "subscriber")] == [12, 1, 1]
    # The POD and the twelve students wait for the vendor as before.
    assert len(found["message"]) == 13
    assert empty("deliveries", "--json").stdout == place("deliveries", "--json").stdout


def test_markers_of_before_have_expired_and_new_changes_come_after_new_ones(
    saved: tuple[Place, Path], empty: Place
) -> None:
    place, file = saved
    assert empty("restore", str(file)).returncode == 0
    old, new = (str(each.scalar("SELECT epoch FROM hub_identity")) for each in (place, empty))
    assert old != new
    assert empty.scalar("SELECT max(txid) FROM object_version") == 0
    marker = empty.scalar("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    engine = connect(empty.settings)
    with engine.begin() as connection:
        added = connection.execute(
            text(
                "INSERT INTO object_version (zone_id, context_id, object_type, refid, action,"
                " source_key) VALUES ('z', 'c', 'o', 'r', 'DELETE', 's') RETURNING txid"
            )
        ).scalar_one()
        assert identity.epoch(connection) == new
    engine.dispose()
    assert isinstance(marker, int)
    assert added >= marker > 0


@pytest.mark.soak
def test_a_store_with_content_is_replaced_only_when_told_so(
    saved: tuple[Place, Path], empty: Place
) -> None:
    place, file = saved
    empty("app", "add", "mine", "--secret-env", "S", S="s")
    refused = empty("restore", str(file))
    assert (refused.returncode, "--replace" in refused.stderr) == (3, True)
    assert empty.scalar("SELECT key FROM application") == "mine"
    assert empty("restore", "--replace", str(file)).returncode == 0
    assert empty.content() == place.content()


@pytest.mark.soak
def test_a_damaged_backup_leaves_the_store_as_it_was(
    saved: tuple[Place, Path], empty: Place
) -> None:
    _, file = saved
    damaged = empty.folder / "damaged.dump"
    damaged.write_bytes(file.read_bytes()[:-3000])
    empty("app", "add", "mine", "--secret-env", "S", S="s")
    done = empty("restore", "--replace", "damaged.dump")
    assert (done.returncode, "pg_restore failed" in done.stderr) == (3, True)
    assert empty.scalar("SELECT key FROM application") == "mine"
    assert empty("app", "add", "more", "--secret-env", "S", S="s").returncode == 0


def test_a_restore_is_refused_while_something_uses_the_store(
    saved: tuple[Place, Path], empty: Place
) -> None:
    engine = open_engine(empty.settings)
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        done = empty("restore", "--replace", str(saved[1]))
    engine.dispose()
    assert (done.returncode, "stop serve" in done.stderr) == (3, True)


def test_files_that_do_not_do_are_told(empty: Place) -> None:
    (empty.folder / "text.dump").write_text("canary")
    for words, said in (
        (("restore", "missing.dump"), "cannot be read"),
        (("restore", "text.dump"), "is no backup"),
        (("backup", "new.dump"), "nothing to back up"),
        (("backup", "text.dump"), "exists already"),
        (("migrate",), ""),
        (("backup", "missing/new.dump"), "cannot be written"),
    ):
        done = empty(*words)
        assert (done.returncode, said in done.stderr) == (3 if said else 0, True)
        assert "Traceback" not in done.stderr


@pytest.mark.soak
def test_an_account_that_was_disabled_is_not_let_in_again_by_a_restore(empty: Place) -> None:
    words = ("console", "account", "add", "maria", "--role", "viewer", "--password-env", "P")
    assert empty(*words, P="correct horse battery").returncode == 0
    assert empty("backup", "before.dump").returncode == 0
    assert empty("console", "account", "disable", "maria").returncode == 0
    assert empty("restore", "--replace", "before.dump").returncode == 0
    assert empty.scalar("SELECT disabled FROM console_account") is True
