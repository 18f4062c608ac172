"""Decide about a vendor whose application stands in the settings and waits for the decision."""

from __future__ import annotations

from flask import Response, request

from reference_hub.journeys import decisions
from reference_hub.model.console import ALL, DECIDING
from reference_hub.model.console_run import APPROVED, VERDICTS
from reference_hub.model.party import Vendor
from reference_hub.store import console_runs, held_applications
from reference_hub.web.console.panels import panel
from reference_hub.web.console.site import page
from reference_hub.web.console.visit import Here

_LONGEST = 2000
_SHORTEST = 3


@page("/vendors/<int:vendor_id>/decision", DECIDING, methods=("GET", "POST"))
def decide_vendor(here: Here, vendor_id: int) -> Response:
    """Record a decision about a vendor that was not taken on here; earlier ones stay."""
    vendor = here.vendor(vendor_id)
    told: dict[str, object] = {"vendor": vendor, "verdicts": VERDICTS}
    told["decisions"] = console_runs.decisions(here.connection, vendor.id)
    if request.method == "GET":
        return here.show("vendor_decision.html", faults={}, **told)
    verdict, why = here.value("verdict"), here.whole("conditions")
    faults = _faults(here, verdict, why)
    if faults:
        return here.show("vendor_decision.html", 422, faults=faults, **told)
    who = here.account.name
    decisions.record(
        here.connection, vendor, who, why, here.clock, verdict=verdict, by=f"console:{who}"
    )
    return here.go("vendor_page", "onboarding.decided", vendor_id=vendor.id)


def _faults(here: Here, verdict: str, why: str) -> dict[str, str]:
    faults = {}
    if verdict not in VERDICTS:
        faults["verdict"] = here.say("onboarding.decision.choose")
    shortest = 0 if verdict == APPROVED else _SHORTEST
    if not shortest <= len(why) <= _LONGEST:
        faults["conditions"] = here.say("onboarding.decision.write")
    return faults


@panel("vendor_decision_panel.html", ALL)
def decision_panel(here: Here, vendor: Vendor) -> dict[str, object] | None:
    """On the page of a vendor: which of its applications get no data before a decision."""
    held = held_applications.of_vendor(here.connection, vendor.id)
    if not held:
        return None
    refused = held[0].refused
    return {"keys": [each.key for each in held], "refused": refused, "may": here.may(*DECIDING)}
