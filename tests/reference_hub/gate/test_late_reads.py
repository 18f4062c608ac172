"""One read held still between gate and audit, or before a commit: which side of it counts."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
import requests
from sqlalchemy import text

from reference_hub.clock import Clock
from reference_hub.journeys.acknowledge import acknowledge
from reference_hub.model.pod import LIVE
from reference_hub.store import vendors
from tests.reference_hub.gate.conftest import GRANTED, LIST, Ground, code, seen
from tests.reference_hub.gate.doors import DOORS, MARKER, Ask, reading
from tests.reference_hub.gate.test_life_cycle import issued
from tests.reference_hub.web.conftest import SCOPE


@dataclass
class Late:
    """A read that passed the gate and stands before its line in the audit trail."""

    ground: Ground
    ask: Ask

    def answer(self, token: str) -> requests.Response:
        """The answer where the POD ends in between."""
        engine = self.ground.hub.engine
        with ThreadPoolExecutor(1) as pool, engine.connect() as holder:
            holder.execute(text("LOCK TABLE audit IN EXCLUSIVE MODE"))
            running = pool.submit(self.ask, self.ground, {MARKER: token})
            self._wait_for_the_reader()
            with engine.begin() as connection:
                connection.execute(text("UPDATE pod SET status = 'Expired'"))
            holder.commit()
            return running.result(20)

    def _wait_for_the_reader(self) -> None:
        waiting = "SELECT 1 FROM pg_locks WHERE relation = 'audit'::regclass AND NOT granted"
        until = time.monotonic() + 20
        while not self.ground.query(waiting):
            assert time.monotonic() < until, "nobody reads"
            time.sleep(0.01)


LATE = ("requests GET collection", "requests GET instance", "a condition", "the next page",
        "requests GET service path", "queues GET messages")  # fmt: skip


@pytest.mark.requirement("POD-VER-005", "POD-END-001")
@pytest.mark.parametrize("granted", [GRANTED, ("xStudent", "xSchool")], ids=["part", "whole"])
@pytest.mark.parametrize("door", LATE)
def test_what_was_read_before_the_end_does_not_leave_after_it(
    ground: Ground, door: str, granted: tuple[str, ...]
) -> None:
    pod = ground.pod(*granted, status=LIVE, acknowledged=Clock().now())
    ask = DOORS[door]
    if door == "the next page":
        ground.names = {MARKER: pod.token}
        first = ground.reader.send(
            "GET", f"{LIST}?navigationPageSize=1", queryIntention="ALL", **ground.names
        )
        on = {"navigationId": first.headers["navigationId"], "navigationPage": "2"}
        ask = reading(f"{LIST}?navigationPageSize=1", **on)
    reply = Late(ground, ask).answer(pod.token)
    assert (code(reply), seen(reply.content)) == ((410, "410-20"), set())


@pytest.mark.requirement("POD-GATE-001")
@pytest.mark.parametrize("door", ["requests GET collection", "queues GET messages"])
def test_an_acknowledgement_counts_from_its_commit(ground: Ground, door: str) -> None:
    with ground.hub.engine.begin() as connection:
        vendors.add_vendor(connection, "reading", "reading Inc", SCOPE, acknowledge_by="receipt")
    pod = ground.pod()
    with ground.hub.engine.begin() as connection:
        assert acknowledge(connection, 1, pod.token, "receipt", ground.clock)
        assert DOORS[door](ground, {MARKER: pod.token}).status_code == 403
    assert DOORS[door](ground, {MARKER: pod.token}).status_code == 200


@pytest.mark.requirement("POD-VER-002", "POD-VER-005")
def test_a_narrowing_counts_from_its_commit(ground: Ground) -> None:
    old = issued(ground)
    assert DOORS["a page"](ground, {MARKER: old.token}).status_code == 200
    with ground.hub.engine.begin() as connection:
        connection.execute(text("UPDATE pod SET status = 'Expired'"))
        assert DOORS["a page"](ground, {MARKER: old.token}).status_code == 200
    assert code(DOORS["a page"](ground, {MARKER: old.token})) == (410, "410-20")
