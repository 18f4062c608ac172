"""Service paths: the objects that belong to another one (Base Architecture 5.5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from lxml.etree import _Element

from reference_hub.codec.select import references
from reference_hub.journeys.view import View
from reference_hub.model import relations
from reference_hub.model.relations import Step
from reference_hub.problems import Refusal

Test = Callable[[_Element], bool]


def among(view: View, parents: Sequence[tuple[str, str]], object_type: str) -> Test:
    """Whether an object of the type belongs to the last parent.

    Raises Refusal 404 for a parent that is not there for this caller, or that does not belong to
    the one before it.
    """
    test: Test | None = None
    origin: tuple[str, _Element] | None = None
    for kind, refid in parents:
        if origin is not None:
            test = _belongs(view, origin, kind)
        element = view.one(kind, refid)
        if element is None or (test is not None and not test(element)):
            raise Refusal(404, f"Query {object_type}", f"There is no such {kind} on this path.")
        origin = (kind, element)
    if origin is None:
        return lambda _: True
    return _belongs(view, origin, object_type)


def _belongs(view: View, origin: tuple[str, _Element], target: str) -> Test:
    kind, element = origin
    tests = _straight(relations.steps(kind, target), element)
    for middle in relations.between(kind, target):
        tests += _over(view, origin, middle, target)
    return lambda other: any(test(other) for test in tests)


def _straight(steps: Sequence[Step], element: _Element) -> list[Test]:
    return [_naming(step, references(element, step.near)) for step in steps]


def _over(view: View, origin: tuple[str, _Element], middle: str, target: str) -> list[Test]:
    kind, element = origin
    into = _straight(relations.steps(kind, middle), element)
    onward = relations.steps(middle, target)
    wanted: list[set[str]] = [set() for _ in onward]
    for _, between in view.scan(middle):
        if any(test(between) for test in into):
            for step, ids in zip(onward, wanted, strict=True):
                ids.update(references(between, step.near))
    return [_naming(step, ids) for step, ids in zip(onward, wanted, strict=True)]


def _naming(step: Step, ids: set[str]) -> Test:
    # Without an id on this side nothing is related, least of all everything.
    return lambda element: not ids.isdisjoint(references(element, step.far))


def answers(kinds: Sequence[str]) -> bool:
    """Whether the hub knows how each type of a path relates to the next."""
    return all(relations.related(one, other) for one, other in pairwise(kinds))
