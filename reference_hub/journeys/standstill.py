"""The circuit breaker of each connection: pause one that fails again and again, probe it, resume.

All other connections go on meanwhile.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.journeys.alert import raise_alert
from reference_hub.model.message import Claimed, Settled
from reference_hub.settings import Delivery
from reference_hub.store import audits, standstills
from reference_hub.store.claims import Claim

if TYPE_CHECKING:
    from sqlalchemy import Connection

ACTOR = "delivery"
# Nobody published categories for infrastructure 3 (INF-ALR-004); the code says what is away.
_CATEGORY, _CODE = 1, 503
_CHANCE = random.Random()  # noqa: S311 spreads probes, keeps no secret


@dataclass(frozen=True, slots=True)
class Try:
    """How one message that was sent ended for the connection: '' or why it failed."""

    failure: str


def pause_seconds(pauses: int, limits: Delivery, chance: float) -> float:
    """The length of the next pause after `pauses` in a row: twice the one before up to the
    longest, shortened by `chance` (0 to 1) to between half and all of it."""
    whole = limits.pause_seconds * 2.0 ** min(pauses, 30)
    return min(whole, limits.longest_pause_seconds) * (0.5 + chance / 2)


def given_up(
    message: Claimed,
    settled: Settled,
    failing_since: datetime | None,
    limits: Delivery,
    now: datetime,
) -> Settled:
    """The same end, or a dead letter where a message has been tried for long enough.

    A vendor that is away wears out no message: only its answers to this very message count, or
    the time for which the connection has failed without a break.
    """
    if settled.state != "waiting":
        return settled
    if settled.at_fault and message.faults + 1 >= limits.attempts:
        return _dead(settled, f"given up after {message.faults + 1} answers")
    patience = timedelta(hours=limits.give_up_hours)
    if failing_since is not None and now - failing_since >= patience:
        return _dead(settled, f"given up after {limits.give_up_hours:g} hours")
    return settled


def _dead(settled: Settled, why: str) -> Settled:
    return replace(settled, state="dead", reason=f"{why}: {settled.reason}", not_before=None)


def note(
    connection: Connection, claim: Claim, tries: Sequence[Try], limits: Delivery, clock: Clock
) -> Claim:
    """Count what was tried; pause the connection or end its standstill. The claim as it is now."""
    if not tries:
        return claim
    failures = 0
    for each in reversed(tries):
        if not each.failure:
            break
        failures += 1
    was_well = failures < len(tries)
    if was_well and claim.standstill is not None:
        _resume(connection, claim, clock)
        claim = replace(claim, standstill=None)
    if failures:
        _fail(connection, claim, failures, tries[-1].failure, limits, clock)
    return claim


def _resume(connection: Connection, claim: Claim, clock: Clock) -> None:
    standstills.ended(connection, claim.subscriber)
    if claim.standstill is not None and claim.standstill.pauses:
        _tell(connection, claim, "resumed delivery", claim.standstill.reason, clock)


def _fail(
    connection: Connection, claim: Claim, failures: int, why: str, limits: Delivery, clock: Clock
) -> None:
    to, now = claim.subscriber, clock.now()
    in_a_row, pauses = standstills.failed(connection, to, failures, why, now)
    if in_a_row < limits.pause_after:
        return
    seconds = pause_seconds(pauses, limits, _CHANCE.random())
    standstills.pause(connection, to, now + timedelta(seconds=seconds))
    if pauses:
        return
    _tell(connection, claim, "paused delivery", why, clock)
    text = (
        f"Deliveries by the connection {to.name} are paused: {why}. All other connections go on. "
        "The hub tries again by itself; see: reference-hub deliveries list"
    )
    raise_alert(
        connection,
        clock,
        to.scope,
        "Reference hub",
        "ERROR",
        text,
        cause=to.name,
        category=_CATEGORY,
        code=_CODE,
        for_district=True,
    )


def _tell(connection: Connection, claim: Claim, what: str, why: str, clock: Clock) -> None:
    to = claim.subscriber
    entry = audits.Entry(ACTOR, what, "", 1, {"connection": to.name, "reason": why})
    audits.add(connection, to.scope, clock.now(), entry)
