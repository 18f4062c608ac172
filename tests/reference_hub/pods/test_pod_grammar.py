"""The kit's schema of PODs says what the published ones say, path by path."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from reference_hub.codec.pod_grammar import Leaf, Slot, bare_names, grammar
from reference_hub.model.infrastructure import INFRASTRUCTURE
from tests.reference_hub.pods import published_json
from tests.reference_hub.pods.documents import INF_36

XS = "{http://www.w3.org/2001/XMLSchema}"
Fact = tuple[bool, bool, bool, bool, Leaf | None]


def ours(namespace: str) -> dict[str, Fact]:
    """Path -> attribute, required, many, nillable, simple type."""
    spelled = grammar(namespace)
    return {
        path: (
            *(slot.is_attribute, slot.is_required, slot.is_many, slot.is_nillable),
            spelled.leaves.get(slot.type),
        )
        for path, slot in spelled.paths()
    }


class Published:
    """The facts of the published schema of 3.3, read anew and not by the code under test."""

    def __init__(self, standards: Path) -> None:
        path = standards / "schemas/official/infrastructure-3.3/SIF_Message.xsd"
        root = etree.parse(str(path)).getroot()
        self._types = {each.get("name"): each for each in root if each.tag != f"{XS}element"}

    def facts(self, type_: str = "podType", around: str = "pod") -> Iterator[tuple[str, Fact]]:
        for each in self._types[type_].iter(f"{XS}element", f"{XS}attribute"):
            attribute = each.tag == f"{XS}attribute"
            path = f"{around}/{'@' if attribute else ''}{each.get('name')}"
            leaf = self._leaf(each)
            required = each.get("use") == "required" if attribute else each.get("minOccurs") != "0"
            many, nillable = each.get("maxOccurs") == "unbounded", each.get("nillable") == "true"
            yield path, (attribute, required, many, nillable, leaf)
            if leaf is None:
                yield from self.facts(each.get("type", ""), path)

    def _leaf(self, declared: Any) -> Leaf | None:
        named = declared.get("type", "")
        if named.startswith("xs:"):
            return Leaf(named.removeprefix("xs:"))
        simple = declared.find(f"{XS}simpleType")
        definition = self._types[named] if simple is None else simple
        if definition.tag == f"{XS}complexType":
            return None
        base = [each.get("base") for each in definition.iter(f"{XS}restriction")][-1]
        words = tuple(sorted(each.get("value") for each in definition.iter(f"{XS}enumeration")))
        pattern = "".join(each.get("value") for each in definition.iter(f"{XS}pattern"))
        return Leaf(base.removeprefix("xs:"), words, pattern)


def sorted_words(fact: Fact) -> Fact:
    """The same with code values in alphabetical order, which no schema minds."""
    leaf = fact[-1]
    return fact if leaf is None else (
        *fact[:-1], Leaf(leaf.base, tuple(sorted(leaf.words)), leaf.pattern)
    )  # fmt: skip


def test_the_tree_of_3_3_has_389_paths_and_278_leaves() -> None:
    facts = ours(INFRASTRUCTURE)
    assert len(facts) == 389
    assert sum(fact[-1] is not None for fact in facts.values()) == 278


def test_every_path_of_the_published_schema_is_there_with_its_facts(standards: Path) -> None:
    published = dict(Published(standards).facts())
    found = {path: sorted_words(fact) for path, fact in ours(INFRASTRUCTURE).items()}
    assert len(published) == 389
    assert found == {path: sorted_words(fact) for path, fact in published.items()}


def test_the_order_is_that_of_the_published_schema(standards: Path) -> None:
    elements = [path for path, fact in Published(standards).facts() if not fact[0]]
    assert [path for path, fact in ours(INFRASTRUCTURE).items() if not fact[0]] == elements


def in_json(schema: dict[str, Any], name: str, around: str) -> Iterator[tuple[str, bool, bool]]:
    """Path, required, many of the published JSON Schema of 3.6."""
    rule = schema["definitions"][name]
    for member, told in rule["properties"].items():
        path = f"{around}/{member}"
        many = told.get("type") == "array"
        yield path, member in rule.get("required", ()), many
        inner = told["items"] if many else told
        below = inner.get("$ref", "").rpartition("/")[2]
        if schema["definitions"].get(below, {}).get("properties"):
            yield from in_json(schema, below, path)


def test_the_grammar_of_3_6_has_the_paths_of_its_json_schema(standards: Path) -> None:
    published = set(in_json(published_json.load(standards), "pod", "pod"))
    own = {(path.replace("@", ""), fact[1], fact[2]) for path, fact in ours(INF_36).items()}
    assert len(own) == 395
    assert own == published


@pytest.mark.requirement("POD-SCH-004")
def test_four_elements_became_lists_in_six_places() -> None:
    older, newer = (dict(grammar(each).paths()) for each in (INFRASTRUCTURE, INF_36))
    lists = {path for path, slot in newer.items() if slot.name in bare_names().values()}
    assert len(bare_names()) == 4
    assert len(lists) == 6
    assert {path.removesuffix("List") for path in lists} <= older.keys()
    assert Slot("contact", "Contact", True, is_many=True) in newer.values()
