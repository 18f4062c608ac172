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
    """Senders by name; the first receivers, those in trouble first, then those that got most today.
    `number`: of all receivers; `troubled`: of those in trouble; `told` and `sent`: objects that
    came today and that went out, these counted once for each receiver."""

    senders: tuple[Sender, ...]
    receivers: tuple[Receiver, ...]
    number: int
    troubled: int
    told: int
    sent: int

    @property
    def tangle(self) -> int:
        """Links from point to point that the district would need without a hub: one for each
        sender and receiver."""
        return len(self.senders) * self.number

    @property
    def links(self) -> int:
        """Links that it needs with one."""
        return len(self.senders) + self.number


def midnight(clock: Clock, zone_id: str) -> datetime:
    """When the district's day began."""
    zone = clock.zones.get(zone_id, UTC)
    return datetime.combine(clock.today(zone_id), time(), zone).astimezone(UTC)


def overview(connection: Connection, zone_id: str, clock: Clock, most: int) -> Overview:
    """The picture of one district, '' for all of the hub, with so many receivers at most."""
    moved = _moved(connection, zone_id, clock)
    known = console_vendors.senders(connection, zone_id)
    left = dict(moved.by_others)
    senders = [
        Sender(key, kind, notation, left.pop(key, 0), seen) for key, kind, notation, seen in known
    ]
    # What no application sent came in files.
    senders += [Sender(name, "files", "", number, None) for name, number in sorted(left.items())]
    found = console_vendors.health(connection, zone_id, clock.now())
    found.sort(key=lambda each: (HEALTH.index(each[2]), -moved.sent[each[0]], each[1]))
    first = [vendor_id for vendor_id, _, _ in found[:most]]
    receivers = console_vendors.about(connection, clock.today(zone_id), first)
    return Overview(
        tuple(senders),
        tuple(_with(each, moved) for each in receivers),
        len(found),
        sum(health in TROUBLE for _, _, health in found),
        sum(moved.by_others.values()) + sum(moved.told.values()),
        sum(moved.sent.values()),
    )


def sent_today(
    connection: Connection, receivers: Sequence[Receiver], zone_id: str, clock: Clock
) -> list[Receiver]:
    """The same vendors with what they got and wrote today."""
    moved = _moved(connection, zone_id, clock, [each.id for each in receivers])
    return [_with(each, moved) for each in receivers]


@dataclass(frozen=True, slots=True)
class _Moved:
    """Of today: what came, by senders that are no vendors; what each vendor got, and wrote."""

    by_others: Counter[str]
    sent: Counter[int]
    told: Counter[int]


def _with(each: Receiver, moved: _Moved) -> Receiver:
    return replace(each, sent=moved.sent[each.id], told=moved.told[each.id])


def _moved(
    connection: Connection, zone_id: str, clock: Clock, ids: Sequence[int] | None = None
) -> _Moved:
    """With `ids` only what concerns these vendors."""
    owners = console_vendors.owners(connection, ids)
    names = None if ids is None else {name for _, name in owners}
    found = _Moved(Counter(), Counter(), Counter())
    since = midnight(clock, zone_id)
    for actor, name, is_told, number in console_vendors.moved_since(
        connection, zone_id, since, names
    ):
        owner = owners.get(("app", actor))
        if is_told and owner is None:
            found.by_others[actor] += number
        elif is_told and owner is not None:
            found.told[owner] += number
        elif (receiver := owners.get(("connection", name), owner)) is not None:
            found.sent[receiver] += number
    return found
