"""The object of a OneRoster body becomes a row of cells: the way back of `shape.py`.

Objects are closed in the published schemas, so a member that is none is refused; one that is but
has no cell here is named in the loss ledger by the table that reads the row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from reference_hub.codec.json_text import loads
from reference_hub.codec.xml import MalformedDocument
from reference_hub.model import roster_query as kinds
from reference_hub.model.roster_query import Field
from reference_hub.problems import Refusal
from reference_hub.web.oneroster.members import METADATA, SINGULAR, members

SCOPE = "Request body"
Cells = dict[str, str | list[str]]
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")
_DAYS = ("assignDate", "dueDate", "scoreDate", "beginDate", "endDate")
_FLAGS = ("true", "false")
_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
# Members of the published schemas that the hub has no cell for.
_WITHOUT_A_CELL = ("learningObjectiveSet", "scoreScale", "gradingPeriod", "academicSession")
_NEEDED = {
    "categories": ("title",),
    "lineItems": ("title", "class", "category", "assignDate", "dueDate"),
    "results": ("lineItem", "student", "scoreStatus", "scoreDate"),
}
_LONGEST = 4000


def objects(body: bytes, version: str, collection: str, *, many: bool) -> list[Cells]:
    """The rows of a body: of one object, or of a list of them. Raises Refusal 400 or 422."""
    name = collection if many else SINGULAR[collection]
    try:
        # Numbers come as the text they are spelled with, so that no digit changes.
        told = loads(body)
    except MalformedDocument as fault:
        raise Refusal(400, SCOPE, f"The body is not JSON. {fault}", "invaliddata") from fault
    if not isinstance(told, dict) or set(told) != {name}:
        raise _wrong(f"The body must be an object with the one member {name}.")
    found = told[name] if many else [told[name]]
    rows = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    if not isinstance(found, list) or not rows or len(rows) != len(found):
        raise _wrong(f"{name} must hold {'objects' if many else 'one object'}.")
    return [row(each, version, collection) for each in rows]


def row(told: Mapping[str, Any], version: str, collection: str) -> Cells:
    """The cells of one object. Raises Refusal 422."""
    known = members(version, collection)
    cells: Cells = {}
    for name, value in told.items():
        if name == "metadata":
            cells |= _metadata(value)
        elif name in known:
            _put(cells, name, known[name], value)
        elif name not in _WITHOUT_A_CELL:
            raise _wrong(f"It holds a member that {collection} do not have.")
        else:
            cells[name] = "told"
    needed = ("sourcedId", *_NEEDED[collection])
    if missing := [name for name in needed if name not in told]:
        raise _wrong(f"It lacks {', '.join(missing)}.")
    if told.get("status", "active") != "active":
        raise _wrong("status must be active; take an object away with DELETE.")
    return cells


def _put(cells: Cells, name: str, field: Field, value: object) -> None:
    match field.kind:
        case kinds.KEY:
            cells["sourcedId"] = _id(value)
        case kinds.STATUS | kinds.MOMENT:
            _text(name, value)
        case kinds.REF:
            cells[field.column] = _reference(name, value, field.target)
        case kinds.NUMBER:
            cells[field.column] = _number(name, value)
        case kinds.FLAG:
            if value not in _FLAGS:
                raise _wrong(f"{name} must be the text true or false.")
            cells[field.column] = str(value)
        case _:
            text = _text(name, value)
            cells[field.column] = _day(name, text) if name in _DAYS else text


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or "\x00" in value or len(value) > _LONGEST:
        raise _wrong(f"{name} must be a text of at most {_LONGEST} characters.")
    return value


def _id(value: object) -> str:
    text = _text("sourcedId", value)
    if not text.strip() or len(text) > 255:
        raise _wrong("sourcedId must be a text of 1 to 255 characters.")
    return text


def _reference(name: str, value: object, target: str) -> str:
    if not isinstance(value, dict) or value.get("type", target) != target:
        raise _wrong(f"{name} must be a reference of type {target}.")
    return _id(value.get("sourcedId"))


def _number(name: str, value: object) -> str:
    text = _text(name, value)
    if not _PLAIN_NUMBER.fullmatch(text):
        raise _wrong(f"{name} must be a number.")
    return text


def _day(name: str, text: str) -> str:
    if not _DAY.fullmatch(text) and not _MOMENT.fullmatch(text):
        raise _wrong(f"{name} must be a day or a moment of ISO 8601.")
    # The day as it was written: SIF knows no hour of it.
    return text[:10]


def _metadata(value: object) -> Cells:
    if not isinstance(value, dict):
        raise _wrong("metadata must be an object.")
    return {f"{METADATA}{name}": str(each) for name, each in value.items()}


def _wrong(text: str) -> Refusal:
    return Refusal(422, SCOPE, text, "invaliddata")
