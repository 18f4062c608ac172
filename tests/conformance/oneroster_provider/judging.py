"""The suite in the role `oneroster-provider`, held against a simulated one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from conformance import session, target
from conformance.claims import SPOKEN_OF
from conformance.runfile import Check
from conformance.simulators import serve
from conformance.simulators.oneroster_provider import RosterProvider
from tests.conformance.judging import SEED, patient

ROLE = "oneroster-provider"


def table_for(url: str) -> dict[str, Any]:
    """A target file for a simulated provider, all that it does declared."""
    return {
        "vendor": {"name": "Example SIS", "role": ROLE},
        "endpoint": {"url": url},
        "credentials": {"key": "demo-vendor", "secret": "demo-secret-1"},
        "oneroster": {"signed_root": "ims/oneroster/v1p1"},
        "capabilities": dict.fromkeys(SPOKEN_OF[ROLE], True),
    }


def judge(
    product: type[RosterProvider], only: Iterable[str] = (), patience: float = 0.0
) -> list[Check]:
    """What the suite says of this provider."""
    with serve(product()) as handle:
        config = patient(target.from_table(table_for(handle.url), environ={}), patience)
        return session.run(config, seed=SEED, only=tuple(only), examine=False).verdict.checks
