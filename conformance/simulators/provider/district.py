"""The data that is offered: a synthetic district, with a little history of changes."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from lxml import etree

from conformance.simulators.documents import NA4
from fixtures.district.plan import Plan
from fixtures.writers import notation
from fixtures.writers.models import MODELS, SifModel
from fixtures.writers.tree import Node, whole

FIRST_CHANGE = 1
UPDATED, DELETED = 2, 3  # the numbers of the two changes since the district was loaded
LAST_CHANGE = DELETED


@dataclass(frozen=True, slots=True)
class Item:
    """One object: its tree without notation, its XML, and the number of its latest change."""

    node: Node
    element: etree._Element
    number: int

    @property
    def id(self) -> str:
        """The refId as it was given."""
        names = ("refId", "RefId", f"{etree.QName(self.element).localname}RefId")
        return next((value for name in names if (value := self.element.get(name))), "")


Items: TypeAlias = list[Item]


@dataclass(slots=True)
class Held:
    """Everything that is offered: objects by collection, ids of the objects that are gone."""

    objects: dict[str, Items]
    gone: dict[str, list[str]]


def load(seed: int, students: int, model: SifModel) -> Held:
    """A fresh copy of the district of this seed: one student was changed, one has left."""
    drawn = {name: list(items) for name, items in _drawn(seed, students, model.id).items()}
    left = Plan(seed, students + 1, 2).student(students)
    people = next(name for name in ("xStudents", "StudentPersonals") if name in drawn)
    changed = drawn[people][2]
    drawn[people][2] = Item(changed.node, changed.element, UPDATED)
    return Held(drawn, {people: [left.refid]})


@lru_cache(maxsize=4)
def _drawn(seed: int, students: int, name: str) -> dict[str, tuple[Item, ...]]:
    plan, model = Plan(seed, students, 2), MODELS[name]
    return {
        name: tuple(
            Item(one, notation.element(one, model.namespace), FIRST_CHANGE) for one in members
        )
        for name, members in model.collections(plan).items()
    }


def wrapped(
    collection: str, items: Iterable[etree._Element], namespace: str = NA4
) -> etree._Element:
    """The collection element around copies of these objects."""
    root = notation.element(whole(collection), namespace)
    root.extend([deepcopy(one) for one in items])
    return root
