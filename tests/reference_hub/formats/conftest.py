"""Documents and shapes that the tests of the notations share."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from reference_hub.codec.pesc_shape import Shapes
from reference_hub.codec.shape_book import ShapeBook

NA4 = "http://www.sifassociation.org/datamodel/na/4.x"


@pytest.fixture(scope="session")
def kit() -> Shapes:
    """The shapes of the kit's own data model."""
    return ShapeBook().of(NA4)


@pytest.fixture(scope="session")
def infra_samples(standards: Path) -> Path:
    """Infrastructure documents that others wrote."""
    return standards / "samples" / "infra"


@pytest.fixture(scope="session")
def tight() -> etree.XMLParser:
    """A parser that drops comments and the blanks between elements."""
    return etree.XMLParser(remove_blank_text=True, remove_comments=True)
