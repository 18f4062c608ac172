"""What one caller may see of a scope: everything, or what a POD leaves of it.

Whatever a query compares is read through a view. A condition on a field that is not granted is thus
met by no object, and a filter tells a vendor nothing that the list would not show.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml.etree import _Element

from reference_hub.codec.xml import fold, read, refid_of, tostring
from reference_hub.model.pod import Pod
from reference_hub.model.scope import Scope
from reference_hub.privacy.filter import Grants, compiled, passes_whole, shows_each
from reference_hub.privacy.grants import real_id
from reference_hub.privacy.tally import fields_of
from reference_hub.privacy.unbound import shown_part
from reference_hub.problems import Refusal
from reference_hub.store import listings, objects

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class View:
    """`largest_scan`: how many objects of a type one query may look at. `sent`: of how many objects
    each granted path was shown so far."""

    connection: Connection
    scope: Scope
    pod: Pod | None
    largest_scan: int
    sent: Counter[str] = field(default_factory=Counter, compare=False)
    _grants: Grants = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_grants", compiled(self.pod) if self.pod else Grants(()))

    @property
    def is_whole(self) -> bool:
        """Whether nothing is taken away."""
        return self.pod is None

    def shows_each(self, object_type: str) -> bool:
        """Whether every object of the type is visible, at least in part."""
        return self.is_whole or shows_each(self._grants, object_type)

    def is_granted_whole(self, object_type: str) -> bool:
        """Whether all of every object is visible, but for what pruning leaves out anywhere."""
        return self.is_whole or self._grants.is_whole(object_type)

    def passes_whole(self, bodies: bytes, number: int, object_type: str) -> bool:
        """Whether the caller may have so many stored objects as they are, unread."""
        return self.is_whole or passes_whole(bodies, number, self._grants, object_type)

    def outgoing(self, body: bytes, object_type: str = "") -> bytes | None:
        """The same as `body`, for what leaves: it is counted."""
        if self.is_whole:
            return body
        if self.passes_whole(body, 1, object_type):
            self.count_whole(object_type, 1)
            return body
        element = self.element(body)
        if element is None:
            return None
        self.sent.update(fields_of(element, self._grants))
        return tostring(element)

    def count_whole(self, object_type: str, number: int) -> None:
        """Count objects that leave unpruned."""
        if not self.is_whole and number:
            self.sent[object_type] += number

    def element(self, body: bytes) -> _Element | None:
        """The object as the caller may see it, None when nothing of it is visible."""
        return shown_part(read(body), self.pod)

    def body(self, body: bytes, object_type: str = "") -> bytes | None:
        """The same as bytes; those that are stored where nothing is taken away."""
        if self.passes_whole(body, 1, object_type):
            return body
        element = self.element(body)
        return None if element is None else tostring(element)

    def scan(self, object_type: str) -> Iterator[tuple[int, _Element]]:
        """Every visible object with its version. Raises Refusal 413 when they are too many."""
        state = listings.state(self.connection, self.scope, [object_type])
        if state.present > self.largest_scan:
            text = (
                f"A query looks at {self.largest_scan} objects at most, and there are more; read "
                "the collection in pages, or use changesSinceMarker."
            )
            raise Refusal(413, f"Query {object_type}", text)
        for number, body in listings.scan(self.connection, self.scope, object_type):
            element = self.element(body)
            if element is not None:
                yield number, element

    def real_id(self, object_type: str, shown: str) -> str:
        """The id in the store of an object that the caller knows by `shown`."""
        return shown if self.is_whole else real_id(self._grants, object_type, shown)

    def one(self, object_type: str, refid: str) -> _Element | None:
        """A visible object by its id, None also where its id is not visible."""
        stored = fold(self.real_id(object_type, refid))
        found = objects.get(self.connection, self.scope, object_type, stored)
        element = self.element(found.body) if found else None
        return element if element is not None and refid_of(element) else None
