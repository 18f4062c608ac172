"""Seeded set-up faults: at least 90 of 100 are named with the right key, the words and the line."""

from __future__ import annotations

import pytest

from conformance import doctor
from conformance.evidence import Evidence
from conformance.problems import SetupFault
from conformance.session import wire_to
from conformance.simulators import Receiver, serve
from conformance.simulators.mutants import MUTANTS
from tests.conformance.doctor.seeds import RECEIVER, Seed, at
from tests.conformance.doctor.world import World
from tests.conformance.engine.conftest import SECRET
from tests.conformance.test_legal_variety import OwnIdsForMany, Unlike

LEAST = 0.9
VARIETY = (Receiver, Unlike, OwnIdsForMany)


def said(world: World, seed: Seed) -> str:
    """What the doctor says of a seeded fault: empty, or the fault."""
    try:
        config = world.config(seed.make(world))
        with wire_to(config, Evidence()) as wire:
            doctor.examine(config, wire)
    except SetupFault as fault:
        return str(fault)
    return ""


def named(seed: Seed, told: str) -> bool:
    """Whether the fault was named with the right key and words."""
    return seed.key in told.partition(": ")[0] and seed.words in told


def test_seeded_faults_are_named(world: World) -> None:
    told = {seed.name: said(world, seed) for seed in RECEIVER}
    found = {seed.name: named(seed, told[seed.name]) for seed in RECEIVER}
    for seed in RECEIVER:
        print("named" if found[seed.name] else "MISSED", seed.name, "|", told[seed.name], sep="  ")
    print(f"{sum(found.values())} of {len(found)} set-up faults named")
    assert len(found) >= 60
    assert sum(found.values()) / len(found) >= LEAST
    # Above what is promised: each one is known, and one that is lost should be noticed.
    assert [name for name, good in found.items() if not good] == []


@pytest.mark.soak
def test_wrong_products_are_left_to_the_checks(world: World) -> None:
    """At most one wrong product in fifty is taken for a wrong set-up."""
    judged = {name: made for name, made in MUTANTS.items() if name not in ("Silent", "SlowDrip")}
    stopped = []
    for name, made in judged.items():
        with serve(made(secret=SECRET)) as handle:
            seed = Seed(name, "", "", lambda _, url=handle.url: at(url))  # type: ignore[misc]
            if said(world, seed):
                stopped.append(name)
    print(f"{len(stopped)} of {len(judged)} wrong products stopped by the doctor: {stopped}")
    assert len(stopped) <= len(judged) / 50


@pytest.mark.parametrize("product", VARIETY)
def test_products_that_conform_are_let_in(world: World, product: type[Receiver]) -> None:
    url = world.vendor(product(secret=SECRET))
    assert said(world, Seed("", "", "", lambda _: at(url))) == ""
