"""What one vendor may have, compiled from a POD for pruning many objects.

Fails closed: of an object type with a condition that the hub cannot keep nothing leaves, and where
a condition does not even name a known object type, nothing leaves at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, lru_cache

from fixtures import pods, standards
from reference_hub.codec.xml import fold
from reference_hub.model.pod import (
    DELETE,
    HASH,
    MASK,
    NULL,
    PURPOSE,
    ROW_FILTER,
    Condition,
    Pod,
)
from reference_hub.model.served import OBJECTS
from reference_hub.privacy import forms
from reference_hub.privacy.conditions import CHANGES, Treatment, faults, hides_person
from reference_hub.privacy.forms import form_of, steps_of
from reference_hub.privacy.places import NOWHERE, Node, Place, tree_of
from reference_hub.privacy.pseudonyms import Pseudonyms
from reference_hub.privacy.references import kinds_at, own_kind

_EVERYTHING = "*"
# Namespaces come from documents, so only so many places are kept.
_MOST = 256


@dataclass(frozen=True, slots=True)
class Grants:
    """Paths such as `xStudent/name/givenName`, the conditions on them, the folded RefIds of people
    never to be shared with the vendor, and the vendor's secret for pseudonyms and hashes."""

    paths: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()
    excluded: frozenset[str] = frozenset()
    key: bytes = field(default=b"", repr=False)
    _tree: Node = field(init=False, repr=False, compare=False)
    _withheld: frozenset[str] = field(init=False, repr=False, compare=False)
    _hidden: frozenset[str] = field(init=False, repr=False, compare=False)
    _rows: dict[str, tuple[Condition, ...]] = field(init=False, repr=False, compare=False)
    _places: dict[tuple[str, str], Place | None] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        wrong = faults(self.conditions, self.key)
        kept = [one for one in self.conditions if one not in wrong and one.kind != PURPOSE]
        hidden = (kinds_at(one.path) for one in kept if one.kind == HASH)
        rows: dict[str, tuple[Condition, ...]] = {}
        for one in kept:
            if one.kind == ROW_FILTER:
                name = steps_of(one.path)[0]
                rows[name] = (*rows.get(name, ()), one)
        changes = (one for one in kept if one.kind in CHANGES)
        for name, value in (
            ("_tree", tree_of(self.paths, changes)),
            ("_withheld", frozenset(map(_withheld_by, wrong))),
            ("_hidden", frozenset[str]().union(*hidden)),
            ("_rows", rows),
            ("_places", {}),
        ):
            object.__setattr__(self, name, value)

    @property
    def shown(self) -> tuple[str, ...]:
        """The paths that may stand in what leaves: those granted, and those of placeholders."""
        masked = (one.path for one in self.conditions if one.kind == MASK)
        return (*self.paths, *masked)

    @property
    def hides_people(self) -> frozenset[str]:
        """The kinds of people whose ids are shown as pseudonyms."""
        return self._hidden

    @property
    def pseudonyms(self) -> Pseudonyms:
        """The pseudonyms of this vendor."""
        return Pseudonyms(self.key)

    def opens(self, object_type: str) -> bool:
        """Whether anything of the object type may be shown."""
        return self.node(object_type).opens and not self._is_withheld(object_type)

    def is_whole(self, object_type: str) -> bool:
        """Whether every object of the type is shown whole, but for extensions and metadata."""
        return self.node(object_type).granted and not self.alters(object_type)

    def alters(self, object_type: str) -> bool:
        """Whether a condition or an exclusion may take an object of the type away or change it."""
        return bool(self._hidden) or self.may_drop(object_type) or self._is_bound(object_type)

    def may_drop(self, object_type: str) -> bool:
        """Whether an object whose id is granted may be kept back; pseudonyms never do that."""
        bound = (one for one in self.conditions if _concerns(one, object_type))
        return bool(self.excluded or self._is_withheld(object_type) or any(map(_may_drop, bound)))

    def node(self, object_type: str) -> Node:
        """The part of the tree for one object type."""
        return self._tree.below.get(object_type, NOWHERE)

    def rows(self, object_type: str) -> tuple[Condition, ...]:
        """The row filters of an object type."""
        return self._rows.get(object_type, ())

    def place(self, namespace: str, object_type: str) -> Place | None:
        """What may pass of an object; None when nothing does."""
        known = (namespace, object_type)
        if known not in self._places:
            made = self._place(namespace, object_type)
            if len(self._places) > _MOST:
                return made
            self._places[known] = made
        return self._places[known]

    def _place(self, namespace: str, object_type: str) -> Place | None:
        node = self.node(object_type)
        form = form_of(namespace, object_type)
        bound = [one for one in self.conditions if _concerns(one, object_type)]
        # The same object has other paths in another data model: a condition that cannot be placed
        # in this one would not be kept.
        lost = any(
            not (form and form.at(steps_of(one.path)[1:])) for one in bound if not hides_person(one)
        )
        treatment = Treatment(node.conditions, self.key, self._hidden)
        dropped = treatment.strictest in (DELETE, NULL)
        if lost or dropped or not self.opens(object_type):
            return None
        return Place(object_type, node, form, namespace, node.granted, treatment, is_root=True)

    def _is_withheld(self, object_type: str) -> bool:
        return not self._withheld.isdisjoint((object_type, _EVERYTHING))

    def _is_bound(self, object_type: str) -> bool:
        return any(_concerns(one, object_type) for one in self.conditions)


