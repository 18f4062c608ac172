"""What all writing journeys need: where, who, which judge, and the way into the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from lxml.etree import _Element

from reference_hub.clock import Clock
from reference_hub.codec.verdict import Judged
from reference_hub.codec.xml import local_name
from reference_hub.journeys.accept import accept
from reference_hub.model.change import Change
from reference_hub.model.pod import Pod
from reference_hub.model.scope import Scope
from reference_hub.privacy.exclusion import named
from reference_hub.privacy.filter import compiled
from reference_hub.privacy.grants import real_id
from reference_hub.privacy.unbound import shown_part
from reference_hub.privacy.writing import restored, strays, writable_faults
from reference_hub.problems import Refusal

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Judging(Protocol):
    """Says by which schema an object was judged, and what is wrong with it."""

    def judge(self, element: _Element, *, model: str = "", partial: bool = False) -> Judged:
        """Judge one object; `partial` asks for the form in which every element is optional."""
        ...

    def names(self) -> frozenset[str]:
        """Local names that the registered schemas declare."""
        ...

    def lists(self) -> Mapping[str, str]:
        """Collections that the registered schemas declare, with the name of their objects."""
        ...


@dataclass(frozen=True, slots=True)
class Writer:
    """An application at work in its scope; `model` is the zone's data model, '' for any. `pod`
    binds a vendor: it may write only what that grants with RW (POD-MIN-006)."""

    scope: Scope
    source_key: str
    judge: Judging
    clock: Clock
    model: str = ""
    file_delay_seconds: float = 2.0
    event_objects: int = 100
    pod: Pod | None = None

    def meant(self, element: _Element) -> _Element:
        """The object with the ids of people as the store has them, where a vendor knows others."""
        return restored(element, compiled(self.pod)) if self.pod else element

    def stored_id(self, object_type: str, refid: str) -> str:
        """The id in the store of an object that the writer knows by `refid`."""
        return real_id(compiled(self.pod), object_type, refid) if self.pod else refid

    def sees(self, element: _Element) -> bool:
        """Whether the stored object is visible to the writer at all."""
        return shown_part(element, self.pod) is not None

    def refuse_unwritable(
        self, doing: str, before: _Element | None, after: _Element | None
    ) -> None:
        """Raise Refusal 403 for a change of what the writer's POD does not grant with RW."""
        if self.pod is None:
            return
        if wrong := writable_faults(before, after, self.pod):
            named = ", ".join(wrong[:3]) + (f" and {len(wrong) - 3} more" if wrong[3:] else "")
            text = f"Your POD does not let you write {named}; send only fields with RW."
            raise Refusal(403, doing, text)
        if _loses(before, after, self.pod):
            raise Refusal(
                403, doing, "It holds what you may not see, and your change would drop it."
            )
        if strays(before, after, compiled(self.pod)):
            text = (
                "The id of a person stands in some text; send it where its name tells what it is."
            )
            raise Refusal(403, doing, text)

    def accept(self, connection: Connection, changes: Sequence[Change]) -> None:
        """Store and queue what was judged good. Raises AlreadyThere for a create that lost."""
        accept(
            connection,
            self.scope,
            self.source_key,
            changes,
            self.clock,
            file_delay_seconds=self.file_delay_seconds,
            event_objects=self.event_objects,
        )

    def verdict(self, element: _Element, doing: str, *, partial: bool = False) -> str:
        """The schema that accepts the object. Raises Refusal 400 with the first fault."""
        judged = self.judge.judge(element, model=self.model, partial=partial)
        if judged.problems:
            faults = tuple(f"{each.path}: expected {each.expected}." for each in judged.problems)
            doing = f"{doing} {local_name(element)}"
            raise Refusal(400, doing, _first(judged), "400-01", details=faults)
        return judged.by

    def faulty(self, element: _Element) -> bool:
        """Whether the schema refuses the object."""
        return bool(self.judge.judge(element, model=self.model).problems)


def _loses(before: _Element | None, after: _Element | None, pod: Pod) -> bool:
    """Whether a change takes away a person whom the writer does not see: a list is sent whole."""
    if before is None or after is None or not pod.excluded:
        return False
    return not named(before, pod.excluded) <= named(after, pod.excluded)


def _first(judged: Judged) -> str:
    fault, more = judged.problems[0], len(judged.problems) - 1
    rest = f" ({more} more)" if more else ""
    return (
        f"Not valid by {judged.by}: line {fault.line}, {fault.path}: "
        f"expected {fault.expected}{rest}."
    )
