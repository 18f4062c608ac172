"""What may pass at each place of an object: paths, conditions and data model laid on each other.

A place is made when an element first stands there and kept, so that pruning many objects looks each
name up once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from reference_hub.model.pod import DELETE, HASH, MASK, NULL, Condition
from reference_hub.privacy.conditions import NOTHING, Treatment, text_of
from reference_hub.privacy.forms import BY_NAME, Form, steps_of
from reference_hub.privacy.texts import Text

# Extensions, metadata and local codes, by their names in SIF NA 2.x to 4.x and AU.
CONTAINERS = frozenset(
    {"SIF_Metadata", "SIF_ExtendedElements", "LocalCodeList", "metadata", "extension"}
)
_XML = "http://www.w3.org/XML/1998/namespace"
# Names in extensions are anybody's, so only so many places are kept.
_MOST = 512


@dataclass(slots=True)
class Node:
    """A step of the paths: `granted` where one ends, `opens` where one ends here or below, and the
    conditions that end here."""

    granted: bool = False
    opens: bool = False
    conditions: tuple[Condition, ...] = ()
    below: dict[str, Node] = field(default_factory=dict)

    def add(self, path: str) -> None:
        """Grant a path below this node."""
        node = self
        for step in steps_of(path):
            node = node.below.setdefault(step, Node())
            node.opens = True
        # An empty path grants nothing.
        node.granted = node is not self

    def bind(self, condition: Condition) -> None:
        """Put a condition at its path."""
        node = self
        for step in steps_of(condition.path):
            node = node.below.setdefault(step, Node())
        node.conditions = (*node.conditions, condition)


NOWHERE = Node()


@dataclass(frozen=True, slots=True)
class Slot:
    """An attribute that passes, changed by its treatment; `is_filler`: it is there because the
    model demands it, as a placeholder."""

    treatment: Treatment
    text: Text
    is_filler: bool = False


@dataclass(slots=True)
class Place:
    """One place. `home` is the namespace that may pass; None: any, inside of a granted container.

    `nil`: the element passes empty, as xsi:nil. `is_filler`: as in Slot. `needs` are the names
    that must stay, as they are written in the tree, attributes with `@`.
    """

    name: str
    node: Node
    form: Form | None
    home: str | None
    granted: bool
    treatment: Treatment = NOTHING
    nil: bool = False
    is_filler: bool = False
    is_root: bool = False
    text: Text = field(init=False)
    needs: tuple[str, ...] = field(init=False)
    takes_blank: bool = field(init=False)
    _children: dict[str, Place | None] = field(default_factory=dict)
    _slots: dict[str, Slot | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.text = text_of(self.form)
        self.takes_blank = not (self.form and self.form.text) or self.text.fits("")
        names = self.form.required if self.form else BY_NAME.get(self.name, ())
        home = f"{{{self.home}}}" if self.home else ""
        self.needs = tuple(name if name.startswith("@") else home + name for name in names)

    def child(self, tag: str) -> Place | None:
        """The place of a child element by its full name; None when nothing of it passes."""
        if tag not in self._children:
            if len(self._children) > _MOST:
                return self._child(tag)
            self._children[tag] = self._child(tag)
        return self._children[tag]

    def slot(self, name: str) -> Slot | None:
        """The same for an attribute."""
        if name not in self._slots:
            if len(self._slots) > _MOST:
                return self._slot(name)
            self._slots[name] = self._slot(name)
        return self._slots[name]

    def _child(self, tag: str) -> Place | None:
        namespace, _, name = tag.rpartition("}")
        if self.home is not None and namespace.removeprefix("{") != self.home:
            return None
        node = self.node.below.get(name, NOWHERE)
        is_container = name in CONTAINERS
        granted = node.granted or (self.granted and not is_container)
        treatment = self._treated(node)
        strictest = treatment.strictest
        filler = self.is_filler or not (granted or node.opens)
        if strictest == DELETE or (filler and not (strictest == MASK and self._demands(name))):
            return None
        form = self.form.below(name) if self.form else None
        nil = strictest == NULL
        if nil and not self._can_be_nil(name, form):
            return None
        return Place(
            name,
            node,
            form,
            None if is_container and node.granted else self.home,
            granted or filler,
            treatment,
            nil,
            filler,
        )

    def _slot(self, name: str) -> Slot | None:
        namespace = name.rpartition("}")[0].removeprefix("{")
        if self.home is not None and namespace not in ("", self.home, _XML):
            return None
        node = self.node.below.get(f"@{name}", NOWHERE)
        treatment = self._treated(node)
        granted = (self.granted and not self.is_filler) or node.granted
        masked = treatment.strictest == MASK
        if treatment.strictest in (DELETE, NULL):
            return None
        if not granted and not (masked and self._demands(f"@{name}")):
            return None
        is_key = self.is_root and name in ("refId", "RefId", f"{self.name}RefId")
        # Objects cannot share one placeholder as their id.
        if masked and is_key:
            return None
        # It says what kind of object is referred to, and that a hashed id still does.
        if name == "SIF_RefObject" and treatment.strictest == HASH:
            treatment = NOTHING
        form = self.form.below(f"@{name}") if self.form else None
        return Slot(treatment, text_of(form), not granted)

    def _treated(self, node: Node) -> Treatment:
        return self.treatment.and_then(node.conditions)

    def _demands(self, name: str) -> bool:
        return self.form is not None and name in self.form.required

    def _can_be_nil(self, name: str, form: Form | None) -> bool:
        part = self.form.parts.get(name) if self.form else None
        attributes = [one for one in (form.required if form else ()) if one.startswith("@")]
        return part is not None and part.nillable and not attributes


def tree_of(paths: Iterable[str], conditions: Iterable[Condition]) -> Node:
    """All paths and conditions as one tree, whose first steps are the object types."""
    root = Node()
    for path in paths:
        root.add(path)
    for condition in conditions:
        root.bind(condition)
    return root
