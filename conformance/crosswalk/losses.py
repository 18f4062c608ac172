"""What a target cannot hold, by crosswalk row: the loss that is no vendor's fault.

`rows.csv` has, per row, where SIF (xPress and classic) and the targets have a concept, and whether
a target carries it: `carried`, `degraded` (a place, under a rule), `extension` (only in metadata),
`none` (no place), `no source` (SIF has none).
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from lxml import etree

from conformance import trees
from conformance.crosswalk.compared import (
    CHANGED,
    INVENTED,
    KEPT,
    LOST,
    UNSEEN,
    Outcome,
)
from conformance.crosswalk.facts import family
from conformance.crosswalk.sheets import bare

STATUS = {
    "oneroster-1.2": "t_oneroster_1.2",
    "oneroster-1.1": "t_oneroster_1.1",
    "edfi-5": "t_edfi_ds5",
    "clever": "t_clever",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One element in the fidelity table of a target.

    `sent` values of the element were in the documents; of these `unavoidable` have no place in the
    target by the crosswalk, however good the vendor. The other five count facts of the target.
    `note` says why the sheets expect nothing of an element that has a place there.
    """

    row: str
    element: str
    status: str
    sent: int
    kept: int
    changed: int
    lost: int
    invented: int
    unseen: int
    unavoidable: int
    note: str = ""


@cache
def rows() -> Mapping[str, Mapping[str, str]]:
    """Give the crosswalk rows by id, such as `rows()["XW-097"]["xpress"]`."""
    text = (files(__package__) / "rows.csv").read_text(encoding="utf-8")
    return {row["row"]: row for row in csv.DictReader(text.splitlines())}


def statuses(target: str) -> Mapping[str, str]:
    """Give the status of every crosswalk row for a target; raises KeyError for another target."""
    return {name: row[STATUS[target]] for name, row in rows().items()}


@cache
def not_judged(target: str) -> Mapping[str, str]:
    """Give the rows that have a place in a target and that no fact is about, with the reason."""
    text = (files(__package__) / "not_judged.csv").read_text(encoding="utf-8")
    found = csv.DictReader(text.splitlines())
    return {row["row"]: row["reason"] for row in found if row["family"] == family(target)}


def sent(sif_documents: Iterable[bytes | etree._Element]) -> Mapping[str, int]:
    """Count the values that documents hold for each crosswalk row."""
    counts: Counter[str] = Counter()
    for document in sif_documents:
        tree = bare(trees.parse(document) if isinstance(document, bytes) else document)
        for name, query in _queries().items():
            found = query(tree)
            values = found if isinstance(found, list) else []
            texts = [str(getattr(one, "text", one) or "").strip() for one in values]
            counts[name] += len([text for text in texts if text])
    return {name: count for name, count in counts.items() if count}


@cache
def _queries() -> Mapping[str, etree.XPath]:
    found = {}
    for name, row in rows().items():
        paths = [*_paths(row["xpress"]), *_paths(row["classic"])]
        if paths:
            found[name] = etree.XPath(" | ".join(f"//{path}" for path in paths))
    return found


def _paths(cell: str) -> list[str]:
    # The releases of SIF differ in these two; every one of them is read.
    cell = cell.replace("/sessionList/", "/*/").replace("/otherStaffs/", "/otherStaffs//")
    return [path.strip() for path in re.split(r" ; ", cell) if "/" in path]


def table(
    target: str, outcomes: Sequence[Outcome], sif_documents: Iterable[bytes | etree._Element]
) -> list[Line]:
    """Give a line per element that was sent or judged, in the order of the crosswalk.

    Elements that are counted with another one have no line.
    """
    counts = sent(sif_documents)
    judged = [one for one in outcomes if not _dropped(one)]
    tally = Counter((one.wanted.row if one.wanted else "", one.outcome) for one in judged)
    owners = _owners(outcomes)
    for one in outcomes:
        if one.outcome == INVENTED:
            tally[owners.get((one.file, one.path), ""), INVENTED] += 1
    lines = [_line(target, name, counts.get(name, 0), tally) for name in rows()]
    return [line for line in lines if _worth(line)]


def _dropped(one: Outcome) -> bool:
    """Say whether a receiver did without a value, as it may: that is right, but not kept.

    A race flag is another thing: blank beside a known race says as much as false.
    """
    missing = one.outcome == KEPT and not one.seen
    return missing and one.wanted is not None and one.wanted.value != "false"


def _worth(line: Line) -> bool:
    judged = line.kept + line.changed + line.lost + line.invented + line.unseen
    return bool(line.sent or judged) and not line.note.startswith("counted with")


def _owners(outcomes: Iterable[Outcome]) -> Mapping[tuple[str, str], str]:
    """Find the crosswalk row of a column by what else was expected in it."""
    return {(one.file, one.path): one.wanted.row for one in outcomes if one.wanted}


def _line(target: str, name: str, count: int, tally: Mapping[tuple[str, str], int]) -> Line:
    row = rows()[name]
    status = row[STATUS[target]]
    told = {what: tally.get((name, what), 0) for what in (KEPT, CHANGED, LOST, INVENTED, UNSEEN)}
    places = told[KEPT] + told[CHANGED] + told[LOST] + told[UNSEEN]
    missing = 0 if status in ("carried", "no source") else max(0, count - places)
    element = row["xpress"] or row["classic"]
    return Line(
        name,
        element,
        status,
        count,
        kept=told[KEPT],
        changed=told[CHANGED],
        lost=told[LOST],
        invented=told[INVENTED],
        unseen=told[UNSEEN],
        unavoidable=missing,
        note=not_judged(target).get(name, ""),
    )
