"""Why a message has not arrived, and what to do about it, in words for a data manager."""

from __future__ import annotations

from datetime import datetime, timedelta

from reference_hub.journeys import prepare
from reference_hub.store.standstills import Standstill

_HELD = {
    prepare.UNACKNOWLEDGED: "waits until the vendor acknowledges the POD (reference-hub pod list)",
    prepare.ENDED: "the agreement has ended; nothing goes until a new one is in force",
    prepare.NOT_BEGUN: "the agreement has not begun; it goes on its first day",
    prepare.DOUBTFUL: "the clocks of hub and store disagree; set them right",
    prepare.UNDECIDED: "waits for a decision of the district (reference-hub vendor decide)",
    prepare.REFUSED: "the district decided that the vendor gets no data",
    prepare.BEHIND: "waits behind an older change of the same object that is held",
}
_GATHERS = "gathers changes; the next delivery is at {:%Y-%m-%d %H:%M:%S} UTC"
_NEXT = "goes next, as soon as a worker is free (reference-hub work)"


def words(
    state: str,
    reason: str,
    still: Standstill | None,
    next_try: datetime,
    now: datetime,
    *,
    paused_by: str | None = None,
) -> str:
    """The reason with its remedy; `still`: how the connection fails, None where it works;
    `paused_by`: who of the district lets nothing go, None for nobody."""
    if state == "held":
        return _HELD.get(reason, f"held: {reason}")
    if state == "dead":
        return f"not delivered: {reason}; when that is mended: deliveries retry"
    if state == "leased":
        return "is being sent"
    if state in ("done", "purged"):
        return reason
    if paused_by is not None:
        return f"{paused_by} paused the vendor in the console; let it go on there"
    return _waiting(reason, still, next_try, now)


def _waiting(reason: str, still: Standstill | None, next_try: datetime, now: datetime) -> str:
    if still is not None and still.until is not None:
        until = max(still.until, next_try)
        return (
            f"the connection is paused until {until:%H:%M:%S} UTC after {still.failures} failures: "
            f"{still.reason}"
        )
    if not reason and still is not None:
        return f"waits behind a message that is tried again: {still.reason}"
    if reason:
        return f"is tried again: {reason}"
    return _GATHERS.format(next_try) if next_try > now else _NEXT


def age(since: datetime, now: datetime) -> str:
    """How long ago, in the two largest units: 3 d 4 h, 2 min 5 s."""
    seconds = max(int((now - since) / timedelta(seconds=1)), 0)
    parts = ((seconds // 86400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "min"),
             (seconds % 60, "s"))  # fmt: skip
    first = next((at for at, (number, _) in enumerate(parts) if number), len(parts) - 1)
    return " ".join(f"{number} {unit}" for number, unit in parts[first : first + 2] if number or
                    first == len(parts) - 1)  # fmt: skip
