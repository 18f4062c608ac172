"""The xStudent of Unity 4.3: its grammar, reading values, and merging a partial update."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy

from lxml import etree

from conformance.simulators.documents import NA4
from conformance.simulators.grammar import (
    NIL,
    Grammar,
    collapsed,
    is_nil,
    is_refid,
    load_grammar,
    refuse_attributes,
    trimmed,
)
from conformance.simulators.problems import Malformed

STUDENT = f"{{{NA4}}}xStudent"
STUDENTS = f"{{{NA4}}}xStudents"

GRAMMAR = load_grammar("student")


def judge(element: etree._Element, *, partial: bool = False, grammar: Grammar = GRAMMAR) -> None:
    """Raise Malformed unless this is a valid xStudent, complete or `partial`."""
    if element.tag != STUDENT:
        raise Malformed("body", "is not an xStudent of the Unity 4 namespace")
    contacts = element.findall(f"{{{NA4}}}studentContacts/{{{NA4}}}xContact")
    # The id of a student may be left to the receiver, that of a contact inside it may not.
    for refid in (element.get("refId"), *(contact.get("refId", "") for contact in contacts)):
        if refid is not None and not is_refid(trimmed(refid)):
            raise Malformed("refId", "is not an id of 32 to 36 hexadecimal digits and hyphens")
    refuse_attributes(element, "refId")
    if element.get(NIL) is not None:
        raise Malformed("xStudent", "must not be nil")
    grammar.judge(element, "Student", partial=partial)


def folded(refid: str) -> str:
    """The form under which identifiers are compared: lower case without hyphens."""
    return trimmed(refid).replace("-", "").lower()


def all_at(element: etree._Element, path: str) -> Iterator[etree._Element]:
    """Elements at a path such as `name/givenName` that are there and not nil."""
    steps = "/".join(f"{{{NA4}}}{step}" for step in path.split("/"))
    return (found for found in element.iterfind(steps) if not is_nil(found))


def token_at(element: etree._Element, path: str) -> str:
    """Collapsed text of the first element at a path, or empty."""
    return next((collapsed(found) for found in all_at(element, path)), "")


def line_at(element: etree._Element, path: str) -> str:
    """Text at a path as it was sent, or empty; a bare CR, which CSV cannot hold, becomes LF."""
    found = next(all_at(element, path), None)
    return "" if found is None else re.sub(r"\r\n?", "\n", found.text or "")


def merged(stored: etree._Element, partial: etree._Element) -> etree._Element:
    """Copy of `stored` with what `partial` says: absent leaves, nil clears, lists replace whole."""
    result = deepcopy(stored)
    _merge_into(result, partial, "Student")
    return result


def _merge_into(target: etree._Element, source: etree._Element, kind: str) -> None:
    order = {f"{{{NA4}}}{child.name}": child for child in GRAMMAR.rules[kind]}
    for part in source:
        rule = order[part.tag]
        present = target.find(part.tag)
        record = rule.check is None and not GRAMMAR.is_list(rule.kind)
        if record and present is not None and not is_nil(part) and not is_nil(present):
            _merge_into(present, part, rule.kind)
            continue
        if present is not None:
            target.remove(present)
        if not is_nil(part):
            _insert(target, deepcopy(part), list(order))


def _insert(target: etree._Element, part: etree._Element, order: list[str]) -> None:
    later = set(order[order.index(part.tag) + 1 :])
    place = next((at for at, child in enumerate(target) if child.tag in later), len(target))
    target.insert(place, part)
