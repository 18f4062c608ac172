"""Tell which elements carry canaries, which cannot, and which of them an agreement grants.

Nothing of it is written down: a small district is made in each model and looked through.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

from conformance.problems import UsageFault
from conformance.scan_tokens import tokens
from fixtures import leaves, pods
from fixtures.canary import Sighting
from fixtures.district.plan import Plan
from fixtures.edge_cases import EDGE_CASES
from fixtures.leaves import Leaf
from fixtures.problems import BadFixture
from fixtures.sightings import Reader
from fixtures.writers import models
from fixtures.writers.xpress import persons

MODELS: tuple[tuple[str, pods.Style], ...] = (("xpress-4.3", "xpress"), ("unity-4.3", "unity"))
SEED, STUDENTS, SCHOOLS = 1, 120, 2
COVERED = "non-interference test"


@dataclass(frozen=True, slots=True)
class Explained:
    """What is to say of one path: the canaries at it, or why there is none and what covers it.

    `granted` is yes or no where an agreement is asked about.
    """

    model: str
    path: str
    canaries: tuple[str, ...]
    why: str = ""
    covered: str = ""
    granted: str = ""


def explain(agreement: str | None = None) -> Iterator[Explained]:
    """Go through all paths of both models, in the order of the alphabet."""
    terms = _agreement(agreement) if agreement else None
    for model, style in MODELS:
        paths = pods.granted_paths(terms, style) if terms else ()
        for path, leaf in sorted(_surveyed(model).items()):
            granted = ("yes" if leaves.is_within(path, paths) else "no") if terms else ""
            canaries = tuple(sorted(f"{kind} {element}" for kind, element in leaf.carried))
            why = "" if canaries else leaves.reason(path, leaf) or "not known; report it"
            covered = COVERED if why not in ("", leaves.NOT_PERSONAL) else ""
            yield Explained(model, path, canaries, why, covered, granted)


def _agreement(name: str) -> pods.Agreement:
    try:
        return pods.agreement(name) if name in pods.AGREEMENTS else pods.read_agreement(Path(name))
    except BadFixture as error:
        known = ", ".join(pods.AGREEMENTS)
        raise UsageFault(f"{error}. Name such a file, or one of these: {known}.") from None


@cache
def _surveyed(model: str) -> dict[str, Leaf]:
    plan = Plan(SEED, STUDENTS, SCHOOLS)
    nodes = chain.from_iterable(models.model_of(model).collections(plan).values())
    odd = EDGE_CASES["every-field"].build(SEED)
    if model == MODELS[0][0]:
        nodes = chain(nodes, [persons.student(odd)])
    return leaves.survey(nodes, reading(Reader(SEED, EDGE_CASES["every-field"].index + 1, SCHOOLS)))


def reading(reader: Reader) -> leaves.Read:
    """Give a function that lists the canaries in a text."""

    def read(text: str) -> list[Sighting]:
        data = text.encode("utf-8", "surrogatepass")
        return [sighting for _, _, sighting in tokens(data, 0, len(data), (reader,))]

    return read


class Grant:
    """What an agreement lets a vendor hold; `name` is one that is shipped, or a file.

    A canary is granted when one of the places that may hold it is: a family name that a contact
    shares with a student may be held because of the student. Raises UsageFault for what is no
    agreement.
    """

    def __init__(self, name: str) -> None:
        terms, granted = _agreement(name), set[tuple[str, str]]()
        for model, style in MODELS:
            paths = pods.granted_paths(terms, style)
            for path, leaf in _surveyed(model).items():
                if leaves.is_within(path, paths):
                    granted.update(leaf.carried)
        self._granted = frozenset(granted)

    def allows(self, sighting: Sighting) -> bool:
        """Say whether the vendor may hold what this canary stands for."""
        return (sighting.kind, sighting.element) in self._granted
