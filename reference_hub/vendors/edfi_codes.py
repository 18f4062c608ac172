"""Descriptors: the codes that the host has, downloaded from it and compared letter by letter.

A descriptor is a URI `uri://ed-fi.org/SexDescriptor#Female`; states and vendors add their own
namespaces, so what a host takes is known only from the host (Ed-Fi certification asks for it).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from fixtures import codesets
from reference_hub.vendors.edfi_rows import Row
from reference_hub.vendors.edfi_session import Session, document

_PAGE = 500


class Codes:
    """What a host knows, one download per descriptor."""

    def __init__(self, session: Session) -> None:
        self._session, self._own = session, session.settings.descriptors
        self._known: dict[str, frozenset[str] | None] = {}
        self.remarks: list[str] = []

    def unknown(self, row: Row) -> str:
        """Why a row must be held: its first code that the host does not know; '' if none."""
        for place, uri in descriptors(mapped(row.body, self._own)):
            known = self._of(uri)
            if known is not None and uri not in known:
                return (
                    f"The host has no code {uri} for {row.collection}.{place}{_local(uri)} of "
                    f"{row.entity} {row.refid}; add it at the host or map it to another code."
                )
        return ""

    def _of(self, uri: str) -> frozenset[str] | None:
        name = uri.partition("#")[0].rpartition("/")[2]
        if name not in self._known:
            self._known[name] = self._download(name)
        return self._known[name]

    def _download(self, name: str) -> frozenset[str] | None:
        url = self._session.resource(f"{name[:1].lower()}{name[1:]}s")
        found: set[str] = set()
        offset = 0
        while True:
            answer = self._session.ask("GET", f"{url}?offset={offset}&limit={_PAGE}")
            page = document(answer)
            if answer.status == 404:
                return frozenset()
            if answer.status != 200 or not isinstance(page, list):
                self.remarks.append(
                    f"The host does not show its {name} ({answer.status}); these codes are sent "
                    "unchecked."
                )
                return None
            found.update(f"{one.get('namespace')}#{one.get('codeValue')}" for one in page)
            offset += len(page)
            if len(page) < _PAGE:
                return frozenset(found)


def mapped(body: Any, own: Mapping[str, str], name: str = "") -> Any:
    """A body with the host's own codes in the place of ours."""
    if not own:
        return body
    if isinstance(body, Mapping):
        return {member: mapped(value, own, member) for member, value in body.items()}
    if isinstance(body, list):
        return [mapped(value, own, name) for value in body]
    return own.get(body, body) if name.endswith("Descriptor") else body


def descriptors(body: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Each descriptor of a body with its place, such as `races[].raceDescriptor`."""
    if isinstance(body, Mapping):
        for member, value in body.items():
            yield from descriptors(value, f"{place}.{member}" if place else member)
    elif isinstance(body, list):
        for value in body:
            yield from descriptors(value, f"{place}[]")
    elif place.endswith("Descriptor"):
        yield place, str(body)


def _local(uri: str) -> str:
    word = _words().get(uri, "")
    return f" (ours: {word})" if word else ""


@cache
def _words() -> Mapping[str, str]:
    """Our word for each URI of the shipped code sets."""
    found: dict[str, str] = {}
    for name in codesets.NAMES:
        for uri, word in codesets.words(name, "edfi_descriptor", "canonical").items():
            found.setdefault(uri, word)
    return found
