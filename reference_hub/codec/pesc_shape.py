"""What PESC JSON must know of a schema: what repeats, what is an attribute, what has a kind.

`Shapes` answers for one namespace. Where nothing is known of an element, `UNKNOWN` stands for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

TEXT = "text"
NUMBER = "number"
BOOLEAN = "boolean"
LIST = "*"
"""Ends the kind of a list of values: `number*`."""


@dataclass(frozen=True, slots=True)
class Part:
    """A child element: whether it repeats, and the key of its form."""

    many: bool
    form: str


@dataclass(frozen=True, slots=True)
class Form:
    """What an element of one type looks like; `parts` stand in the order of the schema.

    `text` is the kind of its text, '' where only elements stand in it. `attributes` maps names to
    kinds. `known` is false where no schema tells.
    """

    text: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, Part] = field(default_factory=dict)
    known: bool = True

    def many(self, name: str) -> bool:
        """Whether the child repeats, as far as known."""
        return name in self.parts and self.parts[name].many

    def places(self) -> dict[str, int]:
        """Where each child stands in the sequence."""
        return {name: place for place, name in enumerate(self.parts)}


UNKNOWN = Form(known=False)


@dataclass(frozen=True, slots=True)
class Shapes:
    """The forms of one namespace: `roots` maps global elements to keys, `lookup` keys to forms."""

    roots: Mapping[str, str]
    lookup: Callable[[str], Form]

    def root(self, name: str) -> Form:
        """The form of a global element."""
        return self.lookup(self.roots[name]) if name in self.roots else UNKNOWN

    def below(self, form: Form, name: str) -> Form:
        """The form of a child."""
        return self.lookup(form.parts[name].form) if name in form.parts else UNKNOWN


NOTHING = Shapes({}, lambda _: UNKNOWN)
