"""The mutants of publishers: named, described, and each a change of the conforming system."""

from __future__ import annotations

import re

from conformance.simulators.publisher import Publisher
from conformance.simulators.publisher.mutants import MUTANTS


def test_every_mutant_names_what_it_breaks_and_the_mistake() -> None:
    wrong = [
        name
        for name, mutant in MUTANTS.items()
        if not re.fullmatch(r"[A-Z].*\.", (mutant.__doc__ or "").strip(), re.DOTALL)
        or not mutant.breaks
    ]
    assert wrong == []


def test_there_are_more_than_a_hundred() -> None:
    assert len(MUTANTS) > 100


def test_every_mutant_is_a_publisher_of_its_own_kind() -> None:
    own = {mutant.__name__: mutant.__mro__[1] for mutant in MUTANTS.values()}
    assert {name for name, parent in own.items() if parent is not Publisher} == set()
