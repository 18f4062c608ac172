"""Trees as JSON: objects and lists in PESC notation, names without prefixes."""

from __future__ import annotations

import json
from typing import Any

from lxml import etree

Json = dict[str, Any]
_INTEGERS = ("dataRetention", "respondInDays", "personalInformationUpdatedFromSource", "preference")


def pod_json(element: etree._Element) -> Json:
    """The content of a `pod`; whatever is called a list holds one, also with one member."""
    table: Json = {str(name): str(value) for name, value in element.items()}
    for child in element:
        name = etree.QName(child).localname
        value: Any = pod_json(child) if len(child) or child.items() else child.text or ""
        if name in _INTEGERS:
            value = int(value)
        is_list = etree.QName(element).localname.endswith("List") or name in table
        table[name] = [*_listed(table.get(name, [])), value] if is_list else value
    return table


def pods_document(elements: list[etree._Element]) -> bytes:
    """Several PODs: a list of wrappers with one `pod` each."""
    return json.dumps([{"pod": pod_json(one)} for one in elements], ensure_ascii=False).encode()


def objects_document(collection: str, elements: list[etree._Element]) -> bytes:
    """Objects of the data model below the name of their collection."""
    name = collection.removesuffix("s")
    members = [_object(one) for one in elements]
    return json.dumps({collection: {name: members}}, ensure_ascii=False).encode()


def _object(element: etree._Element) -> Json:
    table: Json = {str(name): str(value) for name, value in element.items()}
    for child in element:
        name = etree.QName(child).localname
        value: Any = _object(child) if len(child) or child.items() else child.text or ""
        known = table.get(name)
        table[name] = value if known is None else [*_listed(known), value]
    return table


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
