"""A real PostgreSQL for the hub's tests: one server a process, emptied for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import Engine, text

from reference_hub.settings import Database, Settings
from reference_hub.store.db import open_engine
from tests.reference_hub import routes_once

routes_once.share()

# The files of a table are made anew when it is truncated; to delete a few rows is far quicker.
# Rows that may never be deleted, and the order of keys, are a matter of triggers, held still here.
EMPTY = """
DO $$
DECLARE found record;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR found IN
        SELECT oid::regclass AS name, pg_relation_size(oid) AS size FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
          AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0
    LOOP
        IF found.size > 200000 THEN
            EXECUTE format('TRUNCATE %s CASCADE', found.name);
        ELSE
            EXECUTE format('DELETE FROM %s', found.name);
        END IF;
    END LOOP;
    PERFORM setval(oid, 1, false) FROM pg_class
    WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace;
END $$
"""
# Servers are killed in tests, machines are not: what the system has taken need not be on the disk.
CARELESS = ("fsync", "full_page_writes")


@pytest.fixture(scope="session")
def hub_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings on an embedded server of this test process, or on HUB_TEST_DATABASE_URL."""
    directory = tmp_path_factory.mktemp("hub") / "postgres"
    url = os.environ.get("HUB_TEST_DATABASE_URL", "")
    return Settings(database=Database(url=url, directory=str(directory)))


@pytest.fixture(scope="session")
def engine(hub_settings: Settings) -> Iterator[Engine]:
    """The store with all migrations applied."""
    engine = open_engine(hub_settings)
    hurry(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> Engine:
    """The same store, empty."""
    empty(engine)
    return engine


def empty(engine: Engine) -> None:
    """Leave no row, and every sequence at its start."""
    with engine.begin() as connection:
        connection.execute(text(EMPTY))


def hurry(engine: Engine) -> None:
    """Let the server answer before the disk has everything."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name in CARELESS:
            connection.execute(text(f"ALTER SYSTEM SET {name} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))


@pytest.fixture(scope="session")
def infrastructure(standards: Path) -> etree.XMLSchema:
    """The published schema of infrastructure 3.3."""
    folder = standards / "schemas" / "official" / "infrastructure-3.3"
    return etree.XMLSchema(etree.parse(str(folder / "SIF_Message.xsd")))
