"""The suite in the role `edfi-receiver`, held against a simulated Ed-Fi host."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from conformance import session, target
from conformance.claims import SPOKEN_OF
from conformance.runfile import Check
from conformance.simulators import serve
from conformance.simulators.edfi_receiver import EdfiHost
from tests.conformance.judging import SEED, patient


def table_for(url: str, product: type[EdfiHost] = EdfiHost) -> dict[str, Any]:
    """A target file for a simulated host, all that it does declared."""
    return {
        "vendor": {"name": "Example ODS", "role": "edfi-receiver"},
        "endpoint": {"url": url},
        "credentials": {"key": "demo-vendor", "secret": "demo-secret-1"},
        "edfi": {
            "data_standard": product.standard,
            "district": product.district,
            "school": product.schools[0],
            "second_school": product.schools[1],
            "denied": "assessments",
            "expired_token": product.expired,
        },
        "capabilities": dict.fromkeys(SPOKEN_OF["edfi-receiver"], True),
    }


def judge(product: type[EdfiHost], only: Iterable[str] = (), patience: float = 0.0) -> list[Check]:
    """What the suite says of this host."""
    with serve(product()) as handle:
        table = table_for(handle.url, product)
        config = patient(target.from_table(table, environ={}), patience)
        return session.run(config, seed=SEED, only=tuple(only), examine=False).verdict.checks
