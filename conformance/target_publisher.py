"""The table `[publisher]` of the target file: a system that sends its own data to a hub."""

from __future__ import annotations

import math

import msgspec

from conformance.problems import TargetError

XPRESS = (
    "xLeas", "xSchools", "xCalendars", "xCourses", "xStaffs", "xStudents", "xContacts", "xRosters",
)  # fmt: skip
_SECONDS = ("wait_seconds", "watch_seconds", "slow_seconds", "retry_after_seconds")


class Publisher(msgspec.Struct, frozen=True, kw_only=True):
    """`[publisher]`: how long to wait for the system, and the commands that move it.

    Seconds: `wait_seconds` for a call to come, `watch_seconds` for one that must not come,
    `slow_seconds` that the hub takes to answer when it is slow, `retry_after_seconds` the pause it
    asks for when it is busy. `most_tries` is how often, within `watch_seconds`, a message that is
    refused for good may come again. `services` are the collections that the hub knows; the system
    has no right to `denied`. A command is a list of words that gets its facts in environment
    variables; without one the suite asks the person at the terminal.
    """

    wait_seconds: float = 120.0
    watch_seconds: float = 10.0
    slow_seconds: float = 5.0
    retry_after_seconds: float = 2.0
    most_tries: int = 5
    services: tuple[str, ...] = XPRESS
    denied: str = "xRosters"
    publish: tuple[str, ...] = ()
    add: tuple[str, ...] = ()
    change: tuple[str, ...] = ()
    delete: tuple[str, ...] = ()
    restart: tuple[str, ...] = ()


NO_PUBLISHER = Publisher()


def refuse_publisher(path: str, told: Publisher) -> None:
    """Raises TargetError for a number that is none, or a service that cannot be denied."""
    for key in _SECONDS:
        value = getattr(told, key)
        if not (math.isfinite(value) and value > 0):
            seen = f"the value is {value!r}."
            raise TargetError(f"{path}, [publisher] {key}", seen, "Write a number above 0.")
    if told.most_tries < 1:
        seen = f"the value is {told.most_tries!r}."
        raise TargetError(f"{path}, [publisher] most_tries", seen, "Write 1 or more.")
    if not told.services:
        raise TargetError(f"{path}, [publisher] services", "it is empty.", "Name a collection.")
