"""Likely causes: which products, made wrong on purpose, fail the same checks as this one.

The kill matrix of the suite (`conformance/kill-matrix.json`, read as data) says which mutants each
check was seen to fail. A mutant whose checks all failed here looks like this product; one of whose
checks some passed here does not. Nothing of this changes a verdict: it is a guess, with its count.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable

import msgspec

MATRIX_FILE = "kill-matrix.json"
SHOWN = 3
# Below this share of its checks failing, a mutant is no likeness: it breaks much more than this.
_LIKE = 0.6
_STATUS = re.compile(r"(?<!\d)[1-5]\d\d(?!\d)")
_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


@dataclass(frozen=True, slots=True)
class Cause:
    """A mutant that fails alike: of `tested` checks it fails, `shared` failed here too.

    `says` is what it does wrong, in words. `hint` is 1 if it names status codes that were received,
    -1 if it names one that nobody did, else 0.
    """

    mutant: str
    says: str
    shared: int
    tested: int
    hint: int = 0

    @property
    def share(self) -> float:
        """How much of what this mutant breaks was broken here, 0 to 1."""
        return self.shared / self.tested


@dataclass(frozen=True, slots=True)
class Group:
    """Failed checks with one likely cause, None where no mutant explains them.

    `alike` are other mutants that explain the same checks as well.
    """

    cause: Cause | None
    alike: list[Cause]
    checks: list[str]


class Matrix(msgspec.Struct, frozen=True):
    """The kill matrix: mutants by check, and by role in a sentence what each does wrong."""

    suite_hash: str = ""
    kills: dict[str, list[str]] = {}
    says: dict[str, dict[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Likeness:
    """The mutants held against one run: which of their checks failed, which passed.

    `failed` maps the id of a check to what was received, `by_mutant` a mutant to what it fails.
    """

    matrix: Matrix
    role: str
    failed: Mapping[str, str]
    passed: frozenset[str]
    by_mutant: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def causes(self, check: str) -> list[Cause]:
        """The likely causes of one failed check, the most alike first."""
        found = [self.cause(name) for name in self.matrix.kills.get(check, [])]
        return sorted((one for one in found if one.share >= _LIKE), key=_rank)

    def cause(self, mutant: str) -> Cause:
        """What a mutant does, and how much of it was seen."""
        broken = self.by_mutant[mutant]
        shared = broken & self.failed.keys()
        says = self.matrix.says.get(self.role, {}).get(mutant) or spelled(mutant)
        received = " ".join(self.failed[check] for check in shared)
        codes = _STATUS.findall(f"{says} {mutant}")
        hint = (1 if all(code in received for code in codes) else -1) if codes else 0
        return Cause(mutant, says, len(shared), len(shared) + len(broken & self.passed), hint)

    def groups(self) -> list[Group]:
        """The failed checks by shared cause: each time the one that explains most of the rest."""
        of_check = {check: self.causes(check) for check in self.failed}
        left, found = {check for check, causes in of_check.items() if causes}, []
        while left:
            likely = {cause.mutant: cause for check in left for cause in of_check[check]}
            mine = {name: left & self.by_mutant[name] for name in likely}
            # A check that passed speaks louder against a cause than one that failed speaks for it.
            best, *others = sorted(
                likely.values(),
                key=lambda one: (-len(mine[one.mutant]) * one.share**2, *_rank(one)),
            )
            same = [one for one in others if mine[one.mutant] == mine[best.mutant]]
            alike = [one for one in same if one.share == best.share and one.hint >= 0]
            found.append(Group(best, alike[: SHOWN - 1], sorted(mine[best.mutant])))
            left -= mine[best.mutant]
        alone = sorted(check for check, causes in of_check.items() if not causes)
        return found + [Group(None, [], [check]) for check in alone]


def read_matrix(path: Traversable | None = None) -> Matrix:
    """The kill matrix of the installed suite, an empty one if it is not there."""
    path = path or resources.files("conformance") / MATRIX_FILE
    return msgspec.json.decode(path.read_bytes(), type=Matrix) if path.is_file() else Matrix()


def likeness(
    matrix: Matrix, role: str, failed: Mapping[str, str], passed: Collection[str]
) -> Likeness:
    """Hold the matrix against a run of this role.

    `failed` maps the ids of checks that failed to what was received, `passed` are those that did.
    """
    by_mutant: dict[str, set[str]] = {}
    for check, mutants in matrix.kills.items():
        for name in mutants:
            by_mutant.setdefault(name, set()).add(check)
    known = {name: frozenset(checks) for name, checks in by_mutant.items()}
    return Likeness(matrix, role, failed, frozenset(passed), known)


@lru_cache(maxsize=2048)
def spelled(mutant: str) -> str:
    """The name of a mutant as words: `StoresInvalidStudents` is `stores invalid students`."""
    return " ".join(part if part.isupper() else part.lower() for part in _PART.findall(mutant))


def _rank(cause: Cause) -> tuple[float, int, int, str]:
    return -cause.share, -cause.hint, -cause.shared, cause.mutant
