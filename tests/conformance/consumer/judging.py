"""The suite as the hub of a simulated consumer, which acts when the suite asks it to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from conformance import session, target
from conformance.claims import SPOKEN_OF
from conformance.runfile import Check
from conformance.simulators import serve
from conformance.simulators.consumer import Consumer
from conformance.target import TargetConfig
from tests.conformance.judging import SEED

SECRET = "demo-secret-1"


def config_of(**tables: dict[str, Any]) -> TargetConfig:
    """A target whose client answers at once, with these tables changed."""
    plain: dict[str, Any] = {
        "vendor": {"name": "Example Reading App", "role": "consumer"},
        "endpoint": {},
        "credentials": {"key": "demo-vendor", "secret": SECRET},
        "capabilities": dict.fromkeys(SPOKEN_OF["consumer"], True),
        "pod": {"acknowledge_within_seconds": 0.8},
        "consumer": {
            "wait_seconds": 0.05,
            "watch_seconds": 0.03,
            "poll_seconds": 0.2,
            "backoff_seconds": 0.02,
            "retry_after_seconds": 0.4,
            "slow_seconds": 0.5,
        },
    }
    whole = {name: plain.get(name, {}) | tables.get(name, {}) for name in plain | tables}
    return target.from_table(whole, environ={})


def moving(
    product: type[Consumer], clients: list[Consumer] | None = None
) -> Callable[[str, Mapping[str, str]], bool]:
    """Do what the suite asks the client's people to do; the client lives as long as the run."""
    clients = [] if clients is None else clients

    def move(order: str, facts: Mapping[str, str]) -> bool:
        if not clients:
            clients.append(product(facts["hub"], facts["key"], SECRET))
        getattr(clients[0], order)()
        clients[0].link.close()
        return True

    return move


def judged(product: type[Consumer], only: Iterable[str] = (), **tables: Any) -> list[Check]:
    """What the suite says of this client, with these tables of the target changed."""
    clients: list[Consumer] = []
    move = moving(product, clients)
    with serve(lambda environ, start: clients[0].export(environ, start)) as shown:
        config = config_of(**({"endpoint": {"url": shown.url}} | tables))
        outcome = session.run(config, seed=SEED, only=tuple(only), examine=False, move=move)
    return outcome.verdict.checks


def judge(product: type[Consumer], only: Iterable[str] = (), patience: float = 0.0) -> list[Check]:
    """What the suite says of this client, all capabilities of the role declared."""
    return judged(product, only)
