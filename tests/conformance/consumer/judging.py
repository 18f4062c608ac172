"""The suite as the hub of a simulated consumer, which acts when the suite asks it to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from tempfile import TemporaryDirectory
from typing import Any

from conformance import session, target
from conformance.checks.consumer.notations import IN_XML
from conformance.claims import SPOKEN_OF
from conformance.runfile import Check
from conformance.simulators import serve
from conformance.simulators.consumer import Consumer
from conformance.stage.beside import IN_CLEAR
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
            clients[0].speak(facts["notation"])
            clients[0].trust(facts["authority"])
        if "second_hub" in facts and len(clients) == 1:
            clients.append(clients[0].beside(facts["second_hub"]))
        for client in clients if "second_hub" in facts else clients[:1]:
            getattr(client, order)()
            client.link.close()
        return True

    return move


def judged(product: type[Consumer], only: Iterable[str] = (), **tables: Any) -> list[Check]:
    """What the suite says of this client, with these tables of the target changed."""
    clients: list[Consumer] = []
    move = moving(product, clients)
    with serve(lambda environ, start: clients[0].export(environ, start)) as shown:
        tables["endpoint"] = {"url": shown.url} | tables.get("endpoint", {})
        config = config_of(**tables)
        outcome = session.run(config, seed=SEED, only=tuple(only), examine=False, move=move)
    return outcome.verdict.checks


def judge(product: type[Consumer], only: Iterable[str] = (), patience: float = 0.0) -> list[Check]:
    """What the suite says of this client, all capabilities of the role declared.

    What asks for JSON is judged in a second run, in the PESC notation, and what asks for TLS in a
    third one.
    """
    told = judged(product, only)
    json = [check.id for check in told if check.reason == IN_XML]
    secure = [check.id for check in told if check.reason == IN_CLEAR]
    again = judged(product, json, endpoint={"notation": "pesc"}) if json else []
    again += by_tls(product, secure) if secure else []
    first = (one for one in told if one.id not in {*json, *secure})
    return sorted((*first, *again), key=lambda one: one.id)


def by_tls(product: type[Consumer], only: Iterable[str] = (), **tables: Any) -> list[Check]:
    """What the suite says of this client where its hub speaks TLS."""
    with TemporaryDirectory() as folder:
        return judged(product, only, tls={"authority": f"{folder}/authority.pem"}, **tables)
