"""What people of the district do about one vendor: pause it, let it go on, try again. Audited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.journeys import redeliver
from reference_hub.model.console import Account
from reference_hub.model.party import Vendor
from reference_hub.model.pod import Pod
from reference_hub.store import audits, console_agreements, console_deliveries, outbox, receipts
from reference_hub.store.console_agreements import Version
from reference_hub.store.receipts import Receipt

if TYPE_CHECKING:
    from sqlalchemy import Connection

DAYS = 30


@dataclass(frozen=True, slots=True)
class Fields:
    """How many paths a POD grants, how many of them left in the last DAYS, which ones never did."""

    granted: int
    sent: int
    unsent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """The POD that counts, what the vendor said of it, its fields; older PODs beside it."""

    version: Version
    receipt: Receipt | None
    fields: Fields
    others: tuple[Version, ...]


def agreement(connection: Connection, vendor: Vendor, clock: Clock) -> Agreement | None:
    """None where the vendor has no POD."""
    today = clock.today(vendor.scope.zone_id)
    found = console_agreements.versions(connection, vendor.id, today)
    if not found:
        return None
    first = found[0]
    receipt = receipts.of(connection, first.pod.id)
    return Agreement(first, receipt, _fields(connection, first.pod, clock), tuple(found[1:]))


def _fields(connection: Connection, pod: Pod, clock: Clock) -> Fields:
    granted = {path for entry in pod.entries for path in entry.granted}
    since = clock.now() - timedelta(days=DAYS)
    sent = console_agreements.sent(connection, pod, since).keys() & granted
    return Fields(len(granted), len(sent), tuple(sorted(granted - sent)))


def pause(connection: Connection, vendor: Vendor, who: Account, why: str, clock: Clock) -> int:
    """Let nothing go to the vendor until somebody says otherwise; how many connections that stops.

    What waits stays in its place, and what the district changes meanwhile waits with it.
    """
    stopped = console_deliveries.pause(connection, vendor.id, who.name, clock.now())
    if stopped:
        _note(connection, vendor, who, "console paused deliveries", stopped, clock, reason=why)
    return stopped


def go_on(connection: Connection, vendor: Vendor, who: Account, clock: Clock) -> int:
    """Deliver again; how many connections were paused."""
    freed = console_deliveries.go_on(connection, vendor.id)
    if freed:
        _note(connection, vendor, who, "console resumed deliveries", freed, clock)
        outbox.notify(connection)
    return freed


def try_again(
    connection: Connection, vendor: Vendor, who: Account, clock: Clock
) -> tuple[int, int]:
    """Try dead letters once more and wake what the hub left alone; how many go, how many younger
    ones have overtaken."""
    goes, overtaken = redeliver.retry_dead(connection, vendor.name, clock)
    redeliver.probe(connection, vendor.name, clock)
    _note(connection, vendor, who, "console tried deliveries again", goes, clock)
    return goes, overtaken


def _note(
    connection: Connection,
    vendor: Vendor,
    who: Account,
    what: str,
    count: int,
    clock: Clock,
    **told: str,
) -> None:
    detail = {"vendor": vendor.name} | told
    entry = audits.Entry(f"console:{who.name}", what, "", count, detail)
    audits.add(connection, vendor.scope, clock.now(), entry)
