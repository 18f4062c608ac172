"""Lists in the address: filters, and the keys of the row where a page begins or ends."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request

from reference_hub.store.console_paging import SIZE, Asked, Slice

_LONGEST = 1000


def asked(size: int = SIZE) -> Asked:
    """Which page the address asks for; the first one for an address that nobody wrote so."""
    return Asked(_keys(request.args.get("after", "")), _keys(request.args.get("before", "")), size)


def filters(*names: str) -> dict[str, str]:
    """What the address says under these names, in one line of at most 200 characters."""
    return {name: " ".join(request.args.get(name, "").split())[:200] for name in names}


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of the page before, the one behind and the first one; '' for none."""

    previous: str
    following: str
    first: str


def links(found: Slice) -> Links:
    """The addresses around a page, with the filters that hold."""
    first = _address(()) if found.previous else ""
    previous = _address((("before", _written(found.previous)),)) if found.previous else ""
    behind = _address((("after", _written(found.following)),)) if found.following else ""
    return Links(previous, behind, first)


def _address(more: tuple[tuple[str, str], ...]) -> str:
    kept = [
        (name, value)
        for name, value in request.args.items(multi=True)
        if name not in ("after", "before", "lang") and value
    ]
    pairs = [*kept, *more]
    return f"{request.path}?{urlencode(pairs)}" if pairs else request.path


def _written(keys: tuple[str, ...]) -> str:
    return base64.urlsafe_b64encode(json.dumps(keys, ensure_ascii=False).encode()).decode()


def _keys(said: str) -> tuple[str, ...]:
    if not said or len(said) > _LONGEST:
        return ()
    try:
        read = json.loads(base64.urlsafe_b64decode(said.encode()))
    except (binascii.Error, ValueError):
        return ()
    fits = isinstance(read, list) and all(isinstance(key, str) and "\0" not in key for key in read)
    return tuple(read) if fits else ()
