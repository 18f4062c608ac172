"""What a vendor may change: the paths that its POD grants with RW (`controlrights`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from typing import Protocol

from lxml.etree import _Element

from reference_hub.codec.xml import children, key_in, local_name
from reference_hub.model.pod import GENERALISE, HASH, MASK, Condition
from reference_hub.privacy.forms import steps_of
from reference_hub.privacy.grants import Grants
from reference_hub.privacy.pseudonyms import translate
from reference_hub.privacy.references import kinds_at

# A vendor that writes back what it read would store a placeholder, a hash or a bare year.
_DISGUISES = (GENERALISE, HASH, MASK)


class Rights(Protocol):
    """The part of a POD, or of one of its entries, that says what may be written."""

    @property
    def writable(self) -> tuple[str, ...]:
        """Paths with RW."""

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions of the same entry."""


def writable_faults(before: _Element | None, after: _Element | None, rights: Rights) -> list[str]:
    """The paths at which a write changes what the vendor may not, sorted; empty when it may go.

    `before` and `after` are the whole stored object: None before a create and after a delete. The
    object's own id is no change of a create. A value that the vendor sees disguised it cannot
    write, whatever its rights (profile).
    """
    old, new = Counter(_leaves(before)), Counter(_leaves(after))
    changed = {path for path, _ in (old - new) + (new - old)}
    if before is None and after is not None:
        changed.discard(f"{local_name(after)}/@{key_in(after)}")
    disguised = tuple(one.path for one in rights.conditions if _disguises(one))
    return sorted(
        path for path in changed if not _covered(path, rights.writable) or _covered(path, disguised)
    )


def restored(element: _Element, grants: Grants) -> _Element:
    """What a vendor sent, with the RefIds of people in place of its pseudonyms."""
    copy = deepcopy(element)
    back = {kind: grants.pseudonyms.of(kind, back=True) for kind in grants.hides_people}
    if back:
        translate(copy, element, back)
    return copy


def _disguises(condition: Condition) -> bool:
    # A hashed id of a person leads back; see `restored`.
    is_id = condition.kind == HASH and bool(kinds_at(condition.path))
    return condition.kind in _DISGUISES and not is_id


def _covered(path: str, paths: tuple[str, ...]) -> bool:
    return any(f"{path}/".startswith("/".join(steps_of(one)) + "/") for one in paths)


def _leaves(element: _Element | None, around: str = "") -> Iterator[tuple[str, str]]:
    """Path and value of every attribute and every text that is not blank."""
    if element is None:
        return
    path = f"{around}/{local_name(element)}" if around else local_name(element)
    for name, value in element.items():
        yield f"{path}/@{name!s}", str(value)
    if element.text and not element.text.isspace():
        yield path, element.text
    for child in children(element):
        yield from _leaves(child, path)
