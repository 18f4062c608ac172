"""Allure results of a run, written by allure-pytest itself through `--alluredir`.

pytest runs one case per check of the run file; a case asks nobody and judges nothing, it tells what
was judged. Every string and attachment goes through `scrub` in the file logger, and traces, which
carry values of our own code, are not written. Allure is a view: its headline leaves out skipped
cases, so what could not be verified carries a label and a category of its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module, resources
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import pytest

from conformance.runfile import (
    FAIL,
    NOT_APPLICABLE,
    NOT_VERIFIED,
    OUR_FAULT,
    PASS,
    Check,
    Exchange,
    RequirementVerdict,
)
from reports.atomic import write_whole
from reports.source import Source, is_binding
from reports.visible import visible
from reports.words import basis_words

Scrub = Callable[[str], str]
MISSING = (
    "Allure results need the extra `allure`, which is not installed. "
    "Install it with: python -m pip install 'sif-conformance-kit[allure]'"
)
LARGEST = 64_000  # characters of an attachment; of a longer one both ends are kept
STEPS = 60  # exchanges told of one check
_CATEGORIES = (
    ("The vendor does not conform", "failed", f"{FAIL}: .*"),
    ("Our fault", "broken", ".*"),
    ("Could not be verified", "skipped", f".*{NOT_VERIFIED}: .*"),
    ("Not applicable", "skipped", f".*{NOT_APPLICABLE}: .*"),
)
_ENDINGS = ("-result.json", "-container.json", "-attachment.txt", "categories.json",
            "environment.properties")  # fmt: skip
_OFF = ("cacheprovider", "terminal", "junitxml", "pastebin", "doctest", "faulthandler", "logging",
        "unraisableexception", "threadexception", "stepwise", "debugging", "setuponly",
        "setupplan", "warnings")  # fmt: skip


class NoAllure(RuntimeError):
    """allure-pytest is not installed; says what to install."""


class DoesNotConform(AssertionError):
    """The vendor's turn: Allure shows it as failed."""


class OurFault(RuntimeError):
    """Our turn: Allure shows it as broken."""


# Their names alone stand before a message in Allure, without that of this module.
DoesNotConform.__module__ = OurFault.__module__ = "builtins"


def write_allure(source: Source, out: Path, scrub: Scrub) -> int:
    """Write the results of a run into the folder `out`; gives how many files it holds.

    Raises NoAllure when allure-pytest is missing, FileExistsError when the folder holds something
    that is no Allure result.
    """
    try:
        plugin = import_module("allure_pytest.plugin")
    except ModuleNotFoundError:
        raise NoAllure(MISSING) from None
    _emptied(out)
    case = resources.files("reports") / "allure_case.py"
    words = ["-c", os.devnull, "--rootdir", str(Path(str(case)).parent), "--noconftest",
             "--import-mode=importlib", "--capture=no", "--assert=plain", "--alluredir", str(out),
             *(f"-pno:{name}" for name in _OFF), str(case)]  # fmt: skip
    with _alone(), _scrubbing(plugin, scrub):
        code = pytest.main(words, plugins=[plugin, _Teller(source)])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise RuntimeError(f"pytest ended with {code!s} while it wrote Allure results")
    _beside(source, out, scrub)
    return sum(1 for _ in out.iterdir())


