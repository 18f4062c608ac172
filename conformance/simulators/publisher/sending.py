"""Second layer: one message, sent until the hub has said what became of it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from lxml import etree

from conformance.simulators.consumer.link import Answer
from conformance.simulators.publisher.session import Session


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent, the same at each attempt. `connector` is the name of its service address."""

    connector: str
    method: str
    path: str
    body: bytes
    lines: Mapping[str, str] = field(default_factory=dict)


class Sender(Session):
    """Sends again after a cut, a refusal for now, or the loss of the session."""

    tries = 4
    pause_seconds = 0.01
    # The hub gave no answer that settles anything: the rest waits for the next round.
    down = False

    def deliver(self, message: Message) -> Answer | None:
        """The answer that settles a message; None if there was none after all tries."""
        for number in range(0 if self.down else self.tries):
            try:
                if not self.token and not self.begin():
                    self.pause(number)
                    continue
                answer = self.attempt(message, number)
            except (OSError, HTTPException):
                self.hang_up()
                self.pause(number)
                continue
            if not self.again(answer, number):
                return answer
        self.down = self.gives_up()
        return None

    def gives_up(self) -> bool:
        """Whether the rest waits when one message could not be settled."""
        return True

    def begin(self) -> bool:
        """Open a session, and do what belongs to a new one."""
        return self.connect()

    def attempt(self, message: Message, number: int) -> Answer:  # noqa: ARG002
        """Send it once."""
        url = f"{self.places[message.connector]}{message.path}"
        return self.send(message.method, url, message.body, message.lines)

    def again(self, answer: Answer, number: int) -> bool:
        """Whether a message must be sent again, after what that takes."""
        if answer.status == 401:
            self.lost_session()
            return True
        if answer.status in (429, 503):
            self.wait_as_told(answer)
            return True
        if answer.status >= 500:
            self.pause(number)
            return True
        return False

    def lost_session(self) -> None:
        """The token opens nothing any more."""
        self.token = ""

    def wait_as_told(self, answer: Answer) -> None:
        """The pause that the hub asks for."""
        time.sleep(float(answer.headers.get("retry-after", "1")))

    def pause(self, number: int) -> None:
        """Wait twice as long each time."""
        time.sleep(self.pause_seconds * 2**number)

    def pack(self, service: str, elements: Sequence[etree._Element]) -> bytes:
        """A collection of objects, in their namespace."""
        space = etree.QName(elements[0]).namespace
        nsmap: Any = {None: space}  # the stubs know no default namespace
        root = etree.Element(f"{{{space}}}{service}", nsmap=nsmap)
        root.extend(elements)
        return self.encode(root)
