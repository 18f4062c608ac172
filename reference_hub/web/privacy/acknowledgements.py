"""The receipt of one POD: POST makes it, GET reads it (profile)."""

from __future__ import annotations

from flask import Response, request

from reference_hub.clock import iso
from reference_hub.codec.statement_json import read_statement
from reference_hub.journeys.receipt import SCOPE, Taken, receipt_of, receive
from reference_hub.model.environment import Environment
from reference_hub.web.gatekeeping import fail_closed
from reference_hub.web.privacy import records
from reference_hub.web.services import services
from reference_hub.web.target import Target


def create(environment: Environment, target: Target) -> Response:
    """201; 200 with the same id for the same again; 403, 404, 409, 410, 422."""
    told = records.read(request, SCOPE, read_statement)
    hub = services()
    with fail_closed(), hub.engine.begin() as connection:
        taken = receive(connection, environment, target.segments[1], told, hub.clock)
    return records.answer(_short(taken), 201 if taken.is_new else 200)


def read(environment: Environment, target: Target) -> Response:
    """200 with the whole receipt, 404 while there is none."""
    with services().engine.connect() as connection:
        taken = receipt_of(connection, environment, target.segments[1])
    receipt = taken.receipt
    whole = {
        "podVersion": receipt.pod_version,
        "podHash": receipt.pod_hash,
        "decision": receipt.decision,
        "reason": receipt.reason,
        "channel": receipt.channel,
        "recordedAt": iso(receipt.at),
        "acknowledgedBy": dict(receipt.given_by),
    }
    return records.answer(_short(taken) | whole)


def _short(taken: Taken) -> dict[str, object]:
    ends = taken.pod.ends
    return {
        "acknowledgementId": taken.receipt.id,
        "podId": taken.pod.id,
        "association": taken.association,
        "renewBy": ends.isoformat() if ends else None,
    }
