"""`make certificate`: judge the reference hub and write its result to reports/reference-hub.

python -m tests.system.certificate            runs the hub and the suite, half a minute
python -m tests.system.certificate --pages    renders the pages of the result again
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import msgspec

from conformance import coverage, planning, runfile
from reports.atomic import write_whole
from reports.certificate import pages
from tests.system.hub_judged import judge_hub
from tests.system.processes import ROOT

FOLDER = ROOT / "reports" / "reference-hub"
VERDICT = FOLDER / "verdict.json"


def steady(verdict: runfile.Verdict) -> runfile.Verdict:
    """The result without the numbers of exchanges: how often one has to ask depends on the day."""
    checks = [
        msgspec.structs.replace(
            one,
            exchanges=[],
            findings=[msgspec.structs.replace(each, exchange=None) for each in one.findings],
        )
        for one in verdict.checks
    ]
    redaction = dict.fromkeys(verdict.redaction, 0)
    return msgspec.structs.replace(verdict, checks=checks, redaction=redaction)


def rendered(verdict: runfile.Verdict) -> dict[str, str]:
    """The pages of a result, with the coverage and the kill matrix of this suite."""
    covered, _ = coverage.coverage(planning.suite_hash())
    kills = json.loads(coverage.KILL_MATRIX.read_bytes())["kills"]
    return pages(verdict, covered["roles"], kills)


def main(words: list[str]) -> None:
    """Write verdict.json unless told otherwise, then the pages."""
    FOLDER.mkdir(exist_ok=True)
    if "--pages" not in words:
        with tempfile.TemporaryDirectory() as folder:
            verdict = runfile.read_verdict(judge_hub(Path(folder)) / "verdict.json")
        write_whole(VERDICT, runfile.canonical(steady(verdict)))
    verdict = runfile.read_verdict(VERDICT)
    for name, text in rendered(verdict).items():
        write_whole(FOLDER / name, text.encode())
    counts = ", ".join(f"{verdict.counts[word]} {word}" for word in runfile.VERDICTS)
    print(f"{FOLDER.relative_to(ROOT)}: {verdict.outcome}; {counts}")


if __name__ == "__main__":
    main(sys.argv[1:])
