"""What hostile requests get, and what they leave behind: nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator

import pytest
from lxml import etree

from tests.reference_hub.hostile import at_random, framing, json_documents, paths, trees
from tests.reference_hub.hostile.attack import CANARY, Aim, Attack, carry_out
from tests.reference_hub.hostile.conftest import Attacked
from tests.reference_hub.hostile.verdict import faults

FAMILIES: dict[str, Callable[[Aim], Iterator[Attack]]] = {
    "trees": trees.attacks,
    "json": json_documents.attacks,
    "framing": framing.attacks,
    "paths": paths.attacks,
}
GROWTH = 250_000_000
SEED = int(os.environ.get("HOSTILE_SEED", "7"))


@pytest.fixture(autouse=True)
def unharmed(attacked: Attacked) -> Iterator[None]:
    """Around each test: the hub serves as before, has stored nothing, logged nothing, not grown."""
    shown, stored, memory = attacked.read(), attacked.stored(), attacked.memory()
    yield
    assert attacked.read() == shown
    assert attacked.stored() == stored
    assert attacked.memory() - memory < GROWTH
    log = attacked.log.read_text("utf-8", "replace").lower()
    assert CANARY.lower() not in log
    assert "traceback" not in log
    assert "unexpected error" not in log


def found(
    attacked: Attacked, schema: etree.XMLSchema, attacks: Iterable[Attack]
) -> dict[str, list[str]]:
    """The attacks that were not met as they should, with what was wrong."""
    judged = {
        each.name: list(faults(each, carry_out(each, attacked.aim.port), schema))
        for each in attacks
    }
    return {name: wrong for name, wrong in judged.items() if wrong}


@pytest.mark.requirement("INF-ERR-001", "INF-ERR-002", "INF-ERR-005", "INF-FMT-016", "NEG-060")
@pytest.mark.parametrize("family", FAMILIES)
def test_every_hostile_request_is_refused_with_an_error(
    attacked: Attacked, infrastructure: etree.XMLSchema, family: str
) -> None:
    assert found(attacked, infrastructure, FAMILIES[family](attacked.aim)) == {}


def test_what_chance_makes_of_them_is_survived(
    attacked: Attacked, infrastructure: etree.XMLSchema
) -> None:
    models = [each for family in FAMILIES.values() for each in family(attacked.aim)]
    assert len(models) > 300
    assert found(attacked, infrastructure, at_random.attacks(SEED, models, 200)) == {}


@pytest.mark.soak
def test_ten_thousand_of_them_are_survived(
    attacked: Attacked, infrastructure: etree.XMLSchema
) -> None:
    models = [each for family in FAMILIES.values() for each in family(attacked.aim)]
    assert found(attacked, infrastructure, at_random.attacks(SEED + 1, models, 10_000)) == {}
