"""The suite held against products of one variant."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from conformance import session, target
from conformance.claims import SPOKEN_OF
from conformance.runfile import Verdict
from conformance.simulators import pod_claims
from conformance.simulators.provider import Provider
from tests.conformance.judging import SEED, served
from tests.conformance.provider.judging import table_for

# A case that takes long and tells little beyond the others.
SOAKED = partial(pytest.param, marks=pytest.mark.soak)


def judged(
    product: Any, endpoint: dict[str, str], only: tuple[str, ...] = (), **tables: Any
) -> Verdict:
    """What the suite says of this product, all that its role speaks of declared."""
    with served(product) as places:
        url = places["endpoint"]["url"]
        table = table_for(url) if isinstance(product, Provider) else _receiver(url)
        table |= places
        table["endpoint"] |= endpoint
        for name, more in tables.items():
            table[name] = table.get(name, {}) | more
        config = target.from_table(table, environ={})
        return session.run(config, seed=SEED, only=only, examine=True).verdict


def _receiver(url: str) -> dict[str, Any]:
    return {
        "vendor": {"name": "Example Reading App"},
        "endpoint": {"url": url},
        "credentials": {"key": "demo-vendor", "secret": "demo-secret-1"},
        "capabilities": dict.fromkeys(SPOKEN_OF["receiver"], True) | {"json": False},
        "pod": pod_claims(),
    }


def left(told: Verdict) -> dict[str, list[str]]:
    """Checks that did not pass, by verdict, with their reasons."""
    found: dict[str, list[str]] = {}
    for check in told.checks:
        if check.verdict != "pass":
            found.setdefault(check.verdict, []).append(f"{check.id}: {check.reason}")
    return found
