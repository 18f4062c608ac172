"""What a run of a provider or a receiver is a variant of: infrastructure, data model, notation.

A consumer chooses its notation only. They follow from `[endpoint]` and stand in the header of the
run file and in `verdict.json`, beside the variants of the target file's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from conformance import data_models, target_files, versions
from conformance.notations import NOTATIONS, SINCE, XML
from conformance.problems import TargetError
from conformance.target_tables import Endpoint
from conformance.trees import NA4

if TYPE_CHECKING:
    from conformance.target import File


def variants_of(file: File) -> dict[str, str]:
    """What the tables of this role choose; nothing for a role that chooses nothing."""
    role = file.vendor.role
    if role == "consumer" and file.endpoint.notation != XML:
        return {"notation": file.endpoint.notation}
    if role not in versions.FOLLOWED:
        return target_files.variants_of(role, file.files)
    told = file.endpoint
    return {
        "infrastructure": told.infrastructure,
        "data_model": told.model or told.data_model,
        "notation": told.notation,
    }


def endpoint_of(path: str, told: Endpoint) -> Endpoint:
    """The endpoint with model and namespace, each told or taken from the other.

    Raises TargetError for a model that is not known or is not of the namespace.
    """
    if not told.model:
        found = data_models.of_namespace(told.data_model)
        return replace(told, model=found.id if found else "")
    place = f"{path}, [endpoint] model"
    model = data_models.MODELS.get(told.model)
    if model is None:
        fix = f"Use one of: {', '.join(data_models.MODELS)}."
        raise TargetError(place, f"the value is {told.model!r}.", fix)
    if told.data_model not in (NA4, model.namespace):
        seen = f"{told.model} has the namespace {model.namespace}, not that of data_model."
        raise TargetError(place, seen, "Leave one of the two out.")
    return replace(told, data_model=model.namespace)


def refuse_notation(path: str, file: File) -> None:
    """Raise TargetError for a notation that nobody knows or that the target does not declare."""
    told, place = file.endpoint, f"{path}, [endpoint] notation"
    if told.notation not in NOTATIONS:
        fix = f"Use one of: {', '.join(NOTATIONS)}."
        raise TargetError(place, f"the value is {told.notation!r}.", fix)
    if told.notation == XML:
        return
    if not file.capabilities.get("json"):
        fix = "Write json = true below [capabilities], or leave notation out."
        raise TargetError(place, f"{told.notation} is JSON, which is not declared.", fix)
    if file.vendor.role == "consumer" and file.consumer.relay:
        fix = "Leave [consumer] relay out, or notation."
        raise TargetError(place, f"a relay reads XML and no {told.notation}.", fix)
    least = SINCE[told.notation]
    if not versions.reaches(told.infrastructure, least):
        seen = f"{told.notation} came with infrastructure {least}, not {told.infrastructure}."
        raise TargetError(place, seen, "Choose another notation, or a later infrastructure.")


def in_force(file: File) -> frozenset[str]:
    """The capabilities that count: those declared, without what came with a later release."""
    declared = {name for name, on in file.capabilities.items() if on}
    return frozenset(declared - set(_later(file, declared)))


def notes_of(file: File) -> list[str]:
    """A release that is not known, and what is declared and does not count, a line for each."""
    declared = {name for name, on in file.capabilities.items() if on}
    own = file.endpoint.infrastructure
    strange = file.vendor.role in versions.FOLLOWED and own not in versions.VERSIONS
    known = ", ".join(versions.VERSIONS)
    odd = [f"infrastructure {own} is not one of {known}; its rules are guessed"] if strange else []
    return odd + [
        f"{name} came with infrastructure {first}; the target declares {own}, so it is not judged"
        for name, first in _later(file, declared).items()
    ]


def _later(file: File, declared: Iterable[str]) -> dict[str, str]:
    if file.vendor.role not in versions.FOLLOWED:
        return {}
    return versions.unknown_in(file.endpoint.infrastructure, declared)
