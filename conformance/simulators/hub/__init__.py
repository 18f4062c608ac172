"""A hub to be judged: conforming by default, with mutants that each break one privacy rule."""

from conformance.simulators.hub.hub import SimulatedHub

__all__ = ["SimulatedHub"]
