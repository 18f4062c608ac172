"""Laws of the hub's translation on whole districts: ids that tell things apart and nobody's name,
no drift by the order in which records come, every code both ways.

Source: TRN-LR-06, TRN-ID-03, TRN-CS-01 and TRN-CS-02.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from fixtures import codesets
from reference_hub.translate.calls import Call, named
from reference_hub.translate.canonical import Record
from reference_hub.translate.graph import MemoryGraph
from reference_hub.translate.table_file import DIALECTS, code_maps
from reference_hub.translate.tables import load
from reference_hub.translate.writing import TargetRow
from tests.conformance.crosswalk import generated
from tests.translation import hub_facts, twins

STATED = {"today": "2026-12-01", "extensions": twins.DECLARED}
SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 21))]


@cache
def graph(model: str, seed: int = 1) -> MemoryGraph:
    return hub_facts.records(generated.documents(seed, model), STATED)


@cache
def rows(target: str, model: str, seed: int = 1) -> tuple[TargetRow, ...]:
    return hub_facts.made(target, graph(model, seed), STATED).rows


def spelled(found: tuple[TargetRow, ...]) -> list[str]:
    """Rows as text, in the order of their keys."""
    every = [(x.collection, x.key, x.state, x.reason, x.body) for x in found]
    return sorted(json.dumps(one, sort_keys=True) for one in every)


def shuffled(records: MemoryGraph, seed: int) -> MemoryGraph:
    """The same records in another order."""
    every: list[tuple[str, Record]] = list(records.all())
    random.Random(seed).shuffle(every)
    return MemoryGraph(every)


def values(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """All values of a row with their paths."""
    if isinstance(node, dict):
        for name, below in node.items():
            yield from values(below, f"{path}/{name}")
    elif isinstance(node, list):
        for each in node:
            yield from values(each, path)
    else:
        yield path, str(node)


@pytest.mark.requirement("TRN-LR-06")
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("target", twins.TARGETS)
@pytest.mark.parametrize("model", twins.MODELS)
def test_order_of_arrival_changes_no_row(model: str, target: str, seed: int) -> None:
    again = hub_facts.made(target, shuffled(graph(model, seed), seed), STATED).rows
    assert spelled(again) == spelled(rows(target, model, seed))


@pytest.mark.requirement("TRN-ID-02", "TRN-ID-05")
@pytest.mark.parametrize("target", ["oneroster-1.2", "oneroster-1.1"])
@pytest.mark.parametrize("model", twins.MODELS)
def test_ids_of_a_collection_are_all_different(model: str, target: str) -> None:
    every = [(x.collection, x.body["sourcedId"].lower()) for x in rows(target, model)]
    assert len(every) > 300
    assert len(set(every)) == len(every)


@pytest.mark.requirement("TRN-ID-03")
@pytest.mark.parametrize("target", ["oneroster-1.2", "oneroster-1.1"])
@pytest.mark.parametrize("model", twins.MODELS)
def test_no_id_holds_a_personal_value(model: str, target: str) -> None:
    telling = ("givenName", "familyName", "birthDate", "localId", "stateId", "loginId")
    people = [x for entity, x in graph(model).all() if entity in ("Student", "Staff", "Contact")]
    personal = {
        str(one[name]).lower()
        for one in people
        for name in telling
        if len(str(one.get(name, ""))) > 4
    }
    ids = "\n".join(text.lower() for row in rows(target, model) for path, text in values(row.body)
                    if path.endswith(("ourcedId", "ourcedIds")))  # fmt: skip
    assert len(personal) > 100
    assert [text for text in personal if text in ids] == []


@pytest.mark.requirement("TRN-CS-01", "TRN-CS-02", "TRN-CS-07")
@pytest.mark.parametrize("dialect", ["oneroster", "edfi", "clever", "xpress", "unity"])
@pytest.mark.parametrize("name", codesets.NAMES)
def test_each_code_comes_back_or_is_noted_once(name: str, dialect: str) -> None:
    load("oneroster-1.2")  # the functions are registered with the first table
    codes, meanings = code_maps(name, dialect)
    work = named("code", dialect)
    assert work is not None
    assert work.read is not None
    for row in codesets.load(name):
        word = row.get(DIALECTS[dialect], "").partition("|")[0]
        written = work.write(Call([row["canonical"]], codes=codes, meanings=meanings))
        assert written.value == (word or None)
        back = work.read(Call([word], codes=codes, meanings=meanings)).value if word else None
        assert len(written.notes) == (back != row["canonical"]), row["canonical"]
