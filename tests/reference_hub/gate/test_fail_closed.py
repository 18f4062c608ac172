"""Whatever keeps the gate from deciding keeps the data in (POD-GATE-013)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import requests
from lxml import etree
from sqlalchemy import Engine, create_engine

from reference_hub.app import create_app
from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.journeys.deliver import deliver_next
from reference_hub.model.pod import LIVE, PENDING
from reference_hub.store import tables, vendors
from reference_hub.workers.loop import transports
from tests.reference_hub.delivery.district import SETTINGS
from tests.reference_hub.gate.conftest import LIST, Ground, seen
from tests.reference_hub.gate.doors import DOORS, MARKER, filtering, reading, waiting
from tests.reference_hub.gate.test_life_cycle import issued, status
from tests.reference_hub.listening import listening_at
from tests.reference_hub.web.conftest import SCOPE

TOLERANCE = timedelta(seconds=300)
WAYS = {
    "a list": reading(LIST),
    "one": reading(f"{LIST}/{{one}}"),
    "counts": reading(LIST, "HEAD"),
    "a kept page": reading(f"{LIST}?navigationPageSize=1", queryIntention="ALL"),
    "a path": DOORS["requests GET service path"],
    "the queue": waiting,
    "filtering": filtering,
}


@contextmanager
def lost(engine: Engine, table: str = tables.pod.name) -> Iterator[None]:
    """A store without its table of PODs."""
    with engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO lost")
    try:
        yield
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"ALTER TABLE lost RENAME TO {table}")


@contextmanager
def elsewhen(ground: Ground, ahead: timedelta) -> Iterator[Ground]:
    """The same hub, with a clock that differs from the store's."""
    clock = Clock(now=lambda: datetime.now(UTC) + ahead, tolerance=TOLERANCE)
    app = create_app(ground.hub.settings, ground.hub.engine, clock, Judge())
    before = ground.reader.base
    with listening_at(app) as url:
        ground.reader.base = url
        try:
            yield ground
        finally:
            ground.reader.base = before


def nothing_came(ground: Ground, reply: requests.Response, pod_id: str) -> None:
    """503, without data, and nothing was acknowledged."""
    assert reply.status_code == 503
    assert not seen(reply.content)
    assert not [name for name in reply.headers if name.lower().startswith("navigation")]
    rows = ground.query(f"SELECT status, acknowledged FROM pod WHERE id = '{pod_id}'")
    assert rows == [(PENDING, None)]
    assert ground.query("SELECT 1 FROM audit WHERE action IN ('read', 'acknowledged POD')") == []


@pytest.mark.requirement("POD-GATE-013")
def test_a_statement_that_fails_shuts_every_door(ground: Ground) -> None:
    pod = ground.pod()
    with lost(ground.hub.engine):
        replies = [ask(ground, {MARKER: pod.token}) for ask in WAYS.values()]
    for reply in replies:
        nothing_came(ground, reply, pod.id)


@pytest.mark.requirement("POD-GATE-013")
@pytest.mark.parametrize("ahead", [timedelta(seconds=330), timedelta(seconds=-330)])
def test_clocks_that_disagree_shut_every_door(ground: Ground, ahead: timedelta) -> None:
    pod = ground.pod()
    with elsewhen(ground, ahead):
        replies = [ask(ground, {MARKER: pod.token}) for ask in WAYS.values()]
    for reply in replies:
        nothing_came(ground, reply, pod.id)


@pytest.mark.requirement("POD-GATE-013")
@pytest.mark.parametrize("ahead", [timedelta(seconds=200), timedelta(seconds=-200)])
def test_clocks_within_the_tolerance_are_believed(ground: Ground, ahead: timedelta) -> None:
    pod = ground.pod()
    with elsewhen(ground, ahead):
        assert WAYS["a list"](ground, {MARKER: pod.token}).status_code == 200


@pytest.mark.requirement("POD-GATE-013")
def test_an_audit_that_cannot_be_written_keeps_the_data_in(ground: Ground) -> None:
    pod = ground.pod(status=LIVE, acknowledged=datetime.now(UTC))
    with lost(ground.hub.engine, "audit"):
        ways = ("a list", "one", "the queue", "a path")
        replies = [WAYS[way](ground, {MARKER: pod.token}) for way in ways]
    assert {each.status_code for each in replies} <= {500, 503}
    assert not seen(b"".join(each.content for each in replies))


@pytest.mark.requirement("POD-GATE-013")
def test_without_a_store_there_is_no_data(ground: Ground) -> None:
    pod = ground.pod()
    away = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1")
    app = create_app(ground.hub.settings, away, ground.clock, Judge())
    with listening_at(app) as url:
        ground.reader.base = url
        reply = WAYS["a list"](ground, {MARKER: pod.token})
    assert (reply.status_code, seen(reply.content)) == (503, set())
    assert etree.fromstring(reply.content).findtext("{*}code") == "503"


@pytest.mark.requirement("POD-GATE-013", "POD-GATE-001")
def test_pushes_are_held_while_the_clocks_disagree(ground: Ground) -> None:
    issued(ground)
    with ground.hub.engine.begin() as connection:
        vendors.add_subscriber(
            connection, 1, "push", SCOPE, url="http://127.0.0.1:9/", format="sif-xml",
            transport="sif_push", objects=["xStudent"],
            credentials={"key": "k", "secret": "s", "method": "Basic"},
        )  # fmt: skip
    ground.change(0, "Another")
    with ground.hub.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE message SET state = 'waiting' WHERE kind = 'event'")
        connection.exec_driver_sql("UPDATE pod SET acknowledged = now(), status = 'Live'")
    clock = Clock(now=lambda: datetime.now(UTC) + timedelta(seconds=400), tolerance=TOLERANCE)
    with transports(SETTINGS, clock) as ways:
        while deliver_next(ground.hub.engine, SETTINGS, ways, clock):
            pass
    told = "SELECT DISTINCT state, reason FROM message WHERE subscriber_id IS NOT NULL"
    assert set(ground.query(told)) == {
        ("held", "the clocks of hub and store disagree"),
        ("held", "waits behind a held message of the same object"),
    }


@pytest.mark.requirement("POD-GATE-013", "POD-LC-002")
def test_afterwards_the_same_marker_opens(ground: Ground) -> None:
    pod = ground.pod()
    with lost(ground.hub.engine):
        assert WAYS["a list"](ground, {MARKER: pod.token}).status_code == 503
    assert WAYS["a list"](ground, {MARKER: pod.token}).status_code == 200
    assert status(ground, pod) == LIVE
