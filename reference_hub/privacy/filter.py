"""Prune an object to what a POD lets a vendor have; what is not granted is never copied.

A grant is an absolute path from the object's name, without prefixes or predicates, attributes with
`@`; it covers the subtree below. Containers for extensions and metadata are as sensitive as the
object around them, so they pass only when a path names them. Where what is left would lack a part
that the data model demands, the nearest optional element around it goes; without one the object
does.

Only in a container may a foreign namespace pass. Elsewhere elements and attributes must be the data
model's, of XML Schema's instance attributes only nil and type are kept, and no prefix that is not
used.
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree
from lxml.etree import _Element

from reference_hub.codec.xml import local_name, namespace_of, read, tostring
from reference_hub.model.pod import HASH
from reference_hub.privacy import forms, rows
from reference_hub.privacy.conditions import Treatment
from reference_hub.privacy.exclusion import without
from reference_hub.privacy.grants import Grants as Grants
from reference_hub.privacy.grants import compiled as compiled
from reference_hub.privacy.places import CONTAINERS as CONTAINERS
from reference_hub.privacy.places import NOWHERE, Place
from reference_hub.privacy.pseudonyms import translate
from reference_hub.privacy.references import Value, person_in

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_NIL, _TYPE = f"{_XSI}nil", f"{_XSI}type"

_KEYS = ("refId", "RefId")

# What must not stand in bytes that pass unread: prefixes, comments and the like, containers.
_DOUBTFUL = (b"xmlns:", b"<!", b"<?", *(name.encode() for name in sorted(CONTAINERS)))


def touches(paths: Iterable[str], object_type: str) -> bool:
    """Whether any path grants something of the object type."""
    return any(path.strip("/ ").partition("/")[0] == object_type for path in paths)


def passes_whole(bodies: bytes, number: int, grants: Grants, object_type: str) -> bool:
    """Whether pruning would leave so many stored objects, written one after the other, unchanged.

    Told from the bytes alone, so it is said only where there can be no doubt: the grant names the
    whole object and no condition or exclusion may concern it, each declares one namespace in its
    first tag and no prefix, and nothing reads like a container.
    """
    opened = f"<{object_type}".encode()
    counts = {bodies.count(sign) for sign in (opened, opened + b" xmlns=", b"xmlns=")}
    if not grants.is_whole(object_type) or counts != {number}:
        return False
    return not any(sign in bodies for sign in _DOUBTFUL)


def shows_each(grants: Grants, object_type: str) -> bool:
    """Whether something is left of every object of the type, whatever it holds."""
    if grants.may_drop(object_type):
        return False
    node = grants.node(object_type)
    keys = [f"@{key}" for key in _KEYS if node.below.get(f"@{key}", NOWHERE).granted]
    return node.granted or (bool(keys) and _demanded(object_type) <= set(keys))


def prune(element: _Element, grants: Grants) -> _Element | None:
    """A new element with what the vendor may have; None when nothing of it may be shown.

    Comments and processing instructions are never copied.
    """
    # `.text` ends at a comment: without reading anew the text behind it would be lost.
    if next(element.iter(etree.Comment, etree.PI), None) is not None:
        element = read(tostring(element))
    place = grants.place(namespace_of(element), local_name(element))
    if place is None or not rows.admits(element, grants.rows(place.name)):
        return None
    source = without(element, grants.excluded) if grants.excluded else element
    copy = None if source is None else _root(source, place)
    if copy is not None and grants.hides_people:
        pseudonyms = grants.pseudonyms
        change = {kind: pseudonyms.of(kind) for kind in grants.hides_people}
        translate(copy, element, change)
    return copy


def _demanded(object_type: str) -> set[str]:
    found = {name for form in forms.at(object_type) for name in form.required}
    return found | set(forms.BY_NAME.get(object_type, ()))


def _root(element: _Element, place: Place) -> _Element | None:
    attributes, is_told = _attributes(element, place)
    used = _prefixes(element, attributes, place.home)
    copy = etree.Element(element.tag, attributes, nsmap=used)  # type: ignore[arg-type]
    foreign = set[bool]()
    if not _fill(element, copy, place, is_told, foreign):
        return None
    if foreign or len(used) > 1:
        etree.cleanup_namespaces(copy, keep_ns_prefixes=_in_types(copy))
    return copy


def _fill(
    element: _Element, copy: _Element, place: Place, is_told: bool, foreign: set[bool]
) -> bool:
    """Put into a copy what may pass of an element; False when the copy must go again.

    `is_told`: an attribute passed that is more than a placeholder. `foreign` is filled when a
    prefix was declared on the way.
    """
    granted = place.granted
    for child in element:
        below = place.child(child.tag)
        if below is not None:
            made, told = _made(child, copy, below, foreign)
            if _nil(made, below) or _fill(child, made, below, told, foreign):
                is_told = is_told or not below.is_filler
                made.tail = child.tail if granted else None
            else:
                copy.remove(made)
    if granted:
        if not _write(element, copy, place):
            return False
    elif not (is_told and place.takes_blank):
        return False
    return all(_has(copy, name) or not _has(element, name) for name in place.needs)


def _made(
    child: _Element, copy: _Element, below: Place, foreign: set[bool]
) -> tuple[_Element, bool]:
    attributes, told = _attributes(child, below) if child.attrib else ({}, False)
    tag, home = child.tag, below.home
    is_home = home is not None and child.prefix == copy.prefix
    if is_home and not any(name[0] == "{" for name in attributes):
        return etree.SubElement(copy, tag, attributes), told
    foreign.add(True)
    used = _prefixes(child, attributes, home)
    return etree.SubElement(copy, tag, attributes, nsmap=used), told  # type: ignore[arg-type]


def _nil(made: _Element, below: Place) -> bool:
    """Whether the copy passes as nil, and is made so."""
    if below.nil:
        made.attrib.clear()
        made.set(_NIL, "true")
    return below.nil


def _write(element: _Element, copy: _Element, place: Place) -> bool:
    """Write the text of a granted element; False where nothing that fits can stand there."""
    text = element.text
    if text and place.treatment.conditions and not text.isspace():
        if place.form and place.form.text is None:
            return True
        person = _person(element, "", place, place.treatment)
        changed = place.treatment.changed(text.strip(), place.text, person)
        copy.text = changed
        return changed is not None
    copy.text = text
    return True


def _attributes(element: _Element, place: Place) -> tuple[dict[str, str], bool]:
    """The attributes that pass, and whether one of them is more than a placeholder."""
    found, told = dict[str, str](), False
    for name, value in ((str(key), str(text)) for key, text in element.items()):
        slot = None if name.startswith(_XSI) else place.slot(name)
        if slot is not None:
            changed: str | None = value
            if slot.treatment.conditions:
                person = _person(element, name, place, slot.treatment)
                changed = slot.treatment.changed(value, slot.text, person)
            if changed is not None:
                found[name] = changed
                told = told or not slot.is_filler
        elif name.startswith(_XSI) and place.granted and _may_pass(element, name, place):
            found[name] = value
    return found, told


def _person(element: _Element, attribute: str, place: Place, treatment: Treatment) -> str:
    """The kind of person whose id stands there, where it is asked for."""
    if treatment.strictest != HASH:
        return ""
    return person_in(Value(element, attribute, ""), element if place.is_root else None)


def _may_pass(element: _Element, attribute: str, place: Place) -> bool:
    if attribute == _TYPE:
        prefix = element.get(_TYPE, "").strip().rpartition(":")[0] or None
        # Without a prefix the name hangs on the default namespace, which must be in use.
        kept = prefix is not None or element.prefix is None
        return kept and element.nsmap.get(prefix, "") == (place.home or namespace_of(element))
    return attribute == _NIL


def _prefixes(
    element: _Element, attributes: Iterable[str], home: str | None
) -> dict[str | None, str]:
    names = (str(element.tag), *attributes)
    used = {name[1:].partition("}")[0] for name in names if name.startswith("{")} | {home}
    return {prefix: uri for prefix, uri in element.nsmap.items() if uri in used}


def _in_types(copy: _Element) -> list[str]:
    types = (each.get(_TYPE, "") for each in copy.iter())
    return sorted(
        {prefix for prefix in (each.strip().rpartition(":")[0] for each in types) if prefix}
    )


def _has(element: _Element, name: str) -> bool:
    if name[0] == "@":
        return name[1:] in element.attrib
    return element.find(name) is not None
