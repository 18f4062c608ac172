"""Alerts: what a participant, or the hub itself, reports about a message it got (INF-ALR)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from lxml.etree import _Element

from reference_hub.clock import Clock
from reference_hub.codec import tree
from reference_hub.codec.numbers import whole
from reference_hub.codec.xml import children, local_name, tostring
from reference_hub.journeys.announce import announce
from reference_hub.model.change import CREATE
from reference_hub.model.scope import Scope
from reference_hub.problems import Refusal
from reference_hub.store import alerts

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

SCOPE = "Create alert"
FIELDS = (
    "reporter",
    "cause",
    "exchange",
    "level",
    "description",
    "messageID",
    "body",
    "error",
    "xpath",
    "category",
    "code",
    "internal",
)
# What may quote a message, hence people: it stays with the reporter and never goes into events.
QUOTING = ("description", "body", "error", "xpath", "internal")
EXCHANGES = ("REQUEST", "RESPONSE", "EVENT", "TIMEOUT", "OTHER")
LEVELS = ("INFO", "STATECHANGE", "EVENT", "WARNING", "ERROR")
KEPT = timedelta(days=90)


def read_alert(root: _Element) -> dict[str, str]:
    """The fields of a reported alert. Raises Refusal 400 for one that is not complete."""
    if local_name(root) != "alert":
        raise Refusal(400, SCOPE, "The body must be one alert.", "400-01")
    found = {_schema_name(each): _text(each) for each in reversed(children(root))}
    fields = {name: found[name] for name in FIELDS if found.get(name)}
    _refuse_incomplete(fields)
    return fields


def file_alert(
    connection: Connection,
    clock: Clock,
    scope: Scope,
    application_key: str,
    fields: Mapping[str, str],
) -> _Element:
    """Store what an application reports and tell the subscribers; the alert with its new id."""
    alert = _element(clock.new_uuid(), fields)
    now = clock.now()
    alerts.insert(
        connection, alert.get("id", ""), application_key, scope.zone_id, tostring(alert), now
    )
    told = {name: text for name, text in fields.items() if name not in QUOTING}
    _publish(connection, clock, scope, _element(alert.get("id", ""), told))
    return alert


def raise_alert(
    connection: Connection,
    clock: Clock,
    scope: Scope,
    reporter: str,
    level: str,
    description: str,
    *,
    cause: str = "",
    exchange: str = "OTHER",
    category: int = 0,
    code: int = 0,
    for_district: bool = False,
) -> bool:
    """Report something the hub itself saw, once a day; False where that was done already.

    `description` is published: it must hold no value of the data. ERROR needs a code. What is
    `for_district` vendors do not hear: it tells of one of them.
    """
    fields = {
        "reporter": reporter,
        "cause": cause,
        "exchange": exchange,
        "level": level,
        "description": description,
        "category": str(category) if code else "",
        "code": str(code) if code else "",
    }
    now = clock.now()
    seen = "\n".join((scope.zone_id, scope.context_id, now.date().isoformat(), *fields.values()))
    digest = hashlib.sha256(seen.encode()).hexdigest()
    alert = _element(clock.new_uuid(), fields)
    alert_id, document = alert.get("id", ""), tostring(alert)
    if not alerts.insert(connection, alert_id, "", scope.zone_id, document, now, digest=digest):
        return False
    _publish(connection, clock, scope, alert, for_district=for_district)
    return True


def forgetting() -> Callable[[Engine], bool]:
    """An errand for a worker: alerts go after 90 days, as their bodies may quote people's data."""
    clock = Clock()

    def errand(engine: Engine) -> bool:
        with engine.begin() as connection:
            return alerts.forget(connection, clock.now() - KEPT) > 0

    return errand


def _element(alert_id: str, fields: Mapping[str, str]) -> _Element:
    alert = tree.root("alert", id=alert_id)
    tree.leaves(alert, ((name, fields.get(name, "")) for name in FIELDS))
    return alert


def _publish(
    connection: Connection,
    clock: Clock,
    scope: Scope,
    alert: _Element,
    *,
    for_district: bool = False,
) -> None:
    place = (scope, "UTILITY", "alerts")
    announce(connection, clock, *place, CREATE, alert, for_district=for_district)


def _schema_name(element: _Element) -> str:
    # Prose and schema spell it differently (contradiction C-06).
    name = local_name(element)
    return "messageID" if name == "messageId" else name


def _text(element: _Element) -> str:
    if children(element):
        text = f"{local_name(element)} holds elements; a message goes in as escaped text or CDATA."
        raise Refusal(400, SCOPE, text, "400-01")
    name, text = local_name(element), tree.text_of(element)
    return text if name in ("body", "error") else " ".join(text.split())


def _refuse_incomplete(fields: Mapping[str, str]) -> None:
    for name in ("reporter", "exchange", "level"):
        if name not in fields:
            raise Refusal(400, SCOPE, f"The alert has no {name}.", "400-01")
    for name, known in (("exchange", EXCHANGES), ("level", LEVELS)):
        if fields[name] not in known:
            raise Refusal(400, SCOPE, f"{name} must be one of {', '.join(known)}.", "400-01")
    for name in ("category", "code"):
        if name in fields and whole(fields[name]) is None:
            raise Refusal(400, SCOPE, f"{name} must be a whole number, not negative.", "400-01")
        if name not in fields and fields["level"] == "ERROR":
            raise Refusal(400, SCOPE, "An alert of level ERROR has a category and a code.")
