"""What the generator writes as JSON is, to the hub, what it writes as XML."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest
from lxml import etree

from fixtures.generate import Plan
from fixtures.writers.models import MODELS, SifModel, stream_of
from reference_hub.codec import json_goessner, json_pesc
from reference_hub.codec.json_text import loads
from reference_hub.codec.shape_book import ShapeBook

READERS: dict[str, Any] = {"pesc": json_pesc, "goessner": json_goessner}
BOOK = ShapeBook()


def canonical(element: etree._Element) -> bytes:
    for each in element.iter():
        each.text, each.tail = (each.text or "").strip("\n"), None
    # Through bytes, so that the same prefixes are declared.
    return etree.tostring(etree.fromstring(etree.tostring(element)), method="c14n")


@pytest.mark.requirement("TRN-PR-11")
@pytest.mark.parametrize("notation", READERS)
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_both_notations_are_read_back_to_the_xml(model: SifModel, notation: str) -> None:
    shapes = BOOK.of(model.namespace)
    for name, nodes in model.collections(Plan(5, 30)).items():
        some = list(islice(nodes, 8))
        xml, text = (b"".join(stream_of(model, one)(name, some)) for one in ("xml", notation))
        back = READERS[notation].read(loads(text), model.namespace, shapes)
        assert canonical(back) == canonical(etree.fromstring(xml)), name
