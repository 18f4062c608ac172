"""The published schema, read once."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree


@pytest.fixture(scope="session")
def unity_schema(standards: Path) -> etree.XMLSchema:
    """The published strict schema of Unity 4.3 (repaired where it refuses its own objects)."""
    folder = standards / "schemas" / "patched" / "unity-4.3-strict"
    return etree.XMLSchema(etree.parse(folder / "SIF_Message.xsd"))
