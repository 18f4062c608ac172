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

TABLES = (
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
)


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
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> Engine:
    """The same store, empty."""
    with engine.begin() as connection:
        names = ", ".join(connection.execute(text(TABLES)).scalars())
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    return engine


@pytest.fixture(scope="session")
def infrastructure(standards: Path) -> etree.XMLSchema:
    """The published schema of infrastructure 3.3."""
    folder = standards / "schemas" / "official" / "infrastructure-3.3"
    return etree.XMLSchema(etree.parse(str(folder / "SIF_Message.xsd")))
