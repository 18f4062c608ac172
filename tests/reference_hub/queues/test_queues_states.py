"""Whatever readers do, in whatever order: a queue is a list with an outstanding message each."""

from __future__ import annotations

import itertools
import uuid
from datetime import UTC, datetime
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, text

from reference_hub.model.queue import LONG, Payload, Queue
from reference_hub.store import mailbox, queues
from tests.reference_hub.queues.conftest import Box
from tests.reference_hub.web.conftest import SCOPE

CONNECTIONS = st.integers(0, 2)


class Readers(RuleBasedStateMachine):
    """Three connections of one queue; the model is a list and a message for each connection."""

    box: ClassVar[Box]
    given = Bundle("given")

    @initialize()
    def a_new_queue(self) -> None:
        """Another queue of the same consumer, that nobody waits for."""
        now, self.id = datetime.now(UTC), str(uuid.uuid4())
        owner = self.box.element.findtext("{*}ownerId", "")
        made = Queue(self.id, owner, LONG, "", 0, 0.0, 3, now, now, now)
        with self.box.engine.begin() as connection:
            queues.insert(connection, made)
        self.numbers = itertools.count()
        self.waiting: list[str] = []
        self.at: dict[int, str] = {}

    @rule(count=st.integers(1, 3))
    def put(self, count: int) -> None:
        """Messages at the end."""
        with self.box.engine.begin() as connection:
            for _ in range(count):
                number = str(next(self.numbers))
                payload = Payload({"requestId": number}, "application/xml", b"<a/>")
                mailbox.put(connection, self.id, "response", SCOPE, "xStudent", "QUERY", payload)
                self.waiting.append(number)

    @rule(target=given, reader=CONNECTIONS)
    def get(self, reader: int) -> Any:
        """The message the connection is at, else the oldest that waits."""
        return self._next(reader, self._send("GET", "", reader))

    @rule(target=given, reader=CONNECTIONS, known=given)
    def delete_next(self, reader: int, known: tuple[str, str]) -> Any:
        """Acknowledge and get the next in one request."""
        number, message_id = known
        reply = self._send("GET", f";deleteMessageId={message_id}", reader)
        if self.at.get(reader) != number:
            assert reply.status_code == 404
            return multiple()
        del self.at[reader]
        return self._next(reader, reply)

    @rule(reader=CONNECTIONS, known=given, form=st.sampled_from(["/", ";deleteMessageId="]))
    def delete(self, reader: int, known: tuple[str, str], form: str) -> None:
        """Acknowledge only."""
        number, message_id = known
        reply = self._send("DELETE", f"{form}{message_id}", reader)
        is_there = self.at.get(reader) == number
        assert reply.status_code == (204 if is_there else 404)
        if is_there:
            del self.at[reader]

    @invariant()
    def nothing_is_lost(self) -> None:
        """The hub counts what the model holds."""
        with self.box.engine.connect() as connection:
            found = queues.get(connection, self.id)
        assert found is not None
        assert found.message_count == len(self.waiting) + len(self.at)

    def _next(self, reader: int, reply: Any) -> Any:
        if reader not in self.at:
            if not self.waiting:
                assert reply.status_code == 204
                return multiple()
            self.at[reader] = self.waiting.pop(0)
        assert (reply.status_code, reply.headers["requestId"]) == (200, self.at[reader])
        return self.at[reader], reply.headers["messageId"]

    def _send(self, verb: str, tail: str, reader: int) -> Any:
        path = f"/queues/{self.id}/messages{tail}"
        return self.box.client.send(verb, path, connectionId=str(reader))


def test_a_queue_is_a_list_with_an_outstanding_message_for_each_connection(mine: Box) -> None:
    Readers.box = mine
    quick = settings(
        max_examples=12,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Readers, settings=quick)  # type: ignore[no-untyped-call]


def test_no_payload_is_left_behind(mine: Box, store: Engine) -> None:
    for _ in range(3):
        mine.put()
    mine.all()
    with store.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM payload")).scalar_one() == 0
