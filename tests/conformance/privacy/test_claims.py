"""What a target does not claim in `[pod]` is not judged, and nothing else goes missing with it."""

from __future__ import annotations

from conformance import session, target
from conformance.simulators import Receiver, serve
from conformance.verifies import load_checks

UNCLAIMED = {
    "acknowledgement_names_the_text_it_is_for",
    "agreement_outlives_a_restart",
    "broken_json_is_not_acknowledged",
    "data_is_gone_after_the_end",
    "each_district_has_its_own_marker",
    "instruction_to_delete_is_confirmed",
    "invalid_pod_in_json_is_not_acknowledged",
    "marker_of_another_district_opens_nothing",
    "other_districts_are_not_told",
    "pod_in_json_is_taken",
    "privacy_policy_can_be_read",
}


def test_only_what_is_claimed_is_judged() -> None:
    areas = {one.area for one in load_checks().values() if one.area.startswith("pod/")}
    with serve(Receiver()) as handle:
        table = {
            "vendor": {"name": "Example Reading App"},
            "endpoint": {"url": handle.url},
            "credentials": {"key": "demo-vendor", "secret": "demo-secret-1"},
            "capabilities": dict.fromkeys(target.CAPABILITIES, True),
        }
        config = target.from_table(table, environ={})
        checks = session.run(config, seed=6, only=sorted(areas), examine=False).verdict.checks
    assert {one.verdict for one in checks} == {"pass", "not applicable"}
    assert {one.id for one in checks if one.verdict == "not applicable"} == UNCLAIMED
