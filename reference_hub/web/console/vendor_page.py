"""One vendor."""

from __future__ import annotations

from flask import Response

from reference_hub.model.console import ALL
from reference_hub.web.console.site import page
from reference_hub.web.console.visit import Here


@page("/vendors/<int:vendor_id>", ALL)
def vendor_page(here: Here, vendor_id: int) -> Response:
    """Stub."""
    here.vendor(vendor_id)
    return here.show("overview.html")
