"""Of random districts under random PODs nothing leaves that is not granted, in no format.

Each case is a district of one of four data models, paths and conditions, written in a format. A
few run with every `make test`, 2,000 with `make soak`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import pytest
from lxml.etree import Element, _Element

from fixtures.leaves import values
from fixtures.noninterference import twin
from fixtures.writers.models import MODELS
from fixtures.writers.tree import Node
from reference_hub.codec import json_goessner, json_pesc
from reference_hub.codec.json_text import dumps
from reference_hub.codec.shape_book import ShapeBook
from reference_hub.codec.xml import local_name, parse, tostring
from reference_hub.privacy.filter import prune
from reference_hub.translate import record, tables, trees
from reference_hub.translate.graph import MemoryGraph
from reference_hub.translate.plans import reader_for
from reference_hub.translate.writing import TableWriter
from tests.reference_hub.privacy import drawing
from tests.reference_hub.privacy.drawing import Drawn, drawn

SHARES, SHARE, WHOLE = 8, 15, 2000
BOOK = ShapeBook()
Collections = Mapping[str, Iterable[Node]]
# Conditions under which every granted value leaves as it is, or with its whole object does not.
PLAIN = {"ROW_FILTER", "DELETE", "PURPOSE", "ENCRYPT", "SHRED"}


def pruned(case: Drawn, nodes: Iterable[Node]) -> list[_Element]:
    """What leaves of some objects."""
    found = (prune(one, case.grants) for one in drawing.elements(nodes, case.district.namespace))
    return [one for one in found if one is not None]


def collected(name: str, members: Iterable[_Element], namespace: str) -> _Element:
    """A collection, as a list is answered."""
    root = Element(f"{{{namespace}}}{name}", nsmap={None: namespace})  # type: ignore[dict-item]
    root.extend(members)
    return root


def xml(root: _Element, model: str) -> bytes:
    """SIF XML; the kit's schema judges it."""
    found = tostring(root)
    drawing.schema(model).assertValid(parse(found))
    return found


def pesc(root: _Element, model: str) -> bytes:
    """SIF JSON in the PESC notation."""
    namespace = MODELS[model].namespace
    return dumps(json_pesc.write(root, BOOK.of(namespace)))


def goessner(root: _Element, model: str) -> bytes:
    """SIF JSON after Goessner."""
    return dumps(json_goessner.write(root))


NOTATIONS: dict[str, Callable[[_Element, str], bytes]] = {
    "xml": xml,
    "pesc": pesc,
    "goessner": goessner,
}


def written(case: Drawn, collections: Collections, notation: str) -> bytes:
    """All bytes that leave."""
    write = NOTATIONS[notation]
    roots = (
        collected(name, pruned(case, nodes), case.district.namespace)
        for name, nodes in collections.items()
    )
    return b"\n".join(write(root, case.district.model) for root in roots)


def translated(case: Drawn, collections: Collections, writer: TableWriter) -> str:
    """All rows of a format, and everything its ledger says."""
    elements = (one for nodes in collections.values() for one in pruned(case, nodes))
    found = [reader_for(local_name(one)).read(trees.node(one), local_name(one)) for one in elements]
    graph = MemoryGraph(each for reading in found for each in reading.records)
    made = [writer.write(entity, one, graph) for entity, one in graph.all()]
    losses = {loss for each in (*found, *made) for loss in each.losses}
    rows = [(row.collection, row.body, row.state, row.reason) for each in made for row in each.rows]
    return json.dumps([rows, sorted(map(str, losses))], ensure_ascii=False)


def other(case: Drawn) -> Collections:
    """The district with other values wherever the vendor may not look, and no filter does."""
    filters = [one.path for one in case.grants.conditions if one.kind == "ROW_FILTER"]
    seed = case.district.seed
    kept = (*case.grants.paths, *filters)
    return twin(
        case.district.collections, kept, lambda text: list(drawing.sightings(seed, text))
    ).collections


def judge(number: int) -> None:
    """Judge one case; the number draws it again."""
    case = drawn(number)
    notation = tuple(NOTATIONS)[number % len(NOTATIONS)]
    sent = written(case, case.district.collections, notation)
    seen = set(drawing.sightings(case.district.seed, sent.decode()))
    assert seen <= drawing.may_leave(case), f"case {number}: a canary outside of the grant"
    assert written(case, other(case), notation) == sent, f"case {number}: it shows what it hides"
    if is_plain(case):
        judge_whole(case, seen, f"case {number}")
    if case.district.model in ("xpress-4.3", "unity-4.3"):
        formats = tables.shipped()
        judge_rows(case, formats[number % len(formats)], f"case {number}")


def is_plain(case: Drawn) -> bool:
    """Whether it can be told exactly what leaves."""
    return {one.kind for one in case.grants.conditions} <= PLAIN and not case.grants.excluded


def judge_whole(case: Drawn, seen: set[object], what: str) -> None:
    """All that is granted leaves, but for what the data model would make invalid."""
    canaries = set[object]()
    for nodes in case.district.collections.values():
        wanted = [one for node in nodes if (one := drawing.kept(node, case))]
        texts = sorted(pair for one in wanted for pair in values(one))
        assert sorted(leaves(pruned(case, nodes))) == texts, f"{what}: something granted is missing"
        canaries |= {
            one for _, text in texts for one in drawing.sightings(case.district.seed, text)
        }
    assert canaries <= seen, f"{what}: a granted canary is missing"


def leaves(elements: Iterable[_Element]) -> list[tuple[str, str]]:
    """Path and text of all values of some objects."""
    return [(leaf.path, leaf.value) for one in elements for leaf in record.read(one).leaves]


def judge_rows(case: Drawn, table: str, what: str) -> None:
    """The same of the rows of a format, made from nothing but what the filter leaves."""
    writer = TableWriter(tables.load(table), {"today": "2026-11-26"})
    sent = translated(case, case.district.collections, writer)
    seen = set(drawing.sightings(case.district.seed, sent))
    assert seen <= drawing.may_leave(case), f"{what}: a canary outside of the grant, in {table}"
    assert translated(case, other(case), writer) == sent, f"{what}: {table} shows what it hides"


@pytest.mark.requirement("POD-MIN-001", "POD-MIN-002", "POD-MIN-004")
@pytest.mark.parametrize("share", range(SHARES))
def test_what_leaves_is_granted_and_what_is_granted_leaves(share: int) -> None:
    for number in range(share * SHARE, (share + 1) * SHARE):
        judge(number)


@pytest.mark.soak
@pytest.mark.parametrize("share", range(WHOLE // 100))
def test_two_thousand_cases_let_nothing_slip(share: int) -> None:
    for number in range(share * 100, (share + 1) * 100):
        judge(number)


def test_the_cases_see_what_a_filter_without_grants_would_let_out() -> None:
    case = drawn(3)
    whole = replace(case, grants=replace(case.grants, conditions=(), excluded=frozenset()))
    names = {node[0] for node in case.district.nodes()}
    loose = replace(whole, grants=replace(whole.grants, paths=tuple(names)))
    seen = set(
        drawing.sightings(
            case.district.seed, written(loose, case.district.collections, "pesc").decode()
        )
    )
    assert len(seen - drawing.may_leave(case)) > 10
