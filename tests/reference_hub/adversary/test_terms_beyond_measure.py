"""Agreements and conditions with values that nobody expects: they must not stop the rest."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, text

from fixtures.standards import MODELS
from reference_hub.codec.xml import parse
from reference_hub.journeys.end_pod import end_pods
from reference_hub.model.pod import ROW_FILTER, Condition
from reference_hub.model.scope import Scope
from reference_hub.privacy.filter import Grants, prune
from reference_hub.registry.records import Deletion
from reference_hub.store import vendors
from tests.reference_hub.registry.agreed import agreement, pod
from tests.reference_hub.registry.test_sync_registry import (
    Watch,
    all_pods,
    live,
    sync,
    vendor,
    watch,
)

__all__ = ["vendor", "watch"]
NA4 = MODELS["unity-4.3-kit"].namespace
SCOPE = Scope("demo-district")
BEYOND: dict[str, dict[str, Any]] = {
    "no end in sight": {"expires": date.max, "deletion": Deletion(True, 30)},
    "kept for ever": {"expires": date(2030, 6, 30), "deletion": Deletion(True, 10**30)},
}


@pytest.mark.parametrize("case", BEYOND)
def test_days_beyond_all_calendars_are_the_last_one(case: str) -> None:
    made = pod(agreement("minimal", **BEYOND[case]))
    assert made.findtext(".//{*}deleteBy") == "9999-12-31"


def test_a_term_beyond_all_calendars_does_not_keep_a_pod_from_ending(
    store: Engine, watch: Watch, vendor: int
) -> None:
    sync(store, watch, agreement("minimal", deletion=Deletion(True, 30, respond_days=10**9)))
    live(store, watch, vendor)
    with store.begin() as connection:
        known = vendors.vendor_by_id(connection, vendor)
        assert known is not None
        assert len(end_pods(connection, known, "revoked", watch.clock())) == 1
        assert connection.execute(text("SELECT due FROM deletion")).scalars().all() == [date.max]
    assert [each.status for each in all_pods(store)] == ["Expired"]


@pytest.mark.parametrize("path", ["xStudent/n\N{CYRILLIC SMALL LETTER A}me", "xStudnet/name"])
def test_what_is_withheld_under_a_name_that_only_looks_right_is_not_shared(
    store: Engine, watch: Watch, vendor: int, path: str
) -> None:
    sync(store, watch, agreement("minimal", withheld=(path,)))
    assert all_pods(store) == []
    sync(store, watch, agreement("minimal", withheld=("xStaff/name",)))
    assert [each.status for each in all_pods(store)] == ["Pending"]


@pytest.mark.parametrize("op", ["in", "not-in"])
def test_a_list_of_nothing_but_commas_closes(op: str) -> None:
    condition = Condition(ROW_FILTER, "xStudent/localId", op, " , ,")
    student = parse(f'<xStudent xmlns="{NA4}" refId="1"><localId>7</localId></xStudent>'.encode())
    assert prune(student, Grants(("xStudent",), (condition,))) is None
    assert prune(student, Grants(("xStudent",))) is not None
