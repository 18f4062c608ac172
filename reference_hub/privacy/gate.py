"""May this vendor have this kind of object now? Pure: the caller looks the PODs up.

Data Protection Enforcer rules for the marker: missing 403-01, outdated 410-20. The standard has no
number for the other refusals; what they carry is ours and no number that A4L could give out.

Refusal
├── NothingGranted       the POD is in force, but not for this kind of object
└── StrangersMarker      the marker is another party's; its answer is that to an unknown one
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from reference_hub.model.caller import Caller
from reference_hub.model.pod import BY_RECEIPT, DRAFT, EXPIRED, Pod
from reference_hub.privacy.entries import chosen, is_in_force
from reference_hub.privacy.filter import touches
from reference_hub.problems import Refusal

SCOPE = "Data privacy"
UNKNOWN, UNACKNOWLEDGED = "403-POD-UNKNOWN", "403-POD-UNACK"
UNDECIDED = "403-UNDECIDED"


@dataclass(frozen=True, slots=True)
class Allowed:
    """Yes, filtered by this POD; None where the district asks for no POD."""

    pod: Pod | None


class NothingGranted(Refusal):
    """The POD is in force and named, but not for this kind of object."""


class StrangersMarker(Refusal):
    """The marker was given to another party."""


def decide(
    caller: Caller,
    pod_by_token: Pod | None,
    current: Pod | None,
    today: date,
    marker: str | None,
    object_type: str,
) -> Allowed | Refusal:
    """Judge one request or message.

    `pod_by_token` is the POD with the token `marker`, of any vendor; `current` the vendor's own
    latest one: Pending, else Live, else Expired. Where the vendor acknowledges by marker a Pending
    POD is allowed: using its token acknowledges it. Under `offered` no marker is demanded, but a
    POD that exists counts with its dates and its grant.
    """
    if caller.policy == "off":
        return Allowed(None)
    if marker is None:
        return _unmarked(caller, current, today, object_type)
    if not marker:
        return Refusal(400, SCOPE, "The header dataPrivacyMarker is empty; send the podToken.")
    pod = pod_by_token
    # One answer for all, so that a guess tells nothing about other parties' tokens.
    if pod is None or pod.status == DRAFT:
        return _unknown()
    if not is_own(pod, caller):
        return _unknown(StrangersMarker)
    return _judged(caller, pod, current, today, object_type)


def is_own(pod: Pod, caller: Caller) -> bool:
    """Whether the POD is for this vendor, in this zone and context, and for its application."""
    same = (pod.vendor_id, pod.scope) == (caller.vendor_id, caller.scope)
    return same and pod.app_id in ("", caller.app_id)


def _unmarked(
    caller: Caller, current: Pod | None, today: date, object_type: str
) -> Allowed | Refusal:
    if caller.policy != "offered":
        return _missing()
    if current is None:
        return Allowed(None)
    return _judged(caller, current, current, today, object_type)


def _judged(
    caller: Caller, pod: Pod, current: Pod | None, today: date, object_type: str
) -> Allowed | Refusal:
    ended = pod.status == EXPIRED or (pod.ends is not None and pod.ends < today)
    if ended or _superseded(pod, current, today):
        return outdated()
    if pod.starts > today:
        return Refusal(403, SCOPE, "The agreement of this POD has not begun yet.")
    if pod.acknowledged is None and caller.acknowledge_by == BY_RECEIPT:
        return _unacknowledged()
    return _covering(caller, pod, today, object_type)


def _superseded(pod: Pod, current: Pod | None, today: date) -> bool:
    if current is None or current.id == pod.id or current.starts > today:
        return False
    if current.app_id == pod.app_id:
        return True
    # The one for the application counts, as long as it lasts, before the one for all.
    is_over = current.status == EXPIRED or (current.ends is not None and current.ends < today)
    return not pod.app_id and not is_over


def _covering(caller: Caller, pod: Pod, today: date, object_type: str) -> Allowed | Refusal:
    terms = chosen(pod.entries, caller)
    if terms is None or not is_in_force(terms, today) or not touches(terms.granted, object_type):
        return NothingGranted(403, SCOPE, f"The POD grants nothing of {object_type}.")
    return Allowed(pod.under(terms))


def _missing() -> Refusal:
    text = "The header dataPrivacyMarker is missing; send the podToken of your current POD."
    return Refusal(403, SCOPE, text, "403-01")


def _unknown(kind: type[Refusal] = Refusal) -> Refusal:
    text = "The marker is not one of your PODs in this zone and context; read the pods service."
    return kind(403, SCOPE, text, UNKNOWN)


def _unacknowledged() -> Refusal:
    text = "This POD waits for your receipt; send it to privacy/pods/{id}/acknowledgements first."
    return Refusal(403, SCOPE, text, UNACKNOWLEDGED)


def undecided() -> Refusal:
    """403 where the district has not decided that somebody may have data, or has decided against
    it, whatever is shown."""
    text = "The district has not decided that this application may have data; ask the district."
    return Refusal(403, SCOPE, text, UNDECIDED)


def outdated() -> Refusal:
    """410 with 410-20: what a marker gets that is not in force any more."""
    text = "The marker is no longer valid; read the pods service and use the current podToken."
    return Refusal(410, SCOPE, text, "410-20")
