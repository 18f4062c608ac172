"""Partial objects from a source, merged into what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lxml.etree import _Element

from reference_hub.codec.lookup_words import numbers_in
from reference_hub.codec.merge import merge
from reference_hub.codec.shape import shape_of
from reference_hub.codec.xml import fold, key_in, namespace_of, parse, refid_of, tostring
from reference_hub.journeys.writer import Writer
from reference_hub.model.change import UPDATE, Change
from reference_hub.model.outcome import Outcome, failed
from reference_hub.model.served import key_of
from reference_hub.problems import Refusal
from reference_hub.store import objects

if TYPE_CHECKING:
    from sqlalchemy import Connection


def update(
    connection: Connection, writer: Writer, object_type: str, elements: Sequence[_Element]
) -> list[Outcome]:
    """One outcome per element, in order: 200, 400 or 404. An object named twice is merged twice."""
    elements = [writer.meant(element) for element in elements]
    wanted = [fold(refid_of(element)) for element in elements]
    stored = objects.lock(connection, writer.scope, object_type, filter(None, wanted))
    bodies = {refid: found.body for refid, found in stored.items()}
    outcomes: list[Outcome] = []
    changes: list[Change] = []
    for element, refid in zip(elements, wanted, strict=True):
        try:
            change = _change(element, refid, object_type, bodies, writer)
        except Refusal as problem:
            outcomes.append(failed(problem, refid=refid_of(element)))
            continue
        bodies[refid] = change.body or b""
        changes.append(change)
        outcomes.append(Outcome(200, refid_of(element)))
    writer.accept(connection, changes)
    return outcomes


def _change(
    element: _Element, refid: str, object_type: str, bodies: dict[str, bytes], writer: Writer
) -> Change:
    doing = f"Update {object_type}"
    if not refid:
        raise Refusal(400, doing, f"The object has no {key_of(object_type)}; send the id of it.")
    if refid not in bodies:
        raise Refusal(404, doing, "There is no object with this id; create it first.")
    by = writer.verdict(element, "Update", partial=True)
    whole = parse(bodies[refid])
    if not writer.sees(whole):
        raise Refusal(404, doing, "There is no object with this id; create it first.")
    if namespace_of(whole) != namespace_of(element):
        raise Refusal(400, doing, f"The stored object is in the namespace {namespace_of(whole)}.")
    key, spelling = key_in(whole) or key_of(object_type), refid_of(whole)
    merge(whole, element, shape_of(namespace_of(whole), object_type))
    whole.set(key, spelling)
    writer.refuse_unwritable(doing, parse(bodies[refid]), whole)
    by = _judged(whole, bodies[refid], writer) or by
    numbers = numbers_in(object_type, whole)
    return Change(UPDATE, object_type, refid, tostring(whole), by, numbers=numbers)


def _judged(whole: _Element, before: bytes, writer: Writer) -> str:
    try:
        return writer.verdict(whole, "Update")
    except Refusal as problem:
        # What was not valid before, by another schema perhaps, is not the fault of this update.
        if writer.faulty(parse(before)):
            return ""
        raise Refusal(
            400, problem.scope, f"The object would become: {problem.message}", problem.sub_code
        ) from problem
