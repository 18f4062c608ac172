"""Registries of vendors that each make one mistake, one registry for each role.

A mutant says with `breaks` which requirements it violates on purpose. `also` lists honest
collateral: requirements that cannot hold either once that mistake is made. `special` mutants
misbehave so widely that no exact list is claimed.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from conformance.simulators.problems import UnknownMutant


class Simulated(Protocol):
    """What every simulated product carries besides its behaviour."""

    breaks: ClassVar[tuple[str, ...]]
    also: ClassVar[tuple[str, ...]]
    special: ClassVar[bool]


Product = TypeVar("Product", bound=Simulated)
Mutant = TypeVar("Mutant", bound=Simulated)

_PLACES = {
    "provider": "conformance.simulators.provider.mutants",
    "receiver": "conformance.simulators.mutants",
    "consumer": "conformance.simulators.consumer.mutants",
    "broker": "conformance.simulators.hub.mutants",
    "publisher": "conformance.simulators.publisher.mutants",
    "edfi-receiver": "conformance.simulators.edfi_receiver.mutants",
    "oneroster-consumer": "conformance.simulators.oneroster_consumer.mutants",
    "oneroster-provider": "conformance.simulators.oneroster_provider.mutants",
    "file-receiver": "conformance.simulators.file_receiver.mutants",
}


class Registry(Generic[Product]):
    """The conforming product of a role and, by name, the mutants made of it."""

    def __init__(self, conforming: type[Product]) -> None:
        self.conforming = conforming
        self.mutants: dict[str, type[Product]] = {}

    def breaks(
        self, *ids: str, also: Iterable[str] = (), special: bool = False
    ) -> Callable[[type[Mutant]], type[Mutant]]:
        """Register a mutant under its class name; a name given twice is a mistake of ours."""

        def register(mutant: type[Mutant]) -> type[Mutant]:
            if mutant.__name__ in self.mutants:
                raise ValueError(f"two mutants are called {mutant.__name__}; rename one")
            mutant.breaks, mutant.also, mutant.special = ids, tuple(also), special
            made: Any = mutant
            self.mutants[mutant.__name__] = made
            return mutant

        return register

    def find(self, name: str) -> type[Product]:
        """The mutant of a name; raises UnknownMutant with the nearest names."""
        if name in self.mutants:
            return self.mutants[name]
        near = difflib.get_close_matches(name, self.mutants, n=3, cutoff=0.4)
        others = f"there are {len(self.mutants)} others"
        hint = f"the nearest are {', '.join(near)}" if near else others
        raise UnknownMutant(f"No mutant is called {name}; {hint}.")

    def compose(self, names: Iterable[str]) -> type[Product]:
        """One product with several mistakes; where two change the same method the first wins."""
        chosen = tuple(dict.fromkeys(self.find(name) for name in names))
        if not chosen:
            return self.conforming
        together = "And".join(mutant.__name__ for mutant in chosen)
        composed: type[Product] = type(together, chosen, {})
        composed.breaks = tuple(sorted({each for mutant in chosen for each in mutant.breaks}))
        composed.also = tuple(sorted({each for mutant in chosen for each in mutant.also}))
        composed.special = any(mutant.special for mutant in chosen)
        return composed


def registry(role: str) -> Registry[Any]:
    """The registry of a role with all its mutants."""
    found: Registry[Any] = importlib.import_module(_PLACES[role]).REGISTRY
    return found
