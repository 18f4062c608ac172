"""A vendor listens for what the hub tells of other vendors."""

from __future__ import annotations

from collections.abc import Callable

import requests

from reference_hub.clock import Clock
from reference_hub.journeys.acknowledge import reject
from reference_hub.model.pod import LIVE
from tests.reference_hub.gate.doors import MARKER
from tests.reference_hub.queues.conftest import Box
from tests.reference_hub.web.conftest import Client, Hub


def test_alerts_about_a_vendor_are_for_the_district_alone(
    hub: Hub,
    sis: Client,
    reader: Client,
    box: Callable[..., Box],
    subscribe: Callable[..., requests.Response],
) -> None:
    heard = {name: box(client) for name, client in (("district", sis), ("vendor", reader))}
    for each in heard.values():
        assert subscribe(each, "alerts", "UTILITY").status_code == 201
    other = hub.vendor("other")
    turned_down, stolen = hub.pod(other), hub.pod(other, status=LIVE, app_id="x")
    with hub.engine.begin() as connection:
        assert reject(connection, other, turned_down.token, "receipt", "", Clock())
    reply = reader.send("GET", "/requests/xStudents", None, **{MARKER: stolen.token})
    assert reply.status_code == 403
    assert {name: len(each.all()) for name, each in heard.items()} == {"district": 2, "vendor": 0}
