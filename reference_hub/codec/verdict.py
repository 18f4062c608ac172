"""What a schema says about one object."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. `line` counts from 1 (0: unknown), `path` is like `/xStudent/name/familyName`.

    `expected` never holds a value of the document. `steps` are the positions among the child
    elements that lead from the judged element to the faulty one. `by` names the schema.
    """

    line: int
    path: str
    expected: str
    steps: tuple[int, ...] = ()
    by: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """`by` names the schema and its mode; no problems means accepted."""

    by: str
    problems: tuple[Problem, ...] = ()
