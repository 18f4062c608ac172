"""From a vendor's answer to the state of a message. Reasons hold statuses, never content."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime

from reference_hub.model.message import Outgoing, Settled
from reference_hub.workers import backoff
from reference_hub.workers.transport import Answer

# The vendor is busy, restarting, or does not know our session: the message itself is not at fault.
AGAIN = frozenset({401, 408, 425, 429})
# Said for the vendor as a whole, by itself or by what stands in front of it.
AWAY = frozenset({502, 503, 504})
# To a POD: its content or its days are refused. A door that is not there (404, 405) or a document
# that is there already (409) says nothing of the agreement.
REJECTING = frozenset({400, 403, 410, 422})
PRIVACY = {403: "the vendor refuses it (403)", 410: "the vendor says its POD is outdated (410)"}


def settle(message: Outgoing, answer: Answer, now: datetime, rng: random.Random) -> Settled:
    """2xx done; busy, 5xx and redirects wait; 403 and 410 held; any other status dead."""
    status = answer.status
    if 200 <= status < 300:
        return Settled(message.id, "done")
    if status in PRIVACY:
        return Settled(message.id, "held", PRIVACY[status])
    if status in AGAIN or status >= 500 or status < 400:
        settled = again(message, f"the vendor answered {status}", answer, now, rng)
        return replace(settled, at_fault=status >= 500 and status not in AWAY)
    return Settled(message.id, "dead", f"the vendor answered {status}")


def again(
    message: Outgoing, reason: str, answer: Answer | None, now: datetime, rng: random.Random
) -> Settled:
    """Wait as long as the vendor asked, else by the number of attempts."""
    asked = answer.header("Retry-After") if answer else ""
    moment = backoff.next_try(asked, message.attempts, now, rng)
    return Settled(message.id, "waiting", reason, moment)
