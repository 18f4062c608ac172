"""Hub bulk create against the floor: the same bytes, the same PostgreSQL, one process each."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import msgspec

from fixtures.generate import generate
from fixtures.writers import xpress
from reference_hub.settings import load
from reference_hub.store.db import url_of
from tests.bench.figures import Figure
from tests.bench.floor import insert_bare
from tests.system.processes import Processes, free_port
from tests.system.sis import Sis, wrapped

SIZE = 100
REQUESTS = 20
ROUNDS = 5
CLIENTS = 2


def bodies(seed: int) -> list[bytes]:
    """Multi create bodies of 100 students each."""
    district = generate(seed, SIZE * REQUESTS)
    collection = dict(xpress.documents(district))["xStudents"]
    members = list(collection)
    parts = [members[start : start + SIZE] for start in range(0, len(members), SIZE)]
    return [wrapped(collection, part) for part in parts]


def post_all(clients: Sequence[Sis], work: Sequence[bytes]) -> float:
    """Post every body over a few connections; returns the seconds until the last answer."""

    def post(share: tuple[Sis, Sequence[bytes]]) -> None:
        for body in share[1]:
            answer = share[0].send("POST", "xStudents", body)
            if answer.status_code != 200 or answer.text.count('statusCode="201"') != SIZE:
                raise RuntimeError(f"The hub answered {answer.status_code} to a multi create")

    shares = [(client, work[index :: len(clients)]) for index, client in enumerate(clients)]
    began = time.perf_counter()
    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(post, shares))
    return time.perf_counter() - began


@contextmanager
def running_hub(folder: Path, subscribers: int) -> Iterator[tuple[list[Sis], str]]:
    """A hub with one server process and some connected vendors; its clients and database."""
    folder.mkdir()
    port = free_port()
    with Processes(folder, {"SIS_SECRET": "s", "VENDOR_SECRET": "v"}) as kit:
        hub = "reference-hub"
        kit.start(hub, "serve", "--port", str(port), "--workers", "1", port=port)
        for number in range(CLIENTS):
            kit.run(hub, "app", "add", f"sis-{number}", "--secret-env", "SIS_SECRET")
        for number in range(subscribers):
            name = f"vendor-{number}"
            kit.run(hub, "vendor", "add", name, "--party", name)
            kit.run(
                *[hub, "vendor", "connect", name, "--format", "sif-xml", "--key", "k"],
                *["--url", "http://127.0.0.1:9/sif3", "--secret-env", "VENDOR_SECRET"],
            )
        settings = load(None, {})
        place = msgspec.structs.replace(
            settings.database, directory=str(folder / settings.database.directory)
        )
        url = url_of(msgspec.structs.replace(settings, database=place))
        clients = [Sis(f"http://127.0.0.1:{port}", f"sis-{n}", "s") for n in range(CLIENTS)]
        yield clients, url.replace("postgresql+psycopg://", "postgresql://")


def ratio(folder: Path, subscribers: int) -> tuple[float, str]:
    """Median of floor time over hub time in alternating rounds, and the rates behind it."""
    ratios, rates = [], []
    with running_hub(folder, subscribers) as (clients, url):
        for turn in range(ROUNDS + 1):
            work = bodies(1000 + turn)
            bare = insert_bare(url, work)
            hub = post_all(clients, work)
            if turn:  # the first round warms caches on both sides
                ratios.append(bare / hub)
                rates.append((len(work) * SIZE / hub, len(work) * SIZE / bare))
    hub_rate, bare_rate = (statistics.median(column) for column in zip(*rates, strict=True))
    return statistics.median(ratios), f"{hub_rate:.0f} students/s, bare {bare_rate:.0f}"


def measure(folder: Path) -> list[Figure]:
    """Bulk create without and with two subscribers."""
    alone, detail = ratio(folder / "alone", 0)
    served, beside = ratio(folder / "served", 2)
    text = f"{detail}; with two subscribers {served:.2f} ({beside})"
    return [Figure("hub_bulk_create_vs_floor", alone, 0.4, "higher", text)]
