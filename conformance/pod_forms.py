"""A POD in JSON (PESC notation, Infrastructure 3.6), and the hash that an acknowledgement names.

The form is read off the names: what ends in `List` holds one repeated child, and of the contacts of
infrastructure 3.3 there may be several. The hash is a rule of the privacy profile.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from lxml import etree

from conformance import trees

NIL = f"{{{trees.XSI}}}nil"
_SEVERAL = {"privacyContact", "issuesNotificationContact", "dataBreachContact",
            "dataProcessorContactForAccessRequests"}  # fmt: skip
_NUMBERS = {"dataRetention", "respondInDays", "personalInformationUpdatedFromSource",
            "preference"}  # fmt: skip
# A list whose child has another name than the list.
_CHILDREN = {
    "privacyContactList": "contact",
    "issuesNotificationContactList": "contact",
    "dataProcessorContactForAccessRequestsList": "contact",
    "dataBreachContactList": "contact",
}
_RECORDS = ("name", "address", "contract", "dataAccess", "dataSubject", "dataDeletion",
            "dataController", "dataProcessor", "legalRequirements", "technicalRequirements",
            "privacyObligationsDocument", "partyToDeleteData")  # fmt: skip


def document(pod: etree._Element) -> list[dict[str, Any]]:
    """A list of one wrapper with the pod: the shape that the 3.6 schema asks for."""
    return [{"pod": members(pod)}]


def body(pod: etree._Element) -> bytes:
    """The document as it goes on the wire."""
    return json.dumps(document(pod), ensure_ascii=False).encode()


def members(pod: etree._Element) -> dict[str, Any]:
    """The members of one pod, its id without a sign in front."""
    return {"id": trees.refid(pod), **_record(pod)}


def hashes(pod: etree._Element) -> set[str]:
    """The hashes that name this text: numbers may stand as numbers or as strings."""
    told = members(pod)
    told.pop("podStatus", None)
    return {_hash(told), _hash(_spoken(told))}


def _hash(told: object) -> str:
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _spoken(told: Any) -> Any:
    if isinstance(told, dict):
        return {name: _spoken(one) for name, one in told.items()}
    if isinstance(told, list):
        return [_spoken(one) for one in told]
    return str(told) if isinstance(told, int) else told


def _record(element: etree._Element) -> dict[str, Any]:
    told: dict[str, Any] = {}
    own = trees.local(element)
    for one in element:
        name = trees.local(one)
        if own.endswith("List") or name in _SEVERAL:
            told.setdefault(name, []).append(_value(one))
        else:
            told[name] = _value(one)
    if not told and own.endswith("List"):
        told[_CHILDREN.get(own, own.removesuffix("List"))] = []
    return told


def _value(element: etree._Element) -> Any:
    name = trees.local(element)
    if element.get(NIL) in ("true", "1"):
        return None
    if len(element) or name.endswith("List") or name in _RECORDS:
        return _record(element)
    text = (element.text or "").strip()
    return int(text) if name in _NUMBERS else text
