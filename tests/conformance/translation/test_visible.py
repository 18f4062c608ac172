"""How soon a change shows is measured and kept in the run file, not in the verdict."""

from __future__ import annotations

from pathlib import Path

from conformance import runfile
from conformance.simulators.receiver import Receiver
from tests.conformance.translation.test_own_profile import judged


def test_ten_changes_are_measured_one_by_one(tmp_path: Path) -> None:
    told = judged(Receiver, {}, "TRN-LC-14", out=tmp_path)
    assert [row.verdict for row in told.requirements] == [runfile.PASS]
    (folder,) = tmp_path.iterdir()
    (measured,) = runfile.read_run(folder / "run.jsonl").measured
    assert (measured.what, len(measured.milliseconds)) == ("visible", 10)
    assert all(0 < one < 1500 for one in measured.milliseconds)
    assert b"milliseconds" not in (folder / "verdict.json").read_bytes()
