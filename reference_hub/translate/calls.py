"""How a named function of a mapping table is called, in both directions, and the register of them.

`write` gets canonical values (one for each field of its row, None where unknown; a list where a
path leads to several records) and says what to write. `read` gets the texts at the row's place and
says what the field holds. Neither guesses: what cannot be carried is noted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from reference_hub.translate.canonical import Record
from reference_hub.translate.places import Node

# The field of a note about a record as a whole: the decision whether it is told at all.
WHOLE = -1


# Not frozen: notes and answers live for one line and are made by the million; a frozen one costs
# three times as much.
@dataclass(slots=True, unsafe_hash=True)
class Note:
    """What befell a value: the kind of loss, words for a data manager, which field of the row.

    `field` is its position in the row's fields; `item` the position in a list, from 0, or -1.
    """

    kind: str
    text: str
    field: int = 0
    item: int = -1


@dataclass(slots=True)
class Written:
    """What to write, None for nothing, and what was lost or inferred on the way."""

    value: Any = None
    notes: tuple[Note, ...] = ()


@dataclass(slots=True)
class Read:
    """What the row's field holds, None for unknown; with several fields a tuple in their order, or
    a dict by field name."""

    value: Any = None
    notes: tuple[Note, ...] = ()


class Graph(Protocol):
    """The records around the one at hand."""

    def get(self, entity: str, key: str) -> Record | None:
        """The record with this key."""
        ...

    def referring(self, entity: str, field: str, key: str) -> Sequence[Record]:
        """The records of an entity whose field refers to this key, in a stable order."""
        ...

    def find(self, entity: str, field: str, value: str) -> str:
        """The key of the one record whose field has this value; '' when none or several do."""
        ...


@dataclass(slots=True)
class Call:
    """What a function works on, and must neither change nor keep: the next line gets the same one.

    `record` is the canonical record written from, or so far read into; `it` the item of a section
    made for `each`, or of a list; `node` the container read from. `codes` maps canonical to the
    format's code and `meanings` back; `settings` are those of the connection (numbers of
    organisations and such).
    """

    values: Sequence[Any]
    argument: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    meanings: Mapping[str, str] = field(default_factory=dict)
    record: Record = field(default_factory=dict)
    graph: Graph | None = None
    it: Record | None = None
    node: Node = field(default_factory=dict)
    entity: str = ""
    fields: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def value(self) -> Any:
        """The first value."""
        return self.values[0] if self.values else None


WriteBody = Callable[[Call], Written]
ReadBody = Callable[[Call], Read]
Turn = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Function:
    """A named function; `read` None where nothing can be read back.

    `late` ones are read after the others of their section, because they look at what those found.
    `raw` ones get nodes, not texts, and read all that stands below their place. `all_places` ones
    get one list of values for each place of their row. `whole` ones look at the record itself and
    at what refers to it: no values are gathered for them, and they are always asked.

    `turn` says what is written where the row's first field is one text, `read_turn` what is read
    where one text stands at its place; None where `write` or `read` must look.
    """

    name: str
    write: WriteBody
    read: ReadBody | None = None
    late: bool = False
    raw: bool = False
    all_places: bool = False
    whole: bool = False
    turn: Turn | None = None
    read_turn: Turn | None = None


REGISTRY: dict[str, dict[str, Function]] = {}
# The functions that a table of a dialect means; those of other formats come last.
_SCOPES = {"unity": "sif", "xpress": "sif"}


def named(name: str, dialect: str = "") -> Function | None:
    """The function of a name: that of the dialect's own format before the plain one, those before
    one of another format."""
    known = REGISTRY.get(name, {})
    for scope in (_SCOPES.get(dialect, dialect), "plain"):
        if scope in known:
            return known[scope]
    return next(iter(known.values()), None)


def function(
    name: str,
    read: ReadBody | None = None,
    *,
    late: bool = False,
    raw: bool = False,
    all_places: bool = False,
    whole: bool = False,
    turn: Turn | None = None,
    read_turn: Turn | None = None,
) -> Callable[[WriteBody], WriteBody]:
    """Register the decorated writer, and a reader, under the name that mapping tables use.

    A module `functions_edfi_school` registers for the format `edfi`.
    """

    def register(write: WriteBody) -> WriteBody:
        scope = write.__module__.rpartition("functions_")[2].partition("_")[0]
        kinds = (late, raw, all_places, whole)
        REGISTRY.setdefault(name, {})[scope] = Function(name, write, read, *kinds, turn, read_turn)
        return write

    return register
