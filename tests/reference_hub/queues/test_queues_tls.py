"""Long polls over TLS, whose bytes tell a poller less than plain ones."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import requests
from sqlalchemy import Engine

from reference_hub.store import vendors
from tests.reference_hub.operating.certificates import Pair, issue
from tests.reference_hub.queues.test_queues_served import Served
from tests.reference_hub.web.conftest import SCOPE, SECRET, Client
from tests.system.processes import Processes, free_port


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """A certificate that the clients here trust."""
    return issue(tmp_path_factory.mktemp("pair"), "localhost")


@pytest.fixture(scope="module")
def running(
    engine: Engine, pair: Pair, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[object, int]]:
    """A hub that speaks TLS only."""
    port = free_port()
    environ = {
        "DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "HUB_SERVER_PORT": str(port),
        "HUB_SERVER_CERTIFICATE": str(pair.certificate),
        "HUB_SERVER_PRIVATE_KEY": str(pair.private_key),
    }
    with Processes(tmp_path_factory.mktemp("tls"), environ) as processes:
        yield processes.start("reference-hub", "serve", port=port), port


@pytest.fixture
def served(running: tuple[object, int], store: Engine, pair: Pair) -> Iterator[Served]:
    """The hub with an empty store but for one consumer."""
    process, port = running
    with store.begin() as connection:
        vendors.add_application(connection, "sis", SECRET, SCOPE)
    with requests.Session() as session:
        session.verify = str(pair.certificate)
        # REQUESTS_CA_BUNDLE would win over what is trusted here.
        session.trust_env = False
        client = Client(f"https://localhost:{port}", "sis", http=session)
        assert client.open().status_code == 201
        yield Served(client, store, process, port)  # type: ignore[arg-type]


def test_one_connection_waits_and_is_woken_several_times(served: Served) -> None:
    queue_id, done = served.queue(), ""
    for _ in range(3):
        timer = threading.Timer(0.3, served.put, [queue_id])
        begin = time.monotonic()
        timer.start()
        tail = f";deleteMessageId={done}" if done else ""
        reply = served.client.send("GET", f"/queues/{queue_id}/messages{tail}")
        timer.join()
        assert (reply.status_code, reply.content) == (200, b"<xStudents/>")
        assert 0.3 <= time.monotonic() - begin < 2
        done = reply.headers["messageId"]


def test_a_reader_that_goes_away_takes_no_message_along(served: Served) -> None:
    queue_id = served.queue(idle=20)
    with pytest.raises(requests.ReadTimeout):
        served.client.http.get(
            f"{served.client.base}/queues/{queue_id}/messages",
            headers=served.client.signed(served.client.user),
            timeout=0.5,
        )
    time.sleep(0.3)
    served.put(queue_id)
    time.sleep(0.3)
    reply = served.client.send("GET", f"/queues/{queue_id}/messages")
    with served.engine.connect() as connection:
        tries = connection.exec_driver_sql("SELECT attempts FROM message").scalars().all()
    assert (reply.status_code, tries) == (200, [1])


def test_a_wait_over_tls_ends_with_204(served: Served) -> None:
    queue_id, begin = served.queue(idle=1), time.monotonic()
    assert served.client.send("GET", f"/queues/{queue_id}/messages").status_code == 204
    assert 1 <= time.monotonic() - begin < 5
