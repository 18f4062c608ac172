"""The suite as the hub of a simulated publisher, which acts when the suite asks it to."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from conformance import session, target
from conformance.claims import SPOKEN_OF
from conformance.runfile import Check
from conformance.simulators.publisher import Publisher
from conformance.target import TargetConfig
from tests.conformance.judging import SEED

SECRET = "demo-secret-1"
Move = Callable[[str, Mapping[str, str]], bool]


def config_of(**tables: dict[str, Any]) -> TargetConfig:
    """A target whose system answers at once, with these tables changed."""
    plain: dict[str, Any] = {
        "vendor": {"name": "Example School System", "role": "publisher"},
        "endpoint": {},
        "credentials": {"key": "demo-vendor", "secret": SECRET},
        "capabilities": dict.fromkeys(SPOKEN_OF["publisher"], True),
        "publisher": {
            "wait_seconds": 0.05,
            "watch_seconds": 0.02,
            "slow_seconds": 0.12,
            "retry_after_seconds": 0.05,
        },
    }
    whole = {name: plain.get(name, {}) | tables.get(name, {}) for name in plain | tables}
    return target.from_table(whole, environ={})


@contextlib.contextmanager
def moving(product: type[Publisher]) -> Iterator[Move]:
    """Do what the suite asks the vendor's people for; the system lives as long as the block."""
    systems: list[Publisher] = []

    def move(order: str, facts: Mapping[str, str]) -> bool:
        if not systems:
            systems.append(product(facts["hub"], facts["key"], SECRET))
        systems[0].act(order, facts)
        return True

    yield move
    for one in systems:
        one.close()


def judge(
    product: type[Publisher], only: Iterable[str] = (), patience: float = 0.0
) -> list[Check]:  # fmt: skip
    """What the suite says of this system, all capabilities of the role declared."""
    with moving(product) as move:
        outcome = session.run(config_of(), seed=SEED, only=tuple(only), examine=False, move=move)
    return outcome.verdict.checks
