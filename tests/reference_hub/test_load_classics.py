"""A generated district of classic objects goes into the hub whole, judged by the kit's schema."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import Engine

from fixtures.district.plan import Plan
from fixtures.writers import notation, pesc, unity
from fixtures.writers.shapes import shapes
from fixtures.writers.tree import Node
from reference_hub.clock import Clock
from reference_hub.codec import json_pesc, json_text
from reference_hub.codec.schema import Judge
from reference_hub.codec.shape_book import ShapeBook
from reference_hub.journeys.load import Order, load
from reference_hub.model.scope import Scope
from reference_hub.store import objects

MODEL = "unity-4.3-kit"
SHAPES = ShapeBook().of(unity.NAMESPACE)
SCOPE = Scope("demo-district")


@pytest.fixture(scope="module")
def classics() -> dict[str, tuple[Node, ...]]:
    """All collections of a small district, school life among them."""
    return {name: tuple(nodes) for name, nodes in unity.collections(Plan(3, 90, 2)).items()}


def test_every_collection_is_loaded_and_stored(
    classics: dict[str, tuple[Node, ...]], tmp_path: Path, store: Engine
) -> None:
    files = [tmp_path / f"{name}.xml" for name in classics]
    for file in files:
        node: Node = (file.stem, {}, classics[file.stem])
        file.write_bytes(notation.document(node, unity.NAMESPACE))
    outcomes = list(load(store, Judge(), Order(SCOPE), files, Clock()))
    assert [each.problems for each in outcomes if each.state != "loaded"] == []
    judged = sum((Counter(each.judged) for each in outcomes), Counter[str]())
    assert judged == {f"kit schema {MODEL}": sum(map(len, classics.values()))}
    with store.connect() as connection:
        stored = {
            name: objects.tally(connection, SCOPE, name.removesuffix("s")).present
            for name in classics
        }
    assert stored == {name: len(members) for name, members in classics.items()}


def test_the_kit_and_the_hub_write_the_same_pesc(classics: dict[str, tuple[Node, ...]]) -> None:
    """Two writers, one by the trees and one by the elements, both by the kit's schema."""
    known = shapes(MODEL)
    for members in classics.values():
        for node in members[:20]:
            element = notation.element(node, unity.NAMESPACE)
            theirs = json_text.dumps(json_pesc.write(element, SHAPES))
            assert json.loads(theirs) == json.loads(pesc.text(node, known))


def test_pesc_of_every_classic_is_read_as_a_valid_object(
    classics: dict[str, tuple[Node, ...]],
) -> None:
    known, judge = shapes(MODEL), Judge()
    for members in classics.values():
        for node in members[:20]:
            body = pesc.text(node, known)
            element = json_pesc.read(json_text.loads(body.encode()), unity.NAMESPACE, SHAPES)
            assert judge.judge(element).problems == ()
            assert judge.judge(element).by == f"kit schema {MODEL}"
            again = json_text.dumps(json_pesc.write(element, SHAPES))
            assert json.loads(again) == json.loads(body)


def test_a_classic_without_what_is_mandatory_is_refused_with_its_path() -> None:
    sent = etree.fromstring(f'<SchoolInfo xmlns="{unity.NAMESPACE}" RefId="{"0" * 32}"/>')
    (problem,) = Judge().judge(sent).problems
    assert problem.path == "/SchoolInfo"
    assert "SchoolName" in problem.expected


def test_a_part_of_a_classic_is_judged_by_the_lax_form() -> None:
    body = f'<StudentPersonal xmlns="{unity.NAMESPACE}" RefId="{"0" * 32}">{{}}</StudentPersonal>'
    part = etree.fromstring(body.format("<Homeless>No</Homeless>"))
    foreign = etree.fromstring(body.format("<Homely>No</Homely>"))
    assert Judge().judge(part, partial=True).problems == ()
    assert len(Judge().judge(foreign, partial=True).problems) == 1
