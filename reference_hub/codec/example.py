"""Query by example: every element and attribute of an example is a condition (Base Architecture
5.9.2). The conditions below one element must be met by one and the same element."""

from __future__ import annotations

from dataclasses import dataclass

from lxml.etree import _Element

from reference_hub.codec.select import same
from reference_hub.codec.xml import children, local_name
from reference_hub.model.query import MOST_CONDITIONS, WHERE
from reference_hub.problems import Refusal

_SCHEMA_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"


@dataclass(frozen=True, slots=True)
class Example:
    """One element of an example: what its attributes, its text and its children must be."""

    name: str
    attributes: tuple[tuple[str, str], ...]
    text: str | None
    below: tuple[Example, ...]


def read_example(element: _Element) -> Example:
    """Raises Refusal 400 for an example that names no condition, or too many."""
    example = _read(element)
    count = _count(example)
    if not (example.attributes or example.below):
        text = "The example holds no element to compare with; nothing was looked up."
        raise Refusal(400, f"Query {example.name}", text, WHERE)
    if count > MOST_CONDITIONS:
        text = f"The example holds more than {MOST_CONDITIONS} conditions."
        raise Refusal(400, f"Query {example.name}", text, WHERE)
    return example


def resembles(element: _Element, example: Example) -> bool:
    """Whether the object meets all of the example."""
    for name, wanted in example.attributes:
        value = element.get(name)
        if value is None or not _like(value.strip(), wanted):
            return False
    if example.text is not None and not _reads(element, example.text):
        return False
    return all(_among(element, child) for child in example.below)


def _reads(element: _Element, wanted: str) -> bool:
    # An empty element is a condition too: it must not stand for "whatever is below".
    return not children(element) and _like((element.text or "").strip(), wanted)


def _among(element: _Element, example: Example) -> bool:
    return any(
        resembles(child, example)
        for child in children(element)
        if local_name(child) == example.name
    )


def _like(value: str, wanted: str) -> bool:
    if "%" not in wanted:
        return same(value, wanted)
    # The fixed parts in turn, each as early as it can be: no backtracking, whatever the pattern.
    first, *middle, last = wanted.split("%")
    if not (value.startswith(first) and value.endswith(last)):
        return False
    if len(value) < len(first) + len(last):
        return False
    rest = value[len(first) : len(value) - len(last)]
    for part in middle:
        _, found, rest = rest.partition(part) if part else ("", "%", rest)
        if not found:
            return False
    return True


def _read(element: _Element) -> Example:
    inner = children(element)
    attributes = tuple(
        (str(name), element.get(str(name), "").strip())
        for name in element.attrib
        if not str(name).startswith(_SCHEMA_INSTANCE)
    )
    text = (element.text or "").strip()
    # What has attributes or children compares these; its text only where there is one.
    asked = None if inner or (attributes and not text) else text
    return Example(local_name(element), attributes, asked, tuple(_read(each) for each in inner))


def _count(example: Example) -> int:
    own = len(example.attributes) + (example.text is not None)
    return own + sum(map(_count, example.below))
