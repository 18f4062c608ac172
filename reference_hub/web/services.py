"""What the blueprints work with; the application holds it, no module does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import current_app

from reference_hub.clock import Clock
from reference_hub.journeys.writer import Judging
from reference_hub.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

EXTENSION = "reference_hub"


@dataclass(frozen=True, slots=True)
class Services:
    """One per application."""

    settings: Settings
    engine: Engine
    clock: Clock
    judge: Judging


def services() -> Services:
    """The services of the application that serves this request."""
    found: Services = current_app.extensions[EXTENSION]
    return found
