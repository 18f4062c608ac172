"""The order of child elements and which of them repeat, read from a schema.

Partial updates need it to put a new element where the sequence wants it. Objects without a schema
at hand have no shape; the order of the update then serves as a hint.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from lxml import etree
from lxml.etree import _Element

from fixtures import standards

_XS = "{http://www.w3.org/2001/XMLSchema}"
_TEXTS = frozenset(("xs:string", "xs:normalizedString", "xs:token"))


@dataclass(frozen=True, slots=True)
class Part:
    """A child element: `place` in the sequence, whether it repeats, the name of its type, whether
    the sequence demands it."""

    place: int
    many: bool
    type: str
    demanded: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """The children of one element by name; empty where nothing is known."""

    parts: Mapping[str, Part] = field(default_factory=dict)
    types: Mapping[str, Mapping[str, Part]] = field(default_factory=dict)

    def below(self, name: str) -> Shape:
        """The shape of a child."""
        part = self.parts.get(name)
        return Shape(self.types.get(part.type, {}), self.types) if part else Shape()

    def many(self, name: str) -> bool:
        """Whether the child repeats, as far as known."""
        part = self.parts.get(name)
        return part is not None and part.many

    def demanded_empty(self) -> tuple[str, ...]:
        """Children that must be there and may be empty: texts, and what demands nothing inside."""
        return tuple(
            name
            for name, part in self.parts.items()
            if part.demanded and (part.type in _TEXTS or self._demands_nothing(part.type))
        )

    def _demands_nothing(self, type_name: str) -> bool:
        inside = self.types.get(type_name, {}).values()
        return bool(inside) and not any(part.demanded for part in inside)

    def place(self, name: str) -> int | None:
        """Where the child stands in the sequence; None when not known."""
        part = self.parts.get(name)
        return part.place if part else None


def shape_of(namespace: str, object_type: str) -> Shape:
    """The shape of an object, by the first model of the kit that has it."""
    for model in standards.MODELS.values():
        if model.namespace == namespace and object_type in model.objects:
            roots, types = _read(model.id)
            return Shape(types.get(roots[object_type], {}), types)
    return Shape()


@cache
def _read(model_id: str) -> tuple[Mapping[str, str], Mapping[str, Mapping[str, Part]]]:
    schema = etree.fromstring(standards.schema_path(model_id).read_bytes())
    groups = {group.get("name", ""): group for group in schema.findall(f"{_XS}group")}
    roots = {each.get("name", ""): each.get("type", "") for each in schema.findall(f"{_XS}element")}
    types = {
        each.get("name", ""): _parts(each, groups) for each in schema.findall(f"{_XS}complexType")
    }
    return roots, types


def _parts(definition: _Element, groups: Mapping[str, _Element]) -> Mapping[str, Part]:
    return {
        name: Part(place, many, kind, demanded)
        for place, (name, many, kind, demanded) in enumerate(_sequence(definition, groups))
    }


def _sequence(
    definition: _Element, groups: Mapping[str, _Element]
) -> Iterator[tuple[str, bool, str, bool]]:
    for particle in definition.iter(f"{_XS}element", f"{_XS}group"):
        if particle.tag == f"{_XS}element":
            many = particle.get("maxOccurs", "1") != "1"
            name = particle.get("name", "") or particle.get("ref", "")
            yield name, many, particle.get("type", ""), particle.get("minOccurs") != "0"
        elif particle.get("ref"):
            yield from _sequence(groups[particle.get("ref", "")], groups)
