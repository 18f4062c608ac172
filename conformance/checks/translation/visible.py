"""How soon a change is visible in the vendor's own form."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterable

from lxml import etree

from conformance import expect
from conformance.checks.exports import rows, shown
from conformance.checks.parts import part, told
from conformance.checks.preparation import partial, prepared
from conformance.problems import NotVerified
from conformance.readback import ReadBack
from conformance.sif import SifClient
from conformance.verifies import verifies

CHANGES = 10
# Enough to fail; a vendor that is late is not waited for ten times.
MOST_LATE = 3
GRACE_SECONDS = 0.5
VISIBLE = "visible"


@verifies("TRN-LC-14")
def check_changes_are_visible_in_time(
    sif: SifClient,
    readback: ReadBack,
    students: Callable[[int], list[etree._Element]],
    rng: random.Random,
) -> None:
    """Ten changes, one after the other, are visible within the time of the target file."""
    student = students(1)[0]
    refid, _ = shown(sif, readback, student)
    limit = sif.config.readback.wait_seconds
    taken: list[float | None] = []
    while len(taken) < CHANGES and _late(taken, limit) < MOST_LATE:
        name = f"Q{rng.getrandbits(40):x}"
        part(student, "name", "givenName").text = name
        prepared(sif.update(refid, partial(student, told("name", givenName=name))))
        taken.append(_until_visible(readback, refid, name, limit + 2 * GRACE_SECONDS))
    seen = [one for one in taken if one is not None]
    if not seen:
        raise NotVerified("no change became visible, so no time can be measured")
    sif.evidence.measured(VISIBLE, (1000 * one for one in seen))
    slow = _late(taken, limit)
    expect.true(
        slow == 0,
        f"each change is visible within {limit:g} s",
        readback.last,
        f"{slow} of {len(taken)} were not, the median was {statistics.median(seen):.1f} s,"
        f" the slowest {max(seen):.1f} s",
    )


def _late(taken: Iterable[float | None], limit: float) -> int:
    return sum(one is None or one > limit + GRACE_SECONDS for one in taken)


def _until_visible(readback: ReadBack, refid: str, name: str, limit: float) -> float | None:
    """Seconds until the name is shown, None if it is not within the limit."""
    start = time.monotonic()
    while time.monotonic() - start <= limit:
        if rows(readback, refid).user.get("givenName") == name:
            return time.monotonic() - start
        time.sleep(0.02)
    return None
