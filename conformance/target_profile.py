"""`[profile]` of `conformance.toml`: what the vendor says of itself, below or beyond the standard.

Beside it the checks of the other two tables about what a vendor keeps: `[readback]`, `[fidelity]`.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache

import msgspec

from conformance import trees
from conformance.problems import TargetError
from conformance.target_tables import Fidelity, Readback

FORMS = ("csv", "zip", "rest", "edfi", "flat", "folder")
DECLARED, OBSERVED = "declared", "observed"
BASES = (DECLARED, OBSERVED)
BOTH, OWN, SIF = "both", "own", "sif"
SHOWN = (BOTH, OWN, SIF)
REMOVED, HIDDEN, STAYS = "removed", "hidden", "kept"
HABITS = (REMOVED, HIDDEN, STAYS)


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """What the vendor keeps of a student, by its own word; read back as `[readback]` says.

    `basis` is declared (by the vendor) | observed (by `conformance profile`). `shown`: where it
    holds: both | own (the vendor's own form) | sif. `deletes`: the row of a deleted student in the
    own form is removed (or marked tobedeleted, as the standard has it) | hidden (stays with another
    status) | kept. `not_taken` are paths of elements that are dropped with all below them,
    `longest` the most characters of a text, what is over is cut; `most` the first items that are
    kept of a list; `codes` what a code becomes, blank: nothing. Paths are those of xStudent.
    """

    basis: str = DECLARED
    format: str = ""
    version: str = ""
    shown: str = BOTH
    deletes: str = REMOVED
    not_taken: tuple[str, ...] = ()
    longest: dict[str, int] = {}
    most: dict[str, int] = {}
    codes: dict[str, dict[str, str]] = {}


NOTHING_DECLARED = Profile()


@cache
def paths() -> frozenset[str]:
    """Every path of an element in a student of which every field is filled."""
    from fixtures.edge_cases import EDGE_CASES
    from fixtures.writers import xpress

    student = xpress.student(EDGE_CASES["every-field"].build(1, shift=0))
    steps = (
        [trees.local(one) for one in (*reversed(list(each.iterancestors())), each)]
        for each in student.iterdescendants()
    )
    return frozenset("/".join(step) for step in steps)


def refuse_profile(path: str, told: Profile) -> None:
    """Raise TargetError for the first value of `[profile]` that cannot be."""
    worded = (("basis", told.basis, BASES), ("shown", told.shown, SHOWN),
              ("deletes", told.deletes, HABITS))  # fmt: skip
    for key, value, words in worded:
        if value not in words:
            seen = f"the value is {value!r}."
            fix = f"Use one of: {', '.join(words)}."
            raise TargetError(f"{path}, [profile] {key}", seen, fix)
    named = {"not_taken": told.not_taken, "longest": told.longest, "most": told.most,
             "codes": told.codes}  # fmt: skip
    for key, elements in named.items():
        _refuse_paths(f"{path}, [profile] {key}", elements)
    for key, counts in (("longest", told.longest), ("most", told.most)):
        for element, count in counts.items():
            if count < 1:
                place = f"{path}, [profile.{key}] {element}"
                seen = f"the value is {count}."
                raise TargetError(place, seen, "Write a number above 0; not_taken drops it all.")


def _refuse_paths(place: str, elements: Iterable[str]) -> None:
    for element in elements:
        if element not in paths():
            near = get_close_matches(element, paths(), 1, 0.5)
            fix = f"Did you mean {near[0]}?" if near else "Write it as xStudent/name/middleName."
            raise TargetError(place, f"a student has no element {element!r}.", fix)


def refuse_readback(path: str, told: Readback) -> None:
    """Raise TargetError for the first value of `[readback]` that cannot be."""
    if told.form not in FORMS:
        seen = f"the value is {told.form!r}."
        raise TargetError(f"{path}, [readback] form", seen, f"Use one of: {', '.join(FORMS)}.")
    if told.form != "csv" and not told.address:
        fix = f"Write where the read back of form {told.form} stands."
        raise TargetError(f"{path}, [readback] address", "it is missing.", fix)
    if told.form == "flat" and "identifier" not in told.columns:
        fix = 'Name your columns, at least identifier = "Student number".'
        raise TargetError(f"{path}, [readback] columns", "identifier is missing.", fix)


def refuse_parts(path: str, told: Fidelity) -> None:
    """Raise TargetError for the first value of `[fidelity]` that cannot be."""
    named = {"kept": told.kept, **told.elements}
    for name, part in named.items():
        if not 0 <= part <= 1:
            seen = f"the value is {part!r}."
            raise TargetError(f"{path}, [fidelity] {name}", seen, "Write a number from 0 to 1.")
    if told.students < 1 or told.invented < 0:
        seen = f"students is {told.students}, invented is {told.invented}."
        raise TargetError(f"{path}, [fidelity]", seen, "students is at least 1, invented 0.")
