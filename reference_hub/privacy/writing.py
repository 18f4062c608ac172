"""What a vendor may change: the paths that its POD grants with RW (`controlrights`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Protocol

from lxml.etree import _Element

from reference_hub.codec.xml import (
    children,
    fold,
    key_in,
    local_name,
    namespace_of,
    read,
    tostring,
)
from reference_hub.model.pod import DELETE, GENERALISE, HASH, MASK, NULL, Condition
from reference_hub.privacy.forms import steps_of
from reference_hub.privacy.grants import Grants
from reference_hub.privacy.pseudonyms import translate
from reference_hub.privacy.references import ID_IN_TEXT, ids, kinds_at, people, person_in

# A vendor that writes back what it read would store a placeholder, a hash or a bare year, and what
# is kept from it altogether it would overwrite unseen.
_DISGUISES = (DELETE, GENERALISE, HASH, MASK, NULL)


class Rights(Protocol):
    """The part of a POD, or of one of its entries, that says what may be written."""

    @property
    def granted(self) -> tuple[str, ...]:
        """All paths; one below a path with RW that has not RW itself takes the right back."""

    @property
    def writable(self) -> tuple[str, ...]:
        """Paths with RW."""

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions of the same entry."""


def writable_faults(before: _Element | None, after: _Element | None, rights: Rights) -> list[str]:
    """The paths at which a write changes what the vendor may not, sorted; empty when it may go.

    `before` and `after` are the whole stored object: None before a create and after a delete. The
    object's own id is no change of a create. A value that the vendor sees disguised, or not at all,
    it cannot write, whatever its rights (profile).
    """
    changed = {path for path, _, _ in {*_leaves(before)} ^ {*_leaves(after)}}
    if before is None and after is not None:
        changed.discard(f"{local_name(after)}/@{key_in(after)}")
    disguised = tuple(one.path for one in rights.conditions if _disguises(one))
    return sorted(
        path for path in changed if not _is_open(path, rights) or _covered(path, disguised)
    )


def restored(element: _Element, grants: Grants) -> _Element:
    """What a vendor sent, with the RefIds of people in place of its pseudonyms.

    Comments go, for a value ends where one begins.
    """
    copy = read(tostring(element))
    back = {kind: grants.pseudonyms.of(kind, back=True) for kind in grants.hides_people}
    if back:
        translate(copy, element, back)
    return copy


def strays(before: _Element | None, after: _Element | None, grants: Grants) -> bool:
    """Whether a write would bring a hidden RefId to light, now or later: one that stands in some
    text is shown as a pseudonym only as long as the object names the person at a known place too.
    So no write puts one into a text, or takes away what names it."""
    if after is None or not grants.hides_people:
        return False
    was, now = ({} if each is None else people(each) for each in (before, after))
    hidden = {id_ for id_, kind in {**was, **now}.items() if kind in grants.hides_people}
    old = set(_in_texts(before, hidden))
    return any(each not in old or each[0] not in now for each in _in_texts(after, hidden))


def _in_texts(element: _Element | None, hidden: set[str]) -> Iterator[tuple[str, str]]:
    """Each of the ids that stands where no name tells so, with the text around it."""
    for value in () if element is None else ids(element):
        if not person_in(value, element):
            found = {fold(id_) for id_ in ID_IN_TEXT.findall(value.text)}
            yield from ((id_, value.text) for id_ in found & hidden)


def _disguises(condition: Condition) -> bool:
    # A hashed id of a person leads back; see `restored`.
    is_id = condition.kind == HASH and bool(kinds_at(condition.path))
    return condition.kind in _DISGUISES and not is_id


def _is_open(path: str, rights: Rights) -> bool:
    """Whether a path with RW covers this one that none of the granted ones below takes back."""
    return any(
        _covered(path, (wide,)) and not _covered(path, tuple(_taken_back(wide, rights)))
        for wide in rights.writable
    )


def _taken_back(wide: str, rights: Rights) -> Iterator[str]:
    if wide in rights.granted:
        lesser = (one for one in rights.granted if one not in rights.writable)
        yield from (one for one in lesser if _covered(one, (wide,)))


def _covered(path: str, paths: tuple[str, ...]) -> bool:
    return any(f"{path}/".startswith("/".join(steps_of(one)) + "/") for one in paths)


def _leaves(
    element: _Element | None, around: str = "", place: str = "", home: str = ""
) -> Iterator[tuple[str, str, str]]:
    """Path, place and value of every attribute and every text that is not blank.

    The place counts elements of one name, so that values which change places have changed. A name
    of another namespace than the object's is no step of a path.
    """
    if element is None:
        return
    home = home or namespace_of(element)
    name = local_name(element) if namespace_of(element) == home else str(element.tag)
    path = f"{around}/{name}" if around else name
    for attribute, value in element.items():
        yield f"{path}/@{attribute!s}", place, str(value)
    text = "".join((element.text or "", *(each.tail or "" for each in element)))
    if text and not text.isspace():
        yield path, place, text
    known = Counter[str]()
    for child in children(element):
        known[str(child.tag)] += 1
        yield from _leaves(child, path, f"{place}/{child.tag}{known[str(child.tag)]}", home)
