"""Logs without personal data: one line per event, JSON for machines, text for a terminal.

What is logged is named by its writer, key by key; an exception gives its type and where it arose,
never its text, because a text may quote a student's record.
"""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from reference_hub.settings import Log

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
Caught = tuple[type[BaseException], BaseException, TracebackType | None]


def configure(log: Log) -> None:
    """Make every logger of this process write to standard error as `log` says."""
    structlog.configure(
        processors=[*_steps(), _renderer(log)],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[log.level]),
        # Looked up at each use: whoever replaces sys.stderr gets what is logged afterwards.
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def formatter(log: Log) -> logging.Formatter:
    """The same lines for loggers of the standard library, such as gunicorn's."""
    return _Lines([*_steps(), _renderer(log)])


class _Lines(logging.Formatter):
    def __init__(self, processors: list[Processor]) -> None:
        super().__init__()
        self._processors = processors

    def format(self, record: logging.LogRecord) -> str:
        line: Any = {"event": record.getMessage(), "exc_info": record.exc_info}
        for processor in self._processors:
            line = processor(None, record.levelname.lower(), line)
        return str(line)


def _steps() -> list[Processor]:
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True, key="time")
    return [stamp, structlog.processors.add_log_level, _without_texts, _in_order]


def _renderer(log: Log) -> Processor:
    if log.format == "json" or (log.format == "auto" and not sys.stderr.isatty()):
        return structlog.processors.JSONRenderer(ensure_ascii=False, default=_kind)
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), timestamp_key="time", sort_keys=False
    )


def _without_texts(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    if caught := _caught(line.pop("exc_info", None)):
        line["error"] = caught[0].__name__
        line["where"] = [f"{each.name}:{each.lineno}" for each in traceback.extract_tb(caught[2])]
    line.pop("stack_info", None)
    return line


def _caught(given: object) -> Caught | None:
    if isinstance(given, BaseException):
        return type(given), given, given.__traceback__
    if isinstance(given, tuple):
        return given if given[0] is not None else None
    if given and (current := sys.exc_info())[0] is not None:
        return current
    return None


def _in_order(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    return {key: line.pop(key) for key in ("time", "level", "event") if key in line} | dict(line)


def _kind(value: object) -> str:
    # An object that JSON has no form for may print anything it holds.
    return type(value).__name__
