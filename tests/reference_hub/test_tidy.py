"""What a worker removes although nobody asks for it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from reference_hub.app import create_app
from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.journeys.tidy import KEPT, tidy, tidying
from reference_hub.model.queue import LONG, Payload, Queue
from reference_hub.model.scope import Scope
from reference_hub.settings import Access, Settings
from reference_hub.store import environments, mailbox, pulls, queues, result_sets, tokens, vendors
from reference_hub.store.result_sets import ResultSet

AUTHORIZED = {"Authorization": "Basic c2lzOmEtc2VjcmV0"}
SCOPE = Scope("demo-district")
NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


def at(moment: datetime) -> Clock:
    return Clock(now=lambda: moment)


def rows(store: Engine, table: str) -> int:
    with store.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


@pytest.fixture
def queue(store: Engine) -> Queue:
    """A queue in the only session."""
    with store.begin() as connection:
        vendors.add_application(connection, "sis", "a-secret", SCOPE)
    client = create_app(Settings(), store, judge=Judge()).test_client()
    assert client.post("/environments/environment", headers=AUTHORIZED).status_code == 201
    with store.begin() as connection:
        (session,) = environments.of_application(connection, "sis")
        made = Queue(str(uuid.uuid4()), session.id, LONG, "", 30, 0.0, 1, NOW, NOW, NOW)
        queues.insert(connection, made)
    return made


def test_result_sets_and_tokens_go_when_they_expire(store: Engine, queue: Queue) -> None:
    with store.begin() as connection:
        kept = ResultSet(str(uuid.uuid4()), {}, 1)
        owner = queue.environment_id
        result_sets.insert(connection, kept, owner, [1], NOW + HOUR)
        tokens.insert(connection, "digest", "sis", NOW + HOUR, NOW)
    for moment, left in ((NOW, 1), (NOW + 2 * HOUR, 0)):
        tidy(store, Settings(), at(moment))
        assert (rows(store, "result_set"), rows(store, "access_token")) == (left, left)


def test_idle_sessions_go_with_their_queues_where_the_settings_say_so(
    store: Engine, queue: Queue
) -> None:
    limited = Settings(access=Access(session_seconds=600))
    tidy(store, Settings(), at(NOW + HOUR))
    tidy(store, limited, at(NOW))
    assert (rows(store, "environment"), rows(store, "queue")) == (1, 1)
    tidy(store, limited, at(NOW + HOUR))
    assert (rows(store, "environment"), rows(store, "queue")) == (0, 0)


def test_settled_messages_go_after_ninety_days_and_open_ones_never(
    store: Engine, queue: Queue
) -> None:
    payload = Payload({}, "application/xml", b"<xStudents/>")
    with store.begin() as connection:
        for _ in range(2):
            mailbox.put(connection, queue.id, "response", SCOPE, "xStudent", "QUERY", payload)
        first = pulls.take(connection, queue.id, 0)
        assert first is not None
        pulls.purge(connection, first, "of no use", NOW)
    for moment, left in ((NOW + KEPT, 2), (NOW + KEPT + HOUR, 1), (NOW + 9 * KEPT, 1)):
        tidy(store, Settings(), at(moment))
        assert rows(store, "message") == left
    assert rows(store, "payload") == 1


def test_a_worker_does_so_every_ten_minutes(store: Engine, queue: Queue) -> None:
    # Sessions are dated by the real clock: a start noted long before would be too early.
    now = datetime.now(UTC)
    moment = [now]
    errand = tidying(Settings(access=Access(session_seconds=60)), Clock(now=lambda: moment[0]))
    assert errand(store) is False
    for minutes, left in ((9, 1), (10, 0)):
        moment[0] = now + timedelta(minutes=minutes)
        errand(store)
        assert rows(store, "queue") == left
