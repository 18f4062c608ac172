"""A vendor that comes for its data: nothing is sent, its rows only have to be kept up to date."""

from __future__ import annotations

from reference_hub.model.message import Batch, Delivery, Settled


class Pull:
    """A Transport for connections that the vendor reads from, such as OneRoster over REST."""

    def deliver(self, batch: Batch) -> Delivery:
        """Nothing can be sent; a POD reaches such a vendor by its form or over SIF."""
        reason = "the vendor fetches its data itself; nothing can be sent to it"
        return Delivery([Settled(message.id, "dead", reason) for message in batch.messages])
