"""Whole objects from a source, put in the place of what is stored (an update that says FULL)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lxml.etree import _Element

from reference_hub.codec.lookup_words import numbers_in
from reference_hub.codec.xml import fold, key_in, namespace_of, parse, refid_of, tostring
from reference_hub.journeys.writer import Writer
from reference_hub.model.change import UPDATE, Change, StoredObject
from reference_hub.model.outcome import Outcome, failed
from reference_hub.model.served import key_of
from reference_hub.problems import Refusal
from reference_hub.store import objects

if TYPE_CHECKING:
    from sqlalchemy import Connection


def replace(
    connection: Connection, writer: Writer, object_type: str, elements: Sequence[_Element]
) -> list[Outcome]:
    """One outcome per element, in order: 200, 400 or 404. What is not sent is gone."""
    wanted = [fold(refid_of(element)) for element in elements]
    stored = objects.lock(connection, writer.scope, object_type, filter(None, wanted))
    outcomes: list[Outcome] = []
    changes: list[Change] = []
    for element, refid in zip(elements, wanted, strict=True):
        try:
            changes.append(_change(element, stored.get(refid), object_type, writer))
        except Refusal as problem:
            outcomes.append(failed(problem, refid=refid_of(element)))
            continue
        outcomes.append(Outcome(200, refid_of(element)))
    writer.accept(connection, changes)
    return outcomes


def _change(
    element: _Element, stored: StoredObject | None, object_type: str, writer: Writer
) -> Change:
    doing = f"Update {object_type}"
    if stored is None:
        raise Refusal(404, doing, "There is no object with this id; create it first.")
    before = parse(stored.body)
    if namespace_of(before) != namespace_of(element):
        raise Refusal(400, doing, f"The stored object is in the namespace {namespace_of(before)}.")
    by = writer.verdict(element, "Update")
    # The id stays as it was first written, so that pointers by their text still lead here.
    element.set(key_in(element) or key_of(object_type), refid_of(before))
    numbers = numbers_in(object_type, element)
    return Change(UPDATE, object_type, stored.refid, tostring(element), by, numbers=numbers)
