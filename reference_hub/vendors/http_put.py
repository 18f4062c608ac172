"""Put a bundle where a vendor takes files: HTTP PUT, Basic authentication."""

from __future__ import annotations

import random
import re

from reference_hub.clock import Clock
from reference_hub.model.message import Batch, Delivery, Outgoing, Settled
from reference_hub.model.party import Subscriber
from reference_hub.vendors import verdicts
from reference_hub.vendors.sif_push import MARKER
from reference_hub.vendors.signing import BASIC, sign
from reference_hub.workers.transport import Http, Unreachable


class HttpPut:
    """A Transport for files."""

    def __init__(self, http: Http, clock: Clock, rng: random.Random) -> None:
        self.http, self.clock, self.rng = http, clock, rng

    def deliver(self, batch: Batch) -> Delivery:
        """Put each file; stop at the first that must be tried again."""
        delivery = Delivery()
        for message in batch.messages:
            settled = self._one(batch, message)
            delivery.settled.append(settled)
            if settled.state == "waiting":
                break
        return delivery

    def _one(self, batch: Batch, message: Outgoing) -> Settled:
        if message.kind != "file" or message.body is None:
            return Settled(message.id, "dead", "a file drop takes bundles only")
        to, now = batch.subscriber, self.clock.now()
        headers = sign(BASIC, to.credentials["key"], to.credentials["secret"], now) | {
            "Content-Type": "application/zip",
            "messageId": message.message_id,
        }
        if batch.pod and batch.pod.acknowledged:
            headers[MARKER] = batch.pod.token
        url = f"{to.url.rstrip('/')}/{file_name(to)}"
        try:
            answer = self.http.send("PUT", url, headers, message.body)
        except Unreachable as error:
            return verdicts.again(message, str(error), None, now, self.rng)
        return verdicts.settle(message, answer, self.clock.now(), self.rng)


def file_name(to: Subscriber) -> str:
    """One name per connection and zone, so that a new bundle replaces the one before."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", f"{to.name}-{to.scope.zone_id}") + ".zip"
