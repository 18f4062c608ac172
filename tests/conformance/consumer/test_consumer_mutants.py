"""The mutants of consumers: named, described, and each a change of the conforming client."""

from __future__ import annotations

import re

from conformance.simulators.consumer import Consumer
from conformance.simulators.consumer.mutants import MUTANTS


def test_every_mutant_names_what_it_breaks_and_the_mistake() -> None:
    wrong = [
        name
        for name, mutant in MUTANTS.items()
        if not re.fullmatch(r"[A-Z].*\.", (mutant.__doc__ or "").strip(), re.DOTALL)
        or not mutant.breaks
    ]
    assert wrong == []


def test_every_mutant_overrides_what_the_consumer_has() -> None:
    wrong = [
        f"{name}.{member}"
        for name, mutant in MUTANTS.items()
        for member, value in vars(mutant).items()
        if callable(value) and not member.startswith("_") and not hasattr(Consumer, member)
    ]
    assert wrong == []


def test_there_are_more_than_forty() -> None:
    assert len(MUTANTS) > 40
