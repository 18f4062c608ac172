"""What a vendor's answer to a pushed POD means: acknowledged, rejected, or nothing yet.

A marker that is echoed is what the standard's words support; the signed record and the rejection by
status are our profile. Where the district wants a receipt only the record counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.journeys.acknowledge import acknowledge, reject
from reference_hub.journeys.receipt import differences, keep
from reference_hub.model.caller import Caller
from reference_hub.model.pod import BY_MARKER, Pod
from reference_hub.model.statement import Heard, Statement
from reference_hub.store import audits

if TYPE_CHECKING:
    from sqlalchemy import Connection

REPLY, PUSH = "reply", "push"


def hear(connection: Connection, to: Caller, pod: Pod, heard: Heard, clock: Clock) -> bool:
    """Follow the answer; False where it changes nothing."""
    if heard.statement is not None:
        return _follow(connection, pod, heard.statement, clock)
    if heard.refused:
        reason = f"the vendor's end point answered {heard.refused}"
        return reject(connection, pod.vendor_id, pod.token, PUSH, reason, clock)
    if heard.echoed != pod.token or to.acknowledge_by != BY_MARKER:
        return False
    return acknowledge(connection, pod.vendor_id, pod.token, PUSH, clock)


def _follow(connection: Connection, pod: Pod, told: Statement, clock: Clock) -> bool:
    if wrong := differences(told, pod):
        detail = {"pod": pod.id, "version": pod.version, "how": REPLY, "wrong": wrong}
        entry = audits.Entry(f"vendor {pod.vendor_id}", "refused receipt", detail=detail)
        audits.add(connection, pod.scope, clock.now(), entry)
        return False
    return keep(connection, pod, told, REPLY, clock, told.given_by)
