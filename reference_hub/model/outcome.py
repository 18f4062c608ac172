"""How one object of a request ended."""

from __future__ import annotations

from dataclasses import dataclass

from reference_hub.problems import Refusal


@dataclass(frozen=True, slots=True)
class Outcome:
    """`refid` as the caller will use it, `advisory` as it suggested; `body` of a created object."""

    status: int
    refid: str = ""
    advisory: str = ""
    problem: Refusal | None = None
    body: bytes = b""


def failed(problem: Refusal, *, refid: str = "", advisory: str = "") -> Outcome:
    """An object that was not taken, with the reason."""
    return Outcome(problem.status, refid, advisory, problem)
