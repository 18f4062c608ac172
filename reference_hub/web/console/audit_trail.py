"""The audit trail: who did what, when, to how many, field paths in counts; whether it is whole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from flask import Response, request

from reference_hub.journeys.seal_audit import seal_all
from reference_hub.model.console import DECIDING, DISTRICT
from reference_hub.model.scope import Scope
from reference_hub.store import audit_chain, console_audit
from reference_hub.web.console import districts, lists
from reference_hub.web.console.site import page
from reference_hub.web.console.texts import has
from reference_hub.web.console.visit import Here
from reference_hub.web.services import services

if TYPE_CHECKING:
    from sqlalchemy import Row

_DAYS = 30
_HEAD = re.compile("[0-9a-f]{64}")
_SLUG = re.compile("[^a-z]+")
# Only those who decide see whom a look was about.
_OF_PEOPLE = ("person",)


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry in words; `fields` are paths with how often each was sent."""

    row: Row[Any]
    action: str
    told: tuple[tuple[str, str], ...]
    fields: tuple[tuple[str, int], ...]


@page("/audit", DISTRICT)
def audit_trail(here: Here) -> Response:
    """A page of the trail, newest first, of the last weeks unless other days are asked for."""
    zone = districts.chosen(here)
    wanted = lists.filters("who", "what", "object", "since", "until")
    today = here.clock.today(zone)
    since, until = _day(wanted["since"]), _day(wanted["until"])
    faults = {
        name: here.say("audit.no_day")
        for name, read in (("since", since), ("until", until))
        if wanted[name] and read is None
    }
    first, last = since or today - timedelta(days=_DAYS), until or today
    if first > last and not faults:
        faults = {"until": here.say("audit.backwards")}
    found = console_audit.page(
        here.connection,
        zone,
        lists.asked(),
        _begins(here, first, zone),
        _begins(here, last + timedelta(days=1), zone),
        actor=wanted["who"],
        action=wanted["what"],
        object_type=wanted["object"],
    )
    rows = [] if faults else [_shown(here, row) for row in found.rows]
    return here.show(
        "audit.html",
        422 if faults else 200,
        zone=zone,
        zones=districts.known(here),
        wanted=wanted | {"since": wanted["since"] or first.isoformat()},
        faults=faults,
        rows=rows,
        links=lists.links(found),
        may_check=here.may(*DECIDING),
    )


def _day(said: str) -> date | None:
    try:
        found = date.fromisoformat(said)
    except ValueError:
        return None
    # A day without a yesterday or a tomorrow is no day of any trail.
    return found if 1900 <= found.year <= 9000 else None


def _begins(here: Here, day: date, zone_id: str) -> datetime:
    return datetime.combine(day, time(), here.clock.zones.get(zone_id, UTC))


def _shown(here: Here, row: Row[Any]) -> Shown:
    detail: Mapping[str, Any] = row.detail
    fields = detail.get("fields") or {}
    hidden = () if here.may(*DECIDING) else _OF_PEOPLE
    told = tuple(
        (name, _plain(value))
        for name, value in detail.items()
        if name != "fields" and name not in hidden and value not in ("", None, [], {})
    )
    counted = tuple(sorted(fields.items())) if isinstance(fields, Mapping) else ()
    return Shown(row, in_words(here, row.action), told, counted)


def in_words(here: Here, action: str) -> str:
    """What was done, in the reader's language; as it was written down where no text has it."""
    key = f"audit.actions.{_SLUG.sub('_', action.lower()).strip('_')}"
    return here.say(key) if has(here.language, key) else action


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_plain(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return str(value)


@page("/audit/check", DECIDING, methods=("GET", "POST"))
def audit_check(here: Here) -> Response:
    """Walk along the whole chain, which is the hub's, not one district's; show its head."""
    if request.method == "GET":
        return here.show("audit_check.html", faults={}, found=None)
    head = here.value("head").lower()
    if head and not _HEAD.fullmatch(head):
        faults = {"head": here.say("audit.check.no_head")}
        return here.show("audit_check.html", 422, faults=faults, found=None)
    engine = services().engine
    seal_all(engine, here.clock)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as reading:
        found = audit_chain.verify(reading)
    is_cut = bool(head) and head not in found.heads
    zone = districts.known(here)[0]
    outcome = "whole" if not found.faults and not is_cut else "broken"
    here.audit(Scope(zone), "console checked the audit trail", count=found.entries, outcome=outcome)
    return here.show(
        "audit_check.html", faults={}, found=found, is_cut=is_cut, is_whole=outcome == "whole"
    )
