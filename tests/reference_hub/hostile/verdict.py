"""What is wrong with an answer to a hostile request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from lxml import etree

from tests.reference_hub.hostile.attack import CANARY, Attack, Reply

_NEVER = (500, 502, 504)


def faults(attack: Attack, reply: Reply, schema: etree.XMLSchema) -> Iterator[str]:
    """One sentence for each thing that is wrong, none for a good answer."""
    status = reply.status
    if status in _NEVER or not (400 <= status < 500 or status in attack.also):
        yield f"status {status}"
    if status >= 400:
        if CANARY.lower().encode() in reply.everything.lower():
            yield "the answer repeats the request"
        if not attack.sent.startswith(b"HEAD "):
            yield from error_faults(status, reply, schema)
    elif status == 200:
        done = [each for each in _item_codes(reply.body) if each < "400"]
        if done:
            yield f"an item was accepted: {done}"


def error_faults(status: int, reply: Reply, schema: etree.XMLSchema) -> Iterator[str]:
    """What keeps the body from being the error that the status promises."""
    kind = reply.headers.get("Content-Type", "").partition(";")[0]
    try:
        if kind == "application/json":
            name, code = _named(json.loads(reply.body))
        elif kind == "application/xml":
            root = etree.fromstring(reply.body)
            schema.assertValid(root)
            name, code = etree.QName(root).localname, root.findtext("{*}code", "")
        else:
            yield f"an error of type {kind!r}"
            return
    except (AttributeError, ValueError, LookupError, TypeError, etree.LxmlError) as error:
        yield f"no error object: {error}"
        return
    # A second create may be answered with what there is (INF-ENV-008).
    if (status, name) == (HTTPStatus.CONFLICT, "environment"):
        return
    if (name, code) != ("error", str(status)):
        yield f"status {status}, but {name} with code {code}"


def _named(document: Any) -> tuple[str, str]:
    ((name, content),) = document.items()
    return name, str(content.get("code", ""))


def _item_codes(body: bytes) -> list[str]:
    try:
        root = etree.fromstring(body)
    except etree.XMLSyntaxError:
        return []
    return [each.get("statusCode", "") for each in root.iter("{*}create", "{*}update", "{*}delete")]
