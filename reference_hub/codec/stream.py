"""A district's export as a stream of objects: constant memory whatever the size of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

from lxml import etree
from lxml.etree import _Element

from reference_hub.codec.lines import line_of
from reference_hub.codec.prolog import CHUNK, name_root, root_start
from reference_hub.codec.verdict import Problem
from reference_hub.codec.xml import MalformedDocument, refid_of

# libxml2 quotes the document in its messages, so each kind of fault has words of our own.
_FAULTS = {
    "ERR_UNDECLARED_ENTITY": "an entity that XML does not define; write &amp; for an ampersand",
    "ERR_NAME_REQUIRED": "a bare & or <, or a name missing; write &amp; and &lt;",
    "ERR_ENTITYREF_SEMICOL_MISSING": "an ampersand that begins no entity; write &amp;",
    "ERR_TAG_NAME_MISMATCH": "an end tag that closes another element than the open one",
    "ERR_TAG_NOT_FINISHED": "the file ends before its elements are closed",
    "ERR_DOCUMENT_END": "something follows the end of the document",
    "ERR_INVALID_CHAR": "a character that XML does not allow",
    "ERR_INVALID_ENCODING": "bytes that are not UTF-8; export UTF-8",
    "ERR_ATTRIBUTE_NOT_STARTED": "an attribute value without quotes",
    "ERR_LT_IN_ATTRIBUTE": "a < within an attribute value; write &lt;",
    "ERR_ATTRIBUTE_REDEFINED": "an attribute given twice",
    "ERR_RESOURCE_LIMIT": "a text above 10 MB or elements nested more than 256 deep",
    "NS_ERR_UNDEFINED_NAMESPACE": "a prefix that no xmlns attribute declares",
}


@dataclass(frozen=True, slots=True)
class Source:
    """What the head of a file tells. `start`: bytes before its root. `supplied`: the namespace to
    write into it. `root` and `member`: `{namespace}name`; no member when the file is one object."""

    path: Path
    start: int
    supplied: str = ""
    root: str = ""
    member: str = ""

    @property
    def namespace(self) -> str:
        """Namespace of the document, '' when it has none."""
        return self.root[1:].partition("}")[0] if self.root.startswith("{") else ""


@dataclass(frozen=True, slots=True)
class Member:
    """One object of the stream, alive until the next one is asked for.

    `path` is like `/xStudents/xStudent[3]`, `steps` the positions that lead to it from the root.
    `collection`: this is the collection itself, emptied, after its last object.
    """

    element: _Element
    path: str
    steps: tuple[int, ...] = ()
    collection: bool = False


class Spliced:
    """The bytes of a source, with the supplied namespace written into the root tag."""

    def __init__(self, source: Source) -> None:
        """Open the file; use as a context."""
        self._file: BinaryIO = source.path.open("rb")
        self._start = source.start
        self._supplied = source.supplied

    def __enter__(self) -> Spliced:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def chunks(self) -> Iterator[bytes]:
        """The document piece by piece; line numbers are those of the file."""
        yield self._file.read(self._start)
        yield name_root(self._file.read(CHUNK), self._supplied)
        while chunk := self._file.read(CHUNK):
            yield chunk


def look(path: Path, namespace: str = "") -> Source:
    """Read the head of a file. `namespace` is supplied to a document that names none.

    Raises NotXml, MalformedDocument, or OSError when the file cannot be read.
    """
    with path.open("rb") as file:
        source = Source(path, root_start(path, file))
    root, inner, keyed = _top(source)
    if namespace and not root.startswith("{"):
        source = Source(path, source.start, namespace)
        root, inner, keyed = _top(source)
    member = inner if f"{inner}s" == root else ""
    # An empty collection; a single object without children has an id.
    if not inner and root.endswith("s"):
        member = root.removesuffix("s")
    return Source(path, source.start, source.supplied, root, "" if keyed else member)


def read(source: Source, on_bytes: Callable[[int], None]) -> Iterator[Member | Problem]:
    """The objects in document order, then the collection; a Problem for what is no object.

    `on_bytes` is told of progress. Raises MalformedDocument where the document stops being
    well-formed UTF-8 XML.
    """
    parser = _parser("end", source.member or source.root)
    with Spliced(source) as file:
        ended = _events(file, parser, on_bytes)
        if source.member:
            yield from _collection(source, parser, ended)
        else:
            yield from _single(source, parser, ended)


def _events(
    file: Spliced, parser: etree.XMLPullParser, on_bytes: Callable[[int], None]
) -> Iterator[_Element]:
    for chunk in file.chunks():
        _feed(parser, chunk)
        on_bytes(len(chunk))
        events: Any = parser.read_events()
        yield from (element for _, element in events)


def _feed(parser: etree.XMLPullParser, chunk: bytes) -> None:
    try:
        parser.feed(chunk)
    except etree.XMLSyntaxError as error:
        raise _malformed(parser, error) from None
    # After some fatal errors lxml goes on in silence and starts anew with the next chunk.
    if any(entry.level_name == "FATAL" for entry in parser.feed_error_log):
        raise _malformed(parser, None)


def _close(parser: etree.XMLPullParser) -> _Element:
    try:
        root: _Element = parser.close()
    except etree.XMLSyntaxError as error:
        raise _malformed(parser, error) from None
    return root


def _malformed(
    parser: etree.XMLPullParser, error: etree.XMLSyntaxError | None
) -> MalformedDocument:
    for entry in parser.feed_error_log:
        if entry.level_name in ("FATAL", "ERROR"):
            kind = entry.type_name.removeprefix("ERR_").replace("_", " ").lower()
            return MalformedDocument(entry.line, _FAULTS.get(entry.type_name, kind))
    return MalformedDocument((error.lineno if error else 0) or 0, "it is not well-formed")


@dataclass(slots=True)
class _Run:
    """Where in a collection the stream is."""

    path: str
    member: str
    members: int = 0
    strangers: int = 0

    def sweep(self, root: _Element, until: _Element | None) -> Iterator[Problem]:
        """Drop the children before `until`; report those that are no objects, and loose text."""
        if root.text and root.text.strip():
            yield Problem(line_of(root), self.path, "objects only; found text between them")
        # Only the newest child stays in the tree; that is what keeps the memory constant.
        root.text = None
        for child in list(root):
            if child is until:
                return
            yield from self._leftover(child)
            root.remove(child)

    def _leftover(self, child: _Element) -> Iterator[Problem]:
        line, steps = line_of(child), (self.members + self.strangers,)
        if isinstance(child.tag, str) and child.tag != self.member:
            # Which names a schema declares is not known here, so this one is not told.
            wanted = f"{self.member.rpartition('}')[2]} here; found another element"
            yield Problem(line, f"{self.path}/*", wanted, steps)
            self.strangers += 1
        if child.tail and child.tail.strip():
            yield Problem(line, self.path, "objects only; found text between them")
            child.tail = None


def _single(
    source: Source, parser: etree.XMLPullParser, ended: Iterator[_Element]
) -> Iterator[Member]:
    name = source.root.rpartition("}")[2]
    yield from (Member(node, f"/{name}") for node in ended if node.getparent() is None)
    # The push parser keeps some faults, such as a bare ampersand, to itself until the end.
    _close(parser)


def _collection(
    source: Source, parser: etree.XMLPullParser, ended: Iterator[_Element]
) -> Iterator[Member | Problem]:
    run = _Run(f"/{source.root.rpartition('}')[2]}", source.member)
    name = source.member.rpartition("}")[2]
    for element in ended:
        # The same name deeper down is part of an object: xContact in the contacts of a student.
        parent = element.getparent()
        if parent is None or parent.getparent() is not None:
            continue
        yield from run.sweep(parent, element)
        path = f"{run.path}/{name}[{run.members + 1}]"
        yield Member(element, path, (run.members + run.strangers,))
        run.members += 1
        # The parser may still be appending to the tail: lxml must not replace that text.
        element.clear(keep_tail=True)  # type: ignore[call-arg]  # missing in the stubs
    root = _close(parser)
    yield from run.sweep(root, None)
    yield Member(root, run.path, collection=True)


def _top(source: Source) -> tuple[str, str, bool]:
    # Names of the root and of its first child, and whether the root has an id.
    parser = _parser("start")
    seen: list[_Element] = []
    with Spliced(source) as file:
        for element in _events(file, parser, lambda _: None):
            seen.append(element)
            if len(seen) > 1:
                break
    seen = seen or [_close(parser)]
    return str(seen[0].tag), "".join(str(node.tag) for node in seen[1:]), bool(refid_of(seen[0]))


def _parser(event: Literal["start", "end"], tag: str | None = None) -> etree.XMLPullParser:
    return etree.XMLPullParser(
        (event,),
        tag=tag,
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        strip_cdata=False,
    )
