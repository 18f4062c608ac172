"""`make statement`: run every marked test, write conformance.json and CONFORMANCE.md.

Arguments go to pytest, for example `-n 2`.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence

import pytest

from reference_hub import statement
from tests.statement.marks import ROOT, marks
from tests.statement.page import page

JSON_FILE = ROOT / "reference_hub" / "conformance.json"
TEXT_FILE = ROOT / "CONFORMANCE.md"


class Outcomes:
    """Hears of each test how it ended; a test that was skipped shows nothing."""

    def __init__(self) -> None:
        self.passed: set[str] = set()
        self.failed: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note one phase of one test, or of one case of a parametrised one."""
        test = report.nodeid.partition("[")[0]
        if not report.passed:
            self.failed.add(test)
        elif report.when == "call":
            self.passed.add(test)

    def lacking(self, tests: Sequence[str]) -> list[str]:
        """Those that failed, were skipped or never ran."""
        return [each for each in tests if each in self.failed or each not in self.passed]


def run(shown: Mapping[str, Sequence[str]], options: Sequence[str]) -> dict[str, list[str]]:
    """Run the marked tests; the ids with those of their tests that did not pass."""
    outcomes = Outcomes()
    files = sorted({test.partition("::")[0] for tests in shown.values() for test in tests})
    words = ["-q", "-m", "requirement and not soak", *options, *files]
    pytest.main(words, plugins=[outcomes])
    failed: defaultdict[str, list[str]] = defaultdict(list)
    for name, tests in shown.items():
        failed[name] = outcomes.lacking(tests)
    return dict(failed)


def main() -> None:
    """Write both files; exit 1 when a marked test did not pass."""
    required = statement.requirements()
    # Marks of the suite's own duties are not the hub's.
    known = {*required.rows, *required.negative}
    shown = {name: tests for name, tests in marks().items() if name in known}
    failed = run(shown, sys.argv[1:])
    rows = statement.statement(required.rows, shown, failed)
    JSON_FILE.write_text(statement.to_json(rows), "utf-8")
    TEXT_FILE.write_text(page(rows, required.areas), "utf-8")
    counts = {result: sum(row.result == result for row in rows) for result in statement.RESULTS}
    print(", ".join(f"{count} {result}" for result, count in counts.items()))
    sys.exit(any(failed.values()))


if __name__ == "__main__":
    main()
