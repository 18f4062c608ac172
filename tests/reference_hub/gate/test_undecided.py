"""An application of the settings gets nothing before its district has decided about the vendor."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree
from sqlalchemy import text

from reference_hub.journeys import decisions, prepare
from reference_hub.journeys.prepare import may_go
from reference_hub.journeys.register import register
from reference_hub.model.caller import Caller
from reference_hub.model.console_run import APPROVED, REFUSED
from reference_hub.model.party import Vendor
from reference_hub.settings import ApplicationEntry, Zone
from reference_hub.store import vendors
from tests.reference_hub.gate import doors
from tests.reference_hub.gate.conftest import LIST, Ground, code, seen
from tests.reference_hub.gate.doors import DOORS, MARKER
from tests.reference_hub.web.conftest import SCOPE, SECRET

# Those that read something else first, which is refused already.
LATER = {*filter(lambda name: name.startswith("a delayed"), DOORS), "the next page"}
LATER |= {"changes since"}
OPEN_CASE = text(
    "INSERT INTO console_onboarding (zone_id, context_id, name, party_id, agreement, vendor_id,"
    " started, started_by, changed)"
    " SELECT zone_id, context_id, name, 'p', '{}', id, now(), 'maria', now() FROM vendor"
)


def owner_of(connection: Any) -> Vendor:
    (only,) = vendors.all_vendors(connection)
    return only


def entered(ground: Ground, policy: Any) -> None:
    """Write the vendor's application into the settings of a district with this policy."""
    zones = {"demo-district": Zone("Demo", decision=policy)}
    with ground.hub.engine.begin() as connection:
        entry = ApplicationEntry("S", "demo-district", vendor=owner_of(connection).name)
        register(connection, {"reader": entry}, zones, {"S": SECRET})


def decided(ground: Ground, verdict: str = APPROVED) -> None:
    """Have somebody decide about the vendor."""
    with ground.hub.engine.begin() as connection:
        told = ("Ana Ruiz", "Board of 3 March", ground.clock, verdict)
        decisions.record(connection, owner_of(connection), *told)


def test_every_door_is_shut_before_the_decision_and_nothing_is_acknowledged(
    ground: Ground,
) -> None:
    entered(ground, "required")
    pod = ground.pod()
    for name in DOORS.keys() - LATER:
        reply = DOORS[name](ground, {MARKER: pod.token})
        assert code(reply) == (403, "" if "HEAD" in name else "403-UN"), name
        assert seen(b"\n".join(doors.answers(reply))) <= {("school", "RefId")}
    assert ground.query("SELECT count(*) FROM pod WHERE acknowledged IS NOT NULL") == [(0,)]
    # What the vendor needs to get ready is not held.
    assert ground.reader.send("GET", "/requests/pods", serviceType="UTILITY").status_code == 200


def test_the_decision_opens_the_doors_at_once_and_a_refusal_shuts_them(ground: Ground) -> None:
    entered(ground, "required")
    marker = {MARKER: ground.pod().token}
    assert ground.reader.send("GET", LIST, **marker).status_code == 403
    decided(ground)
    assert ground.reader.send("GET", LIST, **marker).status_code == 200
    # The event that came meanwhile was kept.
    assert len(etree.fromstring(ground.box.read(**marker).content)) == 3
    decided(ground, REFUSED)
    assert code(ground.reader.send("GET", LIST, **marker)) == (403, "403-UN")


@pytest.mark.parametrize(
    ("policy", "is_taken_on", "status"),
    [("console", False, 200), ("console", True, 403), ("optional", True, 200)],
)
def test_with_console_only_whoever_is_taken_on_there_waits(
    ground: Ground, policy: str, is_taken_on: bool, status: int
) -> None:
    entered(ground, policy)
    if is_taken_on:
        with ground.hub.engine.begin() as connection:
            connection.execute(OPEN_CASE)
    marker = {MARKER: ground.pod().token}
    assert ground.reader.send("GET", LIST, **marker).status_code == status


def test_a_district_that_asks_for_no_document_still_decides(ground: Ground) -> None:
    entered(ground, "required")
    with ground.hub.engine.begin() as connection:
        connection.execute(text("UPDATE vendor SET pod_policy = 'off'"))
    assert code(ground.reader.send("GET", LIST)) == (403, "403-UN")
    decided(ground)
    assert ground.reader.send("GET", LIST).status_code == 200


def test_a_refused_vendor_gets_nothing_by_whatever_way_it_was_registered(ground: Ground) -> None:
    marker = {MARKER: ground.pod().token}
    assert ground.reader.send("GET", LIST, **marker).status_code == 200
    decided(ground, REFUSED)
    assert ground.query("SELECT DISTINCT status, ended FROM pod") == [
        ("Expired", "refused by the district")
    ]
    for shown in (marker, {MARKER: ground.pod().token}):
        assert code(ground.reader.send("GET", LIST, **shown)) == (403, "403-UN")
    decided(ground)
    again = {MARKER: ground.pod().token}
    assert ground.reader.send("GET", LIST, **again).status_code == 200


def test_what_is_pushed_waits_for_another_decision_where_no_document_is_asked_for(
    ground: Ground,
) -> None:
    with ground.hub.engine.begin() as connection:
        connection.execute(text("UPDATE vendor SET pod_policy = 'off'"))
        caller = Caller(1, SCOPE, policy="off")
        assert may_go(connection, caller, "xStudent", ground.clock).reason == ""
    decided(ground, REFUSED)
    assert code(ground.reader.send("GET", LIST)) == (403, "403-UN")
    with ground.hub.engine.begin() as connection:
        assert may_go(connection, caller, "xStudent", ground.clock).reason == prepare.REFUSED
    decided(ground)
    with ground.hub.engine.begin() as connection:
        assert may_go(connection, caller, "xStudent", ground.clock).reason == ""
