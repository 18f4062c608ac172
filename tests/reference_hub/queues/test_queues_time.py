"""What happens to a reader that waits while time passes over something."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import requests
from lxml import etree
from sqlalchemy import Engine

from reference_hub.app import create_app
from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.model.pod import LIVE
from reference_hub.settings import Settings
from reference_hub.store.bells import Bells
from reference_hub.web.parking import OFFERED, RESUMED, Parking
from tests.reference_hub.access.conftest import Watch
from tests.reference_hub.queues.conftest import XML, Box
from tests.reference_hub.web.conftest import INF, Client, Hub

HMAC = "SIF_HMACSHA256"
LONG = f'<queue xmlns="{INF}"><polling>LONG</polling></queue>'.encode()


@pytest.mark.parametrize(("days", "status"), [(0, 200), (1, 410)])
def test_a_pod_that_ends_while_its_reader_waits_opens_nothing_any_more(
    hub: Hub,
    sis: Client,
    reader: Client,
    box: Callable[..., Box],
    subscribe: Callable[..., object],
    one_student: etree._Element,
    watch: Watch,
    days: int,
    status: int,
) -> None:
    pod = hub.pod(1, status=LIVE, ends=watch.now().date())
    made = box(reader, polling="LONG", idleTimeout="10")
    subscribe(made)
    replies: list[requests.Response] = []
    waiting = threading.Thread(
        target=lambda: replies.append(made.read(dataPrivacyMarker=pod.token))
    )
    waiting.start()
    time.sleep(0.3)
    watch.forward(days * 86400)
    body = etree.tostring(one_student)
    assert sis.send("POST", "/requests/xStudents/xStudent", body, Content_Type=XML).ok
    waiting.join(15)
    assert replies[0].status_code == status
    assert (b"<givenName>" in replies[0].content) == (status == 200)


@pytest.mark.parametrize(("came", "status"), [(0, 204), (400, 401)])
def test_a_signature_is_held_against_the_time_at_which_its_request_came(
    store: Engine, came: int, status: int
) -> None:
    client = Hub("", store, Settings()).client("signing", method=HMAC)
    now = datetime.now(UTC)
    early, late = (
        create_app(Settings(), store, Clock(now=lambda at=at: at), Judge()).test_client()
        for at in (now, now + timedelta(seconds=400))
    )
    made = early.post("/environments/environment", headers=client.signed("signing"))
    client.user = etree.fromstring(made.data).findtext("{*}sessionToken", "")
    made = early.post("/queues/queue", data=LONG, headers=client.signed(client.user))
    bells = Bells(store)
    path = f"/queues/{etree.fromstring(made.data).get('id')}/messages"
    parking = Parking(bells.expect(path), 0.0, now + timedelta(seconds=came))
    environ = {OFFERED: True, RESUMED: parking}
    reply = late.get(path, headers=client.signed(client.user), environ_overrides=environ)
    bells.close()
    assert reply.status_code == status
