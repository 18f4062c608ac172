"""A simulated consumer: a vendor's client that reads from a hub, the conforming one and mutants.

link        signed HTTP to the hub
papers      the obligation documents: read, judged, acknowledged, kept by zone
client      one synchronisation, and what it does when the hub refuses
"""

from conformance.simulators.consumer.client import Consumer

__all__ = ["Consumer"]
