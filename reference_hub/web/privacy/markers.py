"""Get Data Privacy Marker (a function of the Data Protection Enforcer, in our binding)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Response, request

from reference_hub.codec.json_record import read_object, texts
from reference_hub.journeys.marker import SCOPE, marker_for
from reference_hub.model.caller import Caller, asking
from reference_hub.model.environment import Environment
from reference_hub.problems import Refusal
from reference_hub.web.gatekeeping import fail_closed
from reference_hub.web.privacy import records
from reference_hub.web.services import services
from reference_hub.web.target import Target

_MEMBERS = ("zoneId", "contextId", "appId", "fingerprint", "dataModel")


def give(environment: Environment, _: Target) -> Response:
    """200 with the marker; 404, 409, 410; 422 for a body that is none."""
    told = records.read(request, SCOPE, _read)
    caller = _caller(environment, told)
    with fail_closed(), services().engine.connect() as connection:
        pod = marker_for(connection, caller, services().clock)
    return records.answer(
        {
            "dataPrivacyMarker": pod.token,
            "podId": pod.id,
            "podVersion": pod.version,
            "validTo": pod.ends.isoformat() if pod.ends else None,
        }
    )


def _read(body: bytes) -> dict[str, str]:
    return texts(read_object(body), (), _MEMBERS) if body.strip() else dict.fromkeys(_MEMBERS, "")


def _caller(environment: Environment, told: Mapping[str, str]) -> Caller:
    """The caller as its session knows it: what it says of itself may fit that, not widen it."""
    vendor = environment.vendor
    if vendor is None:
        raise Refusal(403, SCOPE, "Only a vendor has PODs, and a marker of its own.")
    caller = asking(environment, vendor)
    known = {
        "zoneId": (caller.scope.zone_id,),
        "contextId": (caller.scope.context_id,),
        "appId": (caller.app_id, environment.application.key),
        "fingerprint": (caller.fingerprint,),
    }
    if any(told[name] and told[name] not in values for name, values in known.items()):
        text = "There is no POD for you there; leave zoneId, contextId, appId, fingerprint out."
        raise Refusal(404, SCOPE, text)
    return replace(caller, namespace=told["dataModel"] or caller.namespace)
