"""The pace of acknowledgements is read off the exchanges of a run."""

from __future__ import annotations

from conformance.runfile import Exchange, Message
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
    assert pace.of_acknowledgements([*others, *pushes]) == pace.Pace(20, 10.0, 19.0)


def test_a_run_without_pods_has_no_pace() -> None:
    assert pace.of_acknowledgements([]) is None
