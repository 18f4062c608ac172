"""Which objects a query means, and in which order: numbers of their versions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter

from lxml.etree import _Element

from reference_hub.codec.example import Example, resembles
from reference_hub.codec.select import number, satisfies, values
from reference_hub.journeys.paths import among
from reference_hub.journeys.view import View
from reference_hub.model.query import SortKey, Where
from reference_hub.model.relations import between

Test = Callable[[_Element], bool]
Cell = tuple[int, object, object]


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for. `parents` are the (type, id) pairs in front of a service path's last
    segment, from left to right."""

    object_type: str
    parents: tuple[tuple[str, str], ...] = ()
    where: Where | None = None
    order: tuple[SortKey, ...] = ()
    example: Example | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it means every object in the order of creation."""
        return not (self.parents or self.where or self.order or self.example)

    @property
    def types(self) -> tuple[str, ...]:
        """Every type that its result depends on, its own first."""
        kinds = (*(kind for kind, _ in self.parents), self.object_type)
        middles = (each for pair in pairwise(kinds) for each in between(*pair))
        return tuple(dict.fromkeys((self.object_type, *kinds, *middles)))


def select(view: View, query: Query) -> list[int]:
    """The versions that the query means. Raises Refusal 404 for a parent that is not there, 413
    when too many objects would have to be looked at."""
    tests = list(_tests(view, query))
    found: list[tuple[int, list[str | None]]] = [
        (version, [_first(element, key) for key in query.order])
        for version, element in view.scan(query.object_type)
        if all(test(element) for test in tests)
    ]
    # From the least key to the first: each sort keeps the order of what it finds equal.
    for position, key in reversed(list(enumerate(query.order))):
        cells = _cells([texts[position] for _, texts in found])
        pairs = sorted(zip(cells, found, strict=True), key=itemgetter(0), reverse=key.descending)
        found = [row for _, row in pairs]
    return [version for version, _ in found]


def _tests(view: View, query: Query) -> list[Test]:
    tests: list[Test] = []
    where, example = query.where, query.example
    if query.parents:
        tests.append(among(view, query.parents, query.object_type))
    if where is not None:
        tests.append(lambda element: satisfies(element, where))
    if example is not None:
        tests.append(lambda element: resembles(element, example))
    return tests


def _first(element: _Element, key: SortKey) -> str | None:
    return next(iter(values(element, key.path)), None)


def _cells(texts: Sequence[str | None]) -> list[Cell]:
    """What the texts of one column are compared by: as numbers where all are, absent ones first."""
    numbers = [None if text is None else number(text) for text in texts]
    if all(text is None or value is not None for text, value in zip(texts, numbers, strict=True)):
        return [(0, 0, "") if value is None else (1, value, "") for value in numbers]
    return [(0, "", "") if text is None else (1, text.casefold(), text) for text in texts]
