"""XML in and out: a hardened parser, a builder for infrastructure elements, the namespaces."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from conformance.simulators.problems import Refusal

INF = "http://www.sifassociation.org/infrastructure/3.3"
NA4 = "http://www.sifassociation.org/datamodel/na/4.x"
_DEFAULT: Any = {None: INF}  # the stubs of lxml know no default namespace
_ANY_INFRASTRUCTURE = re.compile(r"http://(www\.)?sifassociation\.org/infrastructure/3(\.\d+){1,2}")
_DOCTYPE = re.compile(rb"(?:\xef\xbb\xbf)?(?>\s+|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE", re.DOTALL)
_DECLARED = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([^\"']*)[\"']")


def refuse_doctype(body: bytes) -> None:
    """Refuse a document type: it is the door for entity attacks and SIF has no use for one."""
    # Bytes suffice: anything that is not UTF-8 has been refused before. Behind the first element
    # the words are text, or no well-formed XML.
    if _DOCTYPE.match(body):
        raise Refusal(400, "The body holds a document type declaration; send plain XML.")


def refuse_other_charsets(body: bytes) -> None:
    """Refuse what is not UTF-8 or says it is not."""
    declared = _DECLARED.match(body.removeprefix(b"\xef\xbb\xbf"))
    if declared and declared[1].lower() not in (b"utf-8", b"us-ascii"):
        raise Refusal(400, "The XML declaration names another encoding than UTF-8.")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal(400, "The body is not UTF-8.") from error
    # UTF-16 and UTF-32 of plain letters are UTF-8 with zeros in between, which XML has not.
    if "\0" in text:
        raise Refusal(400, "The body holds zero bytes, which are no UTF-8 text.")


def parse(body: bytes) -> etree._Element:
    """Parse without comments, instructions, entities or network; Refusal(400) if malformed."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Refusal(400, "The body is not well-formed XML.") from error


def node(tag: str, *content: etree._Element | str, **attributes: str) -> etree._Element:
    """Build an element of the infrastructure namespace from text or children."""
    element = etree.Element(f"{{{INF}}}{tag}", attributes, nsmap=_DEFAULT)
    for part in content:
        if isinstance(part, str):
            element.text = part
        else:
            element.append(part)
    return element


def is_infrastructure(element: etree._Element, name: str) -> bool:
    """Whether this is the named element in the namespace of any infrastructure 3.x."""
    qname = etree.QName(element)
    return qname.localname == name and bool(_ANY_INFRASTRUCTURE.fullmatch(qname.namespace or ""))


def child_text(element: etree._Element, *path: str) -> str:
    """Text of a descendant in the element's own namespace; empty when absent or empty."""
    namespace = etree.QName(element).namespace
    steps = "/".join(f"{{{namespace}}}{step}" if namespace else step for step in path)
    return " ".join((element.findtext(steps) or "").split())


def serialise(element: etree._Element) -> bytes:
    """UTF-8 bytes with an XML declaration."""
    return etree.tostring(element, encoding="UTF-8", xml_declaration=True, with_tail=False)
