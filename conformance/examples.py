"""A right and a wrong exchange for a check, made on the spot by the simulated products.

Nothing is kept: the check runs against the conforming product and against a mutant that it must
fail, with one seed, so the two exchanges differ by the mutant's one mistake.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from conformance import runfile, session, target
from conformance.claims import SPOKEN_OF
from conformance.simulators import offer_claims, pod_claims
from conformance.simulators.registry import registry
from conformance.simulators.secured import everywhere
from conformance.verifies import CheckSpec

SEED = 7
# The suite calls these; a client or a hub needs more around it than a simulator.
ROLES = ("receiver",)
MOST_LINES = 30
_TOLD_HEADERS = ("content-type", "accept", "messagetype", "location", "etag", "x-total-count")


@dataclass(frozen=True, slots=True)
class Example:
    """The same exchange with both products. `finding` says what is wrong in the second."""

    mutant: str
    mistake: str
    right: runfile.Exchange | None
    wrong: runfile.Exchange
    finding: runfile.Finding


def example_of(spec: CheckSpec, requirement: str) -> Example | None:
    """An example for a check, None where no single exchange shows the mistake."""
    known = registry(spec.role) if spec.role in ROLES else None
    mutants = known.mutants if known else {}
    # A mutant that breaks nothing else shows the mistake best.
    for name, mutant in sorted(mutants.items(), key=_width):
        if requirement not in mutant.breaks or mutant.special:
            continue
        judged, wrong = _judged(spec, mutant)
        found = next((one for one in judged.findings if one.exchange in wrong), None)
        if judged.verdict == runfile.FAIL and found and found.exchange and known:
            _, right = _judged(spec, known.conforming)
            mistake = " ".join((mutant.__doc__ or "").split())
            number = found.exchange
            return Example(name, mistake, right.get(number), wrong[number], found)
    return None


def _width(named: tuple[str, Any]) -> tuple[int, str]:
    """How much a mutant breaks, then its name."""
    name, mutant = named
    return len(mutant.breaks) + len(mutant.also), name


def _judged(spec: CheckSpec, product: Any) -> tuple[runfile.Check, dict[int, runfile.Exchange]]:
    """What the check says of a simulated product, and its exchanges by number."""
    seen: dict[int, runfile.Exchange] = {}
    with everywhere(product()) as places:
        config = target.from_table(_table(product) | places, environ={})
        outcome = session.run(
            config,
            seed=SEED,
            only=(spec.id,),
            observer=lambda exchange: seen.update({exchange.number: exchange}),
            examine=False,
        )
    return outcome.verdict.checks[0], seen


def _table(product: Any) -> dict[str, Any]:
    return {
        "vendor": {"name": "Example Reading App"},
        "credentials": {"key": "demo-vendor", "secret": "demo-secret-1"},
        "capabilities": dict.fromkeys(SPOKEN_OF["receiver"], True),
        "pod": pod_claims(),
        **offer_claims(product),
    }


def told(example: Example) -> Iterable[str]:
    """The example as lines of text."""
    if example.right is not None:
        yield "Right, as the conforming product does it:"
        yield from _exchange(example.right)
    yield f"Wrong, as the mutant {example.mutant} does it. {example.mistake}"
    yield from _exchange(example.wrong)
    yield f"  {example.finding.summary}"
    yield f"  expected: {example.finding.expected}"
    yield f"  received: {example.finding.actual}"


def _exchange(exchange: runfile.Exchange) -> Iterable[str]:
    yield from _message("  > ", exchange.request)
    if exchange.response is None:
        yield f"  < no answer: {exchange.fault}"
    else:
        yield from _message("  < ", exchange.response)


def _message(mark: str, message: runfile.Message) -> Iterable[str]:
    yield mark + message.start
    for name, value in message.headers:
        if name.lower() in _TOLD_HEADERS:
            yield f"{mark}{name}: {value}"
    lines = message.body.splitlines()
    yield from (f"{mark}  {line}" for line in lines[:MOST_LINES])
    if len(lines) > MOST_LINES:
        yield f"{mark}  ({len(lines) - MOST_LINES} more lines)"
