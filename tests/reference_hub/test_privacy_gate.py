"""The gate as a table: one row per situation of the marker."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from reference_hub.model.caller import Caller
from reference_hub.model.pod import Pod, Terms
from reference_hub.model.scope import Scope
from reference_hub.privacy.gate import Allowed, decide
from reference_hub.problems import Refusal

HERE = Scope("demo-district")
TODAY = date(2026, 9, 1)
LIVE = Pod(
    id="1",
    vendor_id=7,
    scope=HERE,
    version="1",
    token="t-1",
    status="Live",
    starts=date(2026, 7, 1),
    ends=date(2027, 6, 30),
    document=b"",
    acknowledged=None,
    entries=(Terms(granted=("xStudent/name",)),),
)
CALLER = Caller(7, HERE)
NEWER = replace(LIVE, id="2", token="t-2", status="Pending")


def ask(
    found: Pod | None,
    current: Pod | None = LIVE,
    *,
    marker: str | None = "t-1",
    policy: str = "required",
    wanted: str = "xStudent",
    today: date = TODAY,
) -> str:
    decision = decide(replace(CALLER, policy=policy), found, current, today, marker, wanted)
    if isinstance(decision, Refusal):
        return f"{decision.status} {decision.sub_code}".strip()
    assert isinstance(decision, Allowed)
    return f"filtered by {decision.pod.id}" if decision.pod else "all"


SITUATIONS = {
    "live": (ask(LIVE), "filtered by 1"),
    "pending, its first use": (ask(NEWER, NEWER), "filtered by 2"),
    "last day": (ask(LIVE, today=date(2027, 6, 30)), "filtered by 1"),
    "day after": (ask(LIVE, today=date(2027, 7, 1)), "410 410-20"),
    "first day": (ask(LIVE, today=date(2026, 7, 1)), "filtered by 1"),
    "day before": (ask(LIVE, today=date(2026, 6, 30)), "403"),
    "no end": (ask(replace(LIVE, ends=None)), "filtered by 1"),
    "no marker": (ask(None, marker=None), "403 403-01"),
    "empty marker": (ask(None, marker=""), "400"),
    "unknown marker": (ask(None), "403 403-POD-UNKNOWN"),
    "expired": (ask(replace(LIVE, status="Expired")), "410 410-20"),
    "superseded": (ask(LIVE, NEWER), "410 410-20"),
    "a newer one that has not begun": (
        ask(LIVE, replace(NEWER, starts=date(2027, 7, 1))),
        "filtered by 1",
    ),
    "draft": (ask(replace(LIVE, status="Draft")), "403 403-POD-UNKNOWN"),
    "another vendor's": (ask(replace(LIVE, vendor_id=8)), "403 403-POD-UNKNOWN"),
    "another vendor's that ended": (
        ask(replace(LIVE, vendor_id=8, status="Expired")),
        "403 403-POD-UNKNOWN",
    ),
    "another zone": (ask(replace(LIVE, scope=Scope("else"))), "403 403-POD-UNKNOWN"),
    "another context": (
        ask(replace(LIVE, scope=Scope("demo-district", "NEXT"))),
        "403 403-POD-UNKNOWN",
    ),
    "another object": (ask(LIVE, wanted="xStaff"), "403"),
    "no policy": (ask(None, marker=None, policy="off"), "all"),
    "offered, not taken": (ask(None, None, marker=None, policy="offered"), "all"),
    "offered, a POD exists": (ask(None, marker=None, policy="offered"), "filtered by 1"),
    "offered, a POD that ended": (
        ask(None, marker=None, policy="offered", today=date(2027, 7, 1)),
        "410 410-20",
    ),
    "offered, its last day": (
        ask(None, marker=None, policy="offered", today=date(2027, 6, 30)),
        "filtered by 1",
    ),
    "offered, a POD that has not begun": (
        ask(None, marker=None, policy="offered", today=date(2026, 6, 30)),
        "403",
    ),
    "offered, a POD for other objects": (
        ask(None, marker=None, policy="offered", wanted="xStaff"),
        "403",
    ),
    "offered, outdated marker": (
        ask(replace(LIVE, status="Expired"), policy="offered"),
        "410 410-20",
    ),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_gate(situation: str) -> None:
    found, expected = SITUATIONS[situation]
    assert found == expected
