"""A party acknowledges or rejects one POD by a record of its own (profile, POD-ACK-009 to 013).

It is a receipt: this version, with this text, was received. It proves no compliance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.codec.pod_json import pod_hashes
from reference_hub.journeys.acknowledge import acknowledge, reject
from reference_hub.model.environment import Environment
from reference_hub.model.pod import DRAFT, EXPIRED, Pod
from reference_hub.model.statement import Statement
from reference_hub.model.uuids import canonical
from reference_hub.problems import Refusal
from reference_hub.store import audits, pods, receipts
from reference_hub.store.receipts import REJECTED, Receipt

if TYPE_CHECKING:
    from sqlalchemy import Connection

SCOPE = "POD acknowledgement"
CURRENT, ENDED = "CURRENT", "ENDED"


@dataclass(frozen=True, slots=True)
class Taken:
    """The receipt of a POD as it is now; `is_new` where this record made it."""

    receipt: Receipt
    pod: Pod
    is_new: bool = False

    @property
    def association(self) -> str:
        """CURRENT while the acknowledged POD is in use, ENDED afterwards and when rejected."""
        is_over = self.pod.status == EXPIRED or self.receipt.decision == REJECTED
        return ENDED if is_over else CURRENT


def receive(
    connection: Connection, environment: Environment, pod_id: str, told: Statement, clock: Clock
) -> Taken:
    """Keep what the caller's vendor says of its POD; the first decision stands.

    Raises Refusal 403 where the caller can be no party of it, 404 for an unknown or draft POD or
    one of another party, 409 where the record is of another version or text or contradicts an
    earlier one, 410 where the POD has ended.
    """
    pod = own_pod(connection, environment, pod_id, lock=True)
    if pod.app_id not in ("", environment.application.app_id):
        raise Refusal(403, SCOPE, "This POD is for another application of yours.")
    known = receipts.of(connection, pod.id)
    repeats_end = known is not None and known.decision == REJECTED == told.decision
    if _is_over(pod, clock) and not repeats_end:
        raise Refusal(410, SCOPE, "This POD is not in force any more; read the pods service.")
    if wrong := differences(told, pod):
        text = f"Not the current document: {', '.join(wrong)}; read the pods service again."
        raise Refusal(409, SCOPE, text)
    if known is not None:
        return Taken(_again(connection, environment, pod, known, told, clock), pod)
    key = environment.application.key
    keep(connection, pod, told, "receipt", clock, {"application": key, **told.given_by})
    return Taken(_made(connection, pod), own_pod(connection, environment, pod_id), is_new=True)


def receipt_of(connection: Connection, environment: Environment, pod_id: str) -> Taken:
    """The receipt of one of the caller's PODs. Raises Refusal 403 and 404, also where none is."""
    pod = own_pod(connection, environment, pod_id)
    known = receipts.of(connection, pod.id)
    if known is None:
        raise Refusal(404, SCOPE, "This POD has not been acknowledged or rejected yet.")
    return Taken(known, pod)


def differences(told: Statement, pod: Pod) -> list[str]:
    """The members that do not fit the POD."""
    fits = {
        "podId": canonical(told.pod_id) == pod.id,
        "podVersion": told.pod_version == pod.version,
        "podToken": told.pod_token == pod.token,
        "podHash": told.pod_hash in pod_hashes(pod.document),
        "zoneId": told.zone_id in ("", pod.scope.zone_id),
        "contextId": told.context_id in ("", pod.scope.context_id),
    }
    return [name for name, is_right in fits.items() if not is_right]


def keep(
    connection: Connection,
    pod: Pod,
    told: Statement,
    how: str,
    clock: Clock,
    given_by: Mapping[str, str],
) -> bool:
    """Follow a record that fits the POD; False where the POD has ended or was decided before."""
    vendor_id, token = pod.vendor_id, pod.token
    if told.decision == REJECTED:
        return reject(connection, vendor_id, token, how, told.reason, clock, given_by=given_by)
    return acknowledge(
        connection, vendor_id, token, how, clock, pod_hash=told.pod_hash, given_by=given_by
    )


def own_pod(
    connection: Connection, environment: Environment, pod_id: str, *, lock: bool = False
) -> Pod:
    """The POD of the caller's vendor, with `lock` held against other writers.

    Raises Refusal 403 for callers who are no vendor. 404 says the same of an id that nobody has and
    of another party's, so that no answer tells which ids exist.
    """
    vendor_id = environment.application.vendor_id
    if vendor_id is None:
        raise Refusal(403, SCOPE, "Only the receiving party of a POD acknowledges it.")
    known = canonical(pod_id)
    found = pods.by_id(connection, known) if known else None
    if found is None or found.vendor_id != vendor_id or found.status == DRAFT:
        raise Refusal(404, SCOPE, "You have no POD with this id.")
    return (pods.lock(connection, vendor_id, found.token) if lock else None) or found


def _again(
    connection: Connection,
    environment: Environment,
    pod: Pod,
    known: Receipt,
    told: Statement,
    clock: Clock,
) -> Receipt:
    if told.decision != known.decision:
        text = (
            f"The POD is {known.decision.lower()} already, and the first decision stands; to end "
            "the agreement turn to the district."
        )
        raise Refusal(409, SCOPE, text)
    if known.channel != "receipt":
        # The first use of the marker counted; that the record came too is worth a line.
        detail = {"pod": pod.id, "version": pod.version, "how": "receipt", "hash": told.pod_hash}
        entry = audits.Entry(environment.application.key, "confirmed receipt", detail=detail)
        audits.add(connection, pod.scope, clock.now(), entry)
    return known


def _made(connection: Connection, pod: Pod) -> Receipt:
    known = receipts.of(connection, pod.id)
    if known is None:
        raise Refusal(410, SCOPE, "This POD is not in force any more; read the pods service.")
    return known


def _is_over(pod: Pod, clock: Clock) -> bool:
    ended = pod.ends is not None and pod.ends < clock.today(pod.scope.zone_id)
    return pod.status == EXPIRED or ended
