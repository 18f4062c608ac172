"""The resources of Ed-Fi by the published sheet: required members, keys, references, limits."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

_REFERENCE = re.compile(r"(\w+)(!?)\(([^)]*)\)")
_LIMIT = re.compile(r"(\w+)<=(\d+)")
# References that must be there and are no part of the key (ODS/API).
_NOT_IN_KEY = {
    ("courseOfferings", "courseReference"),
    ("studentAssessments", "schoolYearTypeReference"),
}


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of one version; `references` by name: whether required, and the key parts."""

    name: str
    required: tuple[str, ...]
    scalars: tuple[str, ...]
    references: dict[str, tuple[bool, tuple[str, ...]]]
    limits: dict[str, int]

    def identity(self, body: dict[str, Any]) -> dict[str, Any]:
        """The natural key in a body, by the names of its parts."""
        found = {name: body.get(name) for name in self.scalars}
        for name, (required, parts) in self.references.items():
            if required and (self.name, name) not in _NOT_IN_KEY:
                found |= {part: body.get(name, {}).get(part) for part in parts}
        return found


def resources(standards: Path, version: str) -> dict[str, Resource]:
    """All resources that a version has."""
    text = (standards / "spec/edfi_resources.csv").read_text(encoding="utf-8")
    rows = (list(row.values()) for row in csv.DictReader(text.splitlines()))
    return {
        name: Resource(
            name,
            tuple(required.split()),
            tuple(scalars.split()),
            {
                found: (bool(must), tuple(parts.split("+")))
                for found, must, parts in _REFERENCE.findall(references)
            },
            {member: int(limit) for member, limit in _LIMIT.findall(limits)},
        )
        for name, standard, present, required, scalars, references, limits in rows
        if (standard, present) == (version, "yes")
    }


def descriptors(standards: Path) -> set[str]:
    """The published default values, as URIs."""
    found = set()
    for path in sorted((standards / "samples/edfi/descriptors").glob("*.xml")):
        for one in etree.parse(path).getroot():
            found.add(f"{one.findtext('{*}Namespace')}#{one.findtext('{*}CodeValue')}")
    return found
