"""The hub in the middle, systems around it."""

from __future__ import annotations

from flask import Response

from reference_hub.model.console import ALL
from reference_hub.web.console.site import page
from reference_hub.web.console.visit import Here


@page("/", ALL)
def home(here: Here) -> Response:
    """The first page of whoever has signed in."""
    return here.go("overview")


@page("/overview", ALL)
def overview(here: Here) -> Response:
    """Stub."""
    return here.show("overview.html")
