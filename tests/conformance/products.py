"""A run of any role against its simulated product, with any seed, plan and mistakes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from conformance import session, target
from conformance.claims import CAPABILITIES
from conformance.roles import Move
from conformance.session import Outcome
from conformance.simulators import offer_claims, pod_claims, serve
from conformance.simulators.registry import registry
from conformance.target import TargetConfig
from tests.conformance.judging import served


@dataclass(frozen=True, slots=True)
class Running:
    """A product that is up: its target, and what does what its people are asked for."""

    config: TargetConfig
    move: Move | None = None

    def judged(self, **wishes: Any) -> Outcome:
        """A run without the doctor; wishes are those of `session.run`."""
        return session.run(self.config, examine=False, move=self.move, **wishes)


@contextlib.contextmanager
def running(role: str, mistakes: tuple[str, ...] = ()) -> Iterator[Running]:
    """The simulated product of the role, until the end of the block."""
    product = registry(role).compose(mistakes)
    judging: Any = _judging(role)
    with contextlib.ExitStack() as stack:
        if role == "publisher":
            yield Running(judging.config_of(), stack.enter_context(judging.moving(product)))
        elif role == "consumer":
            made: list[Any] = []
            shown = stack.enter_context(serve(lambda *words: made[0].export(*words)))
            move = judging.moving(product, made)
            yield Running(judging.config_of(endpoint={"url": shown.url}), move)
        elif role == "oneroster-consumer":
            client = product("http://127.0.0.1")
            shown = stack.enter_context(serve(client.export))
            yield Running(judging.config_of(endpoint={"url": shown.url}), judging.moving(client))
        elif role == "file-receiver":
            table = stack.enter_context(judging.running(product()))
            yield Running(target.from_table(table, environ={}))
        elif role in ("receiver", "provider"):
            places = stack.enter_context(served(product()))
            table = _table(role, judging, places["endpoint"]["url"], product) | places
            yield Running(target.from_table(table, environ={}))
        else:
            handle = stack.enter_context(serve(product()))
            table = _table(role, judging, handle.url, product)
            yield Running(target.from_table(table, environ={}))


def _judging(role: str) -> Any:
    return None if role == "receiver" else import_module(
        f"tests.conformance.{role.replace('-', '_')}.judging"
    )  # fmt: skip


def _table(role: str, judging: Any, url: str, product: type[Any]) -> Any:
    if role == "receiver":
        return {
            "vendor": {"name": "Example Reading App"},
            "endpoint": {"url": url},
            "credentials": {"key": "demo-vendor", "secret": "demo-secret-1"},
            "capabilities": dict.fromkeys(CAPABILITIES, True),
            "pod": pod_claims(),
            **offer_claims(product),
        }
    told = (url, product) if role in ("provider", "edfi-receiver") else (url,)
    return judging.table_for(*told)
