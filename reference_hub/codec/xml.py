"""Hardened XML: bytes to trees and back, and the few facts the hub reads off any SIF object.

HubError
└── MalformedDocument    not a document the hub accepts: line and kind of fault, never content
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree
from lxml.etree import _Element

from reference_hub.problems import HubError

_BOM = b"\xef\xbb\xbf"
_DECLARED = re.compile(rb"<\?xml\s[^>]*?encoding\s*=\s*[\"']([^\"']*)[\"']")
# lxml parses a DOCTYPE even with resolve_entities off, so it is refused before libxml2 sees it.
_DOCTYPE = re.compile(rb"(?>\s+|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE", re.DOTALL)


@dataclass(eq=False)
class MalformedDocument(HubError):
    """`line` counts from 1 (0: the whole document); `reason` names the fault without content."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.reason}" if self.line else self.reason


def parse(body: bytes, *, keep_comments: bool = True) -> _Element:
    """Root element of a UTF-8 document.

    Raises MalformedDocument for a DOCTYPE, another encoding than UTF-8, or ill-formed XML.
    """
    _refuse_foreign_encoding(body)
    if _DOCTYPE.match(body.removeprefix(_BOM)):
        raise MalformedDocument(1, "a DOCTYPE is not accepted; leave it out")
    try:
        return etree.fromstring(body, _parser(keep_comments))
    except etree.XMLSyntaxError as error:
        raise MalformedDocument(error.lineno or 0, _kind(error)) from None


def read(body: bytes) -> _Element:
    """Root element without comments and processing instructions: `.text` is the whole text."""
    return parse(body, keep_comments=False)


def tostring(element: _Element) -> bytes:
    """UTF-8 bytes of the element with the namespaces it needs; no declaration, no tail."""
    return etree.tostring(element, encoding="utf-8", xml_declaration=False, with_tail=False)


def fold(refid: str) -> str:
    """The form in which ids are compared and stored: no hyphens, lower case."""
    return refid.strip().replace("-", "").lower()


def key_in(element: _Element) -> str:
    """Name of the attribute that holds the object's id; '' when there is none.

    The Australian model calls a few keys after their object, as in StudentContactRelationshipRefId.
    """
    names = ("refId", "RefId", f"{local_name(element)}RefId")
    return next((name for name in names if element.get(name)), "")


def refid_of(element: _Element) -> str:
    """The object's id as written; '' when there is none."""
    key = key_in(element)
    return element.get(key, "").strip() if key else ""


def local_name(element: _Element) -> str:
    """The element's name without namespace."""
    return str(element.tag).rpartition("}")[2]


def namespace_of(element: _Element) -> str:
    """The element's namespace; '' when it has none."""
    return str(element.tag).rpartition("}")[0].removeprefix("{")


def first_namespace(joined: bytes) -> str:
    """Namespace of the first of several elements that stand one after the other, '' when none.

    Only the first start tag is parsed.
    """
    end = joined.find(b">")
    while end >= 0:
        try:
            return namespace_of(parse(joined[:end].removesuffix(b"/") + b"/>"))
        except MalformedDocument:
            # A value may hold the sign that ends a tag.
            end = joined.find(b">", end + 1)
    return ""


def children(element: _Element) -> list[_Element]:
    """Child elements without comments and processing instructions."""
    return [child for child in element if isinstance(child.tag, str)]


def members(root: _Element) -> tuple[str, list[_Element], bool]:
    """Object type, objects, whether the root is their collection (`xStudents` of `xStudent`)."""
    name, inner = local_name(root), children(root)
    if inner and all(local_name(child) + "s" == name for child in inner):
        return local_name(inner[0]), inner, True
    if not inner and name.endswith("s") and not refid_of(root):
        return name.removesuffix("s"), [], True
    return name, [root], False


def _parser(keep_comments: bool) -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=not keep_comments,
        remove_pis=not keep_comments,
        strip_cdata=not keep_comments,
    )


def _refuse_foreign_encoding(body: bytes) -> None:
    declared = _DECLARED.match(body.removeprefix(_BOM))
    if declared and declared.group(1).lower() not in (b"utf-8", b"utf8"):
        raise MalformedDocument(1, "the declared encoding is not UTF-8; send UTF-8")
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise MalformedDocument(line, "a byte sequence is not UTF-8; send UTF-8") from None


def _kind(error: etree.XMLSyntaxError) -> str:
    # libxml2 quotes the document in its messages, so only the class of the error is told.
    last = getattr(error.error_log, "last_error", None)
    name = str(last.type_name) if last is not None else ""
    words = name.removeprefix("ERR_").replace("_", " ").lower()
    return f"not well-formed XML ({words})" if words else "not well-formed XML"
