"""A request for more rights, and what became of it (Infrastructure Services 6)."""

from __future__ import annotations

from dataclasses import dataclass

from reference_hub.model.rights import Grant

ACCEPTED, MIXED, DENIED = "ACCEPTED", "MIXED", "REJECTED"
REQUESTED = "REQUESTED"


@dataclass(frozen=True, slots=True)
class ProvisionRequest:
    """`asked` holds REQUESTED for each right, `decided` APPROVED or REJECTED; `completion` is
    ACCEPTED | MIXED | REJECTED, '' while nobody has decided."""

    id: str
    environment_id: str
    asked: tuple[Grant, ...]
    decided: tuple[Grant, ...] = ()
    completion: str = ""
