"""The deliveries of one connection of a vendor, one by one: open, given up, arrived."""

from __future__ import annotations

from flask import Response, request
from werkzeug.exceptions import NotFound

from reference_hub.model.console import ALL
from reference_hub.store import console_deliveries
from reference_hub.store.console_deliveries import LISTS, OPEN
from reference_hub.web.console import lists, reasons
from reference_hub.web.console.site import page
from reference_hub.web.console.visit import Here


@page("/vendors/<int:vendor_id>/deliveries", ALL)
def delivery_list(here: Here, vendor_id: int) -> Response:
    """A page of the list; no row tells whom it is about."""
    vendor = here.vendor(vendor_id)
    known = console_deliveries.connections(here.connection, vendor.id)
    asked = request.args.get("connection", "")
    chosen = [line for line in known if str(line.id) == asked] or ([] if asked else known)
    if not chosen:
        raise NotFound
    line, which = chosen[0], request.args.get("which", OPEN)
    if which not in LISTS:
        raise NotFound
    found = console_deliveries.page(here.connection, line.id, which, lists.asked())
    rows = [(row, reasons.in_words(here, row.reason)) for row in found.rows]
    return here.show(
        "deliveries.html",
        vendor=vendor,
        zone=vendor.scope.zone_id,
        line=line,
        known=known,
        which=which,
        lists=LISTS,
        rows=rows,
        links=lists.links(found),
    )
