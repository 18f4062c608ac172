"""A person becomes one never to be shared between the gate's look and the answer."""

from __future__ import annotations

from typing import Any

import pytest

from reference_hub.codec.xml import fold
from reference_hub.journeys.admit import admit, look
from reference_hub.store import exclusions
from tests.reference_hub.gate.conftest import LIST, Ground
from tests.reference_hub.gate.doors import DOORS, MARKER, reading
from tests.reference_hub.web.conftest import SCOPE

WAYS = {
    "a list": reading(LIST),
    "one": reading(f"{LIST}/{{one}}"),
    "the queue": DOORS["queues GET messages"],
}


@pytest.mark.parametrize("granted", ["xStudent", "xStudent/@refId"])
@pytest.mark.parametrize("way", WAYS)
def test_what_was_read_before_does_not_leave(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, way: str, granted: str
) -> None:
    pod = ground.pod(granted)
    assert WAYS[way](ground, {MARKER: pod.token}).status_code == 200

    def late(real: Any) -> Any:
        def asked(*given: Any) -> Any:
            found = real(*given)
            with ground.hub.engine.begin() as connection:
                exclusions.add(connection, SCOPE, fold(ground.one), [1], "operator")
            return found

        return asked

    monkeypatch.setattr("reference_hub.web.reads.look", late(look))
    monkeypatch.setattr("reference_hub.journeys.fetch.admit", late(admit))
    reply = WAYS[way](ground, {MARKER: pod.token})
    assert (reply.status_code, ground.one in reply.text) == (410, False)
