"""Compiles the XSLT sheets and applies them: SIF documents in, facts of a target out.

Two steps: `from_xpress.xsl` or `from_unity.xsl` makes one record of all documents, in words of our
own; `to_*.xsl` writes that record in the words of a target. Both look code words up in a table
that lies beside the documents, so the sheets need one function from outside: uuid5.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from lxml import etree

from conformance import trees
from conformance.crosswalk import codes
from conformance.crosswalk.facts import Fact, family, folded, key_of

# Targets and the parameters of their sheet.
TARGETS: Mapping[str, Mapping[str, str]] = {
    "oneroster-1.2": {"version": "1.2"},
    "oneroster-1.1": {"version": "1.1"},
    "edfi-5": {},
    "clever": {},
}
MINT = "urn:crosswalk:mint"
# The name space of ids for what has no RefId; that of the generated OneRoster files.
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "mint.oneroster.example")


def expected(
    target: str,
    sif_documents: Iterable[bytes | etree._Element],
    on: date | None = None,
    extensions: Iterable[str] = (),
    organizations: Mapping[str, str] | None = None,
) -> tuple[Fact, ...]:
    """Give the facts that a target must hold after these SIF documents.

    `target` is one of TARGETS. A document is an object or a collection of them, xPress of NA 3.3 or
    Unity 4.x or classic Unity objects, as bytes or tree; the two models may not be mixed. `on` is
    the day that tells what is current, today by default; `extensions` are the `ext:` words that a
    OneRoster 1.2 receiver declared. `organizations` gives the numbers that Ed-Fi has for districts
    and schools, by RefId; else the state's code counts. Raises KeyError for another target.
    """
    options = {
        **TARGETS[target],
        "on": (on or date.today()).isoformat(),  # noqa: DTZ011 - a calendar day, as SIF has it
        "extensions": " ".join(extensions),
    }
    made = record(sif_documents)
    for refid, number in (organizations or {}).items():
        etree.SubElement(made, "organization", {"id": folded(refid), "number": number})
    found = applied(f"to_{family(target)}", made, options)
    return tuple(_facts(target, found))


def record(sif_documents: Iterable[bytes | etree._Element]) -> etree._Element:
    """Make one record of all documents, the code words beside it."""
    root = etree.Element("documents")
    for document in sif_documents:
        tree = trees.parse(document) if isinstance(document, bytes) else document
        root.append(bare(tree))
    classic = root.xpath("boolean(//*[@RefId])")
    root.append(etree.fromstring(codes.table()))
    made = applied("from_unity" if classic else "from_xpress", root, {})
    made.append(etree.fromstring(codes.table()))
    return made


def bare(tree: etree._Element) -> etree._Element:
    """Copy a tree without name spaces, comments and members that are nil."""
    copy = etree.Element(trees.local(tree))
    for name, text in tree.attrib.items():
        copy.set(name, text)
    # What stands after a comment or a member belongs to the text of a mixed element as well.
    copy.text = (tree.text or "") + "".join(child.tail or "" for child in tree)
    for child in tree:
        if isinstance(child.tag, str) and child.get(f"{{{trees.XSI}}}nil") not in ("true", "1"):
            copy.append(bare(child))
    return copy


def applied(sheet: str, document: etree._Element, options: Mapping[str, str]) -> etree._Element:
    """Apply a sheet by its name; the document becomes a tree of its own."""
    given: dict[str, Any] = {name: etree.XSLT.strparam(text) for name, text in options.items()}
    root: etree._Element = compiled(sheet)(etree.ElementTree(document), **given).getroot()
    return root


@cache
def compiled(sheet: str) -> etree.XSLT:
    """Compile a sheet once."""
    source = etree.parse(str(files(__package__) / f"{sheet}.xsl"))
    return etree.XSLT(source, extensions={(MINT, "mint"): _mint})


def _mint(_context: object, *parts: str) -> str:
    return str(uuid.uuid5(NAMESPACE, "\n".join(parts)))


def _facts(target: str, found: etree._Element) -> Iterator[Fact]:
    for row in found:
        file = row.get("file", "")
        cells = [(cell, cell.text) for cell in row if cell.text]
        key = key_of(target, file, ((one.get("p", ""), text) for one, text in cells))
        for cell, text in cells:
            also = tuple(dict.fromkeys(each.text or "" for each in cell))
            others = tuple(other for other in also if other != text)
            yield Fact(file, key, cell.get("p", ""), text, cell.get("x", ""), others)
