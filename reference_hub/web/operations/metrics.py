"""What Prometheus reads: requests as they were counted, the store as it is at the scrape."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from reference_hub.store.figures import Figures

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Histogram
    from prometheus_client.core import GaugeMetricFamily

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


@dataclass(frozen=True, slots=True)
class Meters:
    """Counts requests by service, method and status, and times them by service."""

    registry: CollectorRegistry
    requests: Counter
    seconds: Histogram

    def note(self, service: str, method: str, status: int, seconds: float) -> None:
        """One request was answered."""
        self.requests.labels(service, method, str(status)).inc()
        self.seconds.labels(service).observe(seconds)


def open_meters() -> Meters:
    """Meters of this application, shared with other processes when the server prepared for it."""
    # The library decides at its import whether processes share, so not before the server did.
    from prometheus_client import CollectorRegistry, Counter, Histogram

    registry = CollectorRegistry()
    return Meters(
        registry,
        Counter(
            "hub_requests", "Requests answered.", ("service", "method", "status"), registry=registry
        ),
        Histogram(
            "hub_request_seconds", "Time to answer.", ("service",),
            registry=registry, buckets=_BUCKETS,
        ),
    )  # fmt: skip


def exposition(meters: Meters, found: Figures | None, now: datetime) -> bytes:
    """The text of a scrape; without figures the store is down."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    counted = meters.registry
    if os.environ.get(MULTIPROCESS):
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    stored = CollectorRegistry()
    stored.register(_Stored(found, now))
    return generate_latest(counted) + generate_latest(stored)


@dataclass(frozen=True, slots=True)
class _Stored:
    found: Figures | None
    now: datetime

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield _gauge(
            "hub_store_up", "Whether the store answers.", (), [((), self.found is not None)]
        )
        if self.found is None:
            return
        found = self.found
        ways = (("push", found.oldest_push), ("queue", found.oldest_queue))
        ages = [((way,), max((self.now - at).total_seconds(), 0)) for way, at in ways if at]
        yield _gauge("hub_messages", "Open messages.", ("way", "kind", "state"), found.messages)
        yield _gauge("hub_oldest_message_age_seconds", "Age of the oldest one.", ("way",), ages)
        for name, text, label, rows in (
            ("hub_delayed_requests", "Delayed requests not yet answered.", "state", found.delayed),
            ("hub_environments", "Open environments.", "type", found.environments),
            ("hub_objects", "Objects present.", "object", found.objects),
        ):
            yield _gauge(name, text, (label,), [((value,), count) for value, count in rows])


def _gauge(
    name: str, text: str, labels: tuple[str, ...], rows: Iterable[tuple[tuple[str, ...], float]]
) -> GaugeMetricFamily:
    from prometheus_client.core import GaugeMetricFamily

    family = GaugeMetricFamily(name, text, labels=labels)
    for values, number in rows:
        family.add_metric(values, number)
    return family
