"""A host's refusal: its family, and its words without the values of the record.

Ed-Fi ODS/API 7: problem details (RFC 9457) with types such as
`urn:ed-fi:api:data-conflict:unresolved-reference`; older hosts send `message` alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from reference_hub.vendors.edfi_session import document
from reference_hub.workers.transport import Answer

UNRESOLVED, DEPENDENT, KEY_CHANGE = "unresolved", "dependent", "key change"
FORBIDDEN, MISSING, FAULTY, TROUBLE = "forbidden", "missing", "faulty", "trouble"

_LONGEST = 500
_TYPES = {
    "unresolved-reference": UNRESOLVED,
    "dependent-item-exists": DEPENDENT,
    "key-change-not-supported": KEY_CHANGE,
}
_WORDS = {
    "could not be resolved": UNRESOLVED,
    "does not exist": UNRESOLVED,
    "reference cannot be resolved": UNRESOLVED,
    "dependent": DEPENDENT,
    "key values cannot be changed": KEY_CHANGE,
    "not supported for the key": KEY_CHANGE,
}
_BY_STATUS = {403: FORBIDDEN, 404: MISSING}


def family(answer: Answer, method: str) -> str:
    """What kind of refusal an answer is. An unresolved reference may come as 409 or as 400."""
    if answer.status in _BY_STATUS:
        return _BY_STATUS[answer.status]
    if answer.status in (400, 409):
        return _told(answer, method)
    return TROUBLE if answer.status >= 500 or answer.status < 400 else FAULTY


def _told(answer: Answer, method: str) -> str:
    found = document(answer)
    kind = str(found.get("type", "")) if isinstance(found, dict) else ""
    if kind:
        last = kind.rpartition(":")[2]
        return _TYPES.get(last, FAULTY)
    words = " ".join(_texts(found)).lower()
    known = next((meaning for word, meaning in _WORDS.items() if word in words), FAULTY)
    if known == FAULTY and answer.status == 409:
        return DEPENDENT if method == "DELETE" else UNRESOLVED
    return known


def words(answer: Answer, body: Mapping[str, Any]) -> str:
    """The host's own words, in one line; every value of the record in them becomes `…`."""
    found = document(answer)
    said = list(dict.fromkeys(_texts(found)))
    text = " ".join(" ".join(said).split())
    for value in sorted(set(_values(body)), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", "…", text, flags=re.IGNORECASE)
    text = text if len(text) <= _LONGEST else text[:_LONGEST] + " …"
    return f"{answer.status} {text}".strip()


def _texts(found: object) -> Iterator[str]:
    if not isinstance(found, dict):
        return
    for member in ("type", "title", "detail", "message"):
        if isinstance(found.get(member), str):
            yield found[member]
    errors = found.get("errors")
    yield from (str(error) for error in (errors if isinstance(errors, list) else []))
    for member in ("validationErrors", "modelState"):
        faults = found.get(member)
        for place, told in faults.items() if isinstance(faults, dict) else ():
            yield f"{place}: {'; '.join(map(str, told)) if isinstance(told, list) else told}"


def _values(body: object, name: str = "") -> Iterator[str]:
    """The texts that could give a person away; codes and truth values are needed to mend."""
    if isinstance(body, Mapping):
        for member, value in body.items():
            yield from _values(value, member)
    elif isinstance(body, list):
        for value in body:
            yield from _values(value, name)
    elif not name.endswith("Descriptor") and str(body).lower() not in ("true", "false", ""):
        yield str(body)
