"""Many objects of a type in one request (SIF Infrastructure 3.x, Base Architecture 5.11 to 5.14).

The vendor tells of each object what became of it; one that it refuses does not keep back the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reference_hub.codec.tree import branch, root
from reference_hub.codec.xml import (
    MalformedDocument,
    children,
    first_namespace,
    fold,
    local_name,
    read,
    tostring,
)
from reference_hub.model.change import CREATE, DELETE
from reference_hub.model.message import Outgoing
from reference_hub.model.uuids import derived
from reference_hub.workers.transport import Answer


@dataclass(frozen=True, slots=True)
class Item:
    """What became of one object: its status, and the RefId that the vendor has it under."""

    status: int
    refid: str


def is_alike(messages: Sequence[Outgoing]) -> bool:
    """Whether one request can carry these: events of one action about different objects."""
    kinds = {(each.kind, each.action, each.object_type) for each in messages}
    refids = {fold(each.refid) for each in messages}
    return len(kinds) == 1 and messages[0].kind == "event" and len(refids) == len(messages)


def message_id(messages: Sequence[Outgoing], action: str) -> str:
    """The id of the request: the same messages in the same order have the same one."""
    return derived(" ".join([action, *(each.message_id for each in messages)]))


def body(messages: Sequence[Outgoing], action: str) -> bytes:
    """A collection of the objects, or the deleteRequest that names them."""
    if action == DELETE:
        request = root("deleteRequest")
        deletes = branch(request, "deletes")
        for each in messages:
            branch(deletes, "delete", id=each.refid)
        return tostring(request)
    inner = b"".join(each.body or b"" for each in messages)
    name = f"{messages[0].object_type}s"
    return f'<{name} xmlns="{first_namespace(inner)}">'.encode() + inner + f"</{name}>".encode()


def items(answer: Answer, action: str) -> dict[str, Item] | None:
    """What the answer says of each object, by the folded RefId that we gave it.

    None where it is no answer to a request of many objects (INF-CRE-002, INF-UPD-002, INF-DEL-002).
    """
    try:
        told = read(answer.body) if answer.body else None
    except MalformedDocument:
        return None
    if told is None or local_name(told) != f"{action.lower()}Response":
        return None
    found: dict[str, Item] = {}
    for each in (item for group in children(told) for item in children(group)):
        refid, status = each.get("id", ""), each.get("statusCode", "")
        asked = (each.get("advisoryId", "") or refid) if action == CREATE else refid
        if asked and status.isdecimal():
            found[fold(asked)] = Item(int(status), refid)
    return found
