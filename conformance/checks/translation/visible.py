"""How soon a change is visible in the vendor's own form."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable

from lxml import etree

from conformance import expect
from conformance.checks.exports import rows, shown
from conformance.checks.parts import part, told
from conformance.checks.preparation import partial, prepared
from conformance.problems import NotVerified
from conformance.readback import ReadBack
from conformance.sif import SifClient
from conformance.verifies import verifies

CHANGES = 3
GRACE_SECONDS = 0.5


@verifies("TRN-LC-14")
def check_changes_are_visible_in_time(
    sif: SifClient,
    readback: ReadBack,
    students: Callable[[int], list[etree._Element]],
    rng: random.Random,
) -> None:
    """Three changes are each visible within the time that the target file allows."""
    student = students(1)[0]
    refid, _ = shown(sif, readback, student)
    limit = sif.config.readback.wait_seconds
    taken = []
    for _ in range(CHANGES):
        name = f"Q{rng.getrandbits(40):x}"
        part(student, "name", "givenName").text = name
        prepared(sif.update(refid, partial(student, told("name", givenName=name))))
        taken.append(_until_visible(readback, refid, name, limit + 2 * GRACE_SECONDS))
    if all(one is None for one in taken):
        raise NotVerified("no change became visible, so no time can be measured")
    slow = sum(one is None or one > limit + GRACE_SECONDS for one in taken)
    median = statistics.median(one for one in taken if one is not None)
    expect.true(
        slow == 0,
        f"each change is visible within {limit:g} s",
        readback.last,
        f"{slow} of {CHANGES} were not, the median was {median:.1f} s",
    )


def _until_visible(readback: ReadBack, refid: str, name: str, limit: float) -> float | None:
    """Seconds until the name is shown, None if it is not within the limit."""
    start = time.monotonic()
    while (passed := time.monotonic() - start) <= limit:
        if rows(readback, refid).user.get("givenName") == name:
            return passed
        time.sleep(0.02)
    return None
