"""What a check is told when its tools cannot be prepared."""

from __future__ import annotations

from conformance import runfile, session
from tests.conformance.engine.conftest import config_for
from tests.conformance.engine.test_engine_session import plan_of


def test_a_pod_for_an_unknown_party_asks_for_the_name(vendor: str) -> None:
    config = config_for(vendor, pod={"party": "Nobody Knows Ltd"})
    planned = plan_of("passes")
    (check,) = session.run(config, seed=7, planned=planned, examine=False).verdict.checks
    assert check.verdict == runfile.NOT_VERIFIED
    assert "POST pods/pod answered 403" in check.reason
    assert "(is [pod] party, by default [vendor] name" in check.reason
