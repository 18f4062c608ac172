"""A vendor that follows the standard and nothing of our profile breaks rows of the profile only."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from lxml import etree

from conformance import catalogue, session, target
from conformance.runfile import Verdict
from conformance.simulators import Receiver, pod_claims, serve
from conformance.simulators.agreements import Pod, read_pod
from conformance.simulators.documents import child_text
from conformance.simulators.gate import MARKER
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Malformed, Refusal
from conformance.simulators.store import Markers, Place
from conformance.verifies import load_checks


class OnlyDocumented(Receiver):
    """Demands a marker (403-01), knows old ones in lists (410-20), and answers with its own."""

    def pod_echo(self, pod: Pod) -> tuple[tuple[str, str], ...]:
        return ()

    def response_marker(self, request: Request) -> tuple[tuple[str, str], ...]:
        return ((MARKER, "a-token-of-ours"),) if self.covered(request) else ()

    def accept_pod(self, pod: Pod) -> None:
        return None

    def validate_pod(self, element: etree._Element) -> Pod:
        try:
            return read_pod(element)
        except Malformed:
            token = child_text(element, "podToken") or self.new_id()
            return Pod(self.new_id(), "Live", token, self.party, (), ())

    def places(self, pod: Pod) -> tuple[Place, ...]:
        return ((self.zone, "DEFAULT"), (self.second_zone, "DEFAULT"))

    def check_marker(self, request: Request) -> Response | None:
        token = self.marker_of(request)
        if token is None or (request.method == "GET" and self.outdated(token)):
            return super().check_marker(request)
        return None

    def marker_missing(self, request: Request) -> Response:
        letters = "".join(one for one in request.body.decode() if one.isalnum() or one in "<>-")
        return self.refused(request, Refusal(403, f"No marker: {letters}"[:900], "403-01"))

    def refused_is_stored(self) -> bool:
        return True

    def keep_only_granted(self, pod: Pod) -> None:
        return None

    def after_the_end(self, pod: Pod) -> None:
        return None

    def remembered(self) -> Markers:
        return Markers()

    def receipt(self, pod: Pod) -> dict[str, Any]:
        return {"podHash": "none"}

    def deletion(self, pod: Pod) -> dict[str, Any]:
        return {}


@lru_cache(maxsize=1)
def verdict() -> Verdict:
    """What the checks of PODs say of this vendor."""
    with serve(OnlyDocumented()) as handle:
        table = {
            "vendor": {"name": "Example Reading App"},
            "endpoint": {"url": handle.url},
            "credentials": {"key": "demo-vendor", "secret": "demo-secret-1"},
            "capabilities": dict.fromkeys(target.CAPABILITIES, True),
            "pod": pod_claims(),
        }
        config = target.from_table(table, environ={})
        areas = {one.area for one in load_checks().values() if one.area.startswith("pod/")}
        return session.run(config, seed=5, only=sorted(areas), examine=False).verdict


def test_what_it_breaks_is_of_the_profile() -> None:
    failed = {row.id: row.basis for row in verdict().requirements if row.verdict == "fail"}
    assert set(failed.values()) == {"profile"}
    assert len(failed) > 15


def test_every_documented_row_passes() -> None:
    checked = [row for row in verdict().requirements if row.checks and row.basis == "documented"]
    assert {row.id: row.verdict for row in checked} == {
        "POD-ACK-003": "pass",
        "POD-GATE-002": "pass",
        "POD-GATE-003": "pass",
        "POD-GATE-007": "pass",
        "POD-GATE-010": "pass",
        "POD-GATE-011": "pass",
    }


def test_a_check_of_pods_verifies_rows_of_one_basis() -> None:
    rows = catalogue.load()
    mixed = [
        spec.id
        for spec in load_checks().values()
        if spec.area.startswith("pod/") and len({rows[one].basis for one in spec.requirements}) > 1
    ]
    assert mixed == []
