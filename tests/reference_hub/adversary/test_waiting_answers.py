"""An answer waits in a vendor's queue while a person in it becomes one never to be shared."""

from __future__ import annotations

import pytest
from lxml import etree

from reference_hub.codec.xml import fold
from reference_hub.journeys.delay import answer_next
from reference_hub.model.pod import HASH, Condition
from reference_hub.replay import replaying
from reference_hub.store import exclusions
from tests.reference_hub.gate.conftest import LIST, NARROW, Ground, entry
from tests.reference_hub.gate.doors import MARKER
from tests.reference_hub.web.conftest import SCOPE


@pytest.mark.requirement("POD-MIN-010")
@pytest.mark.parametrize("conditions", [(), (Condition(HASH, "xStudent/@refId"),)])
def test_an_answer_made_before_leaves_the_person_out(
    ground: Ground, conditions: tuple[Condition, ...]
) -> None:
    pod = ground.pod(entries=(entry(*NARROW, conditions=conditions),))
    marker = {MARKER: pod.token}
    wanted = {"requestType": "DELAYED", "queueId": ground.box.id, "requestId": "r"}
    assert ground.reader.send("GET", LIST, None, **marker, **wanted).status_code == 202
    assert answer_next(ground.hub.engine, ground.hub.settings, replaying(ground.app), ground.clock)
    with ground.hub.engine.begin() as connection:
        exclusions.add(connection, SCOPE, fold(ground.one), [1], "operator")
    (told,) = [each for each in ground.box.all(**marker) if each.headers.get("requestId") == "r"]
    local = ground.students[0].findtext("{*}localId", "")
    found = etree.fromstring(told.content)
    assert (len(found), local in told.text) == (len(ground.students) - 1, False)


def test_without_a_pod_the_queue_is_read_without_the_person(ground: Ground) -> None:
    with ground.hub.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE vendor SET pod_policy = 'off'")
        exclusions.add(connection, SCOPE, fold(ground.one), [1], "operator")
    (told,) = ground.box.all()
    assert (told.status_code, ground.one in told.text) == (200, False)
    assert len(etree.fromstring(told.content)) == len(ground.students) - 1
