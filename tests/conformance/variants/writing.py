"""Simulated providers that offer the same people in another data model."""

from __future__ import annotations

from typing import Any

from conformance.simulators.problems import Refusal
from conformance.simulators.provider import Provider
from fixtures.writers.models import MODELS

PATHS = {
    "unity-4.3": ("SchoolInfos/{}/StudentSchoolEnrollments",),
    "au-3.4": ("SchoolInfos/{}/StudentSchoolEnrollments",),
    "na-3.3": Provider.paths,
}
DENIED = {"na-3.3": "xContacts"}


def writing(model: str, product: type[Any] = Provider) -> type[Any]:
    """A provider of this class whose objects are of a data model, and which accepts no other."""

    class Writes(product):  # type: ignore[misc]
        """One model only."""

        paths = PATHS[model]
        denied = (DENIED.get(model, "StudentContactPersonals"),)

        def check_data_model(self, namespace: str) -> None:
            if namespace not in ("", MODELS[model].namespace):
                raise Refusal(400, "The data model is not supported.")

    Writes.model = model
    return Writes


def offer_of(model: str) -> dict[str, str]:
    """`[offer]` of its target file."""
    return {"denied": DENIED.get(model, "StudentContactPersonals"), "path": PATHS[model][0]}
