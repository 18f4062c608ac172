"""Which rows point to which: children of a row that the host does not have are not sent.

A reference names its parent by the key parts, `sectionReference: {sectionIdentifier, schoolId ..}`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from reference_hub.vendors.edfi_rows import Row

_ORGANIZATION = "educationOrganizationId"
# An education organisation is known by its own id; these resources are such organisations.
_OWN_IDS = {"schools": "schoolId", "localEducationAgencies": "localEducationAgencyId"}
_IRREGULAR = {"localEducationAgency": "localEducationAgencies", "person": "people"}

Parts = frozenset[tuple[str, str]]


class Missing:
    """The rows that the host lacks, found by what a reference says of them."""

    def __init__(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        self._keys = keys
        self._rows: set[tuple[str, Parts]] = set()

    def add(self, row: Row) -> None:
        """Remember a row that is not there."""
        parts = dict(key_parts(row, self._keys))
        self._rows.add((row.collection, frozenset(parts.items())))
        if own := _OWN_IDS.get(row.collection):
            parent = frozenset({(_ORGANIZATION, parts.get(own, ""))})
            self._rows.add(("educationOrganizations", parent))

    def discard(self, row: Row) -> None:
        """It is there now."""
        parts = dict(key_parts(row, self._keys))
        self._rows.discard((row.collection, frozenset(parts.items())))
        if own := _OWN_IDS.get(row.collection):
            parent = frozenset({(_ORGANIZATION, parts.get(own, ""))})
            self._rows.discard(("educationOrganizations", parent))

    def parent_of(self, row: Row) -> str:
        """The reference of a row that points to one of them; '' if none does."""
        if not self._rows:
            return ""
        for name, parts in references(row.body):
            if any((resource, parts) in self._rows for resource in resources(name)):
                return name
        return ""


def key_parts(row: Row, keys: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """The natural key of a row, part by part; key unification makes equal names equal values."""
    for place in keys.get(row.collection, ()):
        value: Any = row.body
        for step in place.split("/"):
            value = value.get(step) if isinstance(value, Mapping) else None
        if value is not None:
            yield place.rpartition("/")[2], str(value)


def references(body: Any, name: str = "") -> Iterator[tuple[str, Parts]]:
    """Each reference of a body, wherever it stands, with its key parts."""
    if isinstance(body, list):
        for value in body:
            yield from references(value)
    elif isinstance(body, Mapping):
        if name.endswith("Reference"):
            yield name, frozenset((part, str(value)) for part, value in body.items())
        for member, value in body.items():
            yield from references(value, member)


@cache
def resources(reference: str) -> tuple[str, ...]:
    """The resources that a reference may mean: `locationSchoolReference` is a school's, too."""
    noun = reference.removesuffix("Reference")
    starts = [0, *(at for at, letter in enumerate(noun) if at and letter.isupper())]
    names = [noun[at].lower() + noun[at + 1 :] for at in starts]
    return tuple(_plural(name) for name in names)


def _plural(noun: str) -> str:
    if noun in _IRREGULAR:
        return _IRREGULAR[noun]
    return noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
