"""How long a core and a full run of each role take against its simulated product.

The product runs in the process of the suite and shares its time, as on the desk of a vendor who
tries the kit; the doctor is not counted.
"""

from __future__ import annotations

import time
from pathlib import Path

from conformance.claims import ROLES
from conformance.planning import plan
from conformance.runfile import FAIL, OUR_FAULT
from tests.bench.figures import Figure
from tests.conformance.products import running

GOALS = {"core": 60.0, "full": 300.0}
SEED = 7


def measure(folder: Path) -> list[Figure]:
    """Seconds of each role and tier, and of the slowest role; raises if a product stumbles."""
    figures = []
    for tier, goal in GOALS.items():
        name = f"suite_{tier}_seconds"
        took = {role: _seconds(role, tier, folder) for role in ROLES}
        slowest = max(took, key=lambda role: took[role])
        figures.append(Figure(name, took[slowest], goal, "lower", f"seconds; {slowest}"))
        for role, seconds in took.items():
            detail = f"seconds; {len(plan(role, tier).checks)} checks"
            figures.append(
                Figure(f"{name}_{role.replace('-', '_')}", seconds, goal, "lower", detail)
            )
    return figures


def _seconds(role: str, tier: str, folder: Path) -> float:
    with running(role) as up:
        began = time.monotonic()
        outcome = up.judged(seed=SEED, tier=tier, out=folder)
        took = time.monotonic() - began
    wrong = [one.id for one in outcome.verdict.checks if one.verdict in (FAIL, OUR_FAULT)]
    if wrong:
        raise RuntimeError(f"The conforming {role} did not pass {', '.join(wrong)}")
    return took
