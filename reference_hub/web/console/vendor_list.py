"""All vendors of the district."""

from __future__ import annotations

from flask import Response

from reference_hub.model.console import DISTRICT
from reference_hub.web.console.site import page
from reference_hub.web.console.visit import Here


@page("/vendors", DISTRICT)
def vendor_list(here: Here) -> Response:
    """Stub."""
    return here.show("overview.html")
