"""Infrastructure elements as the release of their namespace knows them (Base Architecture 1.12)."""

from __future__ import annotations

from lxml import etree
from lxml.etree import _Element

from reference_hub.codec import tree
from reference_hub.codec.pod_releases import fit_contacts
from reference_hub.codec.xml import namespace_of
from reference_hub.model.infrastructure import version_of

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_XSI = {"xsi": "http://www.w3.org/2001/XMLSchema-instance"}
_CAME_WITH = (
    ("provider", "mimeTypes", (3, 1)),
    ("querySupport", "queryByExample", (3, 2)),
    ("querySupport", "changesSinceMarker", (3, 2)),
    ("xquery", "parameters", (3, 2)),
)
_PRODUCTS_ARE_TYPED = (3, 1)
_QUERY_SUPPORT_IS_RELAXED = (3, 2)
_ORIGIN_IS_OPTIONAL = (3, 2, 1)
_LEVEL_EVENT = (3, 3)


def spoken(element: _Element, namespace: str) -> _Element:
    """The element, moved to `namespace` and fitted to its release."""
    return fitted(tree.respoken(element, namespace))


def fitted(root: _Element) -> _Element:
    """`root` without what came later than the release of its namespace, changed in place.

    What an older schema demands is added: two flags of a provider, the origin of a code.
    """
    version = version_of(namespace_of(root))
    for parent, name, since in _CAME_WITH:
        if version < since:
            for holder in root.iter(f"{{*}}{parent}"):
                _remove(holder, name)
    for element in list(root.iter("{*}querySupport")):
        _fit_query_support(element, version)
    for element in list(root.iter("{*}codeItem")):
        _fit_code(element, version)
    fit_contacts(root)
    for level in root.iter("{*}level"):
        if level.text == "EVENT" and version < _LEVEL_EVENT:
            level.text = "INFO"
    return root


def _fit_query_support(support: _Element, version: tuple[int, ...]) -> None:
    if version < _QUERY_SUPPORT_IS_RELAXED:
        for place, name in enumerate(("dynamicQuery", "paged")):
            if support.find(f"{{*}}{name}") is None:
                tree.leaf(support, name, "false")
                support.insert(place, support[-1])
    product = support.find("{*}applicationProduct")
    if product is not None and version < _PRODUCTS_ARE_TYPED:
        product.text = product.findtext("{*}productName")
        del product[:]


def _fit_code(item: _Element, version: tuple[int, ...]) -> None:
    if version < _ORIGIN_IS_OPTIONAL:
        for place, name in enumerate(("source", "namespace"), start=1):
            # The hub's codes have none, and the schema wants the element.
            missing = etree.Element(f"{{{namespace_of(item)}}}{name}", {NIL: "true"}, nsmap=_XSI)
            item.insert(place, missing)


def _remove(holder: _Element, name: str) -> None:
    for child in holder.findall(f"{{*}}{name}"):
        holder.remove(child)
