"""A vendor asks for data: the gate decides, and the first right marker acknowledges the POD."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.journeys.acknowledge import acknowledge
from reference_hub.model.caller import Caller
from reference_hub.model.pod import Pod
from reference_hub.privacy.gate import (
    SCOPE,
    Allowed,
    NothingGranted,
    decide,
    outdated,
    undecided,
)
from reference_hub.privacy.unbound import all_but
from reference_hub.problems import Refusal
from reference_hub.store import held_applications, pods

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection


def look(
    connection: Connection, caller: Caller, marker: str | None, object_type: str, clock: Clock
) -> tuple[Pod | None, bool]:
    """The POD to filter by, None where the district asks for none, and whether the request
    acknowledges it, which `admit` would write down. Raises Refusal otherwise, 503 where the clocks
    of hub and store disagree, for then nobody knows what is in force."""
    today = clock.today(caller.scope.zone_id)
    looked = _looked(connection, caller, marker, today, clock)
    decision = decide(caller, looked.shown, looked.latest, today, marker, object_type)
    if isinstance(decision, Refusal):
        raise decision
    pod = decision.pod
    if pod is None:
        return all_but(caller, object_type, looked.excluded, looked.key), False
    return pod, bool(marker) and (pod.acknowledged is None or pod.status != "Live")


def covering(connection: Connection, caller: Caller, object_type: str, clock: Clock) -> Pod | None:
    """The POD in force today for a request that need not name one; None where the district asks
    for none. Raises Refusal 403 where no POD covers the object type, 503 as `look`."""
    today = clock.today(caller.scope.zone_id)
    looked = _looked(connection, caller, None, today, clock)
    live = looked.live
    token = live.token if live else None
    decision = decide(caller, live, live or looked.latest, today, token, object_type)
    if isinstance(decision, Allowed):
        return decision.pod or all_but(caller, object_type, looked.excluded, looked.key)
    raise NothingGranted(403, SCOPE, f"No POD of yours in force covers {object_type}.")


def _looked(
    connection: Connection, caller: Caller, marker: str | None, today: date, clock: Clock
) -> pods.Looked:
    key = caller.undecided_key
    if key and held_applications.is_held(connection, key):
        raise undecided()
    looked = pods.for_gate(connection, caller, marker or None, today)
    if looked is None:
        raise Refusal(403, SCOPE, "You are not registered in this zone and context.")
    if looked.refused:
        raise undecided()
    if clock.is_doubtful(looked.moment):
        raise Refusal(503, SCOPE, "The hub's clock is in doubt; nothing is sent. Try again later.")
    return looked


def admit(
    connection: Connection, caller: Caller, marker: str | None, object_type: str, clock: Clock
) -> Pod | None:
    """The POD to filter by; None where the district asks for none. Raises Refusal otherwise."""
    pod, acknowledges = look(connection, caller, marker, object_type, clock)
    if pod is None or not acknowledges:
        return pod
    # It may have ended or been replaced since it was looked up.
    if not acknowledge(connection, pod.vendor_id, pod.token, "marker", clock):
        raise outdated()
    return pod
