"""XML Schema files: read with all they include, compiled, or made lax (every element optional)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from lxml import etree
from lxml.etree import _Element

from reference_hub.problems import SetupError

_XS = "{http://www.w3.org/2001/XMLSchema}"
_LINKS = (f"{_XS}include", f"{_XS}redefine", f"{_XS}import")
_ELEMENT, _TYPE = f"{_XS}element", f"{_XS}complexType"
_CONTENT = (_ELEMENT, f"{_XS}attribute", f"{_XS}any", f"{_XS}group", f"{_XS}extension")
_IDENTITY = (f"{_XS}key", f"{_XS}keyref", f"{_XS}unique")


@dataclass(frozen=True, slots=True)
class Compiled:
    """A schema ready to judge; `objects` are its global elements as `{namespace}name`, `names` the
    local names of all its elements and attributes, `lists` its collections with their objects."""

    schema: etree.XMLSchema
    namespace: str
    objects: frozenset[str]
    names: frozenset[str] = frozenset()
    lists: Mapping[str, str] = field(default_factory=dict)


def compile_schema(entry: Path) -> Compiled:
    """Compile an XSD file and what it includes; SetupError with the reason when it cannot be."""
    documents = schema_files(entry)
    namespace = documents[entry].get("targetNamespace", "")
    if not namespace:
        raise SetupError(f"{entry} has no targetNamespace, so no document can be judged by it.")
    roots = documents.values()
    objects, lists = _globals(roots, namespace), dict(_lists(roots))
    return Compiled(_compile(entry), namespace, objects, _names(roots), lists)


def compile_lax(entry: Path) -> Compiled:
    """The same schema with every element optional and no keys, for partial updates."""
    with lax_copy(entry) as copy:
        return compile_schema(copy)


@contextmanager
def lax_copy(entry: Path) -> Iterator[Path]:
    """A lax copy of the schema files, gone at the end of the block."""
    documents = schema_files(entry)
    # An entry file may include what lies beside its own folder.
    top = os.path.commonpath([file.parent for file in documents])
    with TemporaryDirectory(prefix="lax-schema-") as folder:
        for file, root in documents.items():
            target = Path(folder) / file.relative_to(top)
            target.parent.mkdir(parents=True, exist_ok=True)
            _loosen(root)
            root.getroottree().write(str(target))
        yield (Path(folder) / entry.relative_to(top)).resolve()


def _loosen(root: _Element) -> None:
    for particle in root.iter(f"{_XS}element", f"{_XS}any"):
        # A global element is no particle and has no occurrence.
        if particle.getparent() is not root:
            particle.set("minOccurs", "0")
    for rule in list(root.iter(*_IDENTITY)):
        parent = rule.getparent()
        if parent is not None:
            parent.remove(rule)


def schema_files(entry: Path) -> dict[Path, _Element]:
    """The schema file and all that it includes, parsed; SetupError when one cannot be read."""
    found: dict[Path, _Element] = {}
    waiting = [entry]
    while waiting:
        file = waiting.pop()
        if file not in found and (file == entry or file.is_file()):
            found[file] = _root(file)
            waiting += _linked(file, found[file])
    return found


def _linked(file: Path, root: _Element) -> list[Path]:
    places = [link.get("schemaLocation", "") for link in root.iterchildren(*_LINKS)]
    return [(file.parent / place).resolve() for place in places if place and "://" not in place]


def _root(file: Path) -> _Element:
    try:
        root = etree.fromstring(file.read_bytes(), _parser(), base_url=str(file))
    except OSError as error:
        raise SetupError(f"The schema {file} cannot be read: {error.strerror}.") from error
    except etree.XMLSyntaxError as error:
        raise SetupError(f"The schema {file} is not well-formed XML: {error}.") from error
    if root.tag != f"{_XS}schema":
        raise SetupError(f"{file} is no XML Schema; its root is {root.tag}, not xs:schema.")
    return root


def _compile(entry: Path) -> etree.XMLSchema:
    try:
        return etree.XMLSchema(etree.parse(str(entry), _parser()))
    except etree.XMLSchemaParseError as error:
        raise SetupError(
            f"The schema {entry} does not compile: {_reason(error)} "
            "Correct the file or use a patched copy."
        ) from error


def _reason(error: etree.XMLSchemaParseError) -> str:
    for entry in error.error_log:
        # libxml2 warns of a file it cannot open before it names the include that asked for it.
        if entry.level_name != "WARNING":
            message = entry.message.replace(_XS, "xs:")
            return f"{Path(entry.filename).name}, line {entry.line}: {message}"
    return str(error)


def _globals(roots: Iterable[_Element], namespace: str) -> frozenset[str]:
    return frozenset(
        f"{{{root.get('targetNamespace', namespace)}}}{element.get('name')}"
        for root in roots
        for element in root.iterchildren(f"{_XS}element")
    )


def _names(roots: Iterable[_Element]) -> frozenset[str]:
    declared = (each for root in roots for each in root.iter(f"{_XS}element", f"{_XS}attribute"))
    return frozenset(filter(None, (each.get("name") for each in declared)))


def _lists(roots: Iterable[_Element]) -> Iterator[tuple[str, str]]:
    """Global elements that hold any number of one global element and nothing else."""
    types = {each.get("name"): each for root in roots for each in root.iterchildren(_TYPE)}
    elements = {
        each.get("name", ""): each for root in roots for each in root.iterchildren(_ELEMENT)
    }
    for name, element in elements.items():
        inline = element.find(_TYPE)
        content = types.get(_local(element.get("type"))) if inline is None else inline
        parts = [] if content is None else list(content.iter(*_CONTENT))
        member = _local(parts[0].get("ref") or parts[0].get("name")) if len(parts) == 1 else ""
        if member in elements and parts[0].get("maxOccurs") == "unbounded":
            yield name, member


def _local(name: str | None) -> str:
    return (name or "").rpartition(":")[2]


def _parser() -> etree.XMLParser:
    # Published schemas exceed libxml2's default limits, and the operator chose the file.
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
