"""A gate that cannot decide stays closed, and what it refuses stands in the audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from reference_hub.journeys.alert import raise_alert
from reference_hub.model.environment import Environment
from reference_hub.model.scope import Scope
from reference_hub.privacy import gate
from reference_hub.problems import HubError, Refusal, raised_at
from reference_hub.store import audits
from reference_hub.store.db import STORE_LOST
from reference_hub.web.services import services

log = structlog.get_logger(__name__)
STOLEN = "A marker was used by a party that it was not given to."


@contextmanager
def fail_closed() -> Iterator[None]:
    """Around the gate: whatever stops it from deciding stops the data too (POD-GATE-013).

    Raises Refusal 503 for an error of any kind that is no answer of the hub itself.
    """
    try:
        yield
    except (HubError, *STORE_LOST):
        raise
    except Exception as error:
        log.error("gate failed", error=type(error).__name__, where=raised_at(error))
        text = "The privacy gate cannot decide now; nothing is sent. Try again later."
        raise Refusal(503, gate.SCOPE, text) from error


@contextmanager
def refusals_noted(environment: Environment, scope: Scope, object_type: str) -> Iterator[None]:
    """Around everything that the gate may refuse, outside of its transaction: the refusal is
    written down, and another party's marker raises an alert (POD-AUD-001, POD-GATE-005)."""
    try:
        yield
    except Refusal as refusal:
        if environment.is_vendor and refusal.scope == gate.SCOPE and refusal.status < 500:
            _note(environment, scope, object_type, refusal)
        raise


def _note(environment: Environment, scope: Scope, object_type: str, refusal: Refusal) -> None:
    key, clock = environment.application.key, services().clock
    stolen = isinstance(refusal, gate.StrangersMarker)
    detail = {"status": refusal.status, "subCode": refusal.sub_code, "stolen": stolen}
    with services().engine.begin() as connection:
        entry = audits.Entry(key, "refused", object_type, 1, detail)
        audits.add(connection, scope, clock.now(), entry)
        if stolen:
            told = (scope, "hub", "WARNING", STOLEN)
            raise_alert(connection, clock, *told, cause=gate.SCOPE, for_district=True)
