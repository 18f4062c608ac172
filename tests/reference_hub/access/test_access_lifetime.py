"""How environments end: deleted, or left alone for too long."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import text

from reference_hub.model.queue import IMMEDIATE, Queue, Subscription
from reference_hub.settings import Access
from reference_hub.store import environments, queues, subscriptions
from tests.reference_hub.access.conftest import Watch
from tests.reference_hub.web.conftest import SCOPE, Client, Hub


@pytest.mark.requirement("INF-ENV-014", "INF-ENV-017", "INF-ENV-029", "NEG-065")
def test_delete_ends_the_token_and_a_new_create_gets_another(register: Any) -> None:
    client = register("sis")
    client.open()
    first, token = client.environment.get("id"), client.user
    assert client.send("DELETE", f"/environments/{first}").status_code == 204
    assert client.send("GET", "/requests/xStudents").status_code == 401
    assert client.send("GET", f"/environments/{first}").status_code == 401
    assert client.open().status_code == 201
    assert client.user != token
    assert client.environment.get("id") != first


@pytest.mark.requirement("INF-ENV-015")
def test_delete_takes_queues_and_subscriptions_along(register: Any, hub: Hub) -> None:
    client = register("sis")
    client.open()
    owner, queue_id, now = client.environment.get("id"), str(uuid.uuid4()), datetime.now(UTC)
    with hub.engine.begin() as connection:
        queue = Queue(queue_id, owner, IMMEDIATE, "", 30, 1.0, 1, now, now, now)
        queues.insert(connection, queue)
        wanted = (str(uuid.uuid4()), owner, queue_id, SCOPE, "OBJECT", "xStudents")
        subscriptions.insert(connection, Subscription(*wanted))
        put = "INSERT INTO message (zone_id, context_id, queue_id, kind, action, object_type)"
        values = "VALUES ('demo-district', 'DEFAULT', CAST(:id AS uuid), 'event', 'CREATE', 'x')"
        connection.execute(text(f"{put} {values}"), {"id": queue_id})
    assert client.send("DELETE", f"/environments/{owner}").status_code == 204
    with hub.engine.connect() as connection:
        counts = "SELECT (SELECT count(*) FROM queue) + (SELECT count(*) FROM subscription)"
        left = connection.execute(text(f"{counts} + (SELECT count(*) FROM message)"))
        assert left.scalar_one() == 0


@pytest.mark.requirement("INF-ENV-006")
def test_of_many_creates_at_once_one_makes_the_session_that_all_get(register: Any) -> None:
    client = register("sis")

    def create(_: int) -> tuple[int, str]:
        reply = Client(client.base, "sis").open()
        return reply.status_code, etree.fromstring(reply.content).findtext("{*}sessionToken", "")

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(create, range(6)))
    assert sorted(status for status, _ in found) == [201, 409, 409, 409, 409, 409]
    assert len({token for _, token in found}) == 1


@pytest.mark.requirement("INF-ENV-018")
def test_a_session_ends_when_nobody_uses_it(hub_with: Any, watch: Watch) -> None:
    client = hub_with(access=Access(session_seconds=600, hmac_window_seconds=1e6)).client("sis")
    client.open()
    first = client.user
    watch.forward(500)
    assert client.send("GET", "/requests/xStudents").status_code == 204
    watch.forward(550)
    assert client.send("GET", "/requests/xStudents").status_code == 204
    watch.forward(700)
    assert client.send("GET", "/requests/xStudents").status_code == 401
    assert client.open().status_code == 201
    assert client.user != first


def test_a_session_without_a_limit_never_ends(hub: Hub, register: Any, watch: Watch) -> None:
    client = register("sis")
    client.open()
    watch.forward(10 * 365 * 86400)
    assert client.send("GET", "/requests/xStudents").status_code == 204


def test_the_last_use_is_written_once_a_minute(
    hub: Hub, register: Callable[..., Client], watch: Watch
) -> None:
    client = register("sis")
    client.open()
    moments = []
    for _ in range(3):
        client.send("GET", "/requests/xStudents")
        with hub.engine.connect() as connection:
            (found,) = environments.of_application(connection, "sis")
        moments.append(found.last_used)
        watch.forward(31)
    assert moments[0] == moments[1] != moments[2]
