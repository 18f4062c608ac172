"""Whether a Privacy Obligations Document is valid, in XML or JSON, and if not, where and why.

XML is judged by the kit's schema in the shape of the document's infrastructure version, JSON by the
same grammar: an array of objects with the one member `pod` (JSON Schema of infrastructure 3.6).
What is told names the rule and the place, never a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import islice
from threading import Lock
from typing import Any

from lxml import etree
from lxml.etree import _Element

from reference_hub.codec.explain import MOST_PROBLEMS, UNKNOWN, Explainer, kind_of
from reference_hub.codec.lines import line_of
from reference_hub.codec.pod_grammar import INTEGERS, POD, PODS, VERSIONS, Grammar, Leaf, Slot
from reference_hub.codec.pod_grammar import grammar as grammar_of
from reference_hub.codec.pod_grammar import schema as schema_of
from reference_hub.codec.verdict import Problem
from reference_hub.codec.xml import local_name, namespace_of
from reference_hub.model.infrastructure import namespace_for, version_of

_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?", re.ASCII)
_LARGEST_COUNT = 2**32 - 1
_KNOWN = frozenset(tuple(map(int, each.split("."))) for each in VERSIONS)
_KINDS = {dict: "an object", list: "an array", str: "a text", bool: "true or false"}


def faults(element: _Element, version: str = "") -> list[str]:
    """At most five faults of a `pod`, or of `pods`; none: it is valid.

    `version`: the infrastructure version it must be of, such as 3.6; '' for whichever of 3.0 to 3.7
    its namespace names.
    """
    namespace = namespace_of(element)
    if version_of(namespace) not in _KNOWN:
        return ["the namespace: expected one of SIF infrastructure 3.0 to 3.7; found another"]
    if version and version_of(namespace) != version_of(namespace_for(version)):
        return [f"the namespace: expected that of infrastructure {version}; found another version"]
    if local_name(element) not in (POD, PODS):
        return [f"line {line_of(element)}, the root: expected pod or pods; found {UNKNOWN}"]
    return [_told(problem) for problem in _judge(namespace).problems(element)]


def json_faults(value: object, version: str = "3.3") -> list[str]:
    """At most five faults of a JSON document, as `json.loads` gives it; none: it is valid.

    Members that the grammar does not have are allowed, as the published JSON Schema does.
    """
    if not isinstance(value, list):
        return [f"/: expected an array of objects with the member pod; found {_found(value)}"]
    reader = _JsonReader(grammar_of(namespace_for(version)))
    told = (each for index, one in enumerate(value) for each in reader.wrapper(one, f"/{index}"))
    return list(islice(told, MOST_PROBLEMS))


class _Judge:
    """The compiled schema of one namespace with its explainer; safe to share between threads."""

    def __init__(self, namespace: str) -> None:
        text = schema_of(namespace)
        self._schema = etree.XMLSchema(etree.fromstring(text))
        names = {slot.name for _, slot in grammar_of(namespace).paths()}
        self._explainer = Explainer(text, frozenset(names | {POD, PODS}), lax=False)
        self._lock = Lock()

    def problems(self, element: _Element) -> tuple[Problem, ...]:
        # The error log belongs to the schema, so another thread must not judge in between.
        with self._lock:
            if self._schema.validate(element):
                return ()
            errors: Any = self._schema.error_log
            log = list(errors)
        return self._explainer.explain(element, log)


@lru_cache(maxsize=32)
def _judge(namespace: str) -> _Judge:
    return _Judge(namespace)


def _told(problem: Problem) -> str:
    line = f"line {problem.line}, " if problem.line else ""
    return f"{line}{problem.path}: expected {problem.expected}"


class _JsonReader:
    """Walks a value along the grammar and tells what does not fit."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar

    def wrapper(self, value: object, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path}: expected an object with the member pod; found {_found(value)}"
            return
        named = [name for name in self._grammar.roots if name in value]
        if len(named) != 1:
            yield f"{path}: expected one member pod, or one member pods; found {len(named)} of them"
        for name in named:
            yield from self._branch(value[name], self._grammar.roots[name], f"{path}/{name}")

    def _branch(self, value: object, type_: str, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path}: expected an object; found {_found(value)}"
            return
        for slot in self._grammar.branches[type_]:
            if slot.name in value:
                yield from self._slot(value[slot.name], slot, f"{path}/{slot.name}")
            elif slot.is_required:
                yield f"{path}/{slot.name}: expected this member; it is required and missing"

    def _slot(self, value: object, slot: Slot, path: str) -> Iterator[str]:
        if not slot.is_many:
            yield from self._value(value, slot.type, path)
        elif not isinstance(value, list):
            yield f"{path}: expected an array; found {_found(value)}"
        else:
            for index, each in enumerate(value):
                yield from self._value(each, slot.type, f"{path}/{index}")

    def _value(self, value: object, type_: str, path: str) -> Iterator[str]:
        if type_ in self._grammar.branches:
            yield from self._branch(value, type_, path)
        elif wanted := _unmet(value, self._grammar.leaves[type_]):
            yield f"{path}: expected {wanted}; found {_found(value)}"


def _unmet(value: object, leaf: Leaf) -> str:
    """What the value should be, '' where it is."""
    if leaf.base in INTEGERS:
        whole = isinstance(value, int | float) and not isinstance(value, bool) and value % 1 == 0
        fits = whole and (leaf.base == "integer" or 0 <= value <= _LARGEST_COUNT)  # type: ignore[operator]
        return "" if fits else "a whole number"
    if not isinstance(value, str):
        return "a text"
    if leaf.words and value not in leaf.words:
        return f"one of {', '.join(leaf.words)}"
    if leaf.pattern and not re.fullmatch(leaf.pattern, value):
        return "a UUID of version 1 or 4"
    return "" if leaf.base != "date" or is_date(value) else "a date such as 2026-07-01"


def is_date(text: str) -> bool:
    """Whether it is a day of the calendar as XML Schema spells it, in the years 1 to 9999."""
    return day_of(text) is not None


def day_of(text: str) -> date | None:
    """The day that an xs:date names, its time zone left aside; None for what is none."""
    found = _DATE.fullmatch(text.strip(" \t\r\n"))
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _found(value: object) -> str:
    if isinstance(value, str):
        return kind_of(value)
    if value is None:
        return "null"
    number = "a number" if isinstance(value, int | float) else "another value"
    return _KINDS.get(type(value), number)
