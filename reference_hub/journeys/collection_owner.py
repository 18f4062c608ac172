"""The number by which a school knows an object: its own one, or that of the person it is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lxml.etree import _Element

from reference_hub.codec.xml import fold, local_name, read, refid_of
from reference_hub.model.scope import Scope
from reference_hub.store import collection_runs

if TYPE_CHECKING:
    from sqlalchemy import Connection

# Objects whose own number has another name than LocalId.
_OWN = {"SchoolCourseInfo": "CourseCode", "TermInfo": "TermCode"}
_PERSONS = ("StudentPersonal", "StaffPersonal")


def local_ids(connection: Connection, scope: Scope, elements: Sequence[_Element]) -> dict[str, str]:
    """Local numbers by folded refid; objects that have none, of themselves or of a person, lack."""
    found, owners = {}, {}
    for element in elements:
        refid, number = fold(refid_of(element)), _number(element)
        if number:
            found[refid] = number
        elif owner := _owner(element):
            owners[refid] = owner
    numbers = _numbers(connection, scope, set(owners.values()))
    return found | {refid: numbers[owner] for refid, owner in owners.items() if owner in numbers}


def _number(element: _Element) -> str:
    name = _OWN.get(local_name(element), "LocalId")
    return (element.findtext(f"{{*}}{name}") or "").strip()


def _owner(element: _Element) -> tuple[str, str] | None:
    for person in _PERSONS:
        name = f"{person}RefId"
        refid = element.get(name) or element.findtext(f"{{*}}{name}") or ""
        if not refid and element.get("SIF_RefObject") == person:
            refid = element.get("SIF_RefId", "")
        if refid.strip():
            return person, fold(refid)
    return None


def _numbers(
    connection: Connection, scope: Scope, owners: set[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    found = {}
    for person in _PERSONS:
        refids = [refid for kind, refid in owners if kind == person]
        for body in collection_runs.bodies(connection, scope, person, refids) if refids else ():
            element = read(body)
            found[person, fold(refid_of(element))] = _number(element)
    return found
