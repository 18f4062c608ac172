"""The hub, vendors and provider of the tests of the gate, seen by those who would get round it."""

from __future__ import annotations

from tests.reference_hub.gate.conftest import (
    box,
    brokered,
    elsewhere,
    gate_app,
    gate_url,
    ground,
    hub,
    reader,
    sis,
    students,
    subscribe,
    watch,
)

__all__ = [
    "box",
    "brokered",
    "elsewhere",
    "gate_app",
    "gate_url",
    "ground",
    "hub",
    "reader",
    "sis",
    "students",
    "subscribe",
    "watch",
]
