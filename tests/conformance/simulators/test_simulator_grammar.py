"""The simulator's own grammar and the published schemas judge the same documents alike."""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
from lxml import etree

from conformance.simulators import agreements, students
from conformance.simulators.documents import INF, NA4
from conformance.simulators.grammar import NIL, Grammar
from conformance.simulators.problems import Malformed

REFID = "5b72f2d4-7a83-4297-a71f-8b5fb26cbf14"
SAMPLES = {
    "text": "a", "some": "a", "State": "MA", "Country": "US", "date": "2026-01-02", "year": "2026",
    "boolean": "true", "integer": "3", "decimal": "3.5", "refid": REFID,
}  # fmt: skip
# List wrappers of later infrastructure versions, which the 3.3 schema does not know.
LATER = ("ContactList", "ContactForAccessRequestsList")


def full(grammar: Grammar, kind: str, tag: str) -> etree._Element:
    """A document with every child of a rule, repeatable ones twice."""
    element = etree.Element(tag)
    space = tag[: tag.rfind("}") + 1]
    for child in grammar.rules[kind]:
        for _ in range(2 if child.many else 1):
            if child.name.endswith(LATER):
                continue
            if child.check is None:
                element.append(full(grammar, child.kind, space + child.name))
            else:
                text = SAMPLES.get(child.kind, child.kind.partition("|")[0])
                etree.SubElement(element, space + child.name).text = text
    if element.tag.endswith("}xContact"):
        element.set("refId", REFID)
    return element


def mutated(document: etree._Element, rng: random.Random) -> etree._Element:
    """A copy with a few children dropped, moved, doubled, emptied or changed."""
    copy = deepcopy(document)
    for _ in range(rng.choice((1, 1, 2, 4))):
        element = rng.choice(list(copy.iter())[1:])
        parent = element.getparent()
        assert parent is not None
        change = rng.randrange(6)
        if change == 0:
            parent.remove(element)
        elif change == 1:
            parent.append(element)
        elif change == 2:
            parent.insert(0, deepcopy(element))
        elif change == 3:
            element.set(NIL, "true")
            element[:], element.text = [], None
        elif change == 4:
            element.set(rng.choice((NIL, "nil")), rng.choice(("yes", "false", "1")))
        else:
            element.text = rng.choice(
                ("", "a", "2026-02-30", "0000", "true", "7", " 7 ", "\u00a07")
            )
    return copy


def accepts(judge: Callable[[etree._Element], object], element: etree._Element) -> bool:
    try:
        judge(element)
    except Malformed:
        return False
    return True


def student() -> etree._Element:
    document = full(students.GRAMMAR, "Student", f"{{{NA4}}}xStudent")
    document.set("refId", REFID)
    return document


def pod() -> etree._Element:
    document = full(agreements.GRAMMAR, "Pod", f"{{{INF}}}pod")
    document.set("id", REFID)
    return document


@pytest.mark.parametrize(
    ("document", "judge", "schema"),
    [
        (student(), students.judge, "unity-4.3/strict"),
        (pod(), agreements.read_pod, "infrastructure-3.3"),
    ],
    ids=["student", "pod"],
)
def test_grammar_and_schema_agree_on_damaged_documents(
    document: etree._Element,
    judge: Callable[[etree._Element], object],
    schema: str,
    standards: Path,
) -> None:
    file = standards / "schemas" / "official" / schema / "SIF_Message.xsd"
    published, rng = etree.XMLSchema(etree.parse(file)), random.Random(7)
    assert accepts(judge, document)
    assert published.validate(document)
    damaged = [mutated(document, rng) for _ in range(150)]
    verdicts = [published.validate(each) for each in damaged]
    assert [accepts(judge, each) for each in damaged] == verdicts
    assert len(set(verdicts)) == 2
