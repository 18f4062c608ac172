"""Shapes read from the files of an XML Schema, each type when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from lxml.etree import _Element

from reference_hub.codec.pesc_shape import BOOLEAN, LIST, NUMBER, TEXT, UNKNOWN, Form, Part, Shapes
from reference_hub.codec.xsd import schema_files

_SPACE = "http://www.w3.org/2001/XMLSchema"
_XS = f"{{{_SPACE}}}"
_BUILTIN = "xs:"
_NUMBERS = frozenset(
    (
        *("decimal", "float", "double", "integer", "long", "int", "short", "byte"),
        *("unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
        *("positiveInteger", "negativeInteger", "nonNegativeInteger", "nonPositiveInteger"),
    )
)
_LISTS = frozenset(("NMTOKENS", "IDREFS", "ENTITIES"))
_PARTICLES = tuple(f"{_XS}{name}" for name in ("sequence", "choice", "all", "element", "group"))
_NAMED = ("complexType", "simpleType", "element", "attribute", "group", "attributeGroup")
_TYPES = ("complexType", "simpleType")
_DERIVED = (f"{_XS}extension", f"{_XS}restriction")


def shapes_of(entry: Path) -> Shapes:
    """The shapes of the schema that starts in this file. Raises SetupError when unreadable."""
    source = _Source(entry)
    roots = {name: source.type_of(each) for name, each in source.named["element"].items()}
    return Shapes(roots, cache(source.form))


class _Source:
    """The named parts of a schema, and its types without a name under keys of their own."""

    def __init__(self, entry: Path) -> None:
        self.named: dict[str, dict[str, _Element]] = {kind: {} for kind in _NAMED}
        self._nameless: dict[str, _Element] = {}
        for root in schema_files(entry).values():
            for kind in _NAMED:
                for each in root.iterchildren(f"{_XS}{kind}"):
                    self.named[kind].setdefault(each.get("name", ""), each)

    def type_of(self, declared: _Element) -> str:
        """The key of the type of an element or attribute."""
        if declared.get("type"):
            return _key(declared, "type")
        for definition in declared.iterchildren(*(f"{_XS}{kind}" for kind in _TYPES)):
            tree = declared.getroottree()
            key = f"#{tree.docinfo.URL}{tree.getpath(definition)}"
            self._nameless[key] = definition
            return key
        return f"{_BUILTIN}anyType"

    def form(self, key: str) -> Form:
        """The form of a type."""
        definition = self._definition(key)
        if definition is None:
            kind = _builtin(key)
            return Form(kind) if kind else UNKNOWN
        if definition.tag == f"{_XS}simpleType":
            return Form(self._kind(key))
        for content in definition.iterchildren(f"{_XS}simpleContent", f"{_XS}complexContent"):
            for derived in content.iterchildren(*_DERIVED):
                return self._derived(content, derived)
        text = TEXT if definition.get("mixed") == "true" else ""
        return Form(text, dict(self._attributes(definition)), self._parts(definition))

    def _derived(self, content: _Element, derived: _Element) -> Form:
        inherited = self.form(_key(derived, "base"))
        own = self._parts(derived)
        attributes = {**inherited.attributes, **dict(self._attributes(derived))}
        extends = derived.tag == f"{_XS}extension"
        text = TEXT if content.get("mixed") == "true" else inherited.text
        return Form(text, attributes, {**inherited.parts, **own} if extends else own)

    def _definition(self, key: str) -> _Element | None:
        if key in self._nameless:
            return self._nameless[key]
        found = (self.named[kind].get(key) for kind in _TYPES)
        return next((each for each in found if each is not None), None)

    def _kind(self, key: str) -> str:
        definition = self._definition(key)
        if definition is None:
            return _builtin(key)
        if definition.tag == f"{_XS}complexType":
            return self.form(key).text or TEXT
        for way in definition.iterchildren(f"{_XS}restriction", f"{_XS}list"):
            if way.tag == f"{_XS}list":
                return self._kind(self._one_of(way, "itemType")).removesuffix(LIST) + LIST
            return self._kind(self._one_of(way, "base"))
        # A union: whether a value is a number would hang on the value.
        return TEXT

    def _one_of(self, way: _Element, name: str) -> str:
        return _key(way, name) if way.get(name) else self.type_of(way)

    def _attributes(self, holder: _Element) -> Iterator[tuple[str, str]]:
        for each in holder.iterchildren(f"{_XS}attribute", f"{_XS}attributeGroup"):
            name = _key(each, "ref") or each.get("name", "")
            if each.get("ref", "").startswith("xml:"):
                yield each.get("ref", ""), TEXT
            elif each.tag == f"{_XS}attributeGroup":
                yield from self._attributes(self.named["attributeGroup"].get(name, each))
            elif each.get("use") != "prohibited":
                declared = self.named["attribute"].get(name, each) if each.get("ref") else each
                yield name, self._kind(self.type_of(declared)) or TEXT

    def _parts(self, holder: _Element) -> Mapping[str, Part]:
        found: dict[str, Part] = {}
        for name, part in self._particles(holder, many=False):
            first = found.get(name, part)
            found[name] = Part(first.many or part.many, first.form)
        return found

    def _particles(self, holder: _Element, *, many: bool) -> Iterator[tuple[str, Part]]:
        for each in holder.iterchildren(*_PARTICLES):
            repeats = many or each.get("maxOccurs", "1") not in ("0", "1")
            name = _key(each, "ref") or each.get("name", "")
            if each.tag == f"{_XS}element":
                declared = self.named["element"].get(name, each) if each.get("ref") else each
                yield name, Part(repeats, self.type_of(declared))
            elif each.tag == f"{_XS}group":
                yield from self._particles(self.named["group"].get(name, each), many=repeats)
            else:
                yield from self._particles(each, many=repeats)


def _key(holder: _Element, name: str) -> str:
    prefix, _, local = holder.get(name, "").rpartition(":")
    # The stubs know prefixes as text only; None is the default namespace.
    space = holder.nsmap.get(prefix or None)  # type: ignore[arg-type, unused-ignore]
    return f"{_BUILTIN}{local}" if space == _SPACE else local


def _builtin(key: str) -> str:
    name = key.removeprefix(_BUILTIN)
    if name in _NUMBERS:
        return NUMBER
    if name in _LISTS:
        return TEXT + LIST
    if name == "anyType" or name == key:
        return ""
    return BOOLEAN if name == "boolean" else TEXT
