"""Make the hub's PODs say what the registry says: publish, end, draft, or leave alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.codec.pod_terms import read_terms
from reference_hub.codec.xml import tostring
from reference_hub.journeys.catch_up import OVER
from reference_hub.journeys.end_pod import wind_up
from reference_hub.journeys.issue_pod import publish
from reference_hub.model.party import Vendor
from reference_hub.model.pod import EXPIRED, Terms
from reference_hub.registry.plan import (
    BY_DATE,
    BY_REGISTRY,
    BY_VENDOR,
    DISCARD,
    END,
    PUBLISH,
    WRITE_DRAFT,
    Action,
    Known,
    plan_sync,
)
from reference_hub.registry.pod import pod_from
from reference_hub.registry.records import ACTIVE, DRAFT, Agreement, Snapshot
from reference_hub.store import agreement_pods, pods, vendors

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from reference_hub.store.agreement_pods import AgreementPod

_FROM_REGISTRY = "registry: "
_REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the plan, and the vendor of the hub that it is for."""

    vendor: Vendor
    action: Action


@dataclass(frozen=True, slots=True)
class Report:
    """What was done, and the ids of agreements in force or negotiated whose vendor the hub does
    not know: no data flows under them."""

    steps: tuple[Step, ...]
    unplaced: tuple[str, ...]


def sync_registry(
    engine: Engine, snapshot: Snapshot, clock: Clock, *, dry_run: bool = False
) -> Report:
    """Carry out the plan, each vendor in a transaction of its own; with `dry_run` only tell it.

    A vendor of the hub and one of the registry are the same where the party is named alike and the
    vendor's zone and context are the district's.
    """
    with engine.connect() as connection:
        known_vendors = vendors.all_vendors(connection)
    steps: list[Step] = []
    for vendor in known_vendors:
        with engine.begin() as connection:
            agreement_pods.hold(connection, vendor.id)
            for action in _plan(connection, vendor, snapshot, clock):
                if not dry_run:
                    _carry_out(connection, vendor, snapshot, action, clock)
                steps.append(Step(vendor, action))
    return Report(tuple(steps), tuple(_unplaced(snapshot, known_vendors)))


def _plan(
    connection: Connection, vendor: Vendor, snapshot: Snapshot, clock: Clock
) -> Sequence[Action]:
    known = [_known(each) for each in agreement_pods.known(connection, vendor.id, vendor.scope)]
    agreements = {
        name: each for name, each in snapshot.agreements.items() if _is_of(each, vendor, snapshot)
    }
    return plan_sync(replace(snapshot, agreements=agreements), known, clock.now())


def _is_of(agreement: Agreement, vendor: Vendor, snapshot: Snapshot) -> bool:
    district = snapshot.districts[agreement.district]
    party = snapshot.vendors[agreement.vendor].name
    here = (vendor.scope.zone_id, vendor.scope.context_id)
    return vendor.party_id == party and here in ((district.zone, c) for c in district.contexts)


def _known(pod: AgreementPod) -> Known:
    ways: Mapping[str, str] = {_FROM_REGISTRY: BY_REGISTRY, OVER: BY_DATE, _REJECTED: BY_VENDOR}
    ended = next((way for words, way in ways.items() if pod.ended.startswith(words)), pod.ended)
    said = (pod.id, pod.agreement_id, pod.version, pod.status, pod.content, pod.app_id)
    return Known(*said, ended)


def _carry_out(
    connection: Connection, vendor: Vendor, snapshot: Snapshot, action: Action, clock: Clock
) -> None:
    if action.kind == END:
        _end(connection, action, clock)
    elif action.kind == DISCARD:
        agreement_pods.discard(connection, action.pod_id)
    elif action.kind in (PUBLISH, WRITE_DRAFT):
        _publish(connection, vendor, snapshot, action, clock)


def _end(connection: Connection, action: Action, clock: Clock) -> None:
    reason = f"{_FROM_REGISTRY}{action.reason}"
    if pods.set_status(connection, action.pod_id, EXPIRED, reason):
        pod = pods.by_id(connection, action.pod_id)
        if pod is not None:
            wind_up(connection, pod, reason, clock)


def _publish(
    connection: Connection, vendor: Vendor, snapshot: Snapshot, action: Action, clock: Clock
) -> None:
    def build(pod_id: str, token: str) -> tuple[bytes, tuple[Terms, ...]]:
        pod = pod_from(
            snapshot,
            action.agreement_id,
            action.app_id,
            pod_id=pod_id,
            token=token,
            version=action.version,
        )
        return tostring(pod), read_terms(pod)

    publish(
        connection,
        vendor,
        build,
        clock,
        version=action.version,
        app_id=action.app_id,
        agreement_id=action.agreement_id,
        content=action.content,
        draft=action.kind == WRITE_DRAFT,
    )


def _unplaced(snapshot: Snapshot, known_vendors: Sequence[Vendor]) -> Iterator[str]:
    for name, each in sorted(snapshot.agreements.items()):
        placed = any(_is_of(each, vendor, snapshot) for vendor in known_vendors)
        if each.status in (ACTIVE, DRAFT) and not placed:
            yield name
