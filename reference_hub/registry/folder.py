"""A registry in files: the kit's own, or a folder of the district's in the same form."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from fixtures import registry
from fixtures.problems import FixtureError
from reference_hub.registry.records import (
    Agreement,
    District,
    Fault,
    Product,
    RegistryRefused,
    Snapshot,
    Vendor,
)

Record = TypeVar("Record")


class FolderRegistry:
    """A RegistryClient; without a folder the registry of the kit."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder

    def read(self) -> Snapshot:
        """The files as they are now; RegistryRefused names the file and its fault."""
        try:
            return snapshot(registry.read(self.folder) if self.folder else registry.kit())
        except FixtureError as error:
            raise RegistryRefused(str(error)) from error


def snapshot(found: registry.Registry) -> Snapshot:
    """Checked tables as the hub's records."""
    return Snapshot(
        _records(found.districts, District),
        _records(found.vendors, Vendor),
        _records(found.products, Product),
        _records(found.agreements, Agreement),
        tuple(Fault(each.id, each.status, each.text) for each in found.faults),
    )


def _records(tables: registry.Records, kind: type[Record]) -> Mapping[str, Record]:
    return {name: msgspec.convert(table, kind) for name, table in tables.items()}
