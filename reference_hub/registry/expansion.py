"""What an agreement opens: Exhibit B, a form for people, becomes paths and conditions. Pure.

The form is coarser than SIF, so which paths a tick opens is a decision of the kit (profile; the
table is `fixtures/pods/exhibit_b.csv`), and reports print the expansion.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from fixtures import pods, registry
from reference_hub.model.pod import DELETE, ENCRYPT
from reference_hub.privacy import forms
from reference_hub.registry.records import Agreement, Term

STRUCTURAL = "structural"


@dataclass(frozen=True, slots=True)
class Opened:
    """One ticked line of the form, or one bundle of pointers, and what it opens here.

    `category` is the line's name, `structural` for what no line names. No paths: SIF has no such
    data, or all of it is withheld.
    """

    id: str
    category: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """An entry of the fieldList; `rights` is R or RW."""

    path: str
    rights: str


def expansion(agreement: Agreement) -> tuple[Opened, ...]:
    """Structural bundles as listed, then the ticked lines in the order of the form."""
    bundles = registry.bundles()
    always = [Opened(name, STRUCTURAL, bundles[name]) for name in agreement.structural]
    extra = [Opened("extra", STRUCTURAL, agreement.extra)] if agreement.extra else []
    ticked = [
        Opened(row.id, row.category, (*row.xpress_paths, *row.unity_paths))
        for row in pods.exhibit_b()
        if row.id in agreement.exhibit_b
    ]
    return tuple(
        Opened(each.id, each.category, _left(each.paths, agreement.withheld))
        for each in (*always, *extra, *ticked)
    )


def fields(agreement: Agreement) -> tuple[Field, ...]:
    """The fieldList: xPress before the classics, each path once, R unless agreed otherwise.

    A writable path below a granted one gets an entry of its own.
    """
    found: dict[str, None] = dict.fromkeys(_styled(expansion(agreement)))
    below = [path for path in agreement.writable if path not in found and _is_in(path, found)]
    return tuple(
        Field(path, "RW" if _is_in(path, agreement.writable) else "R") for path in (*found, *below)
    )


def conditions(agreement: Agreement) -> tuple[Term, ...]:
    """The agreed conditions, then those that follow from what is withheld or not ticked.

    DELETE for a withheld path inside of an opened one; HASH for the ids of students where no line
    B15 is ticked, and of parents where B10 is not (sheet POD-MIN-010; profile).
    """
    opened = [field.path for field in fields(agreement)]
    withheld = (
        Term(DELETE, path, name="Withheld") for path in agreement.withheld if _is_in(path, opened)
    )
    implied = (
        Term(each.kind, each.path, name=f"No tick of {each.unless}")
        for each in pods.implied()
        if _is_in(each.path, opened) and not _is_in(each.path, agreement.withheld)
        if not any(tick.startswith(each.unless) for tick in agreement.exhibit_b)
    )
    return (*agreement.conditions, *withheld, *implied)


def mistaken(agreement: Agreement) -> str:
    """The first withheld path that no data model of the kit and no line of the agreement knows: a
    slip of the pen by which what was to be withheld would be shared. '' when there is none."""
    whole = [path for row in expansion(replace(agreement, withheld=())) for path in row.paths]
    for path in agreement.withheld:
        is_opened = _is_in(path, whole) or any(_is_in(each, (path,)) for each in whole)
        if not is_opened and not forms.exists(path):
            return path
    return ""


def idle(agreement: Agreement) -> Iterator[str]:
    """Say what in the schedule has no effect, so that a slip of the pen is seen."""
    rows = expansion(agreement)
    opened = [path for row in rows for path in row.paths]
    whole = [path for row in expansion(replace(agreement, withheld=())) for path in row.paths]
    for row in rows:
        if not row.paths:
            yield f"{row.id} ({row.category}) opens no path: nothing of it is exchanged."
    for path in agreement.withheld:
        if not _is_in(path, whole) and not any(_is_in(each, (path,)) for each in whole):
            yield f"withheld {path} is opened by nothing."
    for path in agreement.writable:
        if not _is_in(path, opened) and not any(_is_in(each, (path,)) for each in opened):
            yield f"writable {path} is not granted, so it cannot be written."
    for term in agreement.conditions:
        if term.kind == ENCRYPT:
            yield "condition ENCRYPT cannot be honoured by this hub, so the POD grants nothing."
        if not _is_in(term.path, opened):
            yield f"condition {term.kind} on {term.path}: that path is not granted."


def _left(paths: Iterable[str], withheld: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(path for path in paths if not _is_in(path, withheld))


def _is_in(path: str, granted: Iterable[str]) -> bool:
    return any(path == each or path.startswith(f"{each}/") for each in granted)


def _styled(rows: tuple[Opened, ...]) -> Iterator[str]:
    for xpress in (True, False):
        for row in rows:
            yield from (path for path in row.paths if path.startswith("x") == xpress)
