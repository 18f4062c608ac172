"""Get Data Privacy Marker: the function of a Data Protection Enforcer that hands markers out.

The standard's volume on it names the function; address, members and statuses are our profile.
Being told a marker acknowledges nothing, using it does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.model.caller import Caller
from reference_hub.model.pod import BY_RECEIPT, EXPIRED, Pod
from reference_hub.privacy.entries import chosen, is_in_force
from reference_hub.problems import Refusal
from reference_hub.store import pods

if TYPE_CHECKING:
    from sqlalchemy import Connection

SCOPE = "Data privacy marker"


def marker_for(connection: Connection, caller: Caller, clock: Clock) -> Pod:
    """The POD whose token the caller has to send now.

    Raises Refusal 404 where no POD is for the caller, 409 where it waits for its receipt or for its
    first day, 410 where there are only ended ones, 503 where the clocks are in doubt.
    """
    today = clock.today(caller.scope.zone_id)
    looked = pods.for_gate(connection, caller, None, today)
    if looked is not None and clock.is_doubtful(looked.moment):
        raise Refusal(503, SCOPE, "The hub's clock is in doubt; try again later.")
    current = pods.current(connection, caller.vendor_id, caller.scope, caller.app_id)
    pod = current or (looked.latest if looked else None)
    terms = chosen(pod.entries, caller) if pod else None
    if pod is None or terms is None:
        raise Refusal(404, SCOPE, "There is no POD for you in this zone, context and application.")
    if pod.status == EXPIRED or (pod.ends is not None and pod.ends < today):
        raise Refusal(410, SCOPE, "Your POD has ended, and no other one is in force.")
    if pod.acknowledged is None and caller.acknowledge_by == BY_RECEIPT:
        text = "Your POD waits for its receipt: privacy/pods/{id}/acknowledgements."
        raise Refusal(409, SCOPE, text)
    if pod.starts > today or not is_in_force(terms, today):
        raise Refusal(409, SCOPE, "The agreement of your POD does not cover this day.")
    return pod
