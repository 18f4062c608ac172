"""The suite in the role `broker`, held against a simulated hub."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from conformance import session, target
from conformance.claims import SPOKEN_OF
from conformance.evidence import Evidence
from conformance.hub_stage import HubStage, close
from conformance.runfile import Check
from conformance.simulators import secured, serve
from conformance.simulators.hub import SimulatedHub
from conformance.wire import Wire
from tests.conformance.judging import SEED, patient


def table_for(url: str) -> dict[str, Any]:
    """A target file for a simulated hub, all capabilities of the role declared."""
    return {
        "vendor": {"name": "Example Reading App", "role": "broker"},
        "endpoint": {"url": url},
        "credentials": {"key": "demo-vendor", "secret": "demo-secret-1"},
        "second": {"name": "Example Other App", "key": "demo-other", "secret": "demo-secret-2"},
        "operator": {"url": f"{url}/operator"},
        "capabilities": dict.fromkeys(("pod", *SPOKEN_OF["broker"]), True),
    }


def judge(
    product: type[SimulatedHub], only: Iterable[str] = (), patience: float = 0.0
) -> list[Check]:
    """What the suite says of this hub."""
    hub = product()
    with serve(hub) as handle, secured.opened(hub) as doors:
        table = table_for(handle.url) | doors.claims()
        table["endpoint"]["ca_file"] = doors.ca_file
        config = patient(target.from_table(table, environ={}), patience)
        return session.run(config, seed=SEED, only=tuple(only), examine=False).verdict.checks


@contextmanager
def staged(simulated: SimulatedHub) -> Iterator[HubStage]:
    """The stage of a check at this hub."""
    kept: dict[str, object] = {}
    with serve(simulated) as handle, Wire() as wire:
        config = target.from_table(table_for(handle.url), environ={})
        rng = random.Random(SEED)
        stage = HubStage(wire, config, rng, Evidence(), SEED, kept)
        yield stage
        stage.clean_up()
        close(kept)
