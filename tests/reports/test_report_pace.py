"""The pace of acknowledgements is read off the exchanges of a run, that of changes was measured."""

from __future__ import annotations

from conformance.runfile import Exchange, Measured, Message
from reports import pace


def exchange(start: str, status: str, milliseconds: float) -> Exchange:
    """An exchange without headers and bodies."""
    sides = [Message(start=line, headers=[], body="", body_bytes=0) for line in (start, status)]
    return Exchange(
        number=1,
        check="",
        direction="to target",
        request=sides[0],
        response=sides[1],
        fault="",
        milliseconds=milliseconds,
    )


def test_median_and_p95_are_nearest_ranks_of_accepted_pods() -> None:
    pushes = [
        exchange("POST /sif3/rc/7/pods/pod HTTP/1.1", "HTTP/1.1 201 Created", float(number))
        for number in range(1, 21)
    ]
    others = [
        exchange("POST /sif3/rc/7/pods/pod HTTP/1.1", "HTTP/1.1 400 Bad Request", 900.0),
        exchange("POST /sif3/rc/7/xStudents/xStudent HTTP/1.1", "HTTP/1.1 201 Created", 900.0),
    ]
    assert pace.of_acknowledgements([*others, *pushes]) == pace.Pace(20, 10.0, 19.0, 20.0)


def test_a_run_without_pods_has_no_pace() -> None:
    assert pace.of_acknowledgements([]) is None


def test_changes_of_all_checks_are_one_pace() -> None:
    found = [
        Measured(check="a", what="visible", milliseconds=[30.0, 10.0]),
        Measured(check="a", what="another thing", milliseconds=[900.0]),
        Measured(check="b", what="visible", milliseconds=[20.0]),
    ]
    assert pace.of_changes(found) == pace.Pace(3, 20.0, 30.0, 30.0)
    assert pace.of_changes([]) is None
