"""Test a vendor that was connected otherwise: a target file made of what the hub knows of it.

Nothing of its connection changes. What the hub does not know, such as what the product says that it
does, is asked for and kept with the run.
"""

from __future__ import annotations

from flask import Response, request

from reference_hub.journeys import console_connect
from reference_hub.model.console import DECIDING
from reference_hub.model.console_run import DOCTOR, RUN, Way
from reference_hub.model.party import Vendor
from reference_hub.model.vendor_kind import KINDS
from reference_hub.store import console_onboarding, console_runs
from reference_hub.web.console import run_start, way_form
from reference_hub.web.console.panels import panel
from reference_hub.web.console.site import page
from reference_hub.web.console.visit import Here

_PRODUCT = 200


@page("/vendors/<int:vendor_id>/test", DECIDING, methods=("GET", "POST"))
def test_vendor(here: Here, vendor_id: int) -> Response:
    """Say what the hub does not know, then start doctor or run."""
    vendor = here.vendor(vendor_id)
    known = _known(here, vendor)
    form = way_form.form_of(here, known, is_fixed=known is not None)
    told: dict[str, object] = {"vendor": vendor, "form": form, "way": form.known}
    told |= {"zone": vendor.scope.zone_id, "kinds": list(KINDS), "is_known": known is not None}
    if request.method == "GET":
        return here.show("vendor_test.html", faults={}, **told)
    faults = way_form.faults_of(here, form)
    if not 2 <= len(here.value("product")) <= _PRODUCT:
        faults["product"] = here.say("onboarding.enter.missing")
    if faults:
        return here.show("vendor_test.html", 422, faults=faults, **told)
    way, product = way_form.way_told(here, form), here.value("product")
    kind = DOCTOR if here.value("look") == "yes" else RUN
    fault = run_start.started(here, vendor, way, product, kind=kind)
    if fault:
        here.note(fault, kind="fault")
        return here.go("test_vendor", vendor_id=vendor.id)
    run = console_runs.last(here.connection, vendor.id, kind)
    return here.go("run_page", "runs.started", run_id=run.id if run else 0)


def _known(here: Here, vendor: Vendor) -> Way | None:
    """What was said at the last run, else what the hub knows; the secret's place is the hub's."""
    found = console_connect.way_of(here.connection, vendor.id)
    for kind in (RUN, DOCTOR):
        last = console_runs.last(here.connection, vendor.id, kind)
        if last is not None and last.way is not None and (found is None or _same(found, last.way)):
            return last.way
    return found


def _same(found: Way, then: Way) -> bool:
    return (found.kind, found.format, found.url) == (then.kind, then.format, then.url)


@panel("vendor_test_panel.html", DECIDING)
def test_panel(here: Here, vendor: Vendor) -> dict[str, object] | None:
    """On the page of a vendor that was not taken on here: that it can be tested."""
    return None if console_onboarding.of_vendor(here.connection, vendor.id) else {}
