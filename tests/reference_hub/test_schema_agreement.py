"""lxml decides and xmlschema explains: a document is valid for both or for neither."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml.etree import _Element

from fixtures import standards
from fixtures.writers import xpress
from fixtures.writers.xpress import NA4
from reference_hub.codec.explain import bare
from reference_hub.codec.xsd import Compiled, compile_lax, compile_schema, lax_copy
from tests.reference_hub.districts import generate

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
ENTRY = Path(str(standards.schema_path("unity-4.3-kit")))
WORDS = [
    "",
    " ",
    "1",
    "-1",
    "true",
    "0",
    "2026-02-30",
    "2026-09-01Z",
    "2027",
    "PK",
    "M",
    "é",
    "a b",
]
BOUNDED = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


@cache
def judges(lax: bool) -> tuple[Compiled, Any]:
    if not lax:
        return compile_schema(ENTRY), xmlschema.XMLSchema(str(ENTRY))
    with lax_copy(ENTRY) as copy:
        return compile_lax(ENTRY), xmlschema.XMLSchema(str(copy))


@cache
def documents() -> list[_Element]:
    found = [child for _, root in xpress.documents(generate(3, 4, 1)) for child in root]
    return [element for element in found if isinstance(element.tag, str)]


def delete(target: _Element, _: str) -> None:
    parent = target.getparent()
    if parent is not None:
        parent.remove(target)


def repeat(target: _Element, _: str) -> None:
    if target.getparent() is not None:
        target.addnext(deepcopy(target))


def swap(target: _Element, _: str) -> None:
    following = target.getnext()
    if following is not None:
        following.addnext(target)


def rename(target: _Element, _: str) -> None:
    target.tag = f"{{{NA4}}}pet"


def unname(target: _Element, _: str) -> None:
    target.tag = etree.QName(target).localname


def write(target: _Element, word: str) -> None:
    target.text = word


def empty(target: _Element, _: str) -> None:
    target[:] = []
    target.text = None


def nil(target: _Element, word: str) -> None:
    empty(target, word)
    target.set(NIL, "true")


def attribute(target: _Element, word: str) -> None:
    target.set("refId", word)


def comment(target: _Element, word: str) -> None:
    target.insert(0, etree.Comment(word.replace("-", "")))


MUTATIONS = [delete, repeat, swap, rename, unname, write, empty, nil, attribute, comment]
EDITS = st.lists(
    st.tuples(
        st.sampled_from(MUTATIONS),
        st.integers(0, 10_000),
        st.sampled_from(WORDS) | st.text("azAZ09 -.:+é", max_size=40),
    ),
    max_size=3,
)


def mutated(which: int, edits: list[tuple[Any, int, str]]) -> _Element:
    element = deepcopy(documents()[which % len(documents())])
    for mutate, where, word in edits:
        targets = [node for node in element.iter() if isinstance(node.tag, str)]
        mutate(targets[where % len(targets)], word)
    return element


@pytest.mark.parametrize("lax", [False, True])
@BOUNDED
@given(which=st.integers(0, 10_000), edits=EDITS)
def test_both_validators_agree(lax: bool, which: int, edits: list[tuple[Any, int, str]]) -> None:
    compiled, second = judges(lax)
    element = mutated(which, edits)
    assert compiled.schema.validate(element) == second.is_valid(bare(element))
