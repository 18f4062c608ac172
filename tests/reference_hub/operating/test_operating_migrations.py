"""From the first version's store to this one's: nothing lost, nothing changed, no way back."""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree
from sqlalchemy import Engine, text

from fixtures.generate import student
from fixtures.writers import xpress
from reference_hub.app import create_app
from reference_hub.cli import cli
from reference_hub.codec.schema import Judge
from reference_hub.problems import SetupError
from reference_hub.settings import Database, Settings
from reference_hub.store import claims, revisions
from reference_hub.store.db import connect, migrate, open_engine

TOKEN = "0f6cd6e5-0000-4000-8000-000000000001"
TABLES = (
    "audit", "object_version", "vendor", "application", "pod", "sif_object", "subscriber",
    "environment", "id_map", "loss", "message",
)  # fmt: skip
# Rows as the first version wrote them; versions, objects and messages follow from the students.
PARTIES = (
    "INSERT INTO vendor (name, party_id, zone_id, context_id, pod_policy)"
    " VALUES ('reading', 'Example Reading App', 'demo-district', 'DEFAULT', 'required')",
    "INSERT INTO application (key, secret, kind, zone_id, context_id, vendor_id)"
    " VALUES ('sis', 'a-secret', 'source', 'demo-district', 'DEFAULT', NULL),"
    " ('reader', 'b-secret', 'vendor', 'demo-district', 'DEFAULT', 1)",
    "INSERT INTO pod (id, vendor_id, zone_id, context_id, version, token, status, starts, ends,"
    " granted, document, acknowledged_how, acknowledged) VALUES"
    " ('00000000-0000-4000-8000-00000000000a', 1, 'demo-district', 'DEFAULT', '1.0.0', 'marker',"
    " 'Live', '2025-07-01', '2035-06-30', '[\"xStudent/localId\"]', '<pod/>', 'PUT', now())",
    "INSERT INTO subscriber (vendor_id, name, zone_id, context_id, format, transport, url,"
    " credentials, objects) VALUES (1, 'reading-sif-xml', 'demo-district', 'DEFAULT', 'sif-xml',"
    ' \'sif_push\', \'http://127.0.0.1:1/\', \'{"key": "k", "secret": "s"}\', \'["xStudent"]\')',
    "INSERT INTO environment (id, application_key, zone_id, context_id, session_token, fingerprint,"
    " authentication_method, namespace) VALUES ('00000000-0000-4000-8000-00000000000e', 'sis',"
    f" 'demo-district', 'DEFAULT', '{TOKEN}', 'print', 'Basic',"
    " 'http://www.sifassociation.org/infrastructure/3.3')",
    "INSERT INTO message (zone_id, context_id, subscriber_id, kind, action, object_type, pod_id)"
    " VALUES ('demo-district', 'DEFAULT', 1, 'pod', 'CREATE', 'pod',"
    " '00000000-0000-4000-8000-00000000000a')",
)
VERSION = text(
    "INSERT INTO object_version (zone_id, context_id, object_type, refid, action, body, source_key)"
    " VALUES ('demo-district', 'DEFAULT', 'xStudent', :refid, 'CREATE', :body, 'sis') RETURNING id"
)
OBJECT = text(
    "INSERT INTO sif_object (zone_id, context_id, object_type, refid, position, version_id)"
    " VALUES ('demo-district', 'DEFAULT', 'xStudent', :refid, :version, :version)"
)
MESSAGE = text(
    "INSERT INTO message (message_id, zone_id, context_id, subscriber_id, kind, action,"
    " object_type, version_id, state) VALUES (:id, 'demo-district', 'DEFAULT', 1, 'event',"
    " 'CREATE', 'xStudent', :version, :state)"
)
Rows = dict[str, list[dict[str, object]]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A database of this test alone."""
    return Settings(database=Database(directory=str(tmp_path / "pg")))


@pytest.fixture
def first(settings: Settings) -> Iterator[Engine]:
    """A store of the first version with five students, of which one was delivered."""
    engine = connect(settings)
    assert migrate(engine, "0001") == ("", "0001")
    with engine.begin() as connection:
        for statement in PARTIES:
            connection.execute(text(statement))
        for number in range(5):
            element = xpress.student(student(7, number))
            body, refid = etree.tostring(element), str(element.get("refId")).lower()
            version = connection.execute(VERSION, {"refid": refid, "body": body}).scalar_one()
            connection.execute(OBJECT, {"refid": refid, "version": version})
            state = "done" if number == 0 else "waiting"
            row = {"id": uuid.UUID(int=number), "version": version, "state": state}
            connection.execute(MESSAGE, row)
    yield engine
    engine.dispose()


def rows(engine: Engine) -> Rows:
    with engine.connect() as connection:
        return {
            name: [
                dict(row)
                for row in connection.execute(text(f"SELECT * FROM {name} ORDER BY 1")).mappings()
            ]
            for name in TABLES
        }


def narrowed(after: Rows, before: Rows) -> Rows:
    """The later rows with the columns of the earlier ones."""
    columns = {name: list(found[0]) if found else [] for name, found in before.items()}
    return {
        name: [{column: row[column] for column in columns[name]} for row in found]
        for name, found in after.items()
    }


def test_an_upgrade_keeps_every_row_of_the_first_version(first: Engine) -> None:
    before = rows(first)
    assert migrate(first) == ("0001", revisions.head())
    # What a POD grants stands in its one entry now.
    granted = [row.pop("granted") for row in before["pod"]]
    assert narrowed(rows(first), before) == before
    assert [row["entries"] for row in rows(first)["pod"]] == [
        [{"granted": each}] for each in granted
    ]
    assert [row["objects"] for row in rows(first)["pod"]] == [["xStudent"]]
    assert [len(before[name]) for name in ("object_version", "message")] == [5, 6]


def test_objects_are_counted_once_by_the_upgrade(first: Engine) -> None:
    migrate(first)
    with first.connect() as connection:
        found = connection.execute(text("SELECT * FROM object_tally")).all()
    assert [tuple(row) for row in found] == [("demo-district", "DEFAULT", "xStudent", 5, 5)]


def test_a_session_of_the_first_version_reads_on(first: Engine, settings: Settings) -> None:
    migrate(first)
    token = base64.b64encode(f"{TOKEN}:a-secret".encode()).decode()
    hub = create_app(settings, first, judge=Judge()).test_client()
    answer = hub.get("/requests/xStudents", headers={"Authorization": f"Basic {token}"})
    sent = [xpress.student(student(7, number)).get("refId") for number in range(5)]
    assert answer.status_code == 200
    assert [each.get("refId") for each in etree.fromstring(answer.data)] == sent


def test_deliveries_go_on_in_order_and_under_their_message_ids(first: Engine) -> None:
    migrate(first)
    with first.begin() as connection:
        pod = claims.claim(connection, datetime.now(UTC), 60, 10)
        assert pod
        assert [each.kind for each in pod.messages] == ["pod"]
        connection.execute(text("UPDATE message SET state = 'done' WHERE kind = 'pod'"))
        run = claims.claim(connection, datetime.now(UTC), 60, 10)
    assert run
    assert [uuid.UUID(each.message_id).int for each in run.messages] == [1, 2, 3, 4]


def test_migrate_tells_from_where_to_where(first: Engine, tmp_path: Path) -> None:
    url = re.sub(r"^postgresql\+psycopg", "postgresql", first.url.render_as_string(False))
    said = [CliRunner().invoke(cli, ["migrate"], env={"DATABASE_URL": url}).output for _ in "12"]
    head = revisions.head()
    assert f"from schema 0001 to {head} and" in said[0]
    assert f"up to date (schema {head})." in said[1]


def test_an_older_program_refuses_the_store_of_a_newer_one(
    first: Engine, settings: Settings
) -> None:
    migrate(first)
    with first.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = rows(first)
    with pytest.raises(SetupError, match=r"schema 9999 of a newer reference-hub.*newer program"):
        open_engine(settings)
    assert rows(first) == before
