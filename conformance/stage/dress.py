"""The same document in another spelling: prefixes, comments, what a reader does not know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lxml import etree

from conformance import trees
from conformance.stage.calls import DATA, ENVIRONMENT, QUEUE

STRANGE = "urn:example:another-product"


@dataclass(frozen=True, slots=True)
class Dress:
    """A way to write a body, and the `kinds` of answers that are written so."""

    write: Callable[[etree._Element], bytes]
    kinds: tuple[str, ...] = (ENVIRONMENT, DATA, QUEUE)

    def put_on(self, body: bytes) -> bytes:
        """The body, written so."""
        return self.write(trees.parse(body))


def _prefixed(root: etree._Element) -> bytes:
    space = {"of-hub": trees.namespace(root)}
    made = etree.Element(root.tag, attrib=_attributes(root), nsmap=space)
    _copied(root, made)
    return trees.tostring(made)


def _attributes(element: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.items()}


def _copied(there: etree._Element, made: etree._Element) -> None:
    made.text = there.text
    for child in there:
        _copied(child, etree.SubElement(made, child.tag, attrib=_attributes(child)))


def _commented(root: etree._Element) -> bytes:
    for one in list(root.iter()):
        if len(one):
            one.insert(0, etree.Comment(" a remark "))
            one.insert(1, etree.ProcessingInstruction("print", "here"))
    etree.indent(root, space="\t")
    body = etree.tostring(root, encoding="UTF-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\r\n<!-- a remark -->\r\n' + body + b"\r\n"


def _extended(root: etree._Element) -> bytes:
    """At the root only: a strict reader may drop what it does not know, not the rest."""
    space: Any = {"another": STRANGE}
    more = etree.SubElement(root, f"{{{STRANGE}}}hint", nsmap=space)
    more.text = "not for you"
    root.set(f"{{{STRANGE}}}mood", "fine")
    return trees.tostring(root)


def _quoted(root: etree._Element) -> bytes:
    for one in root.iter():
        if len(one) == 0 and one.text and one.text.strip():
            one.text = etree.CDATA(one.text)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=False)


def _older(root: etree._Element) -> bytes:
    body = trees.tostring(root)
    older = b"http://sifassociation.org/infrastructure/3.2.1"
    return body.replace(trees.INF.encode(), older)


PREFIXES = Dress(_prefixed)
COMMENTS = Dress(_commented)
EXTENSIONS = Dress(_extended, (ENVIRONMENT,))
QUOTES = Dress(_quoted)
OLDER = Dress(_older, (ENVIRONMENT, QUEUE))
