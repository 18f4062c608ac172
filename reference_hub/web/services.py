"""What the blueprints work with; the application holds it, no module does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import current_app, request

from reference_hub.auth.bearer import Trusted
from reference_hub.clock import Clock
from reference_hub.codec.shape_book import ShapeBook
from reference_hub.journeys.console_outside import Outside
from reference_hub.journeys.writer import Judging
from reference_hub.model.forwarding import Forward
from reference_hub.settings import Settings
from reference_hub.store.bells import Bells
from reference_hub.store.outages import Outages
from reference_hub.web.operations.metrics import Meters

if TYPE_CHECKING:
    from sqlalchemy import Engine

EXTENSION = "reference_hub"


@dataclass(frozen=True, slots=True)
class Services:
    """One per application: `outages` hears of a lost store, `forward` passes requests on to
    providers, `bells` wake readers that wait for a message, `outside` serves the console."""

    settings: Settings
    engine: Engine
    clock: Clock
    judge: Judging
    meters: Meters
    outages: Outages
    forward: Forward
    bells: Bells
    outside: Outside
    issuers: Mapping[str, Trusted]
    shapes: ShapeBook
    version: str


def services() -> Services:
    """The services of the application that serves this request."""
    found: Services = current_app.extensions[EXTENSION]
    return found


def root_url() -> str:
    """Where the caller reaches the hub, without a trailing slash."""
    return (services().settings.server.public_url or request.url_root).rstrip("/")
