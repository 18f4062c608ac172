"""Words of the suite in what a product says of a document, so that they can be said again.

A body of JSON is masked value by value, and then nobody can tell whether it names the document
that the hub showed. This tells by the hash of the mask which plain word stands there, or of which
document it is the hash.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from lxml import etree

from conformance import pod_forms, trees
from conformance.reply import read_json
from conformance.stage.receipts import DECISIONS

PLAIN, HASH = "=", "hash of "
# A moment of the present says nothing about a person, nor does the number of a version.
_MOMENT = re.compile(r"20(?:2[5-9]|[3-9]\d)-\d\d-\d\dT[\d:.]{5,16}(?:Z|[+-]\d\d:?\d\d)")
_WORDS = (
    *("Basic", "SIF_HMACSHA256", "DIRECT", "BROKERED", "IMMEDIATE", "LONG", "OBJECT", "UTILITY"),
    *("DEFAULT", "xStudents", "pods", "alerts", "ERROR"),
)
_ID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_VERSION = re.compile(r"\d{1,3}(?:\.\d{1,3}){1,2}")


class Papers:
    """The documents that were shown in this run; `shown` are those of now."""

    def __init__(self, shown: Callable[[], Iterable[etree._Element]], zones: Iterable[str]) -> None:
        self._places = [shown]
        self._words = {*DECISIONS, *_WORDS, *zones}
        self._known: dict[str, etree._Element] = {}
        self._hashed: dict[str, tuple[etree._Element, set[str]]] = {}

    def also(self, shown: Callable[[], Iterable[etree._Element]]) -> None:
        """Documents are shown in another place too."""
        self._places.append(shown)

    def look(self) -> None:
        """Remember what is shown now."""
        self._known |= {trees.refid(one): one for shown in self._places for one in shown()}

    def said(self, body: bytes, mark: Callable[[str], str]) -> dict[str, str]:
        """The words of a JSON body by the mark of each value; empty for any other body."""
        if body[:1] != b"{":
            return {}
        try:
            values = set(_leaves(read_json(body)))
        except ValueError:
            return {}
        hashes = self._hashes(values)
        words = {one: hashes.get(one) or self._plain(one) for one in values}
        return {mark(value): word for value, word in words.items() if word}

    def word(self, said: str, present: Callable[[str], str]) -> str:
        """The present value of a word; `present` tells the present id of a recorded one."""
        if said.startswith(PLAIN):
            return present(said[1:])
        refid = present(said.removeprefix(HASH))
        return min(self._hashes_of(refid)) if refid in self._known else "sha256:unknown"

    def _hashes(self, values: set[str]) -> Mapping[str, str]:
        """The hashes of the documents that are named beside them."""
        named = self._known.keys() & values
        return {one: f"{HASH}{refid}" for refid in named for one in self._hashes_of(refid)}

    def _hashes_of(self, refid: str) -> set[str]:
        element = self._known[refid]
        if refid not in self._hashed or self._hashed[refid][0] is not element:
            self._hashed[refid] = element, pod_forms.hashes(element)
        return self._hashed[refid][1]

    def _plain(self, value: str) -> str:
        known = value in self._words
        forms = (_MOMENT, _VERSION, _ID)
        return f"{PLAIN}{value}" if known or any(one.fullmatch(value) for one in forms) else ""


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _leaves(one)
    elif isinstance(value, str):
        yield value
