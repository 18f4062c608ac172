"""Answers of the suite's own OneRoster face: pages, single objects, errors.

Source: 1EdTech OneRoster 1.2, rostering, REST binding; RFC 8288 for Link.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from conformance.stage.calls import Asked, Given
from conformance.stage.oneroster_roster import KINDS

JSON = ("Content-Type", "application/json")
ROSTER = "roster"
DEFAULT_LIMIT = 100
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Style:
    """The lawful form of pages: at most `cap` objects, with `links` and `total` or without.

    `relative` addresses in links, `opaque` ones that hold no offset, `spelled` how one is written,
    `apart` each in a header line of its own; `overlap` objects come twice, at the end of one page
    and at the start of the next; `alter` changes each object as it is told.
    """

    cap: int = 3
    links: bool = True
    total: bool = True
    relative: bool = False
    opaque: bool = False
    spelled: str = '<{url}>; rel="{rel}"'
    apart: bool = False
    name: str = "Link"
    overlap: int = 0
    content_type: str = "application/json"
    alter: Callable[[str, Body], Body] | None = None


ORDINARY = Style()


def number(asked: Asked, name: str, default: int) -> int:
    """A number of the query; what is none counts as not sent."""
    text = asked.given.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else default


def start_of(asked: Asked) -> int:
    """How many objects stand before the page."""
    after = asked.given.get("after", "")
    return int(after, 36) if after else number(asked, "offset", 0)


def page(asked: Asked, style: Style, root: str, name: str, found: Sequence[Body]) -> Given:
    """One page of a collection whose member is `name`; `root` is the address of the service."""
    limit = max(1, number(asked, "limit", DEFAULT_LIMIT))
    size = min(limit, style.cap) if style.links else limit
    start = start_of(asked)
    begin = max(0, start - style.overlap) if start else 0
    part = list(found[begin : start + size])
    lines: tuple[tuple[str, str], ...] = (("Content-Type", style.content_type),)
    if style.total:
        lines += (("X-Total-Count", str(len(found))),)
    if style.links:
        lines += _links(asked, style, root, len(found), start, size, limit)
    if style.alter is not None:
        part = [style.alter(name, one) for one in part]
    body = json.dumps(placed({name: part}, root), ensure_ascii=False).encode()
    return Given(200, lines, body, ROSTER)


def one(style: Style, root: str, name: str, body: Body) -> Given:
    """A single object of a collection, under the member for one."""
    told = style.alter(name, body) if style.alter is not None else body
    text = json.dumps(placed({KINDS[name]: told}, root), ensure_ascii=False).encode()
    return Given(200, (("Content-Type", style.content_type),), text, ROSTER)


def _links(
    asked: Asked, style: Style, root: str, total: int, start: int, size: int, limit: int
) -> tuple[tuple[str, str], ...]:
    places = {"first": 0}
    if start:
        places["prev"] = max(0, start - size)
    if start + size < total:
        places["next"] = start + size
    places["last"] = max(0, (total - 1) // size * size)
    told = [
        style.spelled.format(url=_address(asked, style, root, limit, at), rel=rel)
        for rel, at in places.items()
    ]
    if style.apart:
        return tuple((style.name, line) for line in told)
    return ((style.name, ", ".join(told)),)


def _address(asked: Asked, style: Style, root: str, limit: int, at: int) -> str:
    kept = {
        name: value for name, value in asked.given.items() if name not in ("after", "offset")
    } | {"limit": str(limit)}
    # An offset in base 36 that no client should take apart.
    kept |= {"after": _opaque(at)} if style.opaque and at else {"offset": str(at)}
    query = urlencode(kept, quote_via=quote)
    if style.relative:
        return f"?{query}"
    path = asked.path.partition("?")[0]
    origin = "/".join(root.split("/")[:3])
    return f"{origin}{path}?{query}"


def _opaque(at: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while at:
        at, left = divmod(at, 36)
        text = digits[left] + text
    return f"00{text}"


def placed(value: Any, root: str) -> Any:
    """The value with the addresses of references made whole."""
    if isinstance(value, list):
        return [placed(one, root) for one in value]
    if not isinstance(value, dict):
        return value
    made = {name: placed(one, root) for name, one in value.items()}
    if "sourcedId" in made and isinstance(made.get("href"), str):
        made["href"] = f"{root}/{made['href']}"
    return made


def refused(
    status: int, minor: str, text: str, old: bool, *lines: tuple[str, str], kind: str = ROSTER
) -> Given:
    """An error of OneRoster: code major, severity, description, code minor."""
    major = "failure"
    if old:  # the form that implementations of 1.1 use
        told: Body = {
            "statusInfoSet": [
                {"imsx_codeMajor": major, "imsx_severity": "error", "imsx_codeMinor": minor,
                 "imsx_description": text}
            ]
        }  # fmt: skip
    else:
        field = {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": minor}
        told = {
            "imsx_codeMajor": major, "imsx_severity": "error", "imsx_description": text,
            "imsx_CodeMinor": {"imsx_codeMinorField": [field]},
        }  # fmt: skip
    return Given(status, (JSON, *lines), json.dumps(told).encode(), kind)
