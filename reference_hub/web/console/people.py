"""One person: which vendor holds which fields of it. Each look is written into the audit trail,
with who looked and why; a number of a person stands in no address."""

from __future__ import annotations

from flask import Response, request

from reference_hub.journeys import console_people
from reference_hub.journeys.console_people import Holding
from reference_hub.model.console import DECIDING
from reference_hub.model.party import Vendor
from reference_hub.model.pod import EXPIRED
from reference_hub.model.scope import Scope
from reference_hub.store import vendors
from reference_hub.web.console import districts, kinds_of_data
from reference_hub.web.console.site import page
from reference_hub.web.console.visit import Here

_BADGES = {
    console_people.HOLDS: "good",
    console_people.WAITS: "warn",
    console_people.MAY: "warn",
    console_people.GONE: "none",
}
_AUDITED = {"student": "student", "staff": "staff member", "contact": "contact"}
SHORTEST, LONGEST = 5, 200


@page("/people", DECIDING, methods=("GET", "POST"))
def people(here: Here) -> Response:
    """Ask for a number and a reason, then show what vendors hold; never what stands in it."""
    zone = zone_of(here)
    kinds = [(each, here.say(f"people.kinds.{each}")) for each in console_people.KINDS]
    given = {"zone": zone, "zones": districts.known(here), "people_kinds": kinds}
    if request.method == "GET":
        return here.show("people.html", faults={}, **given)
    faults = asked_wrongly(here)
    vendor = named_vendor(here, zone, faults)
    if faults:
        return here.show("people.html", 422, faults=faults, **given)
    local_id, reason, scope = here.value("local_id"), here.value("reason"), Scope(zone)
    kind = _kind(here)
    refids = console_people.found(here.connection, scope, local_id, kind)
    if not refids:
        here.audit(scope, f"console looked for a {_AUDITED[kind]}", count=0, why=reason)
        faults = {"local_id": here.say("people.unknown")}
        return here.show("people.html", 422, faults=faults, **given)
    here.audit(scope, f"console looked at a {_AUDITED[kind]}", person=list(refids), why=reason)
    vendor_id = vendor.id if vendor else None
    found = console_people.subject(here.connection, scope, refids, vendor_id=vendor_id)
    rows = [_row(here, each) for each in found.holdings]
    return here.show(
        "person.html",
        kind=kind,
        local_id=local_id,
        reason=reason,
        subject=found,
        rows=rows,
        is_twice=len(refids) > 1,
        kinds_words=", ".join(f"{kind} {number}" for kind, number in found.kinds),
        **given,
    )


def _kind(here: Here) -> str:
    """Whom the form asks for, a student where it does not say."""
    said = here.value("kind")
    return said if said in console_people.KINDS else console_people.STUDENT


def zone_of(here: Here) -> str:
    """The district that the form or the address names, if the account sees it."""
    said = here.value("zone")
    return said if said in districts.known(here) else districts.chosen(here)


def asked_wrongly(here: Here) -> dict[str, str]:
    """What to correct in the fields for the person's number and the reason."""
    faults = {}
    if not 1 <= len(here.value("local_id")) <= 64:
        faults["local_id"] = here.say("people.no_number")
    if not SHORTEST <= len(here.value("reason")) <= LONGEST:
        faults["reason"] = here.say("people.no_reason")
    return faults


def named_vendor(here: Here, zone: str, faults: dict[str, str]) -> Vendor | None:
    """The vendor that the form names, None for any; a fault where there is no such vendor."""
    if not here.value("whom"):
        return None
    vendor = vendors.find_vendor(here.connection, here.value("whom"))
    if vendor is None or vendor.scope != Scope(zone):
        faults["whom"] = here.say("deletions.student.no_vendor")
        return None
    return vendor


def _row(here: Here, each: Holding) -> dict[str, object]:
    lines, rest = kinds_of_data.of_paths(here.say, each.paths)
    is_over = each.state == console_people.HOLDS and each.pod and each.pod.status == EXPIRED
    return {
        "each": each,
        "badge": (
            here.say(f"people.states.{each.state}"),
            "bad" if is_over else _BADGES[each.state],
        ),
        "lines": lines,
        "rest": rest,
    }
