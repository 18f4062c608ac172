"""What is left of an object is valid by the published schema, whatever paths and conditions say."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from fixtures.writers.models import MODELS
from reference_hub.codec.xml import parse, tostring
from reference_hub.privacy.filter import prune
from tests.reference_hub.privacy import drawing

PUBLISHED = {
    "unity-4.3": "patched/unity-4.3-strict/SIF_Message.xsd",
    "xpress-4.3": "patched/unity-4.3-strict/SIF_Message.xsd",
    "na-3.3": "patched/na-3.3/Collections.xsd",
    "au-3.4": "official/au-3.4.8/SIF_Message.xsd",
}
CASES = 60


@cache
def schema(folder: Path, model: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(folder / "schemas" / PUBLISHED[model])))


@pytest.mark.requirement("POD-MIN-004")
@pytest.mark.parametrize("model", MODELS)
def test_what_is_left_is_valid(standards: Path, model: str) -> None:
    judge, judged = schema(standards, model), 0
    for number in range(CASES):
        case = drawing.drawn(number)
        if case.district.model != model:
            continue
        for sent in drawing.elements(case.district.nodes(), case.district.namespace):
            found = prune(sent, case.grants)
            if found is not None:
                judge.assertValid(parse(tostring(found)))
                judged += 1
    assert judged > 50
