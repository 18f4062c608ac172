"""Ctrl-C in the very moment in which something is being created at the target."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from conformance import session, target
from conformance.interrupts import SAME_SECONDS, held
from conformance.problems import NotVerified
from conformance.simulators import Receiver, serve
from conformance.simulators.hub import SimulatedHub
from conformance.simulators.message import Request, Response
from conformance.simulators.provider import Provider
from tests.conformance.broker.judging import table_for as hub_table
from tests.conformance.engine.conftest import SECRET, config_for
from tests.conformance.judging import patient
from tests.conformance.provider.judging import table_for

ONLY = {"provider": ["quick"], "broker": ["DAT-POD-003"]}


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


@contextmanager
def as_from_a_terminal() -> Iterator[None]:
    """Ctrl-C as Python takes it, whatever runs these tests."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def inner_and_outer(done: list[str]) -> None:
    with held():
        with held():
            interrupt()
            interrupt()
            done.append("inner")
        done.append("outer")


def twice(done: list[str]) -> None:
    with held():
        interrupt()
        time.sleep(SAME_SECONDS + 0.1)
        interrupt()
        done.append("too late")


def broken(done: list[str]) -> None:
    with held():
        interrupt()
        done.append("begun")
        raise NotVerified("no answer came")


@pytest.mark.parametrize(
    ("what", "comes_to"), [(inner_and_outer, ["inner", "outer"]), (twice, []), (broken, ["begun"])]
)
def test_an_interrupt_waits_for_what_is_held_but_a_second_one_does_not(
    what: Callable[[list[str]], None], comes_to: list[str]
) -> None:
    done: list[str] = []
    with as_from_a_terminal(), pytest.raises(KeyboardInterrupt):
        what(done)
    assert done == comes_to


def test_nothing_is_held_afterwards_and_an_error_stays_what_it_is() -> None:
    with as_from_a_terminal():
        with pytest.raises(ZeroDivisionError), held():
            raise ZeroDivisionError
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        with pytest.raises(KeyboardInterrupt):
            interrupt()


class CutOff:
    """Whoever started the run gives up while the answer to `path` is being made."""

    path: str
    armed = True

    def route(self, request: Request) -> Response:
        """Interrupt before the answer, and give the interrupt time to be first."""
        hit = self.armed and request.method == "POST" and self.path in request.segments
        answer: Response = super().route(request)  # type: ignore[misc]
        if hit:
            self.armed = False
            interrupt()
            time.sleep(0.2)
        return answer


class CutOffProvider(CutOff, Provider):
    path = "environments"


class CutOffHub(CutOff, SimulatedHub):
    path = "environments"


class CutOffReceiver(CutOff, Receiver):
    path = "environments"


class CutOffSilent(CutOffReceiver):
    """Answers after the suite has given up."""

    def route(self, request: Request) -> Response:
        """As the others, but late."""
        was, answer = self.armed, super().route(request)
        if was and not self.armed:
            time.sleep(1.0)
        return answer


class CutOffStudents(CutOff, Receiver):
    path = "xStudents"


def left_at(product: Any) -> list[str]:
    """What stands at the product still."""
    return [*product.state.sessions, *getattr(product.state, "students", ())]


@pytest.mark.parametrize("product", [CutOffReceiver, CutOffStudents])
@pytest.mark.parametrize("examine", [True, False])
def test_a_receiver_keeps_nothing_of_a_run_cut_off(product: type[Any], examine: bool) -> None:
    vendor = product(secret=SECRET)
    with as_from_a_terminal(), serve(vendor) as handle:
        config = config_for(handle.url)
        with pytest.raises(KeyboardInterrupt):
            session.run(config, seed=7, only=["INF-CRE-001"], examine=examine)
    assert not vendor.armed
    assert left_at(vendor) == []


@pytest.mark.parametrize(
    ("product", "table"), [(CutOffProvider, table_for), (CutOffHub, hub_table)]
)
def test_whoever_has_the_data_keeps_no_environment_of_a_run_cut_off(
    product: type[Any], table: Callable[[str], dict[str, Any]]
) -> None:
    vendor = product()
    with as_from_a_terminal(), serve(vendor) as handle:
        config = target.from_table(table(handle.url), environ={})
        with pytest.raises(KeyboardInterrupt):
            session.run(config, seed=7, only=ONLY[config.vendor.role], examine=False)
    assert not vendor.armed
    assert left_at(vendor) == []


def test_an_interrupt_is_not_lost_where_no_answer_comes() -> None:
    vendor = CutOffSilent(secret=SECRET)
    with as_from_a_terminal(), serve(vendor) as handle:
        config = patient(config_for(handle.url), 0.5)
        with pytest.raises(KeyboardInterrupt):
            session.run(config, seed=7, only=["INF-CRE-001"], examine=False)
    assert not vendor.armed
