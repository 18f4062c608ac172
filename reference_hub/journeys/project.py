"""The rows of a connection whose format is not SIF as it is stored: made, kept, and trusted.

Rows carry the stamp of the grants, the profile and, where it counts, the day they were made under.
Who reads or sends them asks `current` first: rows of another stamp are never shown.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.journeys.prepare import Stopped, may_go_each
from reference_hub.journeys.projection import Key, Projected, Projection
from reference_hub.journeys.seals import grant_of
from reference_hub.model.caller import Caller
from reference_hub.model.party import NATIVE, Subscriber
from reference_hub.model.pod import Pod
from reference_hub.model.scope import Scope
from reference_hub.store import losses, projections, target_rows, vendor_profiles
from reference_hub.translate import profiles
from reference_hub.translate.ledger import Loss
from reference_hub.translate.plans import reader_for
from reference_hub.translate.profiles import Profile

if TYPE_CHECKING:
    from sqlalchemy import Connection

STALE = "the data is being prepared anew"
FEWEST = 20


@dataclass(frozen=True, slots=True)
class Terms:
    """What a connection may be given now: PODs by object type, the stamp standing for them, and
    why the other types may not go."""

    pods: dict[str, Pod | None]
    stamp: str
    closed: dict[str, str]


def is_translated(to: Subscriber) -> bool:
    """Whether a connection gets rows of a profile, not SIF objects as they are stored."""
    return to.format != NATIVE


def profile_of(connection: Connection, to: Subscriber) -> Profile:
    """The vendor profile that a connection's format names: the district's own before a shipped
    one. Raises SetupError."""
    return profile_named(connection, to.scope, to.format)


def profile_named(connection: Connection, scope: Scope, name: str) -> Profile:
    """The profile of that name in a district, its own before a shipped one. Raises SetupError."""
    own = vendor_profiles.find(connection, scope, name)
    return profiles.parse(own.name, own.content, own.mapping) if own else profiles.load(name)


def terms(connection: Connection, to: Subscriber, caller: Caller, clock: Clock) -> Terms | Stopped:
    """Ask the gate for each object type of a connection."""
    verdicts = may_go_each(connection, caller, to.objects, clock)
    pods = {kind: verdict.pod for kind, verdict in verdicts.items() if not verdict.reason}
    if not pods:
        reasons = [verdict.reason for verdict in verdicts.values()]
        return Stopped("held", reasons[0] if reasons else "the connection receives no objects")
    profile = profile_of(connection, to)
    told = [[kind, grant_of(pod)] for kind, pod in sorted(pods.items())]
    day = clock.today(to.scope.zone_id).isoformat() if profile.current_only else ""
    word = json.dumps([told, profile.digest, sorted(to.delivery.items()), day], default=str)
    closed = {kind: verdict.reason for kind, verdict in verdicts.items() if verdict.reason}
    return Terms(pods, hashlib.sha256(word.encode()).hexdigest()[:32], closed)


def current(
    connection: Connection, to: Subscriber, caller: Caller, clock: Clock
) -> Pod | Stopped | None:
    """The POD the rows stand under, None where the district asks for none; Stopped where they may
    not be shown now. To be asked in the snapshot that reads the rows."""
    found = terms(connection, to, caller, clock)
    if isinstance(found, Stopped):
        return found
    if projections.stamp(connection, to) != found.stamp:
        return Stopped("waiting", STALE)
    return next(iter(found.pods.values()))


def bring_up(
    connection: Connection,
    to: Subscriber,
    caller: Caller,
    clock: Clock,
    changed: Sequence[Key] | None = None,
    message_id: str = "",
) -> Projected | Stopped:
    """Bring the rows of a connection up to date for the changed objects, None for all.

    Everything is made anew where the grants or the profile have changed since. `connection` is a
    transaction; what is Stopped must be rolled back by the caller.
    """
    projections.lock(connection, to)
    found = terms(connection, to, caller, clock)
    if isinstance(found, Stopped):
        return found
    profile, before = profile_of(connection, to), projections.stamp(connection, to)
    ledger = _Ledger(connection, to, message_id or clock.new_uuid(), clock.now())
    work = Projection(connection, to, profile, found.pods, clock, ledger.keep)
    if changed is not None and before == found.stamp:
        made = work.follow(changed)
        projections.forget_losses(connection, to, made.concerned)
        ledger.keep(made.losses)
    else:
        held = _ready(connection, to)
        made = work.rebuild()
        if before == found.stamp and _shrunk(connection, to, profile, held):
            share = to.delivery.get("shrink_percent", profile.shrink_percent)
            return Stopped(
                "held", f"more than {share} % of the rows would go; allow it with: vendor change"
            )
        ledger.keep(made.losses)
        losses.forget(connection, to, ledger.now)
    made.closed = found.closed
    projections.set_stamp(connection, to, found.stamp, clock.now())
    return made


def _ready(connection: Connection, to: Subscriber) -> int:
    counts = target_rows.counts(connection, to)
    return sum(each.number for each in counts if each.state == "ready")


def _shrunk(connection: Connection, to: Subscriber, profile: Profile, before: int) -> bool:
    percent = int(to.delivery.get("shrink_percent", profile.shrink_percent))
    after = _ready(connection, to)
    return before >= FEWEST and (before - after) * 100 > percent * before


@dataclass(frozen=True, slots=True)
class _Ledger:
    """Where the losses of a run are written down, all at one moment."""

    connection: Connection
    to: Subscriber
    message_id: str
    now: datetime

    def keep(self, found: Iterable[Loss]) -> None:
        located = [_located(each, self.to) for each in found]
        losses.record(self.connection, self.to, self.message_id, located, self.now)


def _located(loss: Loss, to: Subscriber) -> Loss:
    """The same entry, its source named as SIF names it."""
    name, bracket, position = loss.source_path.partition("[")
    for kind in to.objects[:1]:
        path = reader_for(kind).paths.get(name)
        if path:
            return Loss(
                loss.entity,
                loss.refid,
                loss.crosswalk_id,
                f"{path}{bracket}{position}",
                loss.target_field,
                loss.kind,
                loss.note,
                loss.original_kept,
            )
    return loss
