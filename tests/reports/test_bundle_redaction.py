"""Redaction proven over real runs: the wire was full of persons, the bundle shows nobody.

Whole runs of every role: `test_bundle_roles.py`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import bundle, bundle_scan, session, target
from conformance.bundle_archive import packed, unpacked
from conformance.claims import CAPABILITIES
from conformance.cli_bundle import views
from conformance.evidence import Evidence
from conformance.simulators import pod_claims, serve
from conformance.simulators.registry import registry
from conformance.wire import Capture

SEED, KEY, SECRET = 2031, "demo-vendor", "demo-secret-1"
# They quote what they refuse, in plain and in base64, and change what they keep.
FAULTS = ("ErrorQuotesTheStudent", "LeaksInBase64", "QuotesWhatItCannotRead", "ShowsNamesSwapped",
          "DropsMiddleNames", "PutsStudentsIntoEnvelopes")  # fmt: skip
PART = ("INF-ERR-005", "POD-GATE-008", "DAT-POD-007", "TRN-LR-05", "INF-CRE-001", "TRN-TX-01",
        "DAT-FID-001", "INF-FMT-007")  # fmt: skip


class Judged:
    """A run of the suite: the bytes as they went over the wire, and the bundle of its result."""

    def __init__(self, directory: Path, raw: bytes, mutants: tuple[str, ...]) -> None:
        files = bundle.bundle(directory, views(directory), exchanges=True)
        self.raw, self.mutants = raw, mutants
        self.files = unpacked(packed(files))


def _judge(folder: Path, mutants: tuple[str, ...], only: tuple[str, ...]) -> Judged:
    seen: list[bytes] = []
    plain = Evidence.record

    def record(self: Evidence, capture: Capture) -> int:
        seen.extend((capture.sent, capture.body, capture.head, capture.decoded))
        return plain(self, capture)

    product = registry("receiver").compose(mutants)
    with serve(product()) as handle, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Evidence, "record", record)
        table = {
            "vendor": {"name": "Example Reading App"},
            "endpoint": {"url": handle.url},
            "credentials": {"key": KEY, "secret": SECRET},
            "capabilities": dict.fromkeys(CAPABILITIES, True),
            "pod": pod_claims(),
        }
        config = target.from_table(table, environ={})
        outcome = session.run(config, seed=SEED, only=only, out=folder, examine=False)
    assert outcome.directory is not None
    return Judged(outcome.directory, b"\n".join(seen), mutants)


@pytest.fixture(scope="module", params=[(), FAULTS], ids=["conforming", "faulty"])
def judged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return _judge(tmp_path_factory.mktemp("runs"), request.param, PART)


def test_the_wire_was_full_of_persons_and_secrets(judged: Judged) -> None:
    found = bundle_scan.leaks({"wire": judged.raw}, SEED, [SECRET], most=100_000)
    kinds = {one.what for one in found}
    assert len(found) > 500
    assert {"the familyName of a student", "the familyName of a contact"} <= kinds
    assert "credentials of a header" in kinds


def test_the_whole_bundle_shows_no_person_and_no_secret(judged: Judged) -> None:
    assert {"report.html", "junit.xml", "results.sarif", "run.jsonl", "verdict.json"} <= set(
        judged.files
    )
    assert bundle_scan.leaks(judged.files, SEED, [SECRET]) == []


def test_the_faulty_product_was_found_out(judged: Judged) -> None:
    assert (b'"verdict": "fail"' in judged.files["verdict.json"]) == bool(judged.mutants)
