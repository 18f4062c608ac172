"""What can go wrong in the simulators.

SimulatorError
├── Refusal        a request that is answered with an error
├── Malformed      a body that is not what it should be; becomes a Refusal with 400
├── PortInUse      the listening port is taken
└── UnknownMutant  a name that no mutant has
"""

from __future__ import annotations


class SimulatorError(Exception):
    """Root of this package's exceptions."""


class Refusal(SimulatorError):
    """Carries the status, the sentence for the client and, for markers, the sub code."""

    def __init__(self, status: int, message: str, subcode: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.subcode = subcode


class Malformed(SimulatorError):
    """Names the place and the rule, never the value: it may be personal data."""

    def __init__(self, place: str, rule: str) -> None:
        super().__init__(f"{place}: {rule}")
        self.place = place
        self.rule = rule


class PortInUse(SimulatorError):
    """Another program listens on the port."""


class UnknownMutant(SimulatorError):
    """No mutant has that name."""
