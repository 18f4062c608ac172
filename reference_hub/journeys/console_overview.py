"""The whole district at one look: who sends, who receives, how much today, what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.model.standing import HEALTH, TROUBLE, Receiver, Sender
from reference_hub.store import console_vendors

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Overview:
    """Senders by name; receivers, those in trouble first, then those that got most today."""

    senders: tuple[Sender, ...]
    receivers: tuple[Receiver, ...]
    troubled: int

    @property
    def tangle(self) -> int:
        """Links from point to point that the district would need without a hub: one for each
        sender and receiver."""
        return len(self.senders) * len(self.receivers)

    @property
    def links(self) -> int:
        """Links that it needs with one."""
        return len(self.senders) + len(self.receivers)

    @property
    def told(self) -> int:
        """Objects that came today."""
        by_vendors = sum(each.told for each in self.receivers)
        return by_vendors + sum(each.told for each in self.senders)

    @property
    def sent(self) -> int:
        """Objects that went out today, counted once for each receiver."""
        return sum(each.sent for each in self.receivers)


def midnight(clock: Clock, zone_id: str) -> datetime:
    """When the district's day began."""
    zone = clock.zones.get(zone_id, UTC)
    return datetime.combine(clock.today(zone_id), time(), zone).astimezone(UTC)


def overview(connection: Connection, zone_id: str, clock: Clock) -> Overview:
    """The picture of one district, '' for all of the hub."""
    told, sent, by_vendor = _moved(connection, zone_id, clock)
    known = console_vendors.senders(connection, zone_id)
    senders = [
        Sender(key, kind, notation, told.pop(key, 0), seen) for key, kind, notation, seen in known
    ]
    # What no application sent came in files.
    senders += [Sender(name, "files", "", number, None) for name, number in sorted(told.items())]
    receivers = [
        replace(each, sent=sent[each.id], told=by_vendor[each.id])
        for each in console_vendors.about(connection, zone_id, clock.today(zone_id))
    ]
    now = clock.now()
    receivers.sort(key=lambda each: (HEALTH.index(each.flow.health(now)), -each.sent, each.name))
    troubled = sum(each.flow.health(now) in TROUBLE for each in receivers)
    return Overview(tuple(senders), tuple(receivers), troubled)


def sent_today(
    connection: Connection, receivers: Sequence[Receiver], zone_id: str, clock: Clock
) -> list[Receiver]:
    """The same vendors with what they got and wrote today."""
    _, sent, told = _moved(connection, zone_id, clock)
    return [replace(each, sent=sent[each.id], told=told[each.id]) for each in receivers]


def _moved(
    connection: Connection, zone_id: str, clock: Clock
) -> tuple[Counter[str], Counter[int], Counter[int]]:
    """Of today: what came by sender, what each vendor got, what each vendor wrote."""
    owners = console_vendors.owners(connection)
    told: Counter[str] = Counter()
    sent: Counter[int] = Counter()
    by_vendor: Counter[int] = Counter()
    since = midnight(clock, zone_id)
    for actor, name, is_told, number in console_vendors.moved_since(connection, zone_id, since):
        owner = owners.get(("app", actor))
        if is_told and owner is None:
            told[actor] += number
        elif is_told and owner is not None:
            by_vendor[owner] += number
        elif (receiver := owners.get(("connection", name), owner)) is not None:
            sent[receiver] += number
    return told, sent, by_vendor
