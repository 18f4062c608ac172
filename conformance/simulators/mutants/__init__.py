"""Vendors that each make one mistake, to prove that the checks can fail.

A mutant says with `@breaks` which requirements it violates on purpose. `also` lists honest
collateral: requirements that cannot hold either once that mistake is made. `special` mutants
misbehave so widely that no exact list is claimed. Importing this package loads all its modules.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Callable, Iterable
from typing import TypeVar

from conformance.simulators.problems import UnknownMutant
from conformance.simulators.receiver import Receiver

MUTANTS: dict[str, type[Receiver]] = {}


Mutant = TypeVar("Mutant", bound=Receiver)


def breaks(
    *ids: str, also: Iterable[str] = (), special: bool = False
) -> Callable[[type[Mutant]], type[Mutant]]:
    """Register a mutant under its class name; a name given twice is a mistake of ours."""

    def register(mutant: type[Mutant]) -> type[Mutant]:
        if mutant.__name__ in MUTANTS:
            raise ValueError(f"two mutants are called {mutant.__name__}; rename one")
        mutant.breaks, mutant.also, mutant.special = ids, tuple(also), special
        MUTANTS[mutant.__name__] = mutant
        return mutant

    return register


def find(name: str) -> type[Receiver]:
    """The mutant of a name; raises UnknownMutant with the nearest names."""
    if name in MUTANTS:
        return MUTANTS[name]
    near = difflib.get_close_matches(name, MUTANTS, n=3, cutoff=0.4)
    hint = f"the nearest are {', '.join(near)}" if near else f"there are {len(MUTANTS)} others"
    raise UnknownMutant(f"No mutant is called {name}; {hint}.")


def compose(names: Iterable[str]) -> type[Receiver]:
    """One vendor with several mistakes; where two change the same method the first one wins."""
    chosen = tuple(dict.fromkeys(find(name) for name in names))
    if not chosen:
        return Receiver
    composed: type[Receiver] = type("And".join(mutant.__name__ for mutant in chosen), chosen, {})
    composed.breaks = tuple(sorted({each for mutant in chosen for each in mutant.breaks}))
    composed.also = tuple(sorted({each for mutant in chosen for each in mutant.also}))
    composed.special = any(mutant.special for mutant in chosen)
    return composed


for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
