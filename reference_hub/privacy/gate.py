"""May this vendor have this kind of object now? Pure: the caller looks the PODs up.

Data Protection Enforcer rules for the marker: missing 403-01, outdated 410-20; the other refusals
have no published sub-code and carry none.

Refusal
└── NothingGranted       the POD is in force, but not for this kind of object
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from reference_hub.model.pod import DRAFT, EXPIRED, Pod
from reference_hub.model.scope import Scope
from reference_hub.privacy.filter import touches
from reference_hub.problems import Refusal

SCOPE = "Data privacy"


@dataclass(frozen=True, slots=True)
class Allowed:
    """Yes, filtered by this POD; None where the district asks for no POD."""

    pod: Pod | None


class NothingGranted(Refusal):
    """The POD is in force and named, but not for this kind of object."""


def decide(
    pod_policy: str,
    pod_by_token: Pod | None,
    current: Pod | None,
    vendor_id: int,
    scope: Scope,
    today: date,
    marker: str | None,
    object_type: str,
) -> Allowed | Refusal:
    """Judge one request or message.

    `pod_by_token` is the POD with the token `marker`, of any vendor; `current` the vendor's own
    latest one: Pending, else Live, else Expired. A Pending POD is allowed: using its token
    acknowledges it. Under `offered` no marker is demanded, but a POD that exists counts with its
    dates and its grant.
    """
    if pod_policy == "off":
        return Allowed(None)
    if marker is None:
        return _unmarked(current, today, object_type) if pod_policy == "offered" else _missing()
    if not marker:
        return Refusal(400, SCOPE, "The header dataPrivacyMarker is empty; send the podToken.")
    pod = pod_by_token
    # One answer for all four, so that a guess tells nothing about other parties' tokens.
    if pod is None or pod.status == DRAFT or (pod.vendor_id, pod.scope) != (vendor_id, scope):
        return _unknown()
    return _in_force(pod, current, today) or _covering(pod, object_type)


def _unmarked(current: Pod | None, today: date, object_type: str) -> Allowed | Refusal:
    if current is None:
        return Allowed(None)
    return _in_force(current, current, today) or _covering(current, object_type)


def _in_force(pod: Pod, current: Pod | None, today: date) -> Refusal | None:
    ended = pod.status == EXPIRED or (pod.ends is not None and pod.ends < today)
    if ended or _superseded(pod, current, today):
        return _outdated()
    if pod.starts > today:
        return Refusal(403, SCOPE, "The agreement of this POD has not begun yet.")
    return None


def _superseded(pod: Pod, current: Pod | None, today: date) -> bool:
    return current is not None and current.id != pod.id and current.starts <= today


def _covering(pod: Pod, object_type: str) -> Allowed | Refusal:
    if touches(pod.granted, object_type):
        return Allowed(pod)
    return NothingGranted(403, SCOPE, f"The POD grants nothing of {object_type}.")


def _missing() -> Refusal:
    text = "The header dataPrivacyMarker is missing; send the podToken of your current POD."
    return Refusal(403, SCOPE, text, "403-01")


def _unknown() -> Refusal:
    text = "The marker is not one of your PODs in this zone and context; read the pods service."
    return Refusal(403, SCOPE, text)


def _outdated() -> Refusal:
    text = "The marker is no longer valid; read the pods service and use the current podToken."
    return Refusal(410, SCOPE, text, "410-20")
