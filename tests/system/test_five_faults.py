"""Whatever befalls the hub or a vendor: afterwards each holds exactly what it should."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.reference_hub.delivery.fault_proxy import MODES, Proxy, proxied
from tests.reference_hub.edfi.conftest import descriptors
from tests.system.five_faults import (
    STAGES,
    full_disk,
    kill,
    killed_in,
    renamed,
    revive,
)
from tests.system.five_world import World, running
from tests.waiting import until

__all__ = ["descriptors"]
pytestmark = pytest.mark.soak
BEHIND = ("xpress", "unity", "put", "host")


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory,
    standards: Path,
    descriptors: set[str],
) -> Iterator[World]:
    """The hub and its vendors after the load, once for all tests of this file."""
    with running(tmp_path_factory.mktemp("faults"), standards, descriptors) as found:
        found.checked()
        yield found


@pytest.fixture(scope="module")
def proxies(world: World) -> Iterator[dict[str, Proxy]]:
    """A proxy on the way to each vendor; addresses that vendors told lead there too."""
    found: dict[str, Proxy] = {}
    rows = world.district.query("SELECT name, url FROM subscriber")
    ports = {str(row[0]): str(row[1]) for row in rows}
    with proxied(0) as first, proxied(0) as second, proxied(0) as third, proxied(0) as fourth:
        for name, proxy in zip(BEHIND, (first, second, third, fourth), strict=True):
            proxy.target = urlsplit(ports[name]).port or 0
            found[name] = proxy
            old, new = f"127.0.0.1:{proxy.target}", f"127.0.0.1:{proxy.port}"
            with world.engine.begin() as connection:
                connection.exec_driver_sql(
                    f"UPDATE subscriber SET url = replace(url, '{old}', '{new}'), session ="
                    f" replace(session::text, '{old}', '{new}')::jsonb WHERE name = '{name}'"
                )
        world.host.url = f"http://127.0.0.1:{found['host'].port}"
        kill(world)
        revive(world)
        yield found


@pytest.mark.parametrize("stage", list(STAGES))
def test_killed_in_a_stage_the_next_worker_ends_it(world: World, stage: str) -> None:
    killed_in(world, STAGES[stage], 1)
    world.checked()


@pytest.mark.parametrize("name", BEHIND)
def test_killed_while_a_request_is_half_through(
    world: World, proxies: dict[str, Proxy], name: str
) -> None:
    before = proxies[name].accepted
    proxies[name].mode = "hang"
    kill(world)
    renamed(world, 2, f"Half {name}")
    revive(world)
    until(lambda: proxies[name].accepted > before)
    kill(world)
    proxies[name].mode = "pass"
    revive(world)
    world.checked()


@pytest.mark.parametrize("mode", [x for x in MODES if x != "pass"])
def test_what_befalls_all_vendors_is_made_good(
    world: World, proxies: dict[str, Proxy], mode: str
) -> None:
    for each in proxies.values():
        each.mode = mode
    renamed(world, 3, f"Mode {mode}")
    world.send("DELETE", world.objects["xStudents"][5])
    time.sleep(1.5)
    world.send("POST", world.objects["xStudents"][5])
    time.sleep(1)
    for each in proxies.values():
        each.mode = "pass"
    world.checked()


@pytest.mark.parametrize(
    ("table", "event"),
    [
        ("target_row", "INSERT OR UPDATE"),
        ("canonical_record", "INSERT"),
        ("message", "UPDATE"),
        ("audit", "INSERT"),
    ],
)
def test_a_full_disk_delays_and_loses_nothing(world: World, table: str, event: str) -> None:
    if table == "audit":
        kill(world)
    if table != "audit":
        with full_disk(world, table, event):
            renamed(world, 0, f"Full {table}")
            time.sleep(2)
    else:
        renamed(world, 0, f"Full {table}")
        with full_disk(world, table, event):
            revive(world)
            time.sleep(3)
    world.checked()