def _emptied(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for file in out.iterdir():
        if not (file.is_file() and file.name.endswith(_ENDINGS)):
            raise FileExistsError(f"{out} holds {file.name}, which is no Allure result")
    shutil.rmtree(out)
    out.mkdir()


class _Teller:
    """The plugin of the inner run: one case per check, told by steps, attachments and labels."""

    def __init__(self, source: Source) -> None:
        self._allure: Any = import_module("allure")  # it has no types
        self._source = source
        self._checks = {check.id: check for check in source.run.checks}

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """A case for each check, by its id."""
        metafunc.parametrize("check", sorted(self._checks))

    @pytest.fixture
    def tell(self) -> Callable[[str], None]:
        """What tells of one check."""
        return self._tell

    def _tell(self, name: str) -> None:
        allure = self._allure
        check = self._checks[name]
        header = self._source.run.header
        every = (self._source.requirements.get(one) for one in check.requirements)
        rows = [row for row in every if row is not None]
        allure.dynamic.title(visible(check.title))
        allure.dynamic.id(check.id)
        allure.dynamic.epic(header.role)
        allure.dynamic.feature(check.area)
        allure.dynamic.parent_suite(f"{header.role}, {header.tier}")
        allure.dynamic.suite(check.area)
        allure.dynamic.description(_rules(rows))
        self._label(check, rows)
        for number in check.exchanges[:STEPS]:
            if number in self._source.exchanges:
                self._step(self._source.exchanges[number], attach=check.verdict in _SHOWN)
        _end(check)

    def _label(self, check: Check, known: Sequence[RequirementVerdict]) -> None:
        allure = self._allure
        allure.dynamic.label("verdict", check.verdict)
        allure.dynamic.label("requirement", *check.requirements)
        allure.dynamic.tag(*sorted({row.level for row in known} | {row.basis for row in known}))
        private = check.area.startswith("pod") or any(row.area == "privacy" for row in known)
        must = any(is_binding(row.level) for row in known)
        level = allure.severity_level
        allure.dynamic.severity(
            level.BLOCKER if must and private else level.CRITICAL if must else level.MINOR
        )
        if check.blame:
            allure.dynamic.label("whose turn", check.blame.party)
        for row in known:
            if row.waiver:
                allure.dynamic.label("waiver", f"{row.id} {row.waiver}")

    def _step(self, exchange: Exchange, *, attach: bool) -> None:
        allure = self._allure
        answer = exchange.response.start if exchange.response else exchange.fault or "no answer"
        title = f"{exchange.number} {exchange.request.start} -> {answer}"
        with allure.step(visible(f"{title}, {exchange.milliseconds:.0f} ms")):
            if not attach:
                return
            for name, side in (("request", exchange.request), ("response", exchange.response)):
                if side is None:
                    continue
                head = "\n".join(f"{key}: {value}" for key, value in side.headers)
                text = _capped(f"{side.start}\n{head}\n\n{side.body}")
                allure.attach(text, name, allure.attachment_type.TEXT)


def _rules(rows: Sequence[RequirementVerdict]) -> str:
    told = (
        f"{row.id} ({row.level}, {basis_words(row.basis)}): {row.text} {row.source}" for row in rows
    )
    return visible("\n\n".join(told))


_SHOWN = (FAIL, NOT_VERIFIED, OUR_FAULT)


def _capped(text: str) -> str:
    if len(text) <= LARGEST:
        return text
    half = LARGEST // 2
    return f"{text[:half]}\n[... {len(text) - LARGEST} characters ...]\n{text[-half:]}"


def _end(check: Check) -> None:
    if check.verdict == PASS:
        return
    told = [f"{check.verdict}: {check.reason or check.title}"]
    for one in check.findings:
        told += [one.summary, f"expected: {one.expected}", f"received: {one.actual}"]
        told += [f"at: {one.path}"] if one.path else []
    _raise(check.verdict, visible("\n".join(told)))


def _raise(verdict: str, text: str) -> NoReturn:
    if verdict == FAIL:
        raise DoesNotConform(text)
    if verdict == OUR_FAULT:
        raise OurFault(text)
    pytest.skip(text)


@contextlib.contextmanager
def _scrubbing(plugin: ModuleType, scrub: Scrub) -> Iterator[None]:
    """Put a logger that scrubs in the place of the one that allure-pytest would take."""
    plain = plugin.AllureFileLogger
    plugin.AllureFileLogger = _logger(plain, scrub)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        plugin.AllureFileLogger = plain  # type: ignore[attr-defined]


def _logger(plain: type[Any], scrub: Scrub) -> type[Any]:
    """The file logger, with every text scrubbed before it is written, and without traces."""
    from allure_commons import hookimpl

    class Redacting(plain):  # type: ignore[misc]
        @hookimpl
        def report_result(self, result: Any) -> None:
            super().report_result(_clean(result, scrub))

        @hookimpl
        def report_container(self, container: Any) -> None:
            super().report_container(_clean(container, scrub))

        @hookimpl
        def report_globals(self, globals_item: Any) -> None:
            super().report_globals(_clean(globals_item, scrub))

        @hookimpl
        def report_attached_data(self, body: str | bytes, file_name: str) -> None:
            text = body if isinstance(body, str) else body.decode("utf-8", "replace")
            super().report_attached_data(scrub(text), file_name)

        @hookimpl
        def report_attached_file(self, source: str, file_name: str) -> None:
            self.report_attached_data(Path(source).read_bytes(), file_name)

    return Redacting


def _clean(value: Any, scrub: Scrub) -> Any:
    """The value with all texts in it scrubbed; traces go. Works on the objects in place."""
    if isinstance(value, str) and type(value) is str:
        return scrub(value)
    if isinstance(value, list):
        value[:] = [_clean(one, scrub) for one in value]
    for name in getattr(type(value), "__attrs_attrs__", ()):
        part = None if name.name == "trace" else getattr(value, name.name)
        setattr(value, name.name, _clean(part, scrub))
    return value


def _beside(source: Source, out: Path, scrub: Scrub) -> None:
    header = source.run.header
    told = {**header.vendor, "role": header.role, "tier": header.tier, "seed": str(header.seed),
            "suite version": header.suite_version, "suite hash": header.suite_hash,
            "outcome": source.verdict.outcome, "started": header.started}  # fmt: skip
    lines = [f"{name.replace(' ', '_')} = {_one_line(value)}" for name, value in told.items()]
    text = scrub("\n".join(lines) + "\n")
    write_whole(out / "environment.properties", text.encode("utf-8"))
    rules = [
        {"name": name, "matchedStatuses": [status], "messageRegex": f"(?s).*{pattern}"}
        for name, status, pattern in _CATEGORIES
    ]
    write_whole(out / "categories.json", json.dumps(rules, indent=2).encode())


def _one_line(value: str) -> str:
    return " ".join(visible(value).split())


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Keep settings and plugins of whoever starts us away from the inner run."""
    before = {name: value for name, value in os.environ.items() if name.startswith("PYTEST")}
    for name in before:
        del os.environ[name]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        os.environ.update(before)
