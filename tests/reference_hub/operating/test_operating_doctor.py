"""The doctor: what it looks at, how grave it is, what to do, and with which exit code it ends."""

from __future__ import annotations

import json
import socket
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from reference_hub import doctor
from reference_hub.clock import Clock
from reference_hub.doctor import FAIL, OK, WARN, Finding
from reference_hub.settings import Database, Schemas, Server, Settings
from tests.reference_hub.command_line import run_in
from tests.reference_hub.operating.certificates import issue
from tests.reference_hub.operating.served import Start
from tests.system.processes import free_port

WAITING = text(
    "INSERT INTO message (zone_id, context_id, subscriber_id, kind, action, object_type,"
    " not_before)"
    " VALUES ('z', 'c', 1, 'event', 'CREATE', 'xStudent', now() - interval '10 minutes')"
)
SUBSCRIBER = (
    "INSERT INTO vendor (name, party_id, zone_id, context_id) VALUES ('v', 'p', 'z', 'c')",
    "INSERT INTO subscriber (vendor_id, name, zone_id, context_id, format, transport, url,"
    " credentials, objects) VALUES (1, 's', 'z', 'c', 'f', 't', 'u', '{}', '[]')",
)


def settings(store: Engine, **server: object) -> Settings:
    url = store.url.render_as_string(hide_password=False)
    listening = Server(**({"port": free_port()} | server))  # type: ignore[arg-type]
    return Settings(server=listening, database=Database(url=url))


def found(given: Settings, clock: Clock | None = None) -> dict[str, Finding]:
    return {each.subject: each for each in doctor.examine(given, clock or Clock())}


def test_a_hub_that_can_run_has_nothing_to_put_right(store: Engine) -> None:
    seen = found(settings(store))
    assert {each.level for each in seen.values()} == {OK}
    assert list(seen) == ["store", "clock", "tables", "worker", "schemas", "tls", "port"]
    assert seen["worker"].text == "no delivery is overdue"


def test_a_store_out_of_reach_hides_no_other_fault(tmp_path: Path) -> None:
    registry = tmp_path / "schemas.toml"
    registry.write_text("[[schema]]\nmodel = 'm'\n")
    seen = found(
        Settings(
            database=Database(url="postgresql://me:canary@127.0.0.1:1/x"),
            schemas=Schemas(registry=str(registry)),
            server=Server(port=free_port()),
        )
    )
    assert (seen["store"].level, seen["schemas"].level, seen["port"].level) == (FAIL, FAIL, OK)
    assert "DATABASE_URL" in seen["store"].cure
    assert "canary" not in str(seen)


def test_an_older_schema_is_told_with_the_command(store: Engine) -> None:
    with store.begin() as connection:
        newest = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        seen = found(settings(store))["tables"]
    finally:
        with store.begin() as connection:
            restored = text("UPDATE alembic_version SET version_num = :newest")
            connection.execute(restored, {"newest": newest})
    assert (seen.level, "reference-hub migrate" in seen.cure) == (WARN, True)


def test_deliveries_that_nobody_makes_are_told(store: Engine) -> None:
    with store.begin() as connection:
        for statement in SUBSCRIBER:
            connection.execute(text(statement))
        connection.execute(WAITING)
    seen = found(settings(store))["worker"]
    assert (seen.level, seen.text) == (WARN, "a delivery is overdue for 10 minutes")
    assert "reference-hub work" in seen.cure


def test_clocks_that_differ_are_told(store: Engine) -> None:
    seen = found(settings(store), Clock(now=lambda: datetime.now(UTC) + timedelta(minutes=2)))
    assert (seen["clock"].level, "differ by 1" in seen["clock"].text) == (WARN, True)


@pytest.mark.parametrize(
    ("days", "level", "said"),
    [(90, OK, "valid for 89 days"), (10, WARN, "valid for 9 days"), (-1, FAIL, "not valid today")],
)
def test_the_life_of_the_certificate_is_told(
    store: Engine, tmp_path: Path, days: int, level: str, said: str
) -> None:
    pair = issue(tmp_path, "hub", days=days)
    files = {"certificate": str(pair.certificate), "private_key": str(pair.private_key)}
    seen = found(settings(store, **files))["tls"]
    assert (seen.level, said in seen.text) == (level, True)


@pytest.mark.parametrize(
    ("server", "told"),
    [
        ({"host": "0.0.0.0"}, "in the clear"),
        ({"host": "localhost"}, ""),
        ({"host": "0.0.0.0", "public_url": "https://hub.example"}, ""),
        ({"cors_origins": ["*"]}, "browsers of any web site"),
    ],
)
def test_settings_that_are_dangerous_are_told(
    store: Engine, server: dict[str, object], told: str
) -> None:
    seen = found(settings(store, **server)).get("settings")
    assert (seen.level, told in seen.text) == (WARN, True) if told and seen else not (told or seen)


def test_a_hub_at_the_port_is_well_and_something_else_is_not(start: Start, store: Engine) -> None:
    served = start()
    seen = found(settings(store, port=served.port))["port"]
    assert (seen.level, "a hub of version" in seen.text) == (OK, True)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        seen = found(settings(store, port=holder.getsockname()[1]))["port"]
    assert (seen.level, "--port" in seen.cure) == (FAIL, True)


def test_the_command_ends_with_3_for_a_fault_and_0_for_a_warning(
    store: Engine, tmp_path: Path
) -> None:
    url = store.url.render_as_string(hide_password=False)

    def run(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        own = {"DATABASE_URL": url, "HUB_SERVER_PORT": str(free_port())} | environ
        return run_in(tmp_path, own, "doctor", *words)

    warned = run("--json", HUB_SERVER_HOST="0.0.0.0")
    levels = {each["subject"]: each["level"] for each in json.loads(warned.stdout)}
    assert (warned.returncode, levels["settings"], levels["store"]) == (0, WARN, OK)
    failed = run(HUB_SERVER_CERTIFICATE="missing.pem", HUB_SERVER_PRIVATE_KEY="missing.key")
    assert failed.returncode == 3
    assert "tls       fail  server.certificate missing.pem cannot be read" in failed.stdout
