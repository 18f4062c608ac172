"""The hub's files at the simulated product that the suite judges others by: it takes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from conformance.simulators import serve
from conformance.simulators.file_receiver import FileReceiver
from conformance.simulators.file_receiver.sftp import SftpFace
from tests.reference_hub.delivery.district import District, change, roster

TYPES = ["xLea", "xSchool", "xStudent"]
CREDENTIALS = {"key": "demo-vendor", "secret": "demo-secret-1"}


@pytest.fixture
def product() -> Iterator[SftpFace]:
    """The product with its SFTP server."""
    with closing(FileReceiver().doors()) as face:
        yield face


@pytest.mark.soak
def test_a_file_of_the_hub_is_applied_from_the_folder(
    district: District, product: SftpFace
) -> None:
    district.connect(
        district.vendor(policy="off"),
        f"sftp://127.0.0.1:{product.port}/incoming",
        delivery={"host_keys": [product.fingerprint]},
        name="drop",
        format="oneroster-1.2-csv",
        transport="sftp",
        objects=TYPES,
        credentials=CREDENTIALS,
    )
    district.accept(*roster(4))
    district.deliver()
    kept = product.product.kept
    assert [json.loads(one) for one in kept.results.values()] == [
        {"outcome": "applied", "rows": []}
    ]
    assert len(kept.rows["users"]) == 4
    district.accept(change(50))
    district.hour.moved = timedelta(minutes=1)
    district.deliver()
    assert len(kept.rows["users"]) == 5


@pytest.mark.soak
def test_a_file_of_the_hub_is_applied_when_it_is_put(district: District) -> None:
    product = FileReceiver()
    with serve(product) as handle:
        district.connect(
            district.vendor(policy="off"),
            f"{handle.url}/files",
            name="drop",
            format="oneroster-1.2-csv",
            transport="http_put",
            objects=TYPES,
            credentials=CREDENTIALS | {"method": "Basic"},
        )
        district.accept(*roster(4))
        district.deliver()
    assert [json.loads(one)["outcome"] for one in product.kept.results.values()] == ["applied"]
    assert len(product.kept.rows["users"]) == 4
