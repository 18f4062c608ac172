"""A simulated consumer: a vendor's client that reads from a hub, the conforming one and mutants.

form        the JSON that it reads and writes, where it speaks JSON
link        signed HTTP to the hub
papers      the obligation documents: read, judged, acknowledged, kept by zone
session     the environment, the queue and its subscriptions; leaving again
inbox       messages of the queue, delayed answers, alerts
store       the students it holds, and the export that shows them
client      one synchronisation, and what it does when the hub refuses
"""

from conformance.simulators.consumer.client import Consumer

__all__ = ["Consumer"]