def _concerns(condition: Condition, object_type: str) -> bool:
    return condition.kind != PURPOSE and steps_of(condition.path)[:1] == (object_type,)


def _may_drop(condition: Condition) -> bool:
    """Whether a condition can take whole objects away: filters do, and changes to a part that any
    data model demands, or that one of them lacks."""
    object_type, *steps = steps_of(condition.path)
    if hides_person(condition):
        return False
    if condition.kind == ROW_FILTER or not steps:
        return True
    models = forms.at(object_type)
    return any(form.at(steps) is None or steps[0] in form.required for form in models)


def _withheld_by(condition: Condition) -> str:
    """The object type that a condition closes; all of them where it names none that is known."""
    name = next(iter(steps_of(condition.path)), "")
    return name if name in _objects() else _EVERYTHING


@cache
def _objects() -> frozenset[str]:
    """The object types that the hub has heard of: served ones and those of the kit's agreements."""
    kit = (name for model in standards.MODELS.values() for name in model.objects)
    listed = (path for row in pods.exhibit_b() for path in (*row.xpress_paths, *row.unity_paths))
    implied = (one.path for one in pods.implied())
    return frozenset((*OBJECTS, *kit, *(steps_of(path)[0] for path in (*listed, *implied))))


def compiled(pod: Pod) -> Grants:
    """The grants of a POD as the gate chose them for a caller; the same ones are compiled once."""
    return _compiled(pod.granted, pod.conditions, pod.excluded, pod.key)


@lru_cache(maxsize=256)
def _compiled(
    paths: tuple[str, ...],
    conditions: tuple[Condition, ...],
    excluded: frozenset[str],
    key: bytes,
) -> Grants:
    return Grants(paths, conditions, excluded, key)


def real_id(grants: Grants | None, object_type: str, shown: str) -> str:
    """The RefId that a vendor means by one: the same, unless it knows the person by a pseudonym."""
    kind = own_kind(object_type)
    if grants is None or kind not in grants.hides_people:
        return shown
    return grants.pseudonyms.real(kind, shown)


def shown_id(grants: Grants | None, object_type: str, refid: str) -> str:
    """The RefId under which a vendor knows an object, as for events of deletion; '' for a person of
    whom it must never hear."""
    kind = own_kind(object_type)
    if grants is not None and fold(refid) in grants.excluded:
        return ""
    if grants is None or kind not in grants.hides_people:
        return refid
    return grants.pseudonyms.shown(kind, refid)
