"""A worker is killed in the middle of each transport: the next one ends what it began."""

from __future__ import annotations

import io
import os
import random
import signal
import time
import zipfile
from pathlib import Path

import pytest

from conformance.simulators import serve
from tests.reference_hub.delivery.conftest import Start
from tests.reference_hub.delivery.district import District, Vendor, change, renamed, roster
from tests.reference_hub.delivery.sftp_server import PASSWORD, USER, sftp_server
from tests.waiting import until

TYPES = ["xLea", "xSchool", "xStudent"]
BUNDLES = {"format": "oneroster-1.2-csv", "objects": TYPES}
LOGIN = {"key": USER, "secret": PASSWORD}


def killed(worker: object) -> None:
    """End a process of ours without a word."""
    pid = worker.pid  # type: ignore[attr-defined]
    os.kill(pid, signal.SIGKILL)
    worker.wait(5)  # type: ignore[attr-defined]


def is_done(district: District) -> bool:
    """Whether nothing is open any more."""
    return {state for _, state, _ in district.states()} <= {"done", "purged"}


def users(content: bytes) -> int:
    """How many users a bundle holds."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read("users.csv").decode().count("\r\n") - 1


@pytest.mark.soak
def test_killed_while_it_puts_a_file(district: District, start: Start) -> None:
    vendor = Vendor()
    vendor.needs_pod = False
    with serve(vendor) as handle:
        url = f"{handle.url}/files"
        district.connect(district.vendor(policy="off"), url, transport="http_put", **BUNDLES)
        district.accept(*roster(4))
        vendor.slow = 0.5
        first = start()
        until(lambda: len(vendor.data()) == 1)
        killed(first)
        vendor.slow = 0.0
        start()
        until(lambda: is_done(district))
    once, again = vendor.data()
    assert once.header("messageId") == again.header("messageId")
    assert once.body == again.body
    assert len(vendor.state.rows["users"]) == 4


@pytest.mark.soak
def test_killed_while_it_uploads_a_file(district: District, start: Start, tmp_path: Path) -> None:
    with sftp_server(tmp_path / "vendor") as drop:
        keys = {"delivery": {"host_keys": [drop.fingerprint]}, "credentials": LOGIN}
        to = district.vendor(policy="off")
        district.connect(to, drop.url, name="drop", transport="sftp", **BUNDLES, **keys)
        district.accept(*roster(4))
        drop.faults.slow = 1.0
        first = start()
        until(lambda: drop.names() != [])
        killed(first)
        assert [name.endswith(".part") for name in drop.names()] == [True]
        drop.faults.slow = 0.0
        start()
        until(lambda: is_done(district))
        assert drop.names() == ["drop-demo-district.zip"]
        assert users(drop.read("drop-demo-district.zip")) == 4


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(5))
def test_killed_at_any_moment_nothing_is_lost(
    district: District, start: Start, tmp_path: Path, seed: int
) -> None:
    draw, vendor = random.Random(seed), Vendor()
    vendor.needs_pod = False
    with serve(vendor) as handle, sftp_server(tmp_path / "vendor") as drop:
        to = district.vendor(policy="off")
        district.connect(to, handle.url, name="push")
        keys = {"delivery": {"host_keys": [drop.fingerprint]}, "credentials": LOGIN}
        district.connect(to, drop.url, name="drop", transport="sftp", **BUNDLES, **keys)
        district.connect(to, f"{handle.url}/files", name="put", transport="http_put", **BUNDLES)
        district.accept(*roster(4))
        vendor.slow, drop.faults.slow = 0.05, 0.05
        for step in range(12):
            district.accept(change(20 + step), renamed(20 + step, f"Name{step}"))
            worker = start()
            time.sleep(0.5 + draw.random())
            killed(worker)
        start()
        until(lambda: is_done(district), 60)
        assert users(drop.read("drop-demo-district.zip")) == 16
        given = [each.findtext(".//{*}givenName") for each in vendor.state.students.values()]
    assert len(given) == 16
    assert {f"Name{step}" for step in range(12)} <= set(given)
    assert len(vendor.state.rows["users"]) == 16
