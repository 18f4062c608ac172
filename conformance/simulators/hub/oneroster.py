"""The students of a vendor as OneRoster 1.2 users, made from the filtered objects."""

from __future__ import annotations

import json
from typing import Any

from lxml import etree

from conformance.simulators.hub import pruning

_PLACES = {
    "givenName": "xStudent/name/givenName",
    "familyName": "xStudent/name/familyName",
    "middleName": "xStudent/name/middleName",
    "identifier": "xStudent/localId",
    "username": "xStudent/loginId",
    "email": "xStudent/email/emailAddress",
    "phone": "xStudent/phoneNumber/number",
}


def users(elements: list[etree._Element]) -> bytes:
    """A document with `users`; a field that is not there is left out."""
    return json.dumps({"users": [_user(one) for one in elements]}, ensure_ascii=False).encode()


def _user(element: etree._Element) -> dict[str, Any]:
    told = {"sourcedId": element.get("refId", ""), "role": "student"}
    for name, path in _PLACES.items():
        found = pruning.values(element, path)
        if found:
            told[name] = found[0]
    return told
