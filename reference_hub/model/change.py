"""One accepted change of one SIF object, on its way into the store."""

from __future__ import annotations

from dataclasses import dataclass

CREATE = "CREATE"
UPDATE = "UPDATE"
DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class Change:
    """`refid` is folded (no hyphens, lower case). `body` is the whole object as it shall be given
    back, None for a delete, of which `previous` is the version that ends with it. `judged_by` names
    the schema that accepted it. `numbers`: by which a person is looked up, where whoever made the
    change had the document read already."""

    action: str
    object_type: str
    refid: str
    body: bytes | None
    judged_by: str = ""
    previous: int | None = None
    numbers: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class StoredObject:
    """The current version of an object; `body` are the bytes that were received."""

    object_type: str
    refid: str
    version_id: int
    body: bytes
