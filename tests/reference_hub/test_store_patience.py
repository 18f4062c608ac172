"""What the hub does when connections are short, slow or in each other's way."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Engine, create_engine, text

from reference_hub.app import create_app
from reference_hub.codec.schema import Judge
from reference_hub.model.queue import LONG, Queue
from reference_hub.model.scope import Scope
from reference_hub.settings import Database, Settings
from reference_hub.store import environments, queues, vendors
from reference_hub.store.db import SPARE, engine_of

AUTHORIZED = {"Authorization": "Basic c2lzOmEtc2VjcmV0"}
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


def address(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def test_a_request_that_gets_no_connection_is_503(store: Engine) -> None:
    few = create_engine(address(store), pool_size=1, max_overflow=0, pool_timeout=0.1)
    client = create_app(Settings(), few, judge=Judge()).test_client()
    with few.connect():
        reply = client.get("/requests/xStudents", headers=AUTHORIZED)
    few.dispose()
    assert reply.status_code == 503
    assert int(reply.headers["Retry-After"]) > 0


def test_a_process_opens_no_more_connections_than_told(store: Engine) -> None:
    settings = Settings(database=Database(url=address(store)))
    engine = engine_of(settings, pool_size=3)
    held = [engine.connect() for _ in range(3 + SPARE)]
    refused = threading.Event()
    waiting = threading.Thread(target=lambda: (engine.connect().close(), refused.set()))
    waiting.start()
    assert not refused.wait(0.3)
    for each in held:
        each.close()
    waiting.join(10)
    engine.dispose()


@pytest.mark.parametrize(("query", "seconds"), [("", "10"), ("&connect_timeout=3", "3")])
def test_a_silent_server_is_given_up_unless_the_address_says_otherwise(
    store: Engine, query: str, seconds: str
) -> None:
    engine = engine_of(Settings(database=Database(url=address(store) + query)))
    with engine.connect() as connection:
        told = connection.connection.driver_connection.info.get_parameters()  # type: ignore[union-attr]
    engine.dispose()
    assert (told["connect_timeout"], told["keepalives_idle"]) == (seconds, "30")


@pytest.fixture
def queue(store: Engine) -> Queue:
    """A queue in the only environment there is."""
    with store.begin() as connection:
        vendors.add_application(connection, "sis", "a-secret", Scope("demo-district"))
    client = create_app(Settings(), store, judge=Judge()).test_client()
    assert client.post("/environments/environment", headers=AUTHORIZED).status_code == 201
    with store.begin() as connection:
        (session,) = environments.of_application(connection, "sis")
        now = datetime.now(UTC)
        made = Queue(str(uuid.uuid4()), session.id, LONG, "", 30, 0.0, 1, now, now, now)
        queues.insert(connection, made)
    return made


@pytest.mark.parametrize(
    "end",
    [
        lambda connection, queue: environments.delete(connection, queue.environment_id),
        lambda connection, _: environments.delete_idle(connection, datetime.now(UTC)),
    ],
)
def test_a_reader_and_the_end_of_its_session_do_not_block_each_other(
    store: Engine, queue: Queue, end: Callable[[Connection, Queue], None]
) -> None:
    def ended() -> None:
        with store.begin() as connection:
            end(connection, queue)

    ending = threading.Thread(target=ended)
    with store.begin() as reading:
        now = datetime.now(UTC)
        assert queues.enter(reading, queue.id, 0, now) == [None]
        ending.start()
        with store.connect() as watching:
            while not watching.execute(text(WAITS)).scalar_one():
                watching.rollback()
        queues.modified(reading, queue.id, now)
    ending.join(10)
    with store.connect() as connection:
        assert queues.get(connection, queue.id) is None
