"""Put a bundle where a vendor takes files: HTTP PUT, Basic authentication.

File by file where the vendor wants that: what others point to first. After a cut in the middle the
whole set goes again.
"""

from __future__ import annotations

import random
from urllib.parse import quote

from reference_hub.clock import Clock
from reference_hub.model.message import Batch, Delivery, Outgoing, Settled
from reference_hub.model.party import Subscriber
from reference_hub.model.uuids import derived
from reference_hub.vendors import verdicts
from reference_hub.vendors.file_set import is_each as is_each_of
from reference_hub.vendors.file_set import left_over, parts_of, session_of
from reference_hub.vendors.sif_push import MARKER
from reference_hub.vendors.signing import BASIC, sign
from reference_hub.workers.transport import Http, Unreachable

_GONE = (404, 410)
_KEPT = "{} files of an earlier set are still there: the vendor does not let us delete them"


class HttpPut:
    """A Transport for files."""

    def __init__(self, http: Http, clock: Clock, rng: random.Random) -> None:
        self.http, self.clock, self.rng = http, clock, rng

    def deliver(self, batch: Batch) -> Delivery:
        """Put each file; stop at the first that must be tried again."""
        delivery = Delivery()
        for message in batch.messages:
            settled = self._one(batch, message, delivery)
            delivery.settled.append(settled)
            if settled.state == "waiting":
                break
        return delivery

    def _one(self, batch: Batch, message: Outgoing, delivery: Delivery) -> Settled:
        if message.kind != "file" or message.body is None:
            return Settled(message.id, "dead", "a file drop takes bundles only")
        to, there = batch.subscriber, list[str]()
        parts = parts_of(to, message.body)
        for name, content in parts.items():
            settled = self._put(batch, message, name, content)
            if settled.state != "done":
                delivery.session = session_of(to, there, whole=False)
                return settled
            there.append(name)
        delivery.session = session_of(to, there, whole=True)
        kept = [name for name in left_over(to, there) if not self._deleted(batch, message, name)]
        if kept:
            delivery.session = session_of(to, [*there, *kept], whole=True)
            return Settled(message.id, "done", _KEPT.format(len(kept)))
        return Settled(message.id, "done")

    def _put(self, batch: Batch, message: Outgoing, name: str, content: bytes) -> Settled:
        to = batch.subscriber
        is_each = is_each_of(to.delivery)
        headers = self._headers(batch) | {
            "Content-Type": "text/csv" if is_each else "application/zip",
            "messageId": derived(f"{message.message_id}/{name}") if is_each else message.message_id,
        }
        try:
            answer = self.http.send("PUT", _url(to, name), headers, content)
        except Unreachable as error:
            return verdicts.again(message, str(error), None, self.clock.now(), self.rng)
        return verdicts.settle(message, answer, self.clock.now(), self.rng)

    def _deleted(self, batch: Batch, message: Outgoing, name: str) -> bool:
        headers = self._headers(batch) | {"messageId": derived(f"{message.message_id}/-{name}")}
        try:
            answer = self.http.send("DELETE", _url(batch.subscriber, name), headers)
        except Unreachable:
            return False
        return 200 <= answer.status < 300 or answer.status in _GONE

    def _headers(self, batch: Batch) -> dict[str, str]:
        known = batch.subscriber.credentials
        headers = sign(BASIC, known["key"], known["secret"], self.clock.now())
        if batch.pod and batch.pod.acknowledged:
            headers[MARKER] = batch.pod.token
        return headers


def _url(to: Subscriber, name: str) -> str:
    return f"{to.url.rstrip('/')}/{quote(name)}"
