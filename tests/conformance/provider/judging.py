"""The suite in the role `provider`, held against a simulated provider."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from conformance import target
from conformance.claims import SPOKEN_OF
from conformance.runfile import Check
from conformance.simulators.provider import Provider
from tests.conformance.judging import checks_of, patient, served


def table_for(url: str, provider: type[Provider] = Provider) -> dict[str, Any]:
    """A target file for a simulated provider, all that it does declared."""
    return {
        "vendor": {"name": "Example SIS", "role": "provider"},
        "endpoint": {"url": url},
        "credentials": {"key": "demo-vendor", "secret": "demo-secret-1"},
        "second": {"key": "demo-other", "secret": "demo-secret-2"},
        "offer": {
            "denied": "xContacts",
            "path": "xSchools/{}/xStudents",
            "largest_page": provider.largest_page,
            "earlier": "m1",
            "expired": "m0",
            "pesc": provider.accepts("pesc"),
            "goessner": provider.accepts("goessner"),
        },
        "capabilities": dict.fromkeys(SPOKEN_OF["provider"], True),
    }


def judge(product: type[Provider], only: Iterable[str] = (), patience: float = 0.0) -> list[Check]:
    """What the suite says of this provider."""
    with served(product()) as places:
        table = table_for(places["endpoint"]["url"], product) | places
        return checks_of(patient(target.from_table(table, environ={}), patience), only)
