"""PODs that are Pending: they are acknowledged, and what they do not open yet is waited for."""

from __future__ import annotations

from collections.abc import Mapping

from conformance import expect
from conformance.checks.consumer.looking import (
    deliveries,
    reads,
    receipts,
    uses,
    why,
    working,
)
from conformance.checks.consumer.refusals import few, series, with_pauses
from conformance.checks.consumer.seen import spoiled
from conformance.pods import Pod
from conformance.problems import NotApplicable, NotVerified
from conformance.stage.calls import Call
from conformance.stage.places import DISTRICT, FIRST_USE, RECEIPT
from conformance.stage.play import Stage
from conformance.verifies import verifies


def read_in_two_rounds(stage: Stage, made: Mapping[str, Pod]) -> list[Call]:
    """The calls until data was read under one of these documents, in two rounds at most."""
    calls = stage.synchronise(lambda some: any(uses(one, made) for one in some))
    if not any(uses(one, made) for one in calls):
        calls += stage.synchronise(lambda some: any(uses(one, made) for one in some), silence=True)
    return calls


def delivered(calls: list[Call], made: Mapping[str, Pod]) -> None:
    """Raises NotVerified where none of these documents was read."""
    if not deliveries(calls, made):
        raise NotVerified(f"the document was not read: {why(calls)}")


@verifies("POD-SCH-005")
def check_pending_document_is_taken(stage: Stage) -> None:
    """A POD that is Pending is acknowledged, by a receipt or by its first use, and data is read."""
    made = stage.renew(waits=FIRST_USE)
    calls = read_in_two_rounds(stage, made)
    if any(uses(one, made) for one in calls):
        return
    delivered(calls, made)
    working(stage)
    expect.true(False, "a Pending document is used like any other", None, why(calls))


@verifies("DAT-POD-008")
def check_receipt_comes_where_the_hub_waits_for_it(stage: Stage) -> None:
    """Where the hub opens the data to no marker before the receipt, it comes, and data is read."""
    if "receipt" not in stage.config.capabilities:
        raise NotApplicable("the target does not declare receipt")
    working(stage)
    if not any(one.given.status < 300 for one in receipts(stage.calls())):
        raise NotVerified("no receipt of an ordinary document came that the hub could take")
    made = stage.renew(waits=RECEIPT)
    calls = read_in_two_rounds(stage, made)
    delivered(calls, made)
    asked = [one.message for one in reads(calls) if one.given.status == 403]
    seen = f"{len(receipts(calls))} receipts; {why(calls)}"
    read = any(uses(one, made) for one in calls)
    if not read:
        spoiled(calls)
    expect.true(read, "the receipt comes, and data is read after it", next(iter(asked), None), seen)


@verifies("DAT-POD-008")
def check_what_is_not_live_yet_is_waited_for(stage: Stage) -> None:
    """While the district has not made the POD Live, few requests come; afterwards data is read."""
    working(stage)
    made = stage.renew(waits=DISTRICT)
    calls = stage.synchronise(lambda some: bool(reads(some)), silence=True)
    calls += stage.watch(lambda _: False)
    delivered(calls, made)
    rows = series(calls, stage.config.consumer.poll_seconds)
    few(rows)
    with_pauses(rows, stage.config.consumer.backoff_seconds)
    stage.come_alive()
    later = read_in_two_rounds(stage, made)
    read = any(uses(one, made) for one in later)
    if not read:
        spoiled(later)
    expect.true(read, "data is read once the POD is Live", later[-1].message, why(later))
