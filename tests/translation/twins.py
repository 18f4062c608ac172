"""The hub's rows and the judge's facts of the same SIF documents, and where they differ."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path

from lxml import etree

from conformance.crosswalk import Fact
from conformance.crosswalk.compared import KEPT, Outcome, compare
from conformance.crosswalk.facts import family, keys
from fixtures.district.places import START
from tests.conformance.crosswalk import generated, test_golden
from tests.translation import hub_facts

TARGETS = ("oneroster-1.2", "oneroster-1.1", "edfi-5", "clever")
MODELS = ("xpress-4.3", "unity-4.3")
DECLARED = ("ext:aide",)
TABLE = Path(__file__).parent / "differences.csv"
ALONE = " without a contact"
Difference = tuple[str, str, str]


def judged(
    target: str,
    wanted: Iterable[Fact],
    documents: Sequence[etree._Element],
    on: date,
    extensions: Collection[str] = (),
) -> list[Outcome]:
    """What became of the judge's facts in the hub's rows; files he does not write stand aside."""
    settings = {"today": on.isoformat(), "extensions": extensions}
    graph = hub_facts.records(documents, settings)
    rows = hub_facts.made(target, graph, settings).ready()
    known = {file for of, file in keys() if of == family(target)}
    return compare(wanted, [x for x in hub_facts.facts(target, rows) if x.file in known])


def of_district(target: str, model: str, seed: int) -> list[Outcome]:
    """A generated district through both."""
    # Some students come after the first day of school, and Clever holds only who is there.
    on = date(2026, 12, 1) if target == "clever" else START
    wanted = generated.wanted(target, model, seed)
    return judged(target, wanted, generated.documents(seed, model), on, DECLARED)


@cache
def of_golden(name: str, target: str) -> tuple[Outcome, ...]:
    """A case that people wrote through both."""
    case = test_golden.golden(name)
    district = test_golden.read(test_golden.DISTRICT[case["model"]])
    texts = (district, test_golden.WRAPPER.format("".join(case["documents"])))
    documents = [etree.fromstring(text.encode()) for text in texts]
    wanted = test_golden.facts(name, target)
    return tuple(judged(target, wanted, documents, test_golden.TODAY, case.get("extensions", ())))


def unlike(outcomes: Iterable[Outcome]) -> set[Difference]:
    """Where the two differ: file, path and outcome; Clever's rows that name no contact apart."""
    return {
        (f"{one.file}{ALONE if one.id.endswith('/') else ''}", one.path, one.outcome)
        for one in outcomes
        if one.outcome != KEPT
    }


def listed(corpus: str, target: str, model: str = "") -> list[Mapping[str, str]]:
    """The differences that are known, each with its reason."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    at = (corpus, target)
    named = [row for row in rows if (row["corpus"], row["target"]) == at]
    return [row for row in named if not model or model in row["models"].split()]


def faults(known: Sequence[Mapping[str, str]], found: Collection[Difference]) -> list[str]:
    """Differences nobody named, and names without a difference; a path ending in `*` is a start."""
    stray = [one for one in found if not any(_names(row, one) for row in known)]
    idle = [row for row in known if not any(_names(row, one) for one in found)]
    return sorted(" ".join(one) for one in stray) + [f"idle: {row}" for row in idle]


def _names(row: Mapping[str, str], one: Difference) -> bool:
    file, path, outcome = one
    start = row["path"].removesuffix("*")
    meant = path.startswith(start) if row["path"].endswith("*") else path == row["path"]
    return meant and (row["file"], row["outcome"]) == (file, outcome)
