"""The Locust file of `conformance load`; Locust runs it, with the wish in CONFORMANCE_LOAD.

Only our own wire sends: Locust decides when, counts, and shows what came of it.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import gevent  # type: ignore[import-not-found,import-untyped,unused-ignore]
import msgspec

# Locust makes sockets cooperative when it is imported: nothing that opens one may come before.
from locust import User, constant, events, task  # type: ignore[import-not-found,unused-ignore]

from conformance.load import VARIABLE, Caller, Load, Wish
from conformance.problems import ConformanceError

LOAD = Load(msgspec.json.decode(os.environ[VARIABLE], type=Wish))
NOT_BEGUN = 3


@events.init.add_listener  # type: ignore[untyped-decorator,unused-ignore]
def begin(environment: Any, **_: object) -> None:
    """Open the session; end at once where that is refused, also for another host.

    This comes before Locust looks at its clock: what opening takes is no part of the load.
    """
    try:
        if environment.host:
            LOAD.refuse_other(environment.host)
        LOAD.begin()
    except ConformanceError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(NOT_BEGUN)
    # Timers count from when the loop last looked at the clock: at its start, before all imports.
    gevent.get_hub().loop.update_now()


@events.test_stop.add_listener  # type: ignore[untyped-decorator,unused-ignore]
def end(environment: Any, **_: object) -> None:
    """Delete what was created; tell what is left, and where nothing was sent."""
    left = LOAD.end()
    if left and LOAD.deletes:
        print(f"error: {left} students that begin with {LOAD.mark} are left at the target: it did "
              "not delete them.", file=sys.stderr)  # fmt: skip
    elif left:
        print(f"{left} students that begin with {LOAD.mark} stay at the target.", file=sys.stderr)
    if not environment.stats.total.num_requests:
        print("error: no request was answered in this time; give it more --seconds.",
              file=sys.stderr)  # fmt: skip
        environment.process_exit_code = NOT_BEGUN


class Customer(User):  # type: ignore[misc,unused-ignore]
    """One caller; the pace of all of them together is that of the wish."""

    wait_time = constant(0)

    def on_start(self) -> None:
        """Take a connection and students of its own."""
        self.caller: Caller = LOAD.caller()

    @task  # type: ignore[untyped-decorator,unused-ignore]
    def step(self) -> None:
        """One request, told to Locust."""
        done = self.caller.step()
        self.environment.events.request.fire(
            request_type=done.verb,
            name=done.name,
            response_time=done.milliseconds,
            response_length=done.size,
            exception=RuntimeError(done.fault) if done.fault else None,
            context={},
        )
