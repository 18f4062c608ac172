"""A district on a real store, and vendors on real sockets."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine

from conformance.simulators import serve
from tests.reference_hub.delivery.district import District, Vendor


@pytest.fixture
def district(store: Engine) -> District:
    """A hub with an empty store."""
    return District(store)


@pytest.fixture
def vendor() -> Iterator[tuple[Vendor, str]]:
    """A vendor and its base URL."""
    app = Vendor()
    with serve(app) as handle:
        yield app, handle.url


@pytest.fixture
def connected(district: District, vendor: tuple[Vendor, str]) -> tuple[District, Vendor, int]:
    """A district, a vendor that has acknowledged its POD, and the vendor's id."""
    app, url = vendor
    vendor_id = district.vendor()
    district.connect(vendor_id, url)
    district.issue(vendor_id)
    district.deliver()
    app.seen.clear()
    return district, app, vendor_id


@pytest.fixture
def in_background() -> Iterator[Callable[[Callable[[], None]], threading.Thread]]:
    """Run functions in threads that are joined at the end of the test."""
    threads: list[threading.Thread] = []

    def start(body: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=body)
        threads.append(thread)
        thread.start()
        return thread

    yield start
    for thread in threads:
        thread.join(20)
