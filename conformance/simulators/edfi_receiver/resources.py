"""The resources of a simulated Ed-Fi host: what a body needs, its key, what it points to, limits.

`resources.csv` holds Ed-Fi data standards 4 and 5, one row a resource. A reference is written
`name!(part+part)`; with `!` it must be there and its parts belong to the key.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

Body = dict[str, Any]
HERE = "conformance.simulators.edfi_receiver"
ORGANIZATION = "educationOrganizationId"
_REFERENCE = re.compile(r"(\w+)(!?)\(([^)]*)\)")
_LIMIT = re.compile(r"(\w+):(\d+)")
# References that must be there and are no part of the key (ODS/API).
_NOT_IN_KEY = {
    ("courseOfferings", "courseReference"),
    ("studentAssessments", "schoolYearTypeReference"),
}


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource; `references` by name: whether it must be there, and the parts of its key."""

    name: str
    required: tuple[str, ...]
    scalars: tuple[str, ...]
    references: Mapping[str, tuple[bool, tuple[str, ...]]]
    limits: Mapping[str, int]

    def identity(self, body: Body) -> Body:
        """The natural key of a body, by the names of its parts."""
        found = {name: body.get(name) for name in self.scalars}
        for name, (required, parts) in self.references.items():
            if required and (self.name, name) not in _NOT_IN_KEY:
                held = body.get(name)
                held = held if isinstance(held, dict) else {}
                found |= {part: held.get(part) for part in parts}
        return found


@cache
def of_standard(standard: str) -> Mapping[str, Resource]:
    """All resources of data standard `4` or `5`, by name."""
    text = resources.files(HERE).joinpath("resources.csv").read_text("utf-8")
    return {
        row["resource"]: Resource(
            row["resource"],
            tuple(row["required"].split()),
            tuple(row["key"].split()),
            {
                name: (bool(must), tuple(parts.split("+")))
                for name, must, parts in _REFERENCE.findall(row["points_to"])
            },
            {name: int(limit) for name, limit in _LIMIT.findall(row["longest"])},
        )
        for row in csv.DictReader(io.StringIO(text))
        if row["standard"] == standard
    }


@cache
def kinds() -> Mapping[str, Mapping[str, str]]:
    """The kind of each member by resource: text, date, flag, whole, decimal, code, list..."""
    told = tomllib.loads(resources.files(HERE).joinpath("members.toml").read_text("utf-8"))
    return {
        name: {member: kind for kind, members in table.items() for member in members}
        for name, table in told.items()
    }


def singular(name: str) -> str:
    """The noun of a resource."""
    return name[:-3] + "y" if name.endswith("ies") else name[:-1]


def references(body: object, name: str = "") -> Iterator[tuple[str, Body]]:
    """Each reference of a body, also inside lists, with its parts."""
    if isinstance(body, dict):
        if name.endswith("Reference"):
            yield name, body
        for member, value in body.items():
            yield from references(value, member)
    elif isinstance(body, list):
        for value in body:
            yield from references(value)


def leaves(body: object, path: str = "$", member: str = "") -> Iterator[tuple[str, str, Any]]:
    """Each value with its place and the name of its member."""
    if isinstance(body, dict):
        for name, value in body.items():
            yield from leaves(value, f"{path}.{name}", name)
    elif isinstance(body, list):
        for value in body:
            yield from leaves(value, path, member)
    else:
        yield path, member, body


def folded(parts: Mapping[str, object]) -> frozenset[tuple[str, str]]:
    """A key to compare by; letters count without their case."""
    return frozenset((name, str(value).lower()) for name, value in parts.items())
