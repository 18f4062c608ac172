"""The suite held against a simulated product of each role, conforming or not."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any

import msgspec

from conformance import session, target
from conformance.claims import ROLES
from conformance.runfile import Check
from conformance.simulators import offer_claims, pod_claims, secured
from conformance.simulators.registry import registry
from conformance.versions import VERSIONS

SEED = 7
PATIENCE = 0.5
# A product at all its addresses: the tables of a target file that name them.
served = secured.everywhere

Judge = Callable[[type[Any], Iterable[str], float], list[Check]]


def judge_receiver(
    vendor: type[Any], only: Iterable[str] = (), patience: float = 0.0
) -> list[Check]:
    """What the suite says of this vendor, all capabilities declared."""
    with served(vendor()) as places:
        table: dict[str, Any] = {
            "vendor": {"name": "Example Reading App"},
            "credentials": {"key": "demo-vendor", "secret": "demo-secret-1"},
            "capabilities": dict.fromkeys(target.CAPABILITIES, True),
            "pod": pod_claims(),
            **offer_claims(vendor),
            **places,
        }
        return checks_of(patient(target.from_table(table, environ={}), patience), only)


def checks_of(config: target.TargetConfig, only: Iterable[str]) -> list[Check]:
    """What the suite says of a target, checks of later releases asked in the latest one."""
    told = session.run(config, seed=SEED, only=tuple(only), examine=False).verdict.checks
    early = f"not in force in infrastructure {config.endpoint.infrastructure}"
    late = [check.id for check in told if check.reason == early]
    if not late:
        return told
    latest = msgspec.structs.replace(config.endpoint, infrastructure=VERSIONS[-1])
    newer = dataclasses.replace(config, endpoint=latest)
    again = session.run(newer, seed=SEED, only=late, examine=False).verdict.checks
    return sorted((*(one for one in told if one.id not in late), *again), key=lambda one: one.id)


def patient(config: target.TargetConfig, seconds: float) -> target.TargetConfig:
    """The target with this long to answer; 0 leaves it as it is."""
    if not seconds:
        return config
    short = {"read_seconds": seconds, "total_seconds": seconds}
    return dataclasses.replace(config, endpoint=msgspec.structs.replace(config.endpoint, **short))


def judge_of(role: str) -> Judge:
    """The judge of a role; those of `consumer` and `broker` stand beside their tests."""
    if role == "receiver":
        return judge_receiver
    found: Judge = import_module(f"tests.conformance.{role.replace('-', '_')}.judging").judge
    return found


def judge_mutant(role: str, name: str, only: Iterable[str] = ()) -> list[Check]:
    """What the suite says of a mutant; the special ones get little time to answer."""
    mutant = MUTANTS[role][name]
    return judge_of(role)(mutant, only, PATIENCE if mutant.special else 0.0)


def with_verdict(checks: Iterable[Check], verdict: str) -> dict[str, Check]:
    """The checks that came to this verdict, by id."""
    return {check.id: check for check in checks if check.verdict == verdict}


JUDGED = list(ROLES)
MUTANTS: Mapping[str, Mapping[str, type[Any]]] = {role: registry(role).mutants for role in JUDGED}
