"""What a mapping table holds once it is read: sections of lines, and reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reference_hub.translate.calls import Function
from reference_hub.translate.paths import Path
from reference_hub.translate.places import Place
from reference_hub.translate.simple import Simple


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file, ready for use. `items` are the rows of a list's items, `own` its fields
    where all stand in the record itself."""

    number: int
    places: tuple[Place, ...]
    fields: tuple[Path, ...]
    function: Function
    argument: str
    codes: Mapping[str, str]
    meanings: Mapping[str, str]
    need: str
    to: str
    loss: str
    crosswalk_id: str
    note: str
    items: tuple[Line, ...] = ()
    names: tuple[str, ...] = ()
    simple: Simple | None = None
    own: tuple[str, ...] = ()

    @property
    def field(self) -> str:
        """The first field, as canonical.csv names it."""
        return self.fields[0].name if self.fields else ""


@dataclass(frozen=True, slots=True)
class Section:
    """How records of one entity become rows of one collection. `containers` are places inside the
    document of another entity; empty for a document or row of its own. `sources` are what `each`
    goes through, or what a function of `when(@function)` looks at."""

    collection: str
    entity: str
    function: str = ""
    argument: str = ""
    sources: tuple[Path, ...] = ()
    containers: tuple[Place, ...] = ()
    lines: tuple[Line, ...] = ()
    note: str = ""

    @property
    def arguments(self) -> tuple[str, ...]:
        """The argument taken apart at its commas."""
        return tuple(part.strip() for part in self.argument.split(",") if part.strip())


@dataclass(frozen=True, slots=True)
class Slotless:
    """Why a canonical field has no place in the format."""

    loss: str
    crosswalk_id: str
    note: str


@dataclass(frozen=True, slots=True)
class Table:
    """A whole table. `settings` are its comment lines; `slotless` by `Student.gpa`, `Student.*`."""

    name: str
    settings: Mapping[str, str]
    sections: tuple[Section, ...]
    slotless: Mapping[str, Slotless] = field(default_factory=dict)

    def of_collection(self, collection: str) -> tuple[Section, ...]:
        """The sections of a collection, those of documents of their own first."""
        found = [each for each in self.sections if each.collection == collection]
        return tuple(sorted(found, key=lambda each: bool(each.containers)))

    def of_entity(self, entity: str) -> tuple[Section, ...]:
        """The sections that make documents or rows from records of an entity."""
        return tuple(x for x in self.sections if x.entity == entity and not x.containers)

    @property
    def collections(self) -> tuple[str, ...]:
        """All collections in the order of the file."""
        return tuple(dict.fromkeys(each.collection for each in self.sections))
