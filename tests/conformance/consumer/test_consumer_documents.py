"""The documents that the checks show: valid ones are valid, invalid ones are not."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from conformance import pods, trees
from conformance.checks.consumer.variants import INVALID, VALID
from conformance.stage.district import GRANTED
from tests.conformance.engine.test_engine_pods import terms


@pytest.fixture(scope="module")
def schema(standards: Path) -> etree.XMLSchema:
    """The published schema of infrastructure 3.3."""
    (path,) = (standards / "schemas/official/infrastructure-3.3").glob("*.xsd")
    return etree.XMLSchema(etree.parse(str(path)))


def changed(change: object) -> etree._Element:
    """An ordinary document with a change, parsed anew."""
    pod = pods.build(terms(fields=GRANTED))
    change(pod.element)  # type: ignore[operator]
    return trees.parse(trees.tostring(pod.element))


def test_there_are_at_least_twelve_valid_and_eight_invalid_ones() -> None:
    assert (len(VALID) >= 12, len(INVALID) >= 8) == (True, True)


@pytest.mark.parametrize("form", sorted(VALID))
def test_a_valid_document_is_valid(schema: etree.XMLSchema, form: str) -> None:
    schema.assertValid(changed(VALID[form]))


@pytest.mark.parametrize("form", sorted(VALID))
def test_a_valid_document_differs_from_the_ordinary_one(form: str) -> None:
    plain = pods.build(terms(fields=GRANTED)).element
    one, other = (
        [(path, value) for path, value in trees.leaves(element) if "Id" not in path]
        for element in (changed(VALID[form]), plain)
    )
    shapes = [[str(one.tag) for one in element.iter()] for element in (changed(VALID[form]), plain)]
    assert one != other or shapes[0] != shapes[1]


@pytest.mark.parametrize("form", sorted(INVALID))
def test_an_invalid_document_is_invalid(schema: etree.XMLSchema, form: str) -> None:
    assert not schema.validate(changed(INVALID[form]))
