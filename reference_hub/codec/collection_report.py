"""The report of a run as a document: what a state hands out, and a district reads (profile).

It names rules, ids and local numbers; no other value of an object is in it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from lxml import etree
from lxml.etree import _Element

from reference_hub.clock import iso
from reference_hub.codec.xml import MalformedDocument, local_name, read
from reference_hub.model.collection import STATE, Count, Finding, Run, Told

NAMESPACE = "urn:reference-hub:collection-report:1"
_TOGETHER = 1000


@dataclass(frozen=True, slots=True)
class Report:
    """A report that was read. `accepted`: folded refids by object type."""

    run: Run
    findings: tuple[Finding, ...]
    accepted: Mapping[str, frozenset[str]]


def write(
    run: Run, findings: Iterable[Finding], accepted: Iterable[tuple[str, Iterable[str]]]
) -> bytes:
    """The document; findings and accepted refids are taken as they come, never all at once."""
    nsmap: dict[str, str] = {None: NAMESPACE}  # type: ignore[dict-item]  # stubs lack None
    root, head = f"{{{NAMESPACE}}}collectionReport", _head(run)
    with tempfile.TemporaryFile() as file:
        with etree.xmlfile(file, encoding="utf-8") as out, out.element(root, head, nsmap=nsmap):
            for element in _elements(run, findings, accepted):
                out.write(element)
        file.seek(0)
        return file.read()


def _head(run: Run) -> dict[str, str]:
    return {
        "collection": run.collection,
        "version": run.version,
        "run": run.id,
        "number": str(run.number),
        "begun": iso(run.begun),
    }


def _elements(
    run: Run, findings: Iterable[Finding], accepted: Iterable[tuple[str, Iterable[str]]]
) -> Iterator[_Element]:
    for count in run.counts:
        numbers = {name: str(getattr(count, name)) for name in ("checked", "accepted", "rejected")}
        yield _element("count", {"objectType": count.object_type} | numbers)
    for rule in run.rules:
        yield _rule(rule)
    for each in findings:
        yield _finding(each)
    for object_type, refids in accepted:
        stream = iter(refids)
        while part := list(islice(stream, _TOGETHER)):
            yield _element("accepted", {"objectType": object_type}, " ".join(part))


def _rule(rule: Told) -> _Element:
    facts = {"id": rule.id, "level": rule.level, "basis": rule.basis, "path": rule.path}
    facts |= {"stateField": rule.state_field} if rule.state_field else {}
    element = _element("rule", facts)
    for name, text in (("says", rule.says), ("do", rule.do)):
        etree.SubElement(element, f"{{{NAMESPACE}}}{name}").text = text
    return element


def _finding(each: Finding) -> _Element:
    facts = {"objectType": each.object_type, "refId": each.refid, "rule": each.rule}
    return _element("finding", facts | ({"localId": each.local_id} if each.local_id else {}))


def _element(name: str, attributes: Mapping[str, str], text: str = "") -> _Element:
    element = etree.Element(f"{{{NAMESPACE}}}{name}", dict(attributes))
    element.text = text or None
    return element


def read_report(body: bytes) -> Report:
    """The report of a state. Raises MalformedDocument for what is none."""
    root = read(body)
    if local_name(root) != "collectionReport":
        raise MalformedDocument(0, "the document is no collectionReport")
    try:
        return _report(root)
    except (KeyError, ValueError):
        reason = "the collectionReport lacks a fact, or has one that cannot be read"
        raise MalformedDocument(0, reason) from None


def _report(root: _Element) -> Report:
    rules = tuple(_told(each) for each in root.iterfind("{*}rule"))
    levels = {rule.id: rule.level for rule in rules}
    accepted: dict[str, set[str]] = {}
    for each in root.iterfind("{*}accepted"):
        accepted.setdefault(_fact(each, "objectType"), set()).update((each.text or "").split())
    run = Run(
        id=_fact(root, "run"),
        collection=_fact(root, "collection"),
        version=_fact(root, "version"),
        number=int(_fact(root, "number")),
        origin=STATE,
        begun=datetime.fromisoformat(_fact(root, "begun")),
        counts=tuple(_count(each) for each in root.iterfind("{*}count")),
        rules=rules,
    )
    findings = tuple(_found(each, levels) for each in root.iterfind("{*}finding"))
    return Report(run, findings, {name: frozenset(ids) for name, ids in accepted.items()})


def _told(element: _Element) -> Told:
    return Told(
        id=_fact(element, "id"),
        level=_fact(element, "level"),
        basis=_fact(element, "basis"),
        state_field=element.get("stateField", ""),
        path=_fact(element, "path"),
        says=element.findtext("{*}says") or "",
        do=element.findtext("{*}do") or "",
    )


def _count(element: _Element) -> Count:
    numbers = [int(_fact(element, name)) for name in ("checked", "accepted", "rejected")]
    return Count(_fact(element, "objectType"), *numbers)


def _found(element: _Element, levels: Mapping[str, str]) -> Finding:
    return Finding(
        object_type=_fact(element, "objectType"),
        refid=_fact(element, "refId"),
        local_id=element.get("localId", ""),
        rule=_fact(element, "rule"),
        level=levels[_fact(element, "rule")],
    )


def _fact(element: _Element, name: str) -> str:
    found = element.get(name)
    if found is None:
        raise KeyError(name)
    return found
