"""People whom a vendor must never hear of: out of every object, whatever its data model.

PersonPrivacyObligationDocument (SIF NA 4.2 and later, AU 3.4.9) says who they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

from lxml.etree import _Element

from reference_hub.codec.xml import children, fold, local_name, namespace_of, refid_of
from reference_hub.privacy.forms import Form, form_of
from reference_hub.privacy.references import ID_IN_TEXT, SHORTEST, Value, is_about, values

_SHORTEST = 8
_NAMES = ("NeverShareWith", "DoNotShareWith")


@dataclass(frozen=True, slots=True)
class Exclusion:
    """`person` is a folded RefId. `parties` are the names and ids of those who must not hear of the
    person, as written; `everyone` where an entry names nobody."""

    person: str
    parties: frozenset[str] = frozenset()
    everyone: bool = False


def exclusions_of(element: _Element) -> Exclusion | None:
    """What a PersonPrivacyObligationDocument forbids; None for another object or one of nobody.

    A never-share entry stands above the lists of single data domains, and a do-not-share entry of
    any domain counts for all data: the hub knows no domains (profile). A document without its
    consent part forbids sharing with everyone.
    """
    if local_name(element) != "PersonPrivacyObligationDocument":
        return None
    person = fold(_text(element, "ParentRefId"))
    consent = element.find("{*}ConsentToSharingOfData")
    if not person:
        return None
    if consent is None:
        return Exclusion(person, everyone=True)
    entries = [(name, each) for name in _NAMES for each in consent.iter(f"{{*}}{name}")]
    named = [_named(each, name) for name, each in entries]
    return Exclusion(person, frozenset().union(*named), not all(named))


def _named(entry: _Element, name: str) -> frozenset[str]:
    parts = ("Party", "RefId", "LocalId", "Name")
    return frozenset(filter(None, (_text(entry, f"{name}{part}") for part in parts)))


def _text(element: _Element, name: str) -> str:
    return (element.findtext(f"{{*}}{name}") or "").strip()


def without(element: _Element, excluded: frozenset[str]) -> _Element | None:
    """The object without the people whose folded RefIds these are; None when it is one of them, or
    is about one.

    A list entry that refers to one goes whole, and so does what its absence would leave invalid. An
    object that the kit has no schema of goes whole as soon as it names one.
    """
    if fold(refid_of(element)) in excluded:
        return None
    if not _mentions(element, excluded):
        return element
    form = form_of(namespace_of(element), local_name(element))
    if form is None:
        return None
    copy = deepcopy(element)
    # Removing one entry may take another with it, so each is looked for anew.
    while found := _mentions(copy, excluded):
        if is_about(found, copy, form) or not _remove(found, copy, form):
            return None
    return copy


def named(element: _Element, excluded: frozenset[str]) -> frozenset[str]:
    """Which of these people, by their folded RefIds, an object names."""
    return excluded.intersection(id_ for each in values(element) for id_ in _ids_in(each.text))


def _mentions(element: _Element, excluded: frozenset[str]) -> Value | None:
    return next(
        (each for each in values(element) if not excluded.isdisjoint(_ids_in(each.text))), None
    )


def _ids_in(text: str) -> Iterator[str]:
    """What may be ids in a value: all of it, and those among other words."""
    if len(text) >= _SHORTEST:
        yield fold(text)
    if len(text) > SHORTEST:
        yield from map(fold, ID_IN_TEXT.findall(text))


def _remove(value: Value, root: _Element, form: Form) -> bool:
    """Remove the entry around a reference; False when only the whole object could go."""
    gone: _Element | None = _entry(value, root, form)
    while gone is not None and gone is not root:
        parent = gone.getparent()
        if parent is None:
            return False
        parent.remove(gone)
        name = local_name(gone)
        around = form.at(_steps(parent, root))
        left = any(local_name(child) == name for child in children(parent))
        if around is None or left or name not in around.required:
            return True
        gone = parent
    return False


def _entry(value: Value, root: _Element, form: Form) -> _Element:
    """The element that stands for the person: the one that holds the reference among others.

    A reference that repeats, or that stands at the object itself, is an entry of its own.
    """
    if value.attribute:
        return value.element
    parent = value.element.getparent()
    if parent is None or parent is root:
        return value.element
    around = form.at(_steps(parent, root))
    part = around.parts.get(local_name(value.element)) if around else None
    return value.element if part and part.many else parent


def _steps(element: _Element, root: _Element) -> tuple[str, ...]:
    names = list[str]()
    current: _Element | None = element
    while current is not None and current is not root:
        names.append(local_name(current))
        current = current.getparent()
    return tuple(reversed(names))
