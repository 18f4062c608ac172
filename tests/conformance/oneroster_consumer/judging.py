"""The suite as the OneRoster service of a simulated client, which acts when it is asked to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from conformance import session, target
from conformance.claims import SPOKEN_OF
from conformance.runfile import Check
from conformance.simulators import serve
from conformance.simulators.oneroster_consumer import RosterClient
from conformance.target import TargetConfig
from tests.conformance.judging import SEED

SECRET = "demo-secret-1"


def config_of(**tables: dict[str, Any]) -> TargetConfig:
    """A target whose client answers at once, with these tables changed."""
    plain: dict[str, Any] = {
        "vendor": {"name": "Example Reading App", "role": "oneroster-consumer"},
        "endpoint": {},
        "credentials": {"key": "demo-vendor", "secret": SECRET},
        "capabilities": dict.fromkeys(SPOKEN_OF["oneroster-consumer"], True),
        "readback": {"form": "csv"},
        "consumer": {
            "wait_seconds": 0.05,
            "watch_seconds": 0.03,
            "poll_seconds": 0.2,
            "backoff_seconds": 0.02,
        },
    }
    whole = {name: plain.get(name, {}) | tables.get(name, {}) for name in plain | tables}
    return target.from_table(whole, environ={})


def moving(client: RosterClient) -> Callable[[str, Mapping[str, str]], bool]:
    """Do what the suite asks the client's people to do; the client lives as long as the run."""

    def move(order: str, facts: Mapping[str, str]) -> bool:
        client.hub = facts["hub"]
        getattr(client, order)()
        client.close()
        return True

    return move


def judged(
    client: RosterClient,
    only: Iterable[str] = (),
    examine: bool = False,
    **tables: dict[str, Any],
) -> list[Check]:
    """What the suite says of this client, with these tables of the target changed."""
    with serve(client.export) as shown:
        config = config_of(endpoint={"url": shown.url}, **tables)
        return session.run(
            config, seed=SEED, only=tuple(only), examine=examine, move=moving(client)
        ).verdict.checks


def judge(
    product: type[RosterClient], only: Iterable[str] = (), patience: float = 0.0
) -> list[Check]:
    """What the suite says of this product, all capabilities of the role declared.

    Single checks begin after the first calls of the client, as they do for whoever names them in
    `--only`: among all checks another one has seen to them. The special ones make none.
    """
    few = tuple(only)
    return judged(product("http://127.0.0.1"), few, examine=bool(few) and not product.special)
