"""What a vendor was asked to delete, and its confirmation (profile, POD-END-003)."""

from __future__ import annotations

from datetime import date, datetime

from flask import Response, request

from reference_hub.clock import iso
from reference_hub.codec.json_record import moment, read_object, texts
from reference_hub.journeys.deletion import SCOPE, asked_of
from reference_hub.journeys.deletion import confirm as confirm_deletion
from reference_hub.model.environment import Environment
from reference_hub.store.deletions import Deletion
from reference_hub.web.privacy import records
from reference_hub.web.services import services
from reference_hub.web.target import Target

_NEEDED, _OTHERS = ("deletedAt", "scope", "by"), ("note",)


def listing(environment: Environment, _: Target) -> Response:
    """200 with the caller's own, oldest first."""
    with services().engine.connect() as connection:
        found = asked_of(connection, environment)
    return records.answer({"deletions": list(map(_told, found))})


def confirm(environment: Environment, target: Target) -> Response:
    """201; 200 for the same again; 404, 409, 422."""
    answer, deleted = records.read(request, SCOPE, _read)
    hub = services()
    with hub.engine.begin() as connection:
        known, is_new = confirm_deletion(
            connection, environment, target.segments[1], answer, deleted, hub.clock
        )
    return records.answer(_told(known), 201 if is_new else 200)


def _read(body: bytes) -> tuple[dict[str, str], datetime | date]:
    answer = texts(read_object(body), _NEEDED, _OTHERS)
    return answer, moment("deletedAt", answer["deletedAt"], day=True)


def _told(each: Deletion) -> dict[str, object]:
    told: dict[str, object] = {
        "deletionId": each.id,
        "podId": each.pod_id,
        "reason": each.reason,
        "askedAt": iso(each.asked),
        "due": each.due.isoformat(),
    }
    if each.confirmed is not None:
        told |= {"confirmedAt": iso(each.confirmed), "confirmation": dict(each.answer)}
    return told
