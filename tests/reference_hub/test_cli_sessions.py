"""The operator sees who is signed in and what waits, and takes an application away."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text

from reference_hub.cli import cli
from reference_hub.clock import Clock
from reference_hub.journeys.enrol import enrol
from reference_hub.model.environment import Environment, Wanted
from reference_hub.model.infrastructure import INFRASTRUCTURE
from reference_hub.model.queue import Payload, Queue
from reference_hub.model.scope import Scope
from reference_hub.problems import SetupError
from reference_hub.settings import Access
from reference_hub.store import audits, mailbox, queues, tokens, vendors

CREATED = datetime(2026, 9, 1, 6, 30, tzinfo=UTC)
QUEUE = "11111111-1111-4111-8111-111111111111"
SCOPE = Scope("demo-district")


@pytest.fixture
def run(store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """One command on the test's store."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("S", "very-secret")
    url = store.url.set(drivername="postgresql").render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)

    def made(*words: str) -> Result:
        return CliRunner().invoke(cli, words, catch_exceptions=False, standalone_mode=False)

    return made


@pytest.fixture
def session(store: Engine, run: Any) -> Environment:
    """An application's session, with an empty queue."""
    run("app", "add", "portal", "--secret-env", "S", "--kind", "provider")
    with store.begin() as connection:
        found = vendors.find_application(connection, "portal")
        assert found is not None
        wanted = Wanted(INFRASTRUCTURE, instance_id="north", user_token="pat")
        clock = Clock(now=lambda: CREATED)
        made = enrol(connection, found, wanted, "Basic", clock, Access()).environment
        queues.insert(connection, Queue(QUEUE, made.id, "LONG", "", 60, 1.0, 1, *[CREATED] * 3))
    return made


def listed(run: Any, *words: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(run(*words, "--json").stdout)
    return found


def count(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_sessions_are_listed_without_tokens_and_users(run: Any, session: Environment) -> None:
    (row,) = listed(run, "sessions")
    assert re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d", row.pop("created"))
    assert row == {
        "application": "portal", "type": "BROKERED", "zone": "demo-district",
        "instance": "north", "last_used": "2026-09-01 06:30:00", "queues": "1",
    }  # fmt: skip
    shown = run("sessions").stdout
    assert shown.splitlines()[0].split()[:4] == ["application", "type", "zone", "instance"]
    for secret in (session.session_token, session.fingerprint, session.user_digest):
        assert secret not in shown


def test_a_queue_is_listed_with_what_waits_in_it(
    run: Any, store: Engine, session: Environment
) -> None:
    row = {"queue": QUEUE, "application": "portal", "polling": "LONG"}
    never = {"waiting": "0", "oldest_seconds": "-", "last_read": "never"}
    assert listed(run, "queue", "list") == [row | never]
    with store.begin() as connection:
        for _ in range(2):
            payload = Payload({}, "application/xml", b"<canary/>")
            mailbox.put(connection, QUEUE, "event", SCOPE, "xStudent", "CREATE", payload)
        connection.execute(text("UPDATE message SET created = now() - interval '1 hour'"))
        queues.enter(connection, QUEUE, 0, CREATED + timedelta(days=1))
    (found,) = listed(run, "queue", "list")
    assert 3600 <= int(found.pop("oldest_seconds")) < 3700
    assert found == row | {"waiting": "2", "last_read": "2026-09-02 06:30:00"}


def test_where_nobody_is_signed_in_the_lists_say_so(run: Any) -> None:
    assert "No application has an environment" in run("sessions").stderr
    assert "No application has a queue" in run("queue", "list").stderr


def test_a_removed_application_leaves_nothing_but_the_audit(
    run: Any, store: Engine, session: Environment
) -> None:
    with store.begin() as connection:
        tokens.insert(connection, "d", "portal", CREATED + timedelta(hours=1), CREATED)
    run("provider", "add", "portal", "--service", "xStudents", "--url", "http://127.0.0.1:1/sif")
    done = run("app", "remove", "portal")
    assert done.stdout == "portal is removed from demo-district; sessions ended: 1.\n"
    tables = ("application", "environment", "queue", "access_token", "provider")
    assert {table: count(store, table) for table in tables} == dict.fromkeys(tables, 0)
    with store.connect() as connection:
        *_, left, removed = audits.trail(connection, SCOPE)
    assert (left.actor, left.action) == ("portal", "deleted environment")
    assert (removed.actor, removed.action) == ("operator", "removed application")
    assert removed.detail == {"key": "portal"}


def test_a_zone_that_was_mistyped_is_undone(run: Any) -> None:
    add = ("app", "add", "portal", "--secret-env", "S")
    assert "no zone 'demo-distrit'" in run(*add, "--zone", "demo-distrit").stderr
    with pytest.raises(SetupError, match="end it: reference-hub app remove portal"):
        run(*add)
    run("app", "remove", "portal")
    run(*add)
    assert [each["zone"] for each in listed(run, "app", "list")] == ["demo-district"]


def test_an_application_nobody_registered_cannot_be_removed(run: Any, store: Engine) -> None:
    with pytest.raises(SetupError, match="There is no application 'nobody'"):
        run("app", "remove", "nobody")
    assert count(store, "audit") == 0


def test_an_application_of_the_settings_is_told_to_come_back(run: Any, tmp_path: Path) -> None:
    entry = '[applications.portal]\nsecret_env = "S"\nzone = "demo-district"\n'
    (tmp_path / "hub.toml").write_text(entry, "utf-8")
    run("app", "apply")
    assert "still hold [applications.portal]" in run("app", "remove", "portal").stderr
