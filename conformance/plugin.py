"""Collects checks, gives them what every role needs, reads their outcomes.

Fixtures a check of any role may ask for; `plugin_<role>.py` adds those of one role:

    student    one fresh student in the target's model; `students(n)` a list
    edge       `edge(name)` is an awkward xStudent
    target     the TargetConfig       rng   random.Random of this check and seed
    evidence   to register personal values that were generated elsewhere
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from _pytest.runner import runtestprotocol
from lxml import etree

from conformance import blame, runfile
from conformance.data_models import USUAL
from conformance.evidence import Evidence
from conformance.problems import Finding, NotApplicable, NotVerified
from conformance.roles import Setting, Tools
from conformance.target import TargetConfig
from conformance.verifies import CheckSpec, check_id


@dataclass(frozen=True, slots=True)
class Case:
    """How one case of a check ended; `kind` is that of `blame.kind_of`."""

    verdict: str
    reason: str = ""
    finding: runfile.Finding | None = None
    kind: str = ""


@dataclass(slots=True)
class Progress:
    """What is known of a check so far: its cases and the exchanges it made."""

    expected: int = 0
    cases: list[Case] = field(default_factory=list)
    exchanges: list[int] = field(default_factory=list)


CheckDone = Callable[[CheckSpec, Progress], None]


class SuitePlugin:
    """Passed to `pytest.main` as an object; one per run."""

    def __init__(
        self,
        setting: Setting,
        tools: Tools,
        planned: dict[str, CheckSpec],
        done: CheckDone,
    ) -> None:
        self._config = setting.config
        self._evidence = setting.evidence
        self._seed = setting.seed
        self._tools = tools
        self._planned = planned
        self._done = done
        self._progress: dict[str, Progress] = {}
        self._case: Case | None = None
        self._before = 0
        self.broken: list[str] = []

    # -- collection and outcome --------------------------------------------------------------

    def pytest_collection(self, session: pytest.Session) -> bool:
        """Collect the planned checks, and count their cases.

        pytest's own way looks at every folder on the way to a file and prepares all checks of the
        file: for a few checks that takes longer than to run them.
        """
        files = sorted({spec.source for spec in self._planned.values()})
        session.items = [item for file in files for item in self._items(session, file)]
        session.testscollected = len(session.items)
        hook = session.config.hook
        hook.pytest_collection_modifyitems(
            session=session, config=session.config, items=session.items
        )
        counts = Counter(check_id(_name(item)) for item in session.items)
        self._progress = {name: Progress(expected=count) for name, count in counts.items()}
        return True

    def _items(self, session: pytest.Session, file: Path) -> list[pytest.Item]:
        """The cases of a file's planned checks; a file that cannot be imported is remembered."""
        module = pytest.Module.from_parent(session, path=file)
        try:
            return [one for one in module.collect() if isinstance(one, pytest.Item)]
        except pytest.Collector.CollectError:
            self.broken.append(file.name)
            return []

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(self, name: str) -> list[pytest.Item] | None:
        """Leave out what is not planned; pytest makes the items of the rest."""
        return None if check_id(name) in self._planned else []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """Run one case; who would read pytest's own log of it is not there."""
        self._case = None
        self._before = self._evidence.number
        runtestprotocol(item, log=False, nextitem=nextitem)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        """Name the check in the evidence before any fixture sends something."""
        self._evidence.check = check_id(_name(item))
        return (yield)

    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> pytest.TestReport:
        """Turn an exception into a verdict; the first one of a case counts.

        The report given back is empty: pytest's own would format a trace with source and values
        for every finding, which nobody reads and which takes longer than the check.
        """
        error = call.excinfo.value if call.excinfo else None
        if error is not None and self._case is None:
            self._case = self._judged(item, call.when, error)
        if call.when == "teardown":
            self._finish(item)
        return _PASSED if error is None else _FAILED

    def _judged(self, item: pytest.Item, when: str, error: BaseException) -> Case:
        label = _label(item)
        if isinstance(error, Finding) and when == "call":
            finding = self._evidence.finding(error)
            summary = f"{finding.summary}{label}"
            return Case(runfile.FAIL, summary, _with_summary(finding, summary))
        if isinstance(error, Finding):
            reason = f"the preparation failed: {self._evidence.said(error.summary)}"
            return Case(runfile.NOT_VERIFIED, reason + label, kind=blame.PREPARATION)
        if isinstance(error, NotVerified):
            kind = blame.kind_of(error, preparing=when == "setup")
            reason = self._evidence.said(error.reason)
            late = f"{kind}: {reason}" if kind == blame.TIMEOUT else reason
            return Case(runfile.NOT_VERIFIED, late + label, kind=kind)
        if isinstance(error, NotApplicable):
            return Case(runfile.NOT_APPLICABLE, error.reason)
        return Case(runfile.OUR_FAULT, f"{type(error).__name__} at {_place(error)}{label}")

    def _finish(self, item: pytest.Item) -> None:
        name = check_id(_name(item))
        progress = self._progress[name]
        progress.cases.append(self._case or Case(runfile.PASS))
        last = len(progress.cases) == progress.expected
        wrong = self._case is not None and self._case.verdict != runfile.NOT_APPLICABLE
        if last or wrong:
            self._tools.put_away()
        progress.exchanges += range(self._before + 1, self._evidence.number + 1)
        if last:
            self._done(self._planned[name], progress)

    def pytest_sessionfinish(self) -> None:
        """Take back what an interrupted check left behind."""
        self._tools.put_away()

    # -- fixtures ----------------------------------------------------------------------------

    @pytest.fixture
    def target(self) -> TargetConfig:
        """The target under test."""
        return self._config

    @pytest.fixture
    def evidence(self) -> Evidence:
        """The recorder of this run."""
        return self._evidence

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> random.Random:
        """Seeded by run seed, check and case: the same draw every time."""
        return random.Random(f"{self._seed}:{check_id(request.node.name)}")  # noqa: S311

    @pytest.fixture
    def students(self, request: pytest.FixtureRequest) -> Callable[[int], list[etree._Element]]:
        """Draw n students nobody has seen in another check of this run."""
        from conformance import drawn

        first = _first_index(request.node.name)
        taken = 0

        def draw(count: int) -> list[etree._Element]:
            nonlocal taken
            numbers = range(first + taken, first + taken + count)
            taken += count
            model = self._config.endpoint.model
            people = [drawn.student(model, self._seed, number) for number in numbers]
            self._evidence.register(*people)
            return people

        return draw

    @pytest.fixture
    def student(self, students: Callable[[int], list[etree._Element]]) -> etree._Element:
        """One student."""
        return students(1)[0]

    @pytest.fixture
    def edge(self, request: pytest.FixtureRequest) -> Callable[[str], etree._Element]:
        """An awkward student by the name of the edge case."""
        from fixtures.edge_cases import EDGE_CASES
        from fixtures.writers import xpress

        first = _first_index(request.node.name)

        def build(name: str) -> etree._Element:
            if self._config.endpoint.model not in ("", USUAL):
                raise NotApplicable("it is asked with edge cases of xStudent of Unity 4")
            element = xpress.student(EDGE_CASES[name].build(self._seed, shift=first))
            self._evidence.register(element)
            return element

        return build


def _report(outcome: Literal["passed", "failed"]) -> pytest.TestReport:
    return pytest.TestReport("", ("", None, ""), {}, outcome, None, "call")


_PASSED, _FAILED = _report("passed"), _report("failed")


def _first_index(node: str) -> int:
    """A start for this check's students, far from those of other checks."""
    return int.from_bytes(hashlib.blake2b(node.encode(), digest_size=2).digest(), "big") * 20


def _name(item: pytest.Item) -> str:
    return str(getattr(item, "originalname", None) or item.name)


def _label(item: pytest.Item) -> str:
    spec: Any = getattr(item, "callspec", None)
    return f" (case {spec.id})" if spec is not None else ""


def _with_summary(finding: runfile.Finding, summary: str) -> runfile.Finding:
    return msgspec.structs.replace(finding, summary=summary)


def _place(error: BaseException) -> str:
    """File and line of the innermost frame that is ours; no values of any kind."""
    place = "an unknown place"
    root = Path(__file__).parent.parent
    trace = error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.is_relative_to(root) and ".venv" not in file.parts:
            place = f"{file.relative_to(root).as_posix()}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
