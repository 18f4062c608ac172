"""Simulated vendors: one that conforms, and mutants that each make one mistake.

They share no code with the hub nor with the judge: what both know, both learned from the
specification. A mutant of `mutants/` overrides one method of `receiver.Receiver`.
"""

from conformance.simulators.receiver import Receiver
from conformance.simulators.server import Handle, serve

__all__ = ["Handle", "Receiver", "serve"]
