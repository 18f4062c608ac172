"""A generated district arrives at a host whole, in order, and only once."""

from __future__ import annotations

from collections import Counter

import pytest

from reference_hub.vendors.edfi import reconcile
from tests.reference_hub.edfi.district import Ledger, written


@pytest.mark.requirement("TRN-PR-06")
@pytest.mark.parametrize("model", ["xpress-4.3", "unity-4.3"])
def test_a_whole_district_arrives_in_order_without_a_refusal(model, host, http, connect):
    ledger = Ledger(written(model))
    outcomes = ledger.settle(reconcile(ledger.pending(), http, connect()))
    assert Counter((one.state, one.answer) for one in outcomes) == {("sent", ""): len(ledger.rows)}
    assert {status for _, _, status in host.changes()} == {201}
    assert sum(map(len, host.records.bodies.values())) == len(ledger.rows)
    assert [loss for one in outcomes for loss in one.losses] == []
    asked = len(host.changes())
    ledger.settle(reconcile(ledger.pending(), http, connect()))
    assert len(host.changes()) == asked
